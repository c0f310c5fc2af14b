"""On which residues a model of modification sites learns each of its labels."""

from __future__ import annotations

import numpy as np

from plmkit.data.chains import PADDING, Letters, distinct_letters
from plmkit.data.dataset import Examples


def candidate_residues(examples: Examples, negative: str | None) -> dict[str, str] | None:
    """Return for each label the residues, by alphabet, on which it was learned; None unless these are of sites.

    Of several labels, and of two classes where it is told which is the negative one: all residues of which it is known
    whether they bear the label. Of more classes: those that do bear it.
    """
    task = examples.task
    if task.unit not in ("window", "residue") or task.kind == "regression":
        return None
    letters = _letters(examples)
    found = {}
    for number, label in enumerate(task.labels):
        if label == negative:
            continue
        if task.kind == "multilabel":
            chosen = ~np.isnan(examples.truth[:, number])
        elif task.is_binary and negative is not None:
            chosen = ~np.isnan(examples.truth[:, 0])
        else:
            chosen = examples.truth[:, 0] == number
        found[label] = distinct_letters(letters[chosen]).replace(PADDING, "")
    return found


def _letters(examples: Examples) -> Letters:
    """Return the letter of each place, (P,)."""
    sequences = [item.sequences[0] for item in examples.items]
    if examples.unit == "window":
        sequences = [sequence[len(sequence) // 2] for sequence in sequences]
    return np.frombuffer("".join(sequences).encode("ascii"), dtype=np.uint8)
