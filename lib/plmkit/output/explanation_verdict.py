"""Say in a few sentences what predictions rest on, and whether to believe it."""

from __future__ import annotations

from collections.abc import Sequence

from plmkit.data.task import Task
from plmkit.learning.explanation import ALIKE, Chain, Explanation, Strongest, Support, mean_agreement, support_of

_STILL = 0.05  # log-odds: a probability near one half moves by about 0.01
_STILL_SHARE = 0.01  # of a measured number
_RESIDUAL = 0.05  # of the difference of scores


def verdict(task: Task, explanations: Sequence[Explanation]) -> str:
    """Say what the first prediction rests on, and how the sanity check ended."""
    first = explanations[0]
    others = len(explanations) - 1
    more = f" {others} more {'is' if others == 1 else 'are'} explained too." if others else ""
    return f"{basis(task, first)} {sanity(explanations)}{more}"


def basis(task: Task, explanation: Explanation) -> str:
    """Say which residues speak most for the label of one example."""
    subject = _subject(task, explanation)
    if does_not_move(task, explanation):
        return f"{subject} hardly depends on any residue: nothing that was changed moved it."
    if _is_incomplete(explanation):
        what = f"What {subject[0].lower()}{subject[1:]} rests on is not known"
        return f"{what}: the attributions do not add up to the score."
    support = support_of(explanation)
    if not support.places:
        return f"{subject} rests on no residue: none speaks for it."
    if not support.is_few:
        return (
            f"{subject} rests on no few residues: {support.count} of {support.of} matter at least half as much as the "
            "one that matters most."
        )
    return f"{subject} rests most on {residues(explanation, support)}{_strongest(task, explanation)}."


def residues(explanation: Explanation, support: Support) -> str:
    """Name residues with their letters, neighbours together: residues 5-7 (PSV) and 12 (R)."""
    parts = []
    for number, chain in enumerate(explanation.chains):
        places = [place for of, place in support.places if of == number]
        if not places:
            continue
        of = f" of protein {number + 1}" if len(explanation.chains) > 1 else ""
        named = [_named(chain, run) for run in _runs(places)]
        parts.append(f"residue{'s' if len(places) > 1 else ''} {_listed(named)}{of}")
    rest = support.count - len(support.places)
    return _listed(parts) + (f" and {rest} more" if rest else "")


def sanity(explanations: Sequence[Explanation]) -> str:
    """Say whether explanations of randomised models differ."""
    found = mean_agreement(list(explanations))
    if found is None:
        return "Sanity check not possible: the importance of the residues does not vary."
    mean = f" (mean of {len(explanations)})" if len(explanations) > 1 else ""
    numbers = f"rank correlation with randomised models {found:.2f}{mean}"
    if found > ALIKE:
        return (
            f"Sanity check failed: {numbers}; the picture shows the architecture or the sequence rather than what was "
            "learned. Do not read it."
        )
    alike = sum(each.agreement is not None and each.agreement > ALIKE for each in explanations)
    doubts = f"; {alike} of {len(explanations)} are above {ALIKE:g}, do not read those" if alike else ""
    return f"Sanity check passed: {numbers}{doubts}."


def warnings_of(task: Task, explanations: Sequence[Explanation]) -> list[str]:
    """Return what must be known before an explanation is believed."""
    found = []
    if names := [each for each in explanations if each.agreement is not None and each.agreement > ALIKE]:
        found.append(
            f"sanity check: of {_count(names, explanations)} the picture resembles that of randomised models (rank "
            f"correlation above {ALIKE:g}); it shows the architecture or the sequence rather than what was learned"
        )
    if names := [each for each in explanations if does_not_move(task, each)]:
        found.append(f"no change moves the score of {_count(names, explanations)}; there is nothing to explain")
    if names := [each for each in explanations if _is_incomplete(each)]:
        found.append(
            f"integrated gradients: of {_count(names, explanations)} the attributions miss the difference of scores by "
            f"more than {100 * _RESIDUAL:g} %; take more --steps"
        )
    return found


def substitution_name(explanation: Explanation, strongest: Strongest) -> str:
    """Name a substitution by the residue, its number and the new residue: D4A; in a pair also its protein."""
    chain = explanation.chains[strongest.chain]
    of = f" of protein {strongest.chain + 1}" if len(explanation.chains) > 1 else ""
    return f"{chain.sequence[strongest.place]}{chain.first + strongest.place}{strongest.to}{of}"


def does_not_move(task: Task, explanation: Explanation) -> bool:
    """Whether nothing that was changed moved the score."""
    least = _STILL_SHARE * abs(explanation.score) if task.kind == "regression" else _STILL
    return not explanation.reach > least


def _is_incomplete(explanation: Explanation) -> bool:
    if explanation.residual is None:
        return False
    return abs(explanation.residual) > _RESIDUAL * max(explanation.reach, 1e-6)


def _count(some: Sequence[Explanation], explanations: Sequence[Explanation]) -> str:
    return f"{len(some)} of {len(explanations)}"


def _subject(task: Task, explanation: Explanation) -> str:
    label = task.labels[explanation.label]
    at = f" for residue {explanation.position}" if explanation.position is not None else ""
    name = f"“{explanation.wanted.name}”"
    if task.kind == "regression":
        return f"The predicted {label} {explanation.value:.4g}{at} of {name}"
    if explanation.is_predicted:
        return f"The prediction “{label}” (probability {explanation.value:.2f}){at} of {name}"
    return f"The probability {explanation.value:.2f} of “{label}”, which is not what is predicted,{at} of {name}"


def _strongest(task: Task, explanation: Explanation) -> str:
    """Tell the one substitution that takes most from the score."""
    worst = explanation.strongest
    if worst is None:
        return ""
    name = substitution_name(explanation, worst)
    if task.kind == "regression":
        return f"; the strongest single substitution, {name}, changes it to {worst.value:.4g}"
    before, after = _apart(explanation.value, worst.value)
    return f"; the strongest single substitution, {name}, takes its probability from {before} to {after}"


def _apart(one: float, other: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart, six at most."""
    for digits in range(2, 6):
        texts = f"{one:.{digits}f}", f"{other:.{digits}f}"
        if texts[0] != texts[1]:
            return texts
    return f"{one:.6f}", f"{other:.6f}"


def _runs(places: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _named(chain: Chain, run: Sequence[int]) -> str:
    first, last = chain.first + run[0], chain.first + run[-1]
    letters = chain.sequence[run[0] : run[-1] + 1]
    return f"{first} ({letters})" if first == last else f"{first}-{last} ({letters})"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0]
