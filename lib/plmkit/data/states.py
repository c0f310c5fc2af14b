"""States of a structure beside residues: what is near each residue in space, one of the 20 letters of Foldseek's 3Di.

SaProt (Su et al. 2023, doi:10.1101/2023.10.01.560349) writes them in turn, MdEvVp, and # for what is not known. Here
residues and states are two texts of one length, so that whatever looks at residues cannot mistake one for the other.
For a model that reads both they are joined: one character for each residue, which windows and cuts take along.

3Di: van Kempen et al. 2024, doi:10.1038/s41587-023-01773-0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from plmkit.data.residues import IN_TURN, ResidueError

STATES = "acdefghiklmnpqrstvwy"
UNKNOWN_STATE = "#"
UNKNOWN_RESIDUE = "X"
_FIRST = 0xE000  # the first character for private use: no text of a user holds it, and what expects ASCII refuses it
_RESIDUES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def together(residue: str, state: str) -> str:
    """Return the one character that stands for a residue and its state; of an unknown state the residue itself."""
    place = STATES.find(state)
    return residue if place < 0 else chr(_FIRST + len(STATES) * _RESIDUES.index(residue) + place)


def apart(letter: str) -> tuple[str, str]:
    """Return residue and state of a character made by `together`."""
    number = ord(letter) - _FIRST
    if number < 0:
        return letter, UNKNOWN_STATE
    return _RESIDUES[number // len(STATES)], STATES[number % len(STATES)]


def joined(residues: str, states: str) -> str:
    """Return one character for each residue and its state; states: as many, or none."""
    return "".join(together(*both) for both in zip(residues, states, strict=True)) if states else residues


def residues_of(text: str) -> str:
    """Return the residues of what `joined` made."""
    return text if text.isascii() else "".join(apart(letter)[0] for letter in text)


def in_turn(residues: str, states: str) -> str:
    """Return residues and states as SaProt writes them; without states the residues alone."""
    return "".join(residue + state for residue, state in zip(residues, states, strict=True)) if states else residues


def read_both(text: str, clean: Callable[[str, Counter[str]], str], done: Counter[str]) -> tuple[str, str]:
    """Return the residues, cleaned, and the states of a text as SaProt writes it; of any other text no states.

    done: see `clean_residues`. Raises ResidueError as `clean`, and for a letter that is no state.
    """
    pairs = text.removesuffix("*")
    if not IN_TURN.fullmatch(pairs):
        return clean(text, done), ""
    residues, states = pairs[::2].replace(UNKNOWN_STATE, UNKNOWN_RESIDUE), pairs[1::2]
    check_states(states)
    residues = clean(residues + text[len(pairs) :], done)
    if not states.strip(UNKNOWN_STATE):
        done["with '#' for the state of each residue: read as amino acids alone"] += 1
        return residues, ""
    return residues, states


def check_states(states: str) -> None:
    """Raise ResidueError for a letter that is no state."""
    for position, state in enumerate(states, start=1):
        if state not in STATES and state != UNKNOWN_STATE:
            raise ResidueError(
                f"{state!r} at residue {position} is no state of a structure; Foldseek knows {STATES.upper()}, write "
                f"{UNKNOWN_STATE} where the state is not known"
            )


def states_notes(role: str, states: Sequence[str], are_read: bool) -> list[str]:
    """Say how many proteins have states, and whether these are read; states: of each protein, "" for none."""
    given = [each for each in states if each]
    if not given:
        return []
    if not are_read:
        return [
            f"{role}: {len(given)} with states of their structures, which are not used here: their amino acids alone "
            "are"
        ]
    unknown, residues = sum(each.count(UNKNOWN_STATE) for each in given), sum(map(len, given))
    notes = [
        f"{role}: {len(given)} read with states of their structures, unknown for {unknown:,} of {residues:,} residues"
    ]
    if others := len(states) - len(given):
        notes.append(f"{role}: {others} without states of a structure, read as if each were unknown")
    return notes
