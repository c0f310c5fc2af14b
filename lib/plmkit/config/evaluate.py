"""The options of plm evaluate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import check_seed
from plmkit.errors import UserError

# options which are about a table of their own
_ABOUT = {
    "second": ("comparison", "second_identifier_column", "second_prediction_column", "second_threshold"),
    "truth": ("truth_identifier_column",),
    "subsets": ("subsets_identifier_column",),
}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """Compare predictions of any program with the truth, or two programs with each other."""

    predictions: Path
    """Table of predictions with a header line, of plm predict, plm finetune, plm ptm or another program."""
    metrics: Path
    """File to write the table of metrics to."""
    truth: Path | None = None
    """Table of the true labels by name, or FASTA with LABEL= in the headers; default: they stand in --predictions."""
    second: Path | None = None
    """Second table of predictions of the same examples, to compare with the first one."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    figure: Path | None = None
    """File to draw the predictions against the truth to (PNG); of two tables the first."""
    subsets_figure: Path | None = None
    """File to draw the headline metric of each subset to, with its interval (PNG)."""
    comparison: Path | None = None
    """File to write the table of differences and tests to; needs --second."""
    left_out: Path | None = None
    """File to write the table to which lists what could not be judged, and why."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    name: str = "predictions"
    """What the first predictions are called in the results."""
    second_name: str = "second predictions"
    """What the second predictions are called in the results."""
    task: Literal["auto", "classification", "multilabel", "regression"] = "auto"
    """What a label is: one class of several, several labels at once, or a measured number; auto: found out."""
    identifier_column: str | None = None
    """Column of the names, or several divided by commas (of pairs both); default: id, name, protein, or the first."""
    position_column: str | None = None
    """Column of the positions, where a row is a residue; default: the column "position" if there is one."""
    prediction_column: str | None = None
    """Column of what was predicted, or one for each class or label divided by commas; default: usual names."""
    label_column: str | None = None
    """Column of the true labels, or several divided by commas; default: label, target, truth or true."""
    truth_identifier_column: str | None = None
    """Column of the names in the table of the truth."""
    second_identifier_column: str | None = None
    """Column of the names in the second table of predictions."""
    second_prediction_column: str | None = None
    """Column or columns of what was predicted in the second table."""
    positive: str | None = None
    """Of two classes the one that scores speak for; default: the one that is not called 0, no, false or alike."""
    threshold: float | None = None
    """Score from which on the answer is yes; default: 0.5 of probabilities; other scores are ranked only."""
    second_threshold: float | None = None
    """The same for the second table."""
    part: str = "auto"
    """Which part of the predictions of plm finetune is judged, or "all"; auto: test sets if any, not test_aside."""
    group_column: str | None = None
    """Column (of predictions or truth) of related examples, which are drawn together; default: the protein."""
    subset_column: str | None = None
    """Column, or several divided by commas, whose values are judged one by one, such as organisms."""
    subsets: Path | None = None
    """Table by name which holds the columns of --subset-column, lengths or identities; default: the tables above."""
    subsets_identifier_column: str | None = None
    """Column of the names in the table of the subsets."""
    length_column: str | None = None
    """Column of the proteins' lengths; default: the column "length", or the sequences if they are given."""
    length_edges: str = "100,250,500,1000"
    """Lengths at which one subset ends and the next begins, divided by commas; "none": no such subsets."""
    similarity_column: str | None = None
    """Column of the identity to the nearest training protein, as share or per cent; default: "identity"."""
    similarity_edges: str = "30,50,90"
    """Per cent of identity at which one subset ends and the next begins, divided by commas."""
    proteins: Path | None = None
    """Sequences of the predicted proteins (FASTA or table), for lengths and identities; of pairs this is no use."""
    learned_from: Path | None = None
    """Sequences that the predictor learned from (FASTA or table): identities are computed by MMseqs2."""
    seed: int = 0
    """Random seed of the intervals and tests."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        check_seed(self.seed)
        for option, threshold in (("--threshold", self.threshold), ("--second-threshold", self.second_threshold)):
            if threshold is not None and not math.isfinite(threshold):
                raise UserError(f"{option} must be a finite number, not {threshold}")
        if not self.name.strip() or not self.second_name.strip() or (self.second and self.name == self.second_name):
            raise UserError("--name and --second-name must be two different names; leave them out or change one")
        if self.learned_from is not None and self.similarity_column is not None:
            raise UserError("--learned-from and --similarity-column both say how similar proteins are; give one")
        self._check_partners()
        edges_of("--length-edges", self.length_edges)
        edges_of("--similarity-edges", self.similarity_edges)

    def _check_partners(self) -> None:
        """Refuse options about a table that is not given."""
        for owner, options in _ABOUT.items():
            for option in options if getattr(self, owner) is None else ():
                if getattr(self, option) is not None:
                    named, missing = (name.replace("_", "-") for name in (option, owner))
                    raise UserError(f"--{named} is about the table of --{missing}: add that, or leave it out")

    def without_effect(self) -> set[str]:
        """Name the options which change no result here."""
        return set() if self.second else {"second_name"}


def edges_of(option: str, text: str) -> tuple[float, ...]:
    """Return rising positive numbers that stand divided by commas; "none" has none. Raises UserError."""
    if text.strip().lower() == "none":
        return ()
    try:
        edges = tuple(float(part) for part in text.split(","))
    except ValueError:
        edges = ()
    is_rising = all(low < high for low, high in pairwise(edges))
    if not edges or not is_rising or edges[0] <= 0 or not all(map(math.isfinite, edges)):
        raise UserError(f'{option} takes rising numbers above 0 with commas between, or "none", not {text!r}')
    return edges
