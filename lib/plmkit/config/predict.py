"""The options of plm predict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, share
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PredictConfig:
    """Predict the labels of proteins, residues, pairs or windows with one or several tuned models."""

    bundle: tuple[Path, ...]
    """The tuned model (zip) made by plm finetune; given several times, the mean of all of them is predicted."""
    proteins: Path
    """FASTA file with the proteins or windows, plain or compressed; or a table with sequences."""
    pairs: Path | None = None
    """Table which names the two proteins of each pair, for models of pairs."""
    structure_states: Path | None = None
    """FASTA of their 3Di states (Foldseek) by name, for SaProt; # where not known, as where pLDDT is below 70."""
    predictions: Path
    """File to write the table of predictions to."""
    track: Path | None = None
    """File to write predictions along the residues to, for genome browsers (BED; of measured numbers bedGraph)."""
    track_format: Literal["auto", "bed", "bedgraph"] = "auto"
    """What --track must be; auto: what suits the model."""
    track_figure: Path | None = None
    """File to draw predictions along the residues of the first proteins to (PNG)."""
    labelled: bool = False
    """The true labels are given, in headers as LABEL= or in a table; compare the predictions with them."""
    labels: Path | None = None
    """Table with the true labels of each name, when --proteins is FASTA without LABEL=; with --labelled."""
    sequence_column: str | None = None
    """Column of the sequences of a table, by name or number; default: sequence, protein, or another usual name."""
    identifier_column: str | None = None
    """Column of the names, of pairs those of the first proteins; default: the column "id" if there is one."""
    partner_column: str | None = None
    """Column of the second protein of a pair: its sequence, or its name where --pairs is given."""
    label_column: str | None = None
    """Column of the true labels, or several divided by commas; default: label or target."""
    metrics: Path | None = None
    """File to write the table of metrics to; needs --labelled."""
    figure: Path | None = None
    """File to write the comparison of predictions and truth to (PNG); needs --labelled."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    level: float = 0.9
    """How often the set of labels, or the interval of a number, shall hold the truth."""
    prevalence: tuple[str, ...] = ()
    """Share of a label where you predict, as in LABEL=0.01, if it differs from training; of two classes one number."""
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
        at_least("--batch-tokens", self.batch_tokens, 1)
        share("--level", self.level, above=0.0, up_to=0.999)
        if not self.labelled:
            for option, value in (("--metrics", self.metrics), ("--figure", self.figure), ("--labels", self.labels)):
                if value is not None:
                    raise UserError(
                        f"{option} compares with true labels: add --labelled, and LABEL= or a table of them"
                    )
        if self.pairs is not None and self.labels is not None:
            raise UserError("--labels is for single proteins; the true labels of pairs stand in the table of --pairs")
