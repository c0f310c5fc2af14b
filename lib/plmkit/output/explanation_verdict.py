"""Say in a few sentences what predictions rest on, and whether to believe it."""

from __future__ import annotations

from collections.abc import Sequence

from plmkit.data.chains import PADDING
from plmkit.data.task import Task
from plmkit.learning.explanation import ALIKE, Chain, Explanation, Strongest, Support, mean_agreement, support_of
from plmkit.output.explanation_effect import (
    LITTLE,
    LITTLE_OF_SPREAD,
    change_name,
    fall,
    is_against,
    is_little,
    largest,
    least,
    move,
)

_STILL = 0.05  # log-odds: a probability near one half moves by about 0.01
_STILL_SHARE = 0.01  # of the spread of a measured number, or of itself
_RESIDUAL = 0.05  # of the difference of scores
_BEYOND = 0.1  # likewise


def verdict(task: Task, explanations: Sequence[Explanation]) -> str:
    """Say what the first prediction rests on, and how the sanity check ended."""
    first = explanations[0]
    others = len(explanations) - 1
    more = f" {others} more {'is' if others == 1 else 'are'} explained too." if others else ""
    return f"{basis(task, first)} {sanity(explanations)}{more}"


def basis(task: Task, explanation: Explanation) -> str:
    """Say which residues speak most for the label of one example."""
    subject = _subject(task, explanation)
    if does_not_move(task, explanation) and explanation.differences:
        return f"{subject} hardly depends on any residue: its score is nearly that of an empty sequence."
    if does_not_move(task, explanation):
        return f"{subject} hardly depends on any residue: nothing that was changed moved it."
    if _is_incomplete(explanation):
        return f"What {_lowered(subject)} rests on is not known: the attributions do not add up to the score."
    support = support_of(explanation)
    if is_little(task, explanation):
        return _no_single(task, explanation, support)
    if is_against(task, explanation) and fall(explanation) < least(task, explanation):
        return _none_lowers(task, explanation)
    against = _against(task, explanation)
    if not support.places:
        return f"{subject} rests on no residue: none speaks for it.{against}"
    if not support.is_few:
        return (
            f"{subject} rests on no few residues: {support.count} of {support.of} matter at least half as much as the "
            f"one that matters most.{against}"
        )
    return f"{subject} rests most on {residues(explanation, support)}{_strongest(task, explanation)}.{against}"


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
    if names := [each for each in explanations if is_little(task, each) and not does_not_move(task, each)]:
        moved = f"the probability by {LITTLE:g}"
        if task.kind == "regression":
            moved = f"the value by {LITTLE_OF_SPREAD:g} standard deviations of the training values"
        found.append(
            f"no single residue matters much to {_count(names, explanations)}: no change that was tried moves "
            f"{moved}; the bars of the figure are drawn to the scale of each prediction and look large all the same"
        )
    if names := [each for each in explanations if _is_incomplete(each)]:
        found.append(
            f"integrated gradients: of {_count(names, explanations)} the attributions miss the difference of scores by "
            f"more than {100 * _RESIDUAL:g} %; take more --steps"
        )
    if names := [each for each in explanations if each.differences and abs(each.beyond) > _BEYOND * each.reach]:
        found.append(
            f"integrated gradients: in {_count(names, explanations)} more than {100 * _BEYOND:g} % of the difference "
            f"of scores belongs to the {PADDING} beyond the protein's ends, which tell that the site is near an end"
        )
    return found


def does_not_move(task: Task, explanation: Explanation) -> bool:
    """Whether nothing that was changed moved the score."""
    of = abs(explanation.score) if explanation.spread is None else explanation.spread
    return not explanation.reach > (_STILL_SHARE * of if task.kind == "regression" else _STILL)


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


def _no_single(task: Task, explanation: Explanation, support: Support) -> str:
    """Say that no residue alone matters much, with the largest change, and where what little there is comes from."""
    change = largest(explanation)
    assert change is not None
    what = "of the residues with the largest shares, " if explanation.differences else "the largest change, "
    found = f"{what}{_act(explanation, change)}{' alone' if explanation.differences else ','} "
    found += move(task, explanation, change)
    most = f" Most of what there is comes from {residues(explanation, support)}." if support.is_few else ""
    return f"No single residue matters much to {_lowered(_subject(task, explanation))}: {found}.{most}"


def _none_lowers(task: Task, explanation: Explanation) -> str:
    """Say that no residue alone speaks much for what is explained, though one speaks against it."""
    worst = explanation.strongest
    found = "no change takes from it"
    if worst is not None:
        found = f"the one that speaks most for it, {_act(explanation, worst)}, {move(task, explanation, worst)}"
    return f"{_subject(task, explanation)} rests on no single residue: {found}.{_against(task, explanation)}"


def _strongest(task: Task, explanation: Explanation) -> str:
    """Tell the one change that takes most from the score."""
    worst = explanation.strongest
    if worst is None:
        return ""
    what = "hiding the strongest" if worst.to is None else "the strongest single substitution"
    return f"; {what}, {change_name(explanation, worst)}, {move(task, explanation, worst)}"


def _against(task: Task, explanation: Explanation) -> str:
    """Tell the change that adds to the score, if it moves the prediction more than any that takes from it."""
    if explanation.raising is None or not is_against(task, explanation):
        return ""
    told = f"{_act(explanation, explanation.raising)} {move(task, explanation, explanation.raising)}"
    return f" The largest change goes the other way: {told}."


def _act(explanation: Explanation, change: Strongest) -> str:
    return ("hiding " if change.to is None else "") + change_name(explanation, change)


def _lowered(text: str) -> str:
    return text[0].lower() + text[1:]


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
