"""The options of plm explain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_seed
from plmkit.errors import UserError

_FEWEST_STEPS, _MOST_STEPS = 64, 65536


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExplainConfig:
    """Show which residues a prediction of a tuned model rests on, and check that this comes from what was learned."""

    bundle: Path
    """The tuned model (zip) made by plm finetune."""
    proteins: Path
    """FASTA file with the proteins or windows, plain or compressed; or a table with sequences."""
    pairs: Path | None = None
    """Table which names the two proteins of each pair, for models of pairs."""
    importance: Path
    """File to write the table of residues and their importance to."""
    matrix: Path | None = None
    """File to write the change by each substitution to, one row for each position; for --method substitution."""
    track: Path | None = None
    """File to write the importance of each residue to, for genome browsers (bedGraph)."""
    figure: Path | None = None
    """File to draw the importance along the residues to (PNG)."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    method: Literal["substitution", "masking", "gradients"] = "substitution"
    """Replace each residue by the 19 others; hide each residue (one reading instead of 19); or integrated gradients."""
    label: str | None = None
    """The label or measured quantity to explain; default: the one which is predicted, of several the most probable."""
    position: int | None = None
    """The residue whose prediction is explained, from 1, for models of residues (default: the one where the label is
    most probable) and, in whole proteins, of windows."""
    most: int = 10
    """Explain so many proteins at most, the first ones; the rest is counted."""
    longest: int = 1000
    """Leave out longer proteins: the time grows with the square of the length."""
    steps: int = 1024
    """Steps of integrated gradients at most; as few are taken as make the attributions add up to 1 %."""
    seed: int = 1
    """Seed of the randomised models of the sanity check."""
    sequence_column: str | None = None
    """Column of the sequences of a table, by name or number; default: sequence, protein, or another usual name."""
    identifier_column: str | None = None
    """Column of the names, of pairs those of the first proteins; default: the column "id" if there is one."""
    partner_column: str | None = None
    """Column of the second protein of a pair: its sequence, or its name where --pairs is given."""
    model: str = "embedded"
    """The base model of the tuned model: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    non_commercial_use: bool = False
    """Confirm that your use is not commercial: needed for models under such a licence, as Ankh."""
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, not results; default: found by itself."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        for option, value in (("--most", self.most), ("--longest", self.longest), ("--position", self.position)):
            at_least(option, value, 1)
        at_least("--batch-tokens", self.batch_tokens, 1)
        check_seed(self.seed)
        if not _FEWEST_STEPS <= self.steps <= _MOST_STEPS:
            raise UserError(f"--steps must be between {_FEWEST_STEPS} and {_MOST_STEPS}, not {self.steps}")
        if self.matrix is not None and self.method != "substitution":
            raise UserError(f"--matrix shows substitutions, --method {self.method} makes none; leave one of them out")

    def without_effect(self) -> set[str]:
        """Return the options which change nothing in this run."""
        return {"batch_tokens"} if self.method == "gradients" else {"batch_tokens", "steps"}
