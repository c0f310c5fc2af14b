"""Make residues uniform: what is harmless is mended and counted, anything else is a mistake."""

from __future__ import annotations

import re
from collections import Counter

_NOT_LETTERS = re.compile(r"[^A-Za-z]+")
_WINDOW_PADDING = "-_"
_NUCLEOTIDES = frozenset("ACGTUN")
_LONG_ENOUGH = 30
IN_TURN = re.compile(r"(?:[A-Z#][a-z#]){4,}")  # amino acids and states of a structure, see `plmkit.data.states`
_REMEDIES = {
    "*": "a stop inside the protein, or the mark of a site: translate the right frame, cut there, or take the mark out",
    "-": "a gap: take the unaligned sequence",
    ".": "a gap: take the unaligned sequence",
}


class ResidueError(ValueError):
    """A sequence cannot be used; the message completes 'line 12: ...'."""


def clean_residues(sequence: str, done: Counter[str], offset: int = 0) -> str:
    """Return the sequence in upper case without a final stop.

    done counts, for each kind of mending, the proteins which needed it; offset is the number of characters before
    the sequence, for positions in messages. Raises ResidueError for an empty
    sequence and for anything but letters.
    """
    residues = sequence.removesuffix("*")
    if not residues:
        raise ResidueError("no residues; add them or take the record out")
    refuse_states(residues)
    # Before upper(), which would turn some foreign letters into residues ("ß" into "SS").
    if match := _NOT_LETTERS.search(residues):
        raise ResidueError(_explain(match.group(0)[0], match.start() + 1 + offset))
    mended = residues.upper()
    if residues != sequence:
        done["with a final '*': taken off"] += 1
    if mended != residues:
        done["in lower case: read as upper case"] += 1
    _refuse_nucleotides(mended)
    return mended


def refuse_states(sequence: str) -> None:
    """Raise ResidueError for states of a structure between the residues."""
    if IN_TURN.fullmatch(sequence):
        raise ResidueError(
            "amino acids and states of a structure in turn, as SaProt has them; give the amino acids alone here"
        )


def _refuse_nucleotides(residues: str) -> None:
    letters = set(residues)
    if len(residues) >= _LONG_ENOUGH and letters <= _NUCLEOTIDES and len(letters) >= 4:
        raise ResidueError("only the letters of nucleotides; translate genes into proteins first")


def clean_window(sequence: str, done: Counter[str]) -> str:
    """Return a window with padding '-' or '_' at its ends written as X; the rest as `clean_residues`.

    Raises ResidueError, also when a single lower-case letter marks a site that is not in the middle.
    """
    _check_mark(sequence)
    core = sequence.strip(_WINDOW_PADDING)
    if core == sequence:
        return clean_residues(sequence, done)
    left = len(sequence) - len(sequence.lstrip(_WINDOW_PADDING))
    done["padded with '-' or '_' at the ends: written as X"] += 1
    cleaned = clean_residues(core, done, offset=left)
    return "X" * left + cleaned + "X" * (len(sequence) - left - len(core))


def _check_mark(sequence: str) -> None:
    marks = [position for position, letter in enumerate(sequence, start=1) if letter.islower()]
    if len(marks) == 1 and len(sequence) % 2 and marks[0] != (middle := len(sequence) // 2 + 1):
        raise ResidueError(
            f"the lower-case letter at residue {marks[0]} marks the site, but the middle is residue {middle}; "
            "cut the window around the site"
        )


def _explain(character: str, position: int) -> str:
    remedy = _REMEDIES.get(character, "take out marks and numbers; residues are written in one-letter code")
    return f"{character!r} at residue {position} ({remedy})"
