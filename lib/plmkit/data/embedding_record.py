"""What a run record of plm embed tells of the vectors that were written with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.data.opening import text_lines
from plmkit.errors import UserError

# The options and what became of them which make vectors what they are.
_DECISIVE = ("layers", "pooling", "window", "overlap", "precision")


@dataclass(frozen=True)
class EmbeddingRecord:
    """The model (name, SHA-256 of its weights), the options that make vectors what they are, and how many there are."""

    role: str
    model: str
    sha256: str
    options: dict[str, Any]
    proteins: int

    def check_count(self, found: int, vectors: str) -> None:
        """Raise UserError unless the record is of a file with as many vectors."""
        if self.proteins != found:
            raise UserError(
                f"{self.role}: it tells of {self.proteins} proteins, but the {vectors} are {found}; give the record of "
                "the same run of plm embed"
            )

    def check_same(self, other: EmbeddingRecord) -> None:
        """Raise UserError unless both sets of vectors were made in the same way."""
        if self.sha256 != other.sha256:
            raise UserError(
                f"{self.role}: the model is {self.model}, that of the {other.role} is {other.model}, and their weights "
                "differ; embed both sets with one model"
            )
        for name in sorted(self.options.keys() | other.options.keys()):
            here, there = self.options.get(name), other.options.get(name)
            if here != there:
                raise UserError(
                    f"{self.role}: {name} is {here}, that of the {other.role} is {there}; embed both sets in one way"
                )


def read_embedding_record(path: Path, role: str) -> EmbeddingRecord:
    """Read the run record (JSON) of plm embed. Raises UserError if it is none."""
    try:
        record = json.loads("\n".join(text_lines(path, role)))
        if record["command"] != "embed":
            raise UserError(f"{role}: this is the record of plm {record['command']}; give that of plm embed")
        told = record["config"] | record["counts"]
        options = {name: told[name] for name in _DECISIVE if name in told}
        options["use of structure states"] = "on" if told.get("with_states") else "off"
        model = record["model"]
        return EmbeddingRecord(role, str(model["name"]), str(model["sha256"]), options, record["counts"]["proteins"])
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise UserError(f"{role}: this is no run record; give the JSON file that plm embed wrote") from None
