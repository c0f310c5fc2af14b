"""The options of plm finetune."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_learning_rate, check_seed, share
from plmkit.errors import UserError


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
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, and what dropout leaves out; default: found by itself."""

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
            at_least(option, value, 1)
        check_seed(self.seed)
        share("--validation-share", self.validation_share, above=0.0, up_to=0.5)
        share("--adapter-dropout", self.adapter_dropout, above=-1.0, up_to=0.9)
        share("--head-dropout", self.head_dropout, above=-1.0, up_to=0.9)
        check_learning_rate(self.learning_rate)
        if self.pooling == "centre" and self.unit == "protein":
            raise UserError("--pooling centre takes the middle of a window: give --unit window, or another pooling")
