"""The options of plm pretrain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_learning_rate, check_seed, share
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PretrainConfig:
    """Train a protein language model on proteins without labels: from nothing, or on from an existing one."""

    proteins: Path
    """FASTA file with the proteins to learn from; plain, gzip, bzip2 or xz."""
    trained: Path
    """Where to write the trained model: a zip archive if the name ends in .zip, else a new folder."""
    validation: Path | None = None
    """FASTA file with the proteins that decide which weights are kept; default: a share of --proteins."""
    test: Path | None = None
    """FASTA file with proteins that are guessed once, at the end, for the final figure."""
    history: Path | None = None
    """File to write the table of losses by step to."""
    curves: Path | None = None
    """File to write the loss curve to (PNG)."""
    metrics: Path | None = None
    """File to write the table of perplexities to."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    checkpoint: Path | None = None
    """File from which an interrupted run goes on when the same command is given again; removed at the end."""
    checkpoint_minutes: float = 10.0
    """Time between two checkpoints."""
    model: str = "embedded"
    """The model to train on: "embedded", a folder, or a zip archive of a folder; "none" to start from nothing."""
    model_name: str | None = None
    """What records call the model to train on; default: the name it gives itself."""
    non_commercial_use: bool = False
    """Confirm that your use is not commercial: needed for models under such a licence."""
    name: str = "own-model"
    """What the trained model calls itself."""
    limits: str | None = None
    """What the trained model is not for, shown wherever it is used, after its name; default: as --model says."""
    width: int = 192
    """Numbers for each residue, of a model that starts from nothing."""
    layers: int = 6
    """Layers of a model that starts from nothing."""
    heads: int = 6
    """Attention heads of a model that starts from nothing."""
    weights: Literal["all", "lora"] = "all"
    """What learns: all weights, or low-rank adapters (LoRA) on the attention, merged into the model at the end."""
    rank: int = 8
    """Rank of the adapters."""
    alpha: int = 16
    """Scale of the adapters; their update is multiplied by alpha / rank."""
    adapter_dropout: float = 0.05
    """Share of the adapters' inputs left out at random while training."""
    epochs: float = 10.0
    """Passes over the proteins."""
    steps: int | None = None
    """Training steps, in place of --epochs."""
    step_tokens: int = 8192
    """Residues of one training step."""
    longest: int = 1022
    """Residues of a piece: of a longer protein a random piece is taken in each pass."""
    learning_rate: float | None = None
    """Largest step size; default: 0.0015 from nothing, 0.0003 for all weights, 0.001 for adapters."""
    optimiser: Literal["auto", "adamw", "muon"] = "auto"
    """auto: Muon for the matrices of a model that starts from nothing, AdamW for everything else."""
    warm_up: float = 0.05
    """Share of the steps over which the learning rate rises; then it falls to zero."""
    mask_share: float = 0.15
    """Share of the residues that are hidden and guessed in training; 15 % are when perplexity is measured."""
    validation_share: float = 0.05
    """Share of the proteins kept for validation, when --validation is not given."""
    evaluations: int = 20
    """How often the validation proteins are guessed in the course of training."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """What large products are computed in; auto: bfloat16 on a GPU that has it, float32 elsewhere."""
    half: bool = False
    """Store the weights in half precision (float16), files half as large; default: as the model to train on does."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""
    batch_tokens: int = 8192
    """Residues computed at once; changes memory and speed, and results by rounding alone."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        for option, number in (
            ("--width", self.width),
            ("--layers", self.layers),
            ("--heads", self.heads),
            ("--rank", self.rank),
            ("--alpha", self.alpha),
            ("--steps", self.steps),
            ("--step-tokens", self.step_tokens),
            ("--evaluations", self.evaluations),
            ("--batch-tokens", self.batch_tokens),
        ):
            at_least(option, number, 1)
        at_least("--longest", self.longest, 10)
        check_seed(self.seed)
        share("--warm-up", self.warm_up, above=-1.0, up_to=1.0)
        share("--mask-share", self.mask_share, above=0.0, up_to=0.9)
        share("--validation-share", self.validation_share, above=0.0, up_to=0.5)
        share("--adapter-dropout", self.adapter_dropout, above=-1.0, up_to=0.9)
        if not 0 < self.epochs < math.inf:
            raise UserError(f"--epochs must be above 0, not {self.epochs:g}")
        if not 0 <= self.checkpoint_minutes < math.inf:
            raise UserError(f"--checkpoint-minutes must be at least 0, not {self.checkpoint_minutes:g}")
        if self.learning_rate is not None:
            check_learning_rate(self.learning_rate)
        if not self.name or not all(letter.isalnum() or letter in "._-" for letter in self.name):
            raise UserError(f"--name takes letters, digits and . _ -, not {self.name!r}")
        if self.model == "none":
            self._check_shape()
        if self.weights == "lora" and self.optimiser == "muon":
            raise UserError("--optimiser muon is for whole matrices, not for adapters: give --optimiser adamw")

    def without_effect(self) -> set[str]:
        """Return the options which mean nothing beside the others."""
        shape = set() if self.model == "none" else {"width", "layers", "heads"}
        adapters = set() if self.weights == "lora" else {"rank", "alpha", "adapter_dropout"}
        share = {"validation_share"} if self.validation is not None else set()
        passes = {"epochs"} if self.steps is not None else set()
        return shape | adapters | share | passes

    def _check_shape(self) -> None:
        if self.weights == "lora":
            raise UserError("--weights lora needs a trained model to start from: give --model, or --weights all")
        if self.width % self.heads or self.width // self.heads % 2:
            raise UserError(
                f"--width {self.width} cannot be shared by {self.heads} heads: width / heads must be an even number"
            )
