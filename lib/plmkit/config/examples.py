"""The options by which commands are given labelled sequences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class ExampleOptions:
    """Where labelled sequences come from, and which columns of a table hold what."""

    examples: Path
    """Labelled sequences: FASTA with LABEL= in the headers, FASTA together with --labels, or a table."""
    labels: Path | None = None
    """Table with the labels of each name (of pairs: of two names), when --examples is FASTA without LABEL=."""
    unit: Literal["protein", "residue", "pair", "window"] = "protein"
    """What has a label: a protein, each residue of it, a pair of proteins, or the site in the middle of a window."""
    task: Literal["auto", "classification", "multilabel", "regression"] = "auto"
    """One class of several, any number of labels at once, or measured numbers; auto: told from the labels."""
    sequence_column: str | None = None
    """Column of the sequences, by name or number; default: sequence, protein, or another usual name."""
    partner_column: str | None = None
    """Column of the second protein of a pair: its sequence, or its name where --labels is given."""
    label_column: str | None = None
    """Column of the labels, by name or number, or several divided by commas; default: label, target or DMS_score."""
    identifier_column: str | None = None
    """Column of the names, by name or number; default: the column "id" if there is one."""
    group_column: str | None = None
    """Column whose equal values stay on one side of a split; default: the column "group" if there is one."""
    split_column: str | None = None
    """Column that says train, valid or test; default: the column "split", "stage" or "set" if there is one."""
    weight_column: str | None = None
    """Column that says how much each example counts; default: the column "weight" if there is one."""
    mask_column: str | None = None
    """Column with 0 for each residue to leave out and 1 for the others; default: "mask" if there is one."""
