"""The options of plm join."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class JoinConfig:
    """Put the results of the chunks of a proteome together: tables, GFF3, BED, bedGraph or FASTA."""

    table: tuple[Path, ...]
    """A table with a header line, or a GFF3, BED, bedGraph or FASTA file, plain or compressed; given for each chunk, in
    their order."""
    out: Path
    """File to write what is joined to."""
    record: Path | None = None
    """File to write the run record to (JSON), with the rows of each file."""
    element_name: tuple[str, ...] = ()
    """What messages call the files, such as chunk_001; given as often as --table, or not at all."""

    def __post_init__(self) -> None:
        """Check that each file has its name."""
        if self.element_name and len(self.element_name) != len(self.table):
            raise UserError(
                f"--element-name is given {len(self.element_name)} times and --table {len(self.table)} times; "
                "give one name for each, or none"
            )
