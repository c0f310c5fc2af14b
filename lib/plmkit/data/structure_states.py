"""Read states of structures from a file of their own, as Foldseek writes them: FASTA with the names of the proteins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from plmkit.data.fasta import Protein, Proteins, read_fasta
from plmkit.data.residues import ResidueError
from plmkit.data.states import UNKNOWN_STATE, check_states
from plmkit.errors import UserError, raise_problems

ROLE = "structure states"
_TOO_LONG_FOR_CHANCE = 10


def with_structure_states(proteins: Proteins, path: Path | None, role: str) -> Proteins:
    """Return the proteins of an input with the states that a file tells of them; path: None for no such file.

    Proteins without states stay without; states of other names are counted. Raises UserError for what is no FASTA of
    states, states of another length than their protein, or of no protein at all, and for proteins that have states.
    """
    if path is None:
        return proteins
    if any(record.states for record in proteins.records):
        raise UserError(f"{role}: these are written with states already; leave --structure-states out")
    given = {record.name: record for record in read_fasta(path, ROLE, _clean, may_have_states=False).records}
    names = set(proteins.names)
    if not names & given.keys():
        raise UserError(
            f"{ROLE}: none of their names, such as {next(iter(given))!r}, is among the {role}, such as "
            f"{next(iter(proteins.names), '')!r}; name both alike (the name is the header's first word)"
        )
    pairs = [(record, given[record.name]) for record in proteins.records if record.name in given]
    raise_problems(
        ROLE, [_of_another_length(*both, role) for both in pairs if len(both[0].sequence) != len(both[1].sequence)]
    )
    _refuse_amino_acids(pairs)
    found = [_with_states(record, given.get(record.name)) for record in proteins.records]
    mended = Counter(proteins.mended)
    if others := len(given.keys() - names):
        mended["states of structures have other names: not used"] += others
    return replace(proteins, records=tuple(found), mended=mended)


def _clean(states: str, done: Counter[str]) -> str:
    if not states:
        raise ResidueError("no states; add them or take the record out")
    lower = states.lower() if states.isascii() else states
    check_states(lower)
    return lower


def _with_states(record: Protein, states: Protein | None) -> Protein:
    known = states is not None and states.sequence.strip(UNKNOWN_STATE)
    return replace(record, states=states.sequence) if states is not None and known else record


def _of_another_length(protein: Protein, states: Protein, role: str) -> str:
    return (
        f"line {states.line}: {states.name!r} has {len(states.sequence)} states, but {len(protein.sequence)} residues "
        f"among the {role} (line {protein.line}); give the sequence of the very structure"
    )


def _refuse_amino_acids(pairs: Sequence[tuple[Protein, Protein]]) -> None:
    """Raise UserError where states are the residues again: both alphabets have the same letters."""
    again = [
        states
        for protein, states in pairs
        if len(protein.sequence) >= _TOO_LONG_FOR_CHANCE and states.sequence.upper() == protein.sequence
    ]
    if again:
        raise UserError(
            f"{ROLE}, line {again[0].line}: these are the amino acids of {again[0].name!r} again, not states "
            f"({len(again)} such records); take Foldseek's database of states, whose name ends with _ss"
        )
