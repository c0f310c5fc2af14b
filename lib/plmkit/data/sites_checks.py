"""Compare what is claimed of residues with the proteins themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plmkit.data.sites import Claim

# Tables that went through a program for numbers have 15.0 for 15.
_WHOLE = re.compile(r"\+?(\d{1,18})(?:\.0*)?")
_UNCERTAIN = re.compile(r"[?<>]\d*|\d+[?<>]|\.|")
_PADDING = "_-X"
_SHOWN = 20
_SHIFTS = (1, -1)
_MOST = 0.9
_FEWEST = 10
_LETTERS = 3
_SCATTERED = 0.6

# A claim and the residues of the protein it is about.
Pair = tuple[Claim, str]


@dataclass(frozen=True)
class Finding:
    """What became of a claim: its position, the residue found there, and what speaks against it ("": nothing).

    is_mismatch: it contradicts the protein; else what speaks against it is that the source does not know better.
    """

    position: int | None
    found: str
    reason: str = ""
    is_mismatch: bool = False


def compare(claim: Claim, sequence: str) -> Finding:
    """Compare the position, the residue and the neighbours that are claimed with those of the protein."""
    position = position_of(claim.position)
    if position is None:
        if _UNCERTAIN.fullmatch(claim.position):
            return Finding(None, "", f"the source is not certain of the position ({claim.position or 'none'})")
        return Finding(None, "", f"the position {claim.position[:_SHOWN]!r} is not a whole number", is_mismatch=True)
    if position < 1:
        return Finding(position, "", "positions count from 1, this one is 0", is_mismatch=True)
    if position > len(sequence):
        reason = f"position {position} is beyond the end ({len(sequence)} residues)"
        return Finding(position, "", reason, is_mismatch=True)
    found = sequence[position - 1]
    if claim.residue not in ("", found):
        return Finding(position, found, f"residue {position} is {found}, not {claim.residue}", is_mismatch=True)
    if not _same_neighbours(claim.window, sequence, position):
        return Finding(position, found, f"the residues around {position} are others", is_mismatch=True)
    return Finding(position, found)


def position_of(text: str) -> int | None:
    """Return a position that is a whole number, None for any other text."""
    match = _WHOLE.fullmatch(text)
    return int(match[1]) if match else None


def _same_neighbours(window: str, sequence: str, position: int) -> bool:
    """Say whether at least half of the residues around a site are those of its window; one without any is let pass."""
    start = position - 1 - len(window) // 2
    pairs = [
        (letter, sequence[start + offset] if 0 <= start + offset < len(sequence) else "")
        for offset, letter in enumerate(window)
        if letter not in _PADDING
    ]
    return sum(letter == found for letter, found in pairs) * 2 >= len(pairs)


def numbering_hint(pairs: Iterable[Pair]) -> str:
    """Say which number, added to all positions, makes nearly all residues fit that do not fit now; "": none does."""
    told = [(pair[0].residue, *pair) for pair in pairs if pair[0].residue]
    now = sum(_residue_at(claim, sequence, 0) == residue for residue, claim, sequence in told)
    for shift in _SHIFTS:
        shifted = sum(_residue_at(claim, sequence, shift) == residue for residue, claim, sequence in told)
        if len(told) >= _FEWEST and shifted >= _MOST * len(told) and shifted > now:
            return f"of {len(told)} told residues {now} fit, but {shifted} {_remedy(shift)}"
    return ""


def scatter_hint(pairs: Sequence[Pair]) -> str:
    """Say that sites of untold residues lie scattered over many letters, but on few one place further; "": they do not.

    Modifications have few candidate residues, so positions that count from 0 betray themselves.
    """
    untold = [pair for pair in pairs if not pair[0].residue and pair[0].is_modified]
    if len(untold) < _FEWEST or _concentration(untold, 0)[0] >= _SCATTERED:
        return ""
    for shift in _SHIFTS:
        share, letters = _concentration(untold, shift)
        if share >= _MOST:
            return f"the sites lie on many kinds of residues, but {share:.0%} of them on {letters} {_remedy(shift)}"
    return ""


def _remedy(shift: int) -> str:
    if shift > 0:
        return "if 1 is added to every position: they count from 0; add 1"
    return "if 1 is taken from every position: subtract 1"


def _residue_at(claim: Claim, sequence: str, shift: int) -> str:
    position = position_of(claim.position)
    if position is None or not 1 <= position + shift <= len(sequence):
        return ""
    return sequence[position + shift - 1]


def _concentration(pairs: Sequence[Pair], shift: int) -> tuple[float, str]:
    """Return the share of the most frequent letters of each modification, and these letters."""
    counts: dict[str, Counter[str]] = {}
    for claim, sequence in pairs:
        if letter := _residue_at(claim, sequence, shift):
            counts.setdefault(claim.names.usual[0], Counter())[letter] += 1
    frequent = [counter.most_common(_LETTERS) for counter in counts.values()]
    total = sum(count for letters in frequent for _, count in letters)
    return total / len(pairs), "".join(sorted({letter for letters in frequent for letter, _ in letters}))
