"""Read the run records of several steps of one analysis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.data.opening import sha256_of, text_lines
from plmkit.errors import UserError, raise_problems

ROLE = "run records"
_KEYS: dict[str, type | tuple[type, ...]] = {
    "plmkit": str,
    "command": str,
    "config": dict,
    "model": (dict, type(None)),
    "inputs": list,
    "device": str,
    "libraries": dict,
    "counts": dict,
    "metrics": list,
    "notes": list,
}


@dataclass(frozen=True)
class GivenRecord:
    """A run record as it was given: its number among all, from 1, the checksum of the file, and what it says."""

    number: int
    sha256: str
    content: dict[str, Any]

    @property
    def command(self) -> str:
        """The command that wrote it."""
        return str(self.content["command"])


@dataclass(frozen=True)
class GivenRecords:
    """Different run records in the order given; repeated: number of one left out, and of the one it repeats."""

    records: tuple[GivenRecord, ...]
    repeated: tuple[tuple[int, int], ...]

    def notes(self) -> list[str]:
        """Say what was given twice, and where versions differ."""
        notes = [
            f"{ROLE}: number {number} is the same as number {first}; it is counted once"
            for number, first in self.repeated
        ]
        versions = list(dict.fromkeys(record.content["plmkit"] for record in self.records))
        if len(versions) > 1:
            notes.append(f"{ROLE}: the steps were done with different versions of plmkit ({', '.join(versions)})")
        return notes


def read_run_records(paths: Sequence[Path], newest: int) -> GivenRecords:
    """Read run records (JSON), each once.

    newest: the highest schema_version that can be read. Raises UserError that says of every file what is wrong.
    """
    records: dict[str, GivenRecord] = {}
    problems, repeated = [], []
    for number, path in enumerate(paths, start=1):
        try:
            content = _read(path, f"number {number}", newest)
        except UserError as error:
            problems.append(str(error))
            continue
        same = json.dumps(content, sort_keys=True)
        if same in records:
            repeated.append((number, records[same].number))
        else:
            records[same] = GivenRecord(number, sha256_of(path), content)
    raise_problems(ROLE, problems)
    return GivenRecords(tuple(records.values()), tuple(repeated))


def _read(path: Path, role: str, newest: int) -> dict[str, Any]:
    try:
        content = json.loads("\n".join(text_lines(path, role)))
    except (ValueError, RecursionError):
        raise UserError(f"{role}: this is no run record; give the JSON file that plm wrote") from None
    if not isinstance(content, dict) or not isinstance(content.get("schema_version"), int):
        raise UserError(f"{role}: this is JSON but no run record; give the JSON file that plm wrote")
    if content["schema_version"] > newest:
        raise UserError(
            f"{role}: its schema version {content['schema_version']} is newer than {newest}, which this plmkit reads; "
            "summarise it with the plmkit that wrote it"
        )
    if lacking := [key for key, kind in _KEYS.items() if not isinstance(content.get(key, ...), kind)]:
        raise UserError(f"{role}: the run record lacks {lacking[0]!r}; give the JSON file as plm wrote it")
    return content
