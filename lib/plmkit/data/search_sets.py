"""The two sets of vectors of a search with their labels, read and checked together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plmkit.data.embedding_record import read_embedding_record
from plmkit.data.labels import Labels
from plmkit.data.vectors import Vectors
from plmkit.errors import UserError, raise_problems

SameName = Literal["auto", "exclude", "keep"]


@dataclass(frozen=True)
class SearchSets:
    """Queries, the references that are searched, the latter's labels and the queries' true ones.

    given: references in the file; those without a label are not searched where labels are to be transferred.
    """

    queries: Vectors
    references: Vectors
    labels: Labels | None
    truth: Labels | None
    given: int

    @property
    def labelled(self) -> list[tuple[str, ...]]:
        """The labels of each reference; empty without labels."""
        return [self.labels.of[name] for name in self.references.names] if self.labels else []

    @property
    def judged(self) -> list[int]:
        """The queries whose true label is known."""
        return [row for row, name in enumerate(self.queries.names) if self.truth and name in self.truth.of]

    def own_references(self, same_name: SameName) -> tuple[NDArray[np.int64], list[str]]:
        """Return the reference (Q,) that each query may not find because it bears its name, or -1; say why.

        auto: none but where both files hold the same names.
        """
        row_of = {name: row for row, name in enumerate(self.references.names)}
        rows = np.array([row_of.get(name, -1) for name in self.queries.names], dtype=np.int64)
        shared = int((rows >= 0).sum())
        is_one_set = len(self.queries) == self.given and shared == len(self.references)
        if shared and (same_name == "exclude" or (same_name == "auto" and is_one_set)):
            why = "both files hold the same names: all against all" if is_one_set else "--same-name exclude"
            return rows, [f"queries: {shared} do not find the reference of their own name ({why})"]
        remedy = "" if same_name == "keep" else "; --same-name exclude forbids it"
        notes = [f"queries: {shared} can find the reference of their own name{remedy}"] if shared else []
        return np.full(len(rows), -1), notes

    def repeated(self) -> tuple[int, int]:
        """Count references with the vector of an earlier one, and queries with that of a reference of another name."""
        searched = _digests(self.references)
        times = Counter(searched)
        digest_of = dict(zip(self.references.names, searched, strict=True))
        like = sum(
            times[digest] > (digest_of.get(name) == digest)
            for name, digest in zip(self.queries.names, _digests(self.queries), strict=True)
        )
        return len(searched) - len(times), like

    def notes_on_repeated(self, references: int, queries: int) -> list[str]:
        """Say what was counted."""
        notes = []
        if references:
            notes.append(
                f"references: {references} with the same vector as an earlier one; equally near ones keep their order"
            )
        if queries:
            notes.append(f"queries: {queries} with the same vector as a reference of another name")
        return notes


def only_labelled(references: Vectors, labels: Labels) -> Vectors:
    """Return the references that have a label; the others could give none."""
    if not labels.without:
        return references
    rows = [row for row, name in enumerate(references.names) if name in labels.of]
    return Vectors(tuple(references.names[row] for row in rows), references.values[rows])


def check_widths(queries: Vectors, references: Vectors) -> None:
    """Raise UserError unless all vectors have as many numbers."""
    asked, searched = queries.values.shape[1], references.values.shape[1]
    if asked != searched:
        raise UserError(
            f"references: their vectors have {searched} numbers, those of the queries {asked}; embed both sets with "
            "one model"
        )


def check_not_zero(vectors: Vectors, role: str) -> None:
    """Raise UserError if a vector has no direction."""
    zero = np.flatnonzero(~vectors.values.any(axis=1)).tolist()
    remedy = "leave it out, or take --distance euclidean"
    raise_problems(
        role, [f"{vectors.names[row]!r}: all numbers are zero, so it has no angle; {remedy}" for row in zero]
    )


def check_records(queries: Vectors, references: Vectors, of_queries: Path | None, of_references: Path | None) -> str:
    """Say whether one model made both sets, by the run records of plm embed. Raises UserError if not."""
    if of_queries is None or of_references is None:
        return "model: the files do not say whether one model, layer and pooling made both sets; their run records do"
    asked = read_embedding_record(of_queries, "queries' run record")
    searched = read_embedding_record(of_references, "references' run record")
    asked.check_count(len(queries), "queries")
    searched.check_count(len(references), "references")
    searched.check_same(asked)
    return f"model: by their run records {asked.model} made both sets, with one layer and pooling"


def _digests(vectors: Vectors) -> list[bytes]:
    """Return what tells each vector from all others, in place of its many numbers."""
    return [blake2b(vector.tobytes(), digest_size=16).digest() for vector in vectors.values]
