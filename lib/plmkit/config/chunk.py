"""The options of plm chunk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from plmkit.config.checks import at_least
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ChunkConfig:
    """Divide a proteome into FASTA files that cost a model about the same; plm join puts the results together."""

    proteins: Path
    """FASTA file with the proteins; plain, gzip, bzip2 or xz."""
    out: Path
    """Folder to write the chunks to, as chunk_001.fasta; new or empty."""
    record: Path | None = None
    """File to write the run record to (JSON), with the proteins and residues of each chunk."""
    chunks: int | None = None
    """So many chunks, or as many as there are proteins; at most 1,000."""
    residues: int | None = None
    """As many chunks as it takes for about so many residues in each; default: 500,000, more where that would make over
    1,000 chunks."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        at_least("--chunks", self.chunks, 1)
        at_least("--residues", self.residues, 1)
        if self.chunks is not None and self.residues is not None:
            raise UserError("--chunks and --residues both say how many chunks there will be; leave one out")
