"""The options of plm search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, share
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Find the nearest neighbours of proteins by their embeddings, and give them the labels of these."""

    queries: Path
    """Embeddings of the proteins asked about, which plm embed wrote: tabular, parquet or npz."""
    references: Path
    """Embeddings of the proteins to search among, made by the same model, layer and pooling."""
    hits: Path
    """File to write the table of neighbours to."""
    labels: Path | None = None
    """Table of the references' labels: a header, then one row for each protein and label; several rows are allowed."""
    truth: Path | None = None
    """Table of the queries' true labels, with columns as those of --labels, to judge the transfer."""
    transfers: Path | None = None
    """File to write the table of transferred labels to; needs --labels."""
    metrics: Path | None = None
    """File to write the table to which says how often transferred labels are right; needs --labels."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    identifier_column: str | None = None
    """Column of the proteins' names, by name or number; default: "id" if there is one, or the first."""
    label_column: str = "label"
    """Column of the labels, by name or number."""
    distance: Literal["euclidean", "cosine"] = "euclidean"
    """euclidean: as goPredSim and EAT; cosine: one minus the cosine of the angle, whatever the vectors' lengths."""
    neighbours: int = 10
    """How many nearest references are listed for each query."""
    voters: int = 1
    """How many of these, from the nearest on, give their labels."""
    threshold: float = 0.0
    """Reliability (0 to 1) below which no label is transferred."""
    same_name: Literal["auto", "exclude", "keep"] = "auto"
    """Whether a query may find the reference of its name; auto: not if both files hold the same names."""
    queries_record: Path | None = None
    """Run record of plm embed for the queries, to check that both were made in the same way."""
    references_record: Path | None = None
    """Run record of plm embed for the references."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        at_least("--neighbours", self.neighbours, 1)
        at_least("--voters", self.voters, 1)
        share("--threshold", self.threshold, above=-1.0, up_to=1.0)
        if self.voters > self.neighbours:
            raise UserError(f"--voters {self.voters} are more than --neighbours {self.neighbours}: raise these")
        if self.labels is None:
            for option, path in (
                ("--truth", self.truth),
                ("--transfers", self.transfers),
                ("--metrics", self.metrics),
            ):
                if path is not None:
                    raise UserError(f"{option} needs the labels of the references: add --labels, or leave it out")
        if (self.queries_record is None) != (self.references_record is None):
            raise UserError("--queries-record and --references-record are compared with each other: give both or none")
