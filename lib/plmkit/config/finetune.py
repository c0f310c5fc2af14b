"""The options of plm finetune."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_learning_rate, check_seed, share
from plmkit.config.examples import ExampleOptions
from plmkit.errors import UserError

Score = Literal[
    "auto",
    "loss",
    "accuracy",
    "mcc",
    "macro_f1",
    "micro_f1",
    "auroc",
    "average_precision",
    "spearman",
    "pearson",
    "r2",
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FinetuneConfig(ExampleOptions):
    """Tune a protein language model on your labelled proteins, residues, pairs of proteins, or windows around sites."""

    structure_states: Path | None = None
    """FASTA of their 3Di states (Foldseek) by name, for SaProt; # where not known, as where pLDDT is below 70."""
    negative_label: str | None = None
    """Label of sites which are not modified; default: 0, no, false, negative, none or unmodified if it occurs."""
    bundle: Path
    """File to write the tuned model to (zip)."""
    metrics: Path | None = None
    """File to write the table of metrics to."""
    predictions: Path | None = None
    """File to write the predictions of the examples that were put aside to, beside their labels."""
    history: Path | None = None
    """File to write the table of losses by epoch to."""
    curves: Path | None = None
    """File to write the training curves to (PNG)."""
    figure: Path | None = None
    """File to write the comparison of predictions and truth to (PNG)."""
    learning_curve: Path | None = None
    """File to write a learning curve to: how good models of a quarter, half and all examples are (PNG)."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    checkpoint: Path | None = None
    """Folder where an interrupted run keeps its work; the same command goes on from there."""
    checkpoint_minutes: float = 5.0
    """Minutes between two savings of that work."""
    model: str = "embedded"
    """The protein language model to start from: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    non_commercial_use: bool = False
    """Confirm that your use is not commercial: needed for models under such a licence, as Ankh."""
    start: Path | None = None
    """Tuned model (zip) to go on training, instead of beginning anew; its task and method stay as they are."""
    method: Literal["lora", "head", "rslora", "dora", "ia3", "qlora", "full"] = "lora"
    """What learns: adapters (lora, rslora, dora, ia3, qlora), only a head on frozen embeddings, or all weights."""
    adapter_layers: int | None = None
    """Adapters in so many of the upper layers only: faster, the output of the lower ones is computed once."""
    pooling: Literal["auto", "mean", "cls", "max", "centre", "attention"] = "auto"
    """How residues become one vector; auto: the mean for proteins, the middle residue for windows."""
    validation_share: float = 0.2
    """Share of the examples which decide when to stop and are not learned from; rounded to a half, third ..."""
    relatives: Literal["together", "anywhere"] = "together"
    """together: sequences that resemble each other (30 % identity, MMseqs2) stay on one side of a split drawn here."""
    baselines: Literal["all", "simple"] = "all"
    """What the model is compared with: simple methods, or also a search for homologues and the frozen model."""
    epochs: int = 20
    """Passes over the training examples at most."""
    patience: int = 5
    """Epochs without a better validation score after which training stops."""
    select_by: Score = "auto"
    """Validation score that chooses the epoch; auto: mcc, macro_f1, average_precision or spearman by task."""
    learning_rate: float | None = None
    """Largest step size, reached after a warm-up; then it falls to zero; default: 0.0003, or what suits the method."""
    batch_size: int = 16
    """Examples of one training step."""
    loss: Literal["auto", "cross-entropy", "focal", "mse", "huber", "mae"] = "auto"
    """What training makes small; focal: hard examples count more; huber, mae: outliers count less."""
    label_smoothing: float = 0.0
    """Share of certainty taken from the labels, for labels that may be wrong."""
    class_weights: Literal["none", "balanced"] = "none"
    """balanced: rare labels count as much as frequent ones; probabilities then no longer follow the shares."""
    negatives: float | None = None
    """Learn from at most so many negatives for each positive; measures and probabilities keep the shares of nature."""
    rank: int = 8
    """Rank of the adapters: more can learn more and overfits sooner."""
    alpha: int = 16
    """Scale of the adapters; their update is multiplied by alpha / rank."""
    adapter_dropout: float = 0.05
    """Share of the adapters' inputs left out at random while training."""
    head_dropout: float = 0.1
    """Share of the head's inputs left out at random while training."""
    seeds: int = 1
    """Trainings with different seeds; the best one by validation is kept, the spread is reported."""
    folds: int = 0
    """Folds of a cross-validation besides: each example is judged once by a model that never saw its group; 0: none."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """What large products are computed in; auto: bfloat16 on a GPU, float32 elsewhere."""
    recompute: bool = False
    """Compute states twice instead of holding them: less memory, a third more time; used by itself when memory ends."""
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
            ("--adapter-layers", self.adapter_layers),
            ("--seeds", self.seeds),
            ("--batch-tokens", self.batch_tokens),
        ):
            at_least(option, value, 1)
        check_seed(self.seed)
        self._check_negatives()
        share("--validation-share", self.validation_share, above=0.0, up_to=0.5)
        share("--adapter-dropout", self.adapter_dropout, above=-1.0, up_to=0.9)
        share("--head-dropout", self.head_dropout, above=-1.0, up_to=0.9)
        share("--label-smoothing", self.label_smoothing, above=-1.0, up_to=0.5)
        if self.learning_rate is not None:
            check_learning_rate(self.learning_rate)
        self._check_together()

    def _check_negatives(self) -> None:
        if self.negatives is None:
            return
        if not 0 < self.negatives < inf:
            raise UserError(f"--negatives must be a number above 0, not {self.negatives:g}; leave it out to use all")
        if self.class_weights == "balanced":
            raise UserError("--negatives and --class-weights balanced both make up for rare labels; leave one out")

    def _check_together(self) -> None:
        if self.start is not None and self.folds:
            raise UserError("--folds begins anew, the model of --start may know what it puts aside; leave one out")
        if self.folds == 1 or self.folds < 0:
            raise UserError(f"--folds must be 0 or at least 2, not {self.folds}")
        if self.pooling == "centre" and self.unit != "window":
            raise UserError("--pooling centre takes the middle of a window: give --unit window, or another pooling")
        if self.pooling != "auto" and self.unit == "residue":
            raise UserError("--pooling makes one vector of a protein; with --unit residue leave it out")
        if self.adapter_layers is not None and self.method in ("head", "full"):
            raise UserError(f"--adapter-layers is for adapters, not for --method {self.method}; leave it out")
        if self.partner_column is not None and self.unit != "pair":
            raise UserError("--partner-column is for pairs: give --unit pair, or leave it out")
        if self.mask_column is not None and self.unit != "residue":
            raise UserError("--mask-column is for labels of residues: give --unit residue, or leave it out")

    def without_effect(self) -> set[str]:
        """Return the options which mean nothing beside the others."""
        lora = {"rank", "alpha", "adapter_dropout"} if self.method in ("head", "full", "ia3") else set()
        begun = {"method", "pooling", "rank", "alpha", "adapter_dropout"} if self.start is not None else set()
        return lora | begun
