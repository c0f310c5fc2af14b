"""Gather what fits its protein: which residues are modified, and which are known not to be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from plmkit.errors import raise_problems

States = Mapping[str, tuple[Mapping[int, bool], ...]]
_NONE: Mapping[int, bool] = MappingProxyType({})


class StateBook:
    """States of residues as they are read, each with the line that told it first."""

    def __init__(self, role: str) -> None:
        """role: names the input in messages."""
        self.repeated = 0
        self._role = role
        self._states: dict[str, dict[int, dict[int, tuple[bool, int]]]] = {}
        self._problems: list[str] = []

    def add(self, name: str, protein: int, position: int, is_modified: bool, line: int, told: str) -> None:
        """Note one state; told is the name of the protein for messages."""
        known = self._states.setdefault(name, {}).setdefault(protein, {})
        if position not in known:
            known[position] = (is_modified, line)
        elif known[position][0] == is_modified:
            self.repeated += 1
        else:
            self._problems.append(
                f"line {line}: residue {position} of {told} is {_word(is_modified)} ({name}), but "
                f"{_word(not is_modified)} in line {known[position][1]}; keep the right one"
            )

    def states(self, proteins: int) -> States:
        """Return the states of each modification, by alphabet. Raises UserError which lists contradictions."""
        raise_problems(self._role, self._problems)
        return {
            name: tuple(_without_lines(self._states[name].get(protein)) for protein in range(proteins))
            for name in sorted(self._states)
        }


def _word(is_modified: bool) -> str:
    return "modified" if is_modified else "not modified"


def _without_lines(known: Mapping[int, tuple[bool, int]] | None) -> Mapping[int, bool]:
    if known is None:
        return _NONE
    return {position: known[position][0] for position in sorted(known)}
