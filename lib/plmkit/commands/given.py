"""Read the labelled sequences that a user gave a command."""

from __future__ import annotations

from pathlib import Path

from plmkit.config.examples import ExampleOptions
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.labelled import Columns


def columns_of(config: ExampleOptions) -> Columns:
    """Return which columns hold what."""
    return Columns(
        sequence=config.sequence_column,
        label=config.label_column,
        identifier=config.identifier_column,
        partner=config.partner_column,
        group=config.group_column,
        split=config.split_column,
        weight=config.weight_column,
        mask=config.mask_column,
    )


def given_examples(config: ExampleOptions, states: Path | None = None) -> Examples:
    """Read the examples; states: of their structures, by name. Raises UserError."""
    kind = None if config.task == "auto" else config.task
    return read_examples(config.examples, "examples", config.unit, kind, columns_of(config), config.labels, states)
