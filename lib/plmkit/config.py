"""Every option of every command: a field is an option, a Python argument and an entry of run.json.

The text under a field is the option's help. Rules between options stand in `__post_init__`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EmbedConfig:
    """Turn proteins into vectors: one for each protein, or one for each residue."""

    proteins: Path
    """FASTA file with the proteins; plain, gzip, bzip2 or xz."""
    vectors: Path
    """File to write the vectors to."""
    format: Literal["tabular", "parquet", "npz", "h5"] = "tabular"
    """tabular, parquet and npz hold one vector per protein, h5 one dataset per protein with a row per residue."""
    pooling: Literal["mean", "cls", "max"] = "mean"
    """How the residues of a protein become one vector (not for h5): mean, start token <cls>, or maximum."""
    layer: int | None = None
    """Layer whose states are taken: 0 for the token embedding, 1 for the first layer; default: the last."""
    model: str = "embedded"
    """The protein language model: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    batch_tokens: int = 4096
    """Residues computed at once; changes memory and speed, not results."""
    record: Path | None = None
    """File to write the run record to (JSON)."""

    def __post_init__(self) -> None:
        """Check numbers."""
        _at_least("--layer", self.layer, 0)
        _at_least("--batch-tokens", self.batch_tokens, 1)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FinetuneConfig:
    """Tune a protein language model on labelled sequences with low-rank adapters (LoRA)."""

    examples: Path
    """Labelled sequences: FASTA with LABEL= in the headers, FASTA together with --labels, or a table."""
    labels: Path | None = None
    """Table with the label of each name, when --examples is FASTA without LABEL=."""
    unit: Literal["protein", "window"] = "protein"
    """What a sequence is: a whole protein, or a window of fixed odd length with the site in its middle."""
    sequence_column: str = "sequence"
    """Column of the sequences, by name or number."""
    label_column: str = "label"
    """Column of the labels, by name or number."""
    identifier_column: str | None = None
    """Column of the names, by name or number; default: the column "id" if there is one."""
    group_column: str | None = None
    """Column whose equal values stay on one side of the split; default: the column "group" if there is one."""
    negative_label: str | None = None
    """Label of sites which are not modified; default: 0, no, false, negative, none or unmodified if it occurs."""
    bundle: Path
    """File to write the tuned model to (zip)."""
    metrics: Path | None = None
    """File to write the table of metrics to."""
    history: Path | None = None
    """File to write the table of losses by epoch to."""
    curves: Path | None = None
    """File to write the training curves to (PNG)."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    model: str = "embedded"
    """The protein language model to start from: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    pooling: Literal["auto", "mean", "cls", "max", "centre"] = "auto"
    """How residues become one vector; auto: the mean for proteins, the middle residue for windows."""
    validation_share: float = 0.2
    """Share of the examples which decide when to stop and are not learned from; rounded to a half, third ..."""
    epochs: int = 20
    """Passes over the training examples at most."""
    patience: int = 5
    """Epochs without a lower validation loss after which training stops."""
    learning_rate: float = 0.0003
    """Largest step size, reached after a warm-up; then it falls to zero."""
    batch_size: int = 16
    """Examples of one training step."""
    rank: int = 8
    """Rank of the adapters: more can learn more and overfits sooner."""
    alpha: int = 16
    """Scale of the adapters; their update is multiplied by alpha / rank."""
    adapter_dropout: float = 0.05
    """Share of the adapters' inputs left out at random while training."""
    head_dropout: float = 0.1
    """Share of the head's inputs left out at random while training."""
    class_weights: Literal["none", "balanced"] = "none"
    """balanced: rare labels count as much as frequent ones; probabilities then no longer follow the shares."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""
    batch_tokens: int = 4096
    """Residues computed at once; changes memory and speed, and which inputs dropout leaves out."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        for option, value in (
            ("--epochs", self.epochs),
            ("--patience", self.patience),
            ("--batch-size", self.batch_size),
            ("--rank", self.rank),
            ("--alpha", self.alpha),
            ("--batch-tokens", self.batch_tokens),
        ):
            _at_least(option, value, 1)
        if not 0 <= self.seed < 2**32:
            raise UserError(f"--seed must be between 0 and {2**32 - 1}, not {self.seed}")
        _share("--validation-share", self.validation_share, above=0.0, up_to=0.5)
        _share("--adapter-dropout", self.adapter_dropout, above=-1.0, up_to=0.9)
        _share("--head-dropout", self.head_dropout, above=-1.0, up_to=0.9)
        if not 0 < self.learning_rate <= 1:
            raise UserError(f"--learning-rate must be above 0 and at most 1, not {self.learning_rate}")
        if self.pooling == "centre" and self.unit == "protein":
            raise UserError("--pooling centre takes the middle of a window: give --unit window, or another pooling")


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
    batch_tokens: int = 4096
    """Residues computed at once; changes memory and speed, not results."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        _at_least("--batch-tokens", self.batch_tokens, 1)
        if self.metrics is not None and not self.labelled:
            raise UserError("--metrics compares with true labels: add --labelled and LABEL= in the headers")


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
    batch_tokens: int = 4096
    """Residues computed at once; changes memory and speed, not results."""

    def __post_init__(self) -> None:
        """Check numbers and letters."""
        _at_least("--batch-tokens", self.batch_tokens, 1)
        _share("--threshold", self.threshold, above=-1.0, up_to=1.0)
        if self.residues is not None and not (self.residues.isalpha() and self.residues.isascii()):
            raise UserError(f"--residues takes letters such as STY, not {self.residues!r}")


def _at_least(option: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise UserError(f"{option} must be at least {least}, not {value}")


def _share(option: str, value: float, above: float, up_to: float) -> None:
    if not above < value <= up_to or value < 0:
        raise UserError(f"{option} must be between {max(above, 0):g} and {up_to:g}, not {value:g}")
