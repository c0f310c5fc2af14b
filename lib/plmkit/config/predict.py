"""The options of plm predict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from plmkit.config.checks import at_least
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PredictConfig:
    """Predict the labels of proteins or windows with a tuned model."""

    bundle: Path
    """The tuned model (zip) made by plm finetune."""
    proteins: Path
    """FASTA file with the proteins or windows; plain, gzip, bzip2 or xz."""
    predictions: Path
    """File to write the table of labels and probabilities to."""
    labelled: bool = False
    """The headers hold the true labels as LABEL=; compare the predictions with them."""
    metrics: Path | None = None
    """File to write the table of metrics to; needs --labelled."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    model: str = "embedded"
    """The base model of the tuned model: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, not results; default: found by itself."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        at_least("--batch-tokens", self.batch_tokens, 1)
        if self.metrics is not None and not self.labelled:
            raise UserError("--metrics compares with true labels: add --labelled and LABEL= in the headers")
