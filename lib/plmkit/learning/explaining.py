"""Explain predictions of a tuned model, and the same of models that learned nothing, to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.chains import PADDING
from plmkit.data.explained import Wanted
from plmkit.data.rows import rows_of
from plmkit.learning.explanation import Chain, Explanation, Strongest, strongest_of
from plmkit.learning.importance import ExplainSettings, Found, find_importance, hiding_reader, readings_needed
from plmkit.learning.randomised import shuffled_folder, shuffled_heads
from plmkit.learning.substitution import HIDDEN
from plmkit.learning.targets import Target, target_of
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel, load_tuned

Floats = NDArray[np.float64]
Values = NDArray[np.floating]

RANDOMISED = 5  # heads; one alone may resemble the real one by chance
_ENDS = 2


def explain(
    files: ModelFiles,
    folder: Path,
    shape: Shape,
    wanted: Sequence[Wanted],
    settings: ExplainSettings,
    device: torch.device,
    label: int | None = None,
    positive: int = 1,
    advance: Callable[[int], None] | None = None,
    calibrated: Callable[[Values], Values] = np.asarray,
) -> list[Explanation]:
    """Return why a tuned model says what it says of examples, beside the same for randomised models.

    folder: of the unpacked bundle. label: its number; None: the predicted one. positive: of two classes of residues
    the one looked for. advance: called with the number of readings done, see `readings_of`. calibrated: turns the
    probabilities of the head, (P, C), into those that are told; what residues do is told in the head's own log-odds.
    """
    advance = advance or (lambda count: None)
    has_gradients = settings.method == "gradients"
    model = load_tuned(files, folder, shape, device, has_gradients)
    values = _values(model, [item.sequences for item in wanted], settings, calibrated)
    targets = [
        target_of(model.task, part, label, item.position, positive) for part, item in zip(values, wanted, strict=True)
    ]
    shuffled = shuffled_heads(model.head, RANDOMISED, settings.seed)
    is_frozen = shape.method == "head"
    # the states of a language model that did not learn are computed once for all heads
    heads = [model.head, *(shuffled if is_frozen else [])]
    found = [find_importance(model, heads, each, target, settings, advance) for each, target in _both(wanted, targets)]
    reads = model if settings.method == "substitution" else replace(model, reader=hiding_reader(model))
    extremes = [_extremes(reads, *each, settings, calibrated) for each in zip(wanted, targets, found, strict=True)]
    spreads = [_spread(model, target) for target in targets]
    others = [[one.importance[1:] for one in chains] for chains in found]
    if not is_frozen:
        del model, reads
        with shuffled_folder(folder, shape, settings.seed) as copy:
            other = load_tuned(files, copy, shape, device, has_gradients)
        others = [
            [one.importance for one in find_importance(other, shuffled, each, target, settings, advance, is_check=True)]
            for each, target in _both(wanted, targets)
        ]
    return [_explanation(*each) for each in zip(wanted, targets, found, others, extremes, spreads, strict=True)]


def readings_of(wanted: Sequence[Wanted], shape: Shape, settings: ExplainSettings) -> list[int]:
    """Return the tokens of every reading of a sequence that `explain` takes (at most, of gradients), in their order.

    Randomised heads on a language model that did not learn take none of their own; beneath randomised adapters, all
    heads share their readings.
    """
    sequences = [sequence for item in wanted for sequence in item.sequences]
    return [
        len(sequence) + _ENDS
        for is_check in ([False] if shape.method == "head" else [False, True])
        for sequence in sequences
        for _ in range(readings_needed(sequence, settings, is_check))
    ]


def _values(
    model: TunedModel,
    examples: Sequence[tuple[str, ...]],
    settings: ExplainSettings,
    calibrated: Callable[[Values], Values],
) -> list[Values]:
    """Return what is told of examples, (places, C) of each: as plm predict does."""
    rows = rows_of(examples)
    values = model.predict(model.source_to_read(rows.sequences, settings.budget), rows.chains, settings.budget)
    sizes = [len(sequences[0]) if model.task.unit == "residue" else 1 for sequences in examples]
    # float32 as in the table of predictions
    return np.split(calibrated(values).astype(np.float32), np.cumsum(sizes)[:-1])


def _extremes(
    model: TunedModel,
    wanted: Wanted,
    target: Target,
    found: Sequence[Found],
    settings: ExplainSettings,
    calibrated: Callable[[Values], Values],
) -> tuple[Strongest | None, Strongest | None]:
    """Return the change that takes most from the score and the one that adds most, and what is told after each.

    By substitution any new residue; else the residue with the largest share is hidden.
    """
    has_changes = settings.method == "substitution"
    changes = [
        one.changes if has_changes else _by_hiding(sequence, one.importance[0])
        for sequence, one in zip(wanted.sequences, found, strict=True)
    ]
    lowering, raising = strongest_of(changes), strongest_of(changes, is_raising=True)
    return (
        lowering and _after(model, wanted, target, lowering, settings, calibrated),
        raising and _after(model, wanted, target, raising, settings, calibrated),
    )


def _by_hiding(sequence: str, importance: Floats) -> Floats:
    """Return what hiding each residue takes, (L, 1); NaN where none is known, though gradients have a share for it."""
    is_known = np.array([letter != PADDING for letter in sequence])
    return np.where(is_known, -importance, np.nan)[:, None]


def _after(
    model: TunedModel,
    wanted: Wanted,
    target: Target,
    change: Strongest,
    settings: ExplainSettings,
    calibrated: Callable[[Values], Values],
) -> Strongest:
    sequences = list(wanted.sequences)
    changed = sequences[change.chain]
    sequences[change.chain] = changed[: change.place] + (change.to or HIDDEN) + changed[change.place + 1 :]
    (values,) = _values(model, [tuple(sequences)], settings, calibrated)
    return replace(change, value=float(values[target.place or 0, target.label]))


def _spread(model: TunedModel, target: Target) -> float | None:
    """Return the standard deviation of the training values of a measured quantity; None of labels."""
    return float(model.head.deviation[target.label]) if model.task.kind == "regression" else None


def _both(wanted: Sequence[Wanted], targets: Sequence[Target]) -> zip[tuple[Wanted, Target]]:
    return zip(wanted, targets, strict=True)


def _explanation(
    wanted: Wanted,
    target: Target,
    found: list[Found],
    others: list[Floats],
    extremes: tuple[Strongest | None, Strongest | None],
    spread: float | None,
) -> Explanation:
    chains = tuple(
        Chain(sequence, wanted.first, one.importance[0], other, one.changes, one.start, one.steps)
        for sequence, one, other in zip(wanted.sequences, found, others, strict=True)
    )
    position = wanted.position if target.place is None else target.place + 1
    return Explanation(
        wanted,
        target.label,
        target.is_predicted,
        position,
        float(found[0].scores[0]),
        target.value,
        chains,
        *extremes,
        spread,
    )
