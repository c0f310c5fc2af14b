"""The options of plm ptm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from plmkit.config.checks import at_least, share
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PtmConfig:
    """Score every candidate residue of whole proteins with a model tuned on windows."""

    bundle: Path
    """The tuned model (zip) made by plm finetune --unit window."""
    proteins: Path
    """FASTA file with whole proteins; plain, gzip, bzip2 or xz."""
    sites: Path
    """File to write the table of all candidate residues to."""
    gff: Path | None = None
    """File to write the sites at or above the threshold to (GFF3)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    residues: str | None = None
    """Candidate residues, for example STY; default: those in the middle of the windows of training."""
    threshold: float = 0.5
    """Score from which on a site is called modified."""
    model: str = "embedded"
    """The base model of the tuned model: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, not results; default: found by itself."""

    def __post_init__(self) -> None:
        """Check numbers and letters."""
        at_least("--batch-tokens", self.batch_tokens, 1)
        share("--threshold", self.threshold, above=-1.0, up_to=1.0)
        if self.residues is not None and not (self.residues.isalpha() and self.residues.isascii()):
            raise UserError(f"--residues takes letters such as STY, not {self.residues!r}")
