"""Which label means that a site is not modified, and how many examples of it are learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.splits import Split
from plmkit.errors import UserError

_USUAL = ("0", "0.0", "-1", "no", "false", "negative", "neg", "none", "unmodified", "background")


def negative_label(labels: Sequence[str], chosen: str | None, role: str) -> str:
    """Return the label of sites without the modification: the chosen one, or the one usual word among them.

    Raises UserError when the chosen one does not occur, or when it cannot be told.
    """
    if chosen is not None:
        if chosen not in labels:
            raise UserError(
                f"{role}: no example has the label {chosen!r} given by --negative-label; found {_list(labels)}"
            )
        return chosen
    found = [label for label in labels if label.lower() in _USUAL]
    if len(found) != 1:
        raise UserError(
            f"{role}: it cannot be told which label means 'not modified' among {_list(labels)}; "
            "name it with --negative-label"
        )
    return found[0]


def usual_negative_label(labels: Sequence[str]) -> str | None:
    """Return the one of two labels that usually means "not", such as 0 or no; None when it cannot be told."""
    found = [label for label in labels if label.lower() in _USUAL]
    return found[0] if len(labels) == 2 and len(found) == 1 else None


def with_fewer_negatives(examples: Examples, split: Split, negative: str, ratio: float, seed: int) -> Split:
    """Return the split with at most `ratio` negatives to learn from for each positive; the others are left out of it.

    Drawn by the seed: first from the groups (proteins) that hold a positive to learn from too, as these are the hard
    ones, then from all others. A larger ratio takes what a smaller one took and more, and different folds take the same
    examples where they have them both. Validation and test stay as they are, with the shares of nature.
    """
    learned = split.train
    is_negative = examples.truth[learned, 0] == examples.labels.index(negative)
    positives, negatives = learned[~is_negative], learned[is_negative]
    with_positive = {examples.items[index].group for index in positives}
    is_easy = np.array([examples.items[index].group not in with_positive for index in negatives], dtype=bool)
    turns = np.random.default_rng(seed).permutation(len(examples))[negatives]
    ordered = negatives[np.lexsort((turns, is_easy))]
    most = max(1, int(ratio * len(positives)))
    kept = np.sort(np.concatenate([positives, ordered[:most]]))
    return replace(split, train=kept, left_out=np.sort(ordered[most:]))


def _list(labels: Sequence[str]) -> str:
    return ", ".join(repr(label) for label in labels)


def positive_class(labels: Sequence[str], negative: str | None) -> int:
    """Return the number of the class that measures of two classes are about: not the negative one, else the last."""
    return 1 - labels.index(negative) if len(labels) == 2 and negative is not None else len(labels) - 1
