"""Make residues uniform: what is harmless is mended and counted, anything else is a mistake."""

from __future__ import annotations

import re
from collections import Counter

_NOT_LETTERS = re.compile(r"[^A-Za-z]+")
_WINDOW_PADDING = "-_"
_REMEDIES = {
    "*": "a stop inside the protein: translate the right frame or cut the sequence there",
    "-": "a gap: take the unaligned sequence",
    ".": "a gap: take the unaligned sequence",
}


class ResidueError(ValueError):
    """A sequence cannot be used; the message completes 'line 12: ...'."""


def clean_residues(sequence: str, done: Counter[str]) -> str:
    """Return the sequence in upper case without a final stop.

    done counts, for each kind of mending, the proteins which needed it. Raises ResidueError for an empty
    sequence and for anything but letters.
    """
    residues = sequence.removesuffix("*")
    if not residues:
        raise ResidueError("no residues follow the header; add them or take the record out")
    # Before upper(), which would turn some foreign letters into residues ("ß" into "SS").
    if match := _NOT_LETTERS.search(residues):
        raise ResidueError(_explain(match.group(0)[0], match.start() + 1))
    mended = residues.upper()
    if residues != sequence:
        done["with a final '*': taken off"] += 1
    if mended != residues:
        done["in lower case: read as upper case"] += 1
    return mended


def clean_window(sequence: str, done: Counter[str]) -> str:
    """Return a window with padding '-' or '_' at its ends written as X; the rest as `clean_residues`."""
    core = sequence.strip(_WINDOW_PADDING)
    if core == sequence:
        return clean_residues(sequence, done)
    left = len(sequence) - len(sequence.lstrip(_WINDOW_PADDING))
    done["padded with '-' or '_' at the ends: written as X"] += 1
    cleaned = clean_residues(core, done)
    return "X" * left + cleaned + "X" * (len(sequence) - left - len(core))


def _explain(character: str, position: int) -> str:
    remedy = _REMEDIES.get(character, "residues are written in one-letter code")
    return f"{character!r} at residue {position} ({remedy})"
