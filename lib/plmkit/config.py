"""Every option of every command: a field is an option, a Python argument and an entry of run.json.

The text under a field is the option's help. Rules between options stand in `__post_init__`.
"""

from __future__ import annotations

import math
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
    """File to write the vectors to. Killed, the same command goes on where it was."""
    format: Literal["tabular", "parquet", "npz", "h5"] = "tabular"
    """tabular, parquet and npz hold one vector per protein, h5 one dataset per protein with a row per residue."""
    pooling: tuple[Literal["mean", "cls", "max"], ...] = ("mean",)
    """How the residues of a protein become one vector (not for h5): mean, start token <cls>, or maximum; repeatable."""
    layer: tuple[int, ...] = ()
    """Layer whose states are taken: 0 the token embedding, 1 the first layer, -1 the last (default); repeatable."""
    window: int | None = None
    """Residues read at once: longer proteins are read in overlapping windows; default: as in the model's training."""
    overlap: int | None = None
    """Residues which neighbouring windows share at least; default: a quarter of a window."""
    stored: Literal["float32", "float16"] = "float32"
    """Precision of the numbers in the file; float16 halves it and keeps three digits."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """What large products are computed in; auto: bfloat16 on a GPU, and for large models on a CPU that has it."""
    model: str = "embedded"
    """The protein language model: "embedded", a folder, or a zip archive of a folder."""
    model_name: str | None = None
    """What records call the model; default: the name it gives itself."""
    batch_tokens: int | None = None
    """Residues computed at once; changes memory and speed, not results; default: found by itself."""
    record: Path | None = None
    """File to write the run record to (JSON)."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        for layer in self.layer:
            _at_least("--layer", layer, -1)
        _at_least("--batch-tokens", self.batch_tokens, 1)
        _at_least("--window", self.window, 16)
        _at_least("--overlap", self.overlap, 0)
        for option, values in (("--layer", self.layer), ("--pooling", self.pooling)):
            if len(set(values)) < len(values):
                raise UserError(f"{option}: one is given twice; give each once")
        if self.window is not None and self.overlap is not None and 2 * self.overlap >= self.window:
            raise UserError(f"--overlap {self.overlap}: it must be less than half of --window {self.window}")
        if self.format == "h5" and self.pooling != ("mean",):
            raise UserError("--pooling makes one vector of a protein, h5 keeps all residues: give only one of them")

    def without_effect(self) -> set[str]:
        """Return the options which mean nothing beside the others."""
        return {"pooling"} if self.format == "h5" else set()


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
        _check_seed(self.seed)
        _share("--validation-share", self.validation_share, above=0.0, up_to=0.5)
        _share("--adapter-dropout", self.adapter_dropout, above=-1.0, up_to=0.9)
        _share("--head-dropout", self.head_dropout, above=-1.0, up_to=0.9)
        _check_learning_rate(self.learning_rate)
        if self.pooling == "centre" and self.unit == "protein":
            raise UserError("--pooling centre takes the middle of a window: give --unit window, or another pooling")


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
            _at_least(option, number, 1)
        _at_least("--longest", self.longest, 10)
        _check_seed(self.seed)
        _share("--warm-up", self.warm_up, above=-1.0, up_to=1.0)
        _share("--mask-share", self.mask_share, above=0.0, up_to=0.9)
        _share("--validation-share", self.validation_share, above=0.0, up_to=0.5)
        _share("--adapter-dropout", self.adapter_dropout, above=-1.0, up_to=0.9)
        if not 0 < self.epochs < math.inf:
            raise UserError(f"--epochs must be above 0, not {self.epochs:g}")
        if not 0 <= self.checkpoint_minutes < math.inf:
            raise UserError(f"--checkpoint-minutes must be at least 0, not {self.checkpoint_minutes:g}")
        if self.learning_rate is not None:
            _check_learning_rate(self.learning_rate)
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


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Find the nearest neighbours of proteins by their embeddings, and give them the labels of these."""

    queries: Path
    """Embeddings of the proteins asked about, which plm embed wrote: tabular, parquet or npz."""
    references: Path
    """Embeddings of the proteins to search among, made by the same model, layer and pooling."""
    hits: Path
    """File to write the table of neighbours to."""
    labels: Path | None = None
    """Table of the references' labels: a header, then one row for each protein and label; several rows are allowed."""
    truth: Path | None = None
    """Table of the queries' true labels, with columns as those of --labels, to judge the transfer."""
    transfers: Path | None = None
    """File to write the table of transferred labels to; needs --labels."""
    metrics: Path | None = None
    """File to write the table to which says how often transferred labels are right; needs --labels."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    identifier_column: str | None = None
    """Column of the proteins' names, by name or number; default: "id" if there is one, or the first."""
    label_column: str = "label"
    """Column of the labels, by name or number."""
    distance: Literal["euclidean", "cosine"] = "euclidean"
    """euclidean: as goPredSim and EAT; cosine: one minus the cosine of the angle, whatever the vectors' lengths."""
    neighbours: int = 10
    """How many nearest references are listed for each query."""
    voters: int = 1
    """How many of these, from the nearest on, give their labels."""
    threshold: float = 0.0
    """Reliability (0 to 1) below which no label is transferred."""
    same_name: Literal["auto", "exclude", "keep"] = "auto"
    """Whether a query may find the reference of its name; auto: not if both files hold the same names."""
    queries_record: Path | None = None
    """Run record of plm embed for the queries, to check that both were made in the same way."""
    references_record: Path | None = None
    """Run record of plm embed for the references."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        _at_least("--neighbours", self.neighbours, 1)
        _at_least("--voters", self.voters, 1)
        _share("--threshold", self.threshold, above=-1.0, up_to=1.0)
        if self.voters > self.neighbours:
            raise UserError(f"--voters {self.voters} are more than --neighbours {self.neighbours}: raise these")
        if self.labels is None:
            for option, path in (
                ("--truth", self.truth),
                ("--transfers", self.transfers),
                ("--metrics", self.metrics),
            ):
                if path is not None:
                    raise UserError(f"{option} needs the labels of the references: add --labels, or leave it out")
        if (self.queries_record is None) != (self.references_record is None):
            raise UserError("--queries-record and --references-record are compared with each other: give both or none")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ProjectConfig:
    """Draw a map of proteins from their embeddings; find clusters, duplicates and outliers among them."""

    embeddings: Path
    """Embeddings that plm embed wrote, one vector for each protein: tabular, parquet or npz."""
    map: Path
    """File to write the map to (PNG)."""
    svg: Path | None = None
    """File to write the map to for vector graphics programs (SVG)."""
    coordinates: Path | None = None
    """File to write the table to which has for each protein its place on the map, its cluster and more."""
    findings: Path | None = None
    """File to write the table of duplicates and outliers to."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    metadata: Path | None = None
    """Table with a header and one row for each protein, of which one column colours the map; default: clusters do."""
    identifier_column: str | None = None
    """Column of the metadata with the proteins' names, by name or number; default: "id", else the first."""
    colour_column: str | None = None
    """Column of the metadata that colours the map, by name or number; default: the first one beside the names."""
    colour_as: Literal["auto", "category", "number"] = "auto"
    """What that column holds; auto: numbers, if all cells are and there are more than eight different ones."""
    method: Literal["pca", "tsne", "umap"] = "pca"
    """pca: quick, axes and distances can be read; tsne, umap: neighbours are kept better, large distances are not."""
    neighbours: int | None = None
    """How many neighbours of each protein t-SNE (its perplexity) or UMAP heeds; default: 30 or 15."""
    components: int = 50
    """Principal components in which t-SNE, UMAP, clusters and outliers are computed."""
    smallest_cluster: int | None = None
    """Proteins of a cluster at least; default: one in a hundred of all, 5 or more."""
    near: float = 0.1
    """Near duplicates are no farther apart than this part of the typical distance between two proteins."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        _at_least("--neighbours", self.neighbours, 2)
        _at_least("--components", self.components, 2)
        _at_least("--smallest-cluster", self.smallest_cluster, 2)
        _share("--near", self.near, above=-1.0, up_to=1.0)
        _check_seed(self.seed)
        if self.metadata is None:
            for option, column in (
                ("--identifier-column", self.identifier_column),
                ("--colour-column", self.colour_column),
            ):
                if column is not None:
                    raise UserError(f"{option} is a column of the metadata: add --metadata, or leave it out")


def _at_least(option: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise UserError(f"{option} must be at least {least}, not {value}")


def _share(option: str, value: float, above: float, up_to: float) -> None:
    if not above < value <= up_to or value < 0:
        raise UserError(f"{option} must be between {max(above, 0):g} and {up_to:g}, not {value:g}")


def _check_seed(seed: int) -> None:
    if not 0 <= seed < 2**32:
        raise UserError(f"--seed must be between 0 and {2**32 - 1}, not {seed}")


def _check_learning_rate(rate: float) -> None:
    if not 0 < rate <= 1:
        raise UserError(f"--learning-rate must be above 0 and at most 1, not {rate}")
