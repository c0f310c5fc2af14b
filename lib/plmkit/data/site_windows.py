"""Windows around sites: settle those that contradict each other, and read those that the user cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from plmkit.data.chains import Letters, as_words, distinct_letters
from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.fasta import looks_like_fasta
from plmkit.data.negatives import negative_label
from plmkit.data.opening import text_lines
from plmkit.data.site_candidates import MODIFIED, NO_CANDIDATE, UNKNOWN, UNMODIFIED, CandidateStates, States
from plmkit.errors import UserError

_LABEL = re.compile(r"\s(?:LABEL|TARGET)=\S")
_PLACE = re.compile(r".+%-?\d+%(?P<position>[1-9]\d*)$")
_SAYS_YES = frozenset({"1", "1.0", "yes", "true", "positive", "pos"})
NAMELESS = "modified"
ROLE = "proteins"  # the option that windows are given by


@dataclass(frozen=True)
class GivenWindows:
    """Windows of the user, as candidates whose protein is a row of `proteins`, names; windows: (S, L) letters."""

    examples: Examples
    candidates: CandidateStates
    windows: Letters
    proteins: tuple[str, ...]


def are_windows(path: Path) -> bool:
    """Say whether a file is FASTA whose first header holds LABEL=. Raises UserError for what cannot be read."""
    if not looks_like_fasta(path, ROLE):
        return False
    return bool(_LABEL.search(next(line for line in text_lines(path, ROLE) if line.strip())))


def read_windows(path: Path, name: str | None) -> GivenWindows:
    """Read FASTA of windows with LABEL=; name: of the modification where labels only say yes and no.

    Raises UserError for labels of which none means not modified, and as `read_examples`.
    """
    examples = read_examples(path, ROLE, "window", None, Columns(), None)
    if examples.task.kind == "regression":
        raise UserError(f"{ROLE}: LABEL= holds measured numbers; a site is modified or not, write 1 or 0")
    modifications, states = _states(examples, name)
    groups = tuple(dict.fromkeys(item.group for item in examples.items))
    number = {group: order for order, group in enumerate(groups)}
    places = [_PLACE.match(item.name) for item in examples.items]
    sequences = [item.sequences[0] for item in examples.items]
    windows = np.frombuffer("".join(sequences).encode("ascii"), dtype=np.uint8).reshape(len(sequences), -1)
    centres = windows[:, windows.shape[1] // 2]
    candidates = CandidateStates(
        modifications,
        tuple(distinct_letters(centres[column != NO_CANDIDATE]) for column in states.T),
        np.array([number[item.group] for item in examples.items], dtype=np.int64),
        np.array([int(place["position"]) if place else 0 for place in places], dtype=np.int64),
        states,
    )
    return GivenWindows(examples, candidates, windows, groups)


def settled(candidates: CandidateStates, windows: Letters) -> tuple[CandidateStates, int]:
    """Make unknown what is not modified in a window (S, L) that is modified elsewhere; return also how many were.

    The same residues cannot be learned to be both; that nobody saw the one modified says less than that somebody saw
    the other.
    """
    words, states, count = as_words(windows), candidates.states.copy(), 0
    for column in states.T:
        negatives = np.flatnonzero(column == UNMODIFIED)
        contradicted = negatives[np.isin(words[negatives], words[column == MODIFIED])]
        column[contradicted] = UNKNOWN
        count += len(contradicted)
    return replace(candidates, states=states), count


def _states(examples: Examples, name: str | None) -> tuple[tuple[str, ...], States]:
    """Return the modifications and the states (S, M)."""
    if examples.task.kind == "multilabel":
        known = np.nan_to_num(examples.truth, nan=UNKNOWN)
        return examples.labels, known.astype(np.int8)
    try:
        negative = negative_label(examples.labels, None, ROLE)
    except UserError:
        found = ", ".join(map(repr, examples.labels))
        raise UserError(f"{ROLE}: no label means not modified among {found}; write unmodified or 0 there") from None
    labels = [label for label in examples.labels if label != negative]
    columns = []
    for label in labels:
        truth = examples.truth[:, 0]
        of_label = np.where(truth == examples.labels.index(label), MODIFIED, NO_CANDIDATE)
        columns.append(np.where(truth == examples.labels.index(negative), UNMODIFIED, of_label))
    return tuple(_names(labels, name)), np.stack(columns, axis=1).astype(np.int8)


def _names(labels: Sequence[str], name: str | None) -> list[str]:
    """Give a name to the only modification where the user says one, or where its label says no more than yes."""
    if len(labels) == 1 and (name or labels[0].lower() in _SAYS_YES):
        return [name or NAMELESS]
    return list(labels)
