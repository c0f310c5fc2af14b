"""Which trainings a fine-tuning consists of: one for each seed, fold, and size of a learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from plmkit.data.dataset import Examples
from plmkit.data.splits import Split, groups_of
from plmkit.learning.chance import chance

Purpose = Literal["seed", "fold", "share"]
SHARES = (0.25, 0.5)  # of the training examples, for a learning curve; all of them is the usual training
_FEWEST = 8


@dataclass(frozen=True)
class Round:
    """One training. of: what it is for."""

    name: str
    of: Purpose
    seed: int
    split: Split


def rounds_of(
    examples: Examples, split: Split, folds: Sequence[Split], seed: int, seeds: int, with_shares: bool
) -> list[Round]:
    """Return all trainings, those of a learning curve with the first seed; larger sizes hold the smaller ones."""
    found = [Round(f"seed {number}", "seed", number, split) for number in range(seed, seed + seeds)]
    found += [Round(f"fold {number}", "fold", seed, fold) for number, fold in enumerate(folds, start=1)]
    return found + (_shares(examples, split, seed) if with_shares else [])


def _shares(examples: Examples, split: Split, seed: int) -> list[Round]:
    """Return trainings on some of the training examples, whole groups in one random order for all sizes."""
    groups = np.array(groups_of(examples))
    names = np.unique(groups[split.training_side])
    turn = chance(seed, "learning curve", 0).permutation(len(names))
    turns = np.full(groups.max() + 1, -1)
    turns[names] = turn
    learned, left_out = turns[groups[split.train]], turns[groups[split.left_out]]
    ordered = np.argsort(learned, kind="stable")
    found = []
    for share in SHARES:
        chosen = ordered[: max(_FEWEST, round(share * len(ordered)))]
        # of what is left out the same groups belong to this training's side: its shares stay those of nature
        beside = split.left_out[left_out <= learned[chosen].max()]
        smaller = replace(split, train=np.sort(split.train[chosen]), left_out=beside)
        found.append(Round(f"{share:.0%} of the training examples", "share", seed, smaller))
    return found
