"""Explain predictions of a tuned model, and the same of models that learned nothing, to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.explained import Wanted
from plmkit.data.rows import rows_of
from plmkit.learning.aims import Aim
from plmkit.learning.explanation import Chain, Explanation, Strongest, strongest_of
from plmkit.learning.integrated_gradients import integrated_gradients
from plmkit.learning.randomised import shuffled_folder, shuffled_heads
from plmkit.learning.substitution import (
    Variants,
    changes_by_place,
    importance_of,
    masking,
    maskings,
    scores_of_variants,
    some_of,
    substitutions,
)
from plmkit.learning.targets import Target, target_of
from plmkit.models.encoding import Reading, encode
from plmkit.models.fused import Reader
from plmkit.models.heads import Head
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel, load_tuned

Floats = NDArray[np.float64]
Values = NDArray[np.floating]
Method = Literal["substitution", "masking", "gradients"]

RANDOMISED = 5  # heads; one alone may resemble the real one by chance
CHECKED = 60  # residues of a protein which are changed in models whose adapters are randomised
_ENDS = 2


@dataclass(frozen=True)
class ExplainSettings:
    """How predictions are explained. steps: of integrated gradients at most; seed: of the randomised models."""

    method: Method = "substitution"
    steps: int = 1024
    seed: int = 1
    budget: int | None = None


@dataclass(frozen=True)
class _Found:
    """Of one sequence, for H heads: scores as it is (H,), importance (H, L); changes of the first head (L, 20).

    start: score of the first head where integrated gradients begin; steps: how many they took.
    """

    scores: Floats
    importance: Floats
    changes: Floats | None = None
    start: float | None = None
    steps: int | None = None


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
    found = [_found(model, heads, each, target, settings, advance) for each, target in _both(wanted, targets)]
    strongest = [_strongest(model, *each, settings, calibrated) for each in zip(wanted, targets, found, strict=True)]
    others = [[one.importance[1:] for one in chains] for chains in found]
    if not is_frozen:
        del model
        with shuffled_folder(folder, shape, settings.seed) as copy:
            other = load_tuned(files, copy, shape, device, has_gradients)
        others = [
            [one.importance for one in _found(other, shuffled, each, target, settings, advance, is_check=True)]
            for each, target in _both(wanted, targets)
        ]
    return [_explanation(*each) for each in zip(wanted, targets, found, others, strongest, strict=True)]


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
        for _ in range(_readings(sequence, settings, is_check))
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


def _strongest(
    model: TunedModel,
    wanted: Wanted,
    target: Target,
    found: Sequence[_Found],
    settings: ExplainSettings,
    calibrated: Callable[[Values], Values],
) -> Strongest | None:
    """Return the substitution that takes most from the score, and what is told of the example after it."""
    worst = strongest_of([one.changes for one in found])
    if worst is None:
        return None
    sequences = list(wanted.sequences)
    changed = sequences[worst.chain]
    sequences[worst.chain] = changed[: worst.place] + worst.to + changed[worst.place + 1 :]
    (values,) = _values(model, [tuple(sequences)], settings, calibrated)
    return replace(worst, value=float(values[target.place or 0, target.label]))


def _both(wanted: Sequence[Wanted], targets: Sequence[Target]) -> zip[tuple[Wanted, Target]]:
    return zip(wanted, targets, strict=True)


def _found(
    model: TunedModel,
    heads: Sequence[Head],
    wanted: Wanted,
    target: Target,
    settings: ExplainSettings,
    advance: Callable[[int], None],
    is_check: bool = False,
) -> list[_Found]:
    """Explain each sequence of an example; of a pair, the other protein stays as it is meanwhile.

    is_check: the model is a randomised one, of which some residues are enough.
    """
    reading = replace(model.reading, budget=settings.budget)
    found = []
    for number, sequence in enumerate(wanted.sequences):
        partner = wanted.sequences[1 - number] if len(wanted.sequences) == 2 else None
        aims = _aims(model, heads, target, partner, reading)
        if settings.method == "gradients":
            found.append(_by_gradients(model, heads, aims, sequence, reading, settings.steps, advance))
        else:
            changes = _changes(sequence, settings, is_check)
            found.append(_by_changes(model, heads, aims, sequence, changes, reading, settings.method, advance))
    return found


def _aims(model: TunedModel, heads: Sequence[Head], target: Target, partner: str | None, reading: Reading) -> list[Aim]:
    aim = Aim(target.label, target.place)
    if partner is None:
        return [aim] * len(heads)
    with torch.no_grad():
        encoded = encode(model.encoder, [partner], reading)
        return [replace(aim, partner=head.pooled(encoded.states[0], encoded.lengths)) for head in heads]


def _by_changes(
    model: TunedModel,
    heads: Sequence[Head],
    aims: Sequence[Aim],
    sequence: str,
    changes: Sequence[tuple[int, str]],
    reading: Reading,
    method: Method,
    advance: Callable[[int], None],
) -> _Found:
    reader = model.encoder
    assert isinstance(reader, Reader)
    if method == "masking":
        reader = masking(reader, int(model.backbone.files.config["mask_token_id"]))
    scores = scores_of_variants(reader, heads, aims, Variants(sequence, changes), reading, advance)
    by_place = changes_by_place(sequence, changes, scores)
    return _Found(scores[:, 0], importance_of(by_place), by_place[0] if method == "substitution" else None)


def _by_gradients(
    model: TunedModel,
    heads: Sequence[Head],
    aims: Sequence[Aim],
    sequence: str,
    reading: Reading,
    steps: int,
    advance: Callable[[int], None],
) -> _Found:
    for part in (model.backbone.network, *heads):
        part.requires_grad_(False)
    found = integrated_gradients(model.backbone, heads, aims, sequence, reading, steps, advance)
    advance(steps - found.steps)
    return _Found(found.ends, found.values, start=float(found.starts[0]), steps=found.steps)


def _explanation(
    wanted: Wanted, target: Target, found: list[_Found], others: list[Floats], strongest: Strongest | None
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
        strongest,
    )


def _changes(sequence: str, settings: ExplainSettings, is_check: bool) -> list[tuple[int, str]]:
    changes = (substitutions if settings.method == "substitution" else maskings)(sequence)
    return some_of(changes, CHECKED, settings.seed) if is_check else changes


def _readings(sequence: str, settings: ExplainSettings, is_check: bool) -> int:
    return settings.steps if settings.method == "gradients" else 1 + len(_changes(sequence, settings, is_check))
