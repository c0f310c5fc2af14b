"""The options of plm ptm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from plmkit.config.checks import at_least, share
from plmkit.errors import UserError

# as learning.thresholds.RULES, which needs numpy
THRESHOLD_RULES = ("mcc", "fpr_1", "fpr_5", "fpr_10", "precision_50", "precision_80", "precision_90")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PtmConfig:
    """Score every candidate residue of whole proteins with one or several models tuned on sites."""

    bundle: tuple[Path, ...]
    """The tuned model (zip) of plm finetune, of windows or residues; several: each scores its modifications."""
    proteins: Path
    """FASTA file with whole proteins; plain, gzip, bzip2 or xz."""
    structure_states: Path | None = None
    """FASTA of their 3Di states (Foldseek) by name, for SaProt; # where not known, as where pLDDT is below 70."""
    sites: Path
    """File to write the table of all candidate residues to."""
    only_modified: bool = False
    """Leave candidates below the threshold out of the table."""
    gff: Path | None = None
    """File to write the sites at or above the threshold to (GFF3, with terms of PSI-MOD)."""
    bed: Path | None = None
    """File to write the same to for genome browsers (BED with nine columns)."""
    marked: Path | None = None
    """File to write the proteins to, with # after each residue called modified (FASTA)."""
    summary: Path | None = None
    """File to write a table of all proteins to: candidates, sites and the likeliest site of each modification."""
    figure: Path | None = None
    """File to draw the sites of the first proteins to (PNG)."""
    logo: Path | None = None
    """File to draw which residues are more, or less, frequent around sites than around other candidates (PNG)."""
    enrichment: Path | None = None
    """File to write the same to as a table, with tests."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    modification: tuple[str, ...] = ()
    """Only this modification of the tuned models; may be given several times. Default: all."""
    residues: str | None = None
    """Candidate residues, as STY, or of each modification, as Phosphorylation=STY;Acetylation=K; default: as tuned."""
    sequons: bool = False
    """Take N as a candidate only in sequons, N-X-S or N-X-T with X not P."""
    threshold: str | None = None
    """Probability from which on a site is called modified: a number, or a rule which the tuned model keeps (mcc, fpr_1,
    fpr_5, fpr_10, precision_50, precision_80, precision_90); default: mcc if every model keeps it, else 0.5."""
    prevalence: tuple[str, ...] = ()
    """Share of modified candidates where you scan, as in Phosphorylation=0.02, if it differs from training."""
    model: str = "embedded"
    """The base model of the tuned models: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    non_commercial_use: bool = False
    """Confirm that your use is not commercial: needed for models under such a licence, as Ankh."""
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, not results; default: found by itself."""

    def __post_init__(self) -> None:
        """Check numbers and letters."""
        at_least("--batch-tokens", self.batch_tokens, 1)
        if self.threshold is not None and self.threshold not in THRESHOLD_RULES:
            share("--threshold", _number(self.threshold), above=-1.0, up_to=1.0)
        _ = self.residues_asked

    @property
    def residues_asked(self) -> dict[str | None, str]:
        """The letters of --residues in upper case, by modification; None: of all that are not named."""
        asked: dict[str | None, str] = {}
        for part in (self.residues or "").split(";"):
            name, is_named, letters = part.strip().rpartition("=")
            if not part.strip():
                continue
            if not (letters.isalpha() and letters.isascii()):
                raise UserError(f"--residues takes letters such as STY, not {letters!r}")
            key = name if is_named else None
            if key in asked:
                raise UserError(f"--residues names {key or 'letters for all modifications'} twice; give them once")
            asked[key] = letters.upper()
        if self.residues is not None and not asked:
            raise UserError(f"--residues takes letters such as STY, not {self.residues!r}")
        return asked


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(
            f"--threshold takes a number between 0 and 1 or one of {', '.join(THRESHOLD_RULES)}, not {text!r}"
        ) from None
