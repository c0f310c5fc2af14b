"""Windows of what is put aside that a model has partly seen: of the same protein, and nearer than their length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plmkit.data.chains import Flags, Indices, Letters, as_words
from plmkit.data.site_candidates import CandidateStates
from plmkit.data.splitting import TRAIN


@dataclass(frozen=True)
class Overlap:
    """How much of a part was learned from too.

    windows: of the part; overlapping: of them those that share residues with a training window of the same protein,
    None where a position is not known; identical: those that are a training window; proteins, shared_proteins: of the
    part, and of them those that have a training window.
    """

    part: str
    windows: int
    overlapping: int | None
    identical: int
    proteins: int
    shared_proteins: int

    @property
    def leaks(self) -> bool:
        """Whether anything stands on both sides."""
        return bool(self.overlapping or self.identical or self.shared_proteins)


def overlaps(sites: CandidateStates, windows: Letters, parts: Indices, names: tuple[str, ...]) -> list[Overlap]:
    """Compare the windows (S, L) of each part (S,) but training with those of training."""
    if TRAIN not in names:
        return []
    learned, words = parts == names.index(TRAIN), as_words(windows)
    known_proteins = np.unique(sites.proteins[learned])
    found = []
    for number, name in enumerate(names):
        if name == TRAIN:
            continue
        inside = parts == number
        proteins = np.unique(sites.proteins[inside])
        found.append(
            Overlap(
                name,
                int(inside.sum()),
                _overlapping(sites, inside, learned, windows.shape[1]),
                int(np.isin(words[inside], words[learned]).sum()),
                len(proteins),
                int(np.isin(proteins, known_proteins).sum()),
            )
        )
    return found


def _overlapping(sites: CandidateStates, inside: Flags, learned: Flags, length: int) -> int | None:
    """Return how many windows inside have a learned one of their protein whose middle is nearer than the length."""
    if not (sites.positions > 0).all():
        return None
    # proteins lie so far apart on one axis that none reaches the next
    apart = int(sites.positions.max(initial=0)) + length
    axis = sites.proteins * apart + sites.positions
    asked, known = axis[inside], np.sort(axis[learned])
    if not len(known):
        return 0
    after = np.searchsorted(known, asked)
    to_next = np.abs(known[np.minimum(after, len(known) - 1)] - asked)
    to_last = np.abs(asked - known[np.maximum(after - 1, 0)])
    return int((np.minimum(to_next, to_last) < length).sum())
