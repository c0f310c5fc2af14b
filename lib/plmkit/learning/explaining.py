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
from plmkit.data.task import Task
from plmkit.learning.aims import Aim
from plmkit.learning.explanation import Chain, Explanation
from plmkit.learning.integrated_gradients import integrated_gradients
from plmkit.learning.randomised import shuffled_folder, shuffled_heads
from plmkit.learning.substitution import (
    Variants,
    changes_by_place,
    importance_of,
    masking,
    maskings,
    scores_of_variants,
    substitutions,
)
from plmkit.models.encoding import Reading, encode
from plmkit.models.fused import Reader
from plmkit.models.heads import Head
from plmkit.models.shape import Shape
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel, load_tuned

Floats = NDArray[np.float64]
Method = Literal["substitution", "masking", "gradients"]

RANDOMISED = 5  # heads; one alone may resemble the real one by chance
_ENDS = 2


@dataclass(frozen=True)
class ExplainSettings:
    """How predictions are explained. steps: of integrated gradients; seed: of the randomised models."""

    method: Method = "substitution"
    steps: int = 64
    seed: int = 1
    budget: int | None = None


@dataclass(frozen=True)
class Target:
    """What is explained of an example: label and residue (from 0, None: the whole), and what the model says of it."""

    label: int
    place: int | None
    is_predicted: bool
    value: float


@dataclass(frozen=True)
class _Found:
    """Of one sequence, for H heads: scores as it is (H,), importance (H, L); changes of the first head (L, 20).

    start: score of the first head where integrated gradients begin.
    """

    scores: Floats
    importance: Floats
    changes: Floats | None = None
    start: float | None = None


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
) -> list[Explanation]:
    """Return why a tuned model says what it says of examples, beside the same for randomised models.

    folder: of the unpacked bundle. label: its number; None: the predicted one. positive: of two classes of residues
    the one looked for. advance: called with the number of readings done, see `readings_of`.
    """
    advance = advance or (lambda count: None)
    has_gradients = settings.method == "gradients"
    model = load_tuned(files, folder, shape, device, has_gradients)
    targets = _targets(model, wanted, settings, label, positive)
    shuffled = shuffled_heads(model.head, RANDOMISED, settings.seed)
    if shape.method == "head":
        heads = [model.head, *shuffled]
        found = [_found(model, heads, each, target, settings, advance) for each, target in _both(wanted, targets)]
        others = [[_rest(one) for one in chains] for chains in found]
    else:
        found = [
            _found(model, [model.head], each, target, settings, advance) for each, target in _both(wanted, targets)
        ]
        del model
        with shuffled_folder(folder, shape, settings.seed) as copy:
            other = load_tuned(files, copy, shape, device, has_gradients)
        others = [
            [one.importance for one in _found(other, shuffled, each, target, settings, advance)]
            for each, target in _both(wanted, targets)
        ]
    return [_explanation(*each) for each in zip(wanted, targets, found, others, strict=True)]


def readings_of(wanted: Sequence[Wanted], shape: Shape, settings: ExplainSettings) -> list[int]:
    """Return the tokens of every reading of a sequence that `explain` takes, in their order."""
    once = [
        len(sequence) + _ENDS
        for item in wanted
        for sequence in item.sequences
        for _ in range(_readings(sequence, settings))
    ]
    return once if shape.method == "head" else once * 2


def target_of(
    task: Task, values: NDArray[np.floating], label: int | None, position: int | None, positive: int = 1
) -> Target:
    """Choose what to explain of an example where nothing is said; values: (places, C), one place but for residues.

    Without a label: the predicted one; of measured quantities the first. Without a position: the residue where the
    label is most probable; of two classes that is the positive one, of more the one which is surest anywhere.
    """
    place = 0 if task.unit != "residue" else None if position is None else position - 1
    if label is None and task.kind == "regression":
        label = 0
    if label is None and place is None and task.is_binary:
        label = positive
    if place is None:
        place = int((values.max(axis=1) if label is None else values[:, label]).argmax())
    if label is None:
        label = int(values[place].argmax())
    value = float(values[place, label])
    is_predicted = {
        "classification": label == int(values[place].argmax()),
        "multilabel": value >= 0.5,
        "regression": True,
    }[task.kind]
    return Target(label, place if task.unit == "residue" else None, is_predicted, value)


def _targets(
    model: TunedModel, wanted: Sequence[Wanted], settings: ExplainSettings, label: int | None, positive: int
) -> list[Target]:
    rows = rows_of([item.sequences for item in wanted])
    values = model.predict(model.source_to_read(rows.sequences, settings.budget), rows.chains, settings.budget)
    is_residue = model.task.unit == "residue"
    sizes = [len(item.sequences[0]) if is_residue else 1 for item in wanted]
    each = np.split(values, np.cumsum(sizes)[:-1])
    return [
        target_of(model.task, part, label, item.position, positive) for part, item in zip(each, wanted, strict=True)
    ]


def _both(wanted: Sequence[Wanted], targets: Sequence[Target]) -> zip[tuple[Wanted, Target]]:
    return zip(wanted, targets, strict=True)


def _found(
    model: TunedModel,
    heads: Sequence[Head],
    wanted: Wanted,
    target: Target,
    settings: ExplainSettings,
    advance: Callable[[int], None],
) -> list[_Found]:
    """Explain each sequence of an example; of a pair, the other protein stays as it is meanwhile."""
    reading = replace(model.reading, budget=settings.budget)
    found = []
    for number, sequence in enumerate(wanted.sequences):
        partner = wanted.sequences[1 - number] if len(wanted.sequences) == 2 else None
        aims = _aims(model, heads, target, partner, reading)
        if settings.method == "gradients":
            found.append(_by_gradients(model, heads, aims, sequence, reading, settings.steps, advance))
        else:
            found.append(_by_changes(model, heads, aims, sequence, reading, settings.method, advance))
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
    reading: Reading,
    method: Method,
    advance: Callable[[int], None],
) -> _Found:
    reader = model.encoder
    assert isinstance(reader, Reader)
    changes = substitutions(sequence)
    if method == "masking":
        reader, changes = masking(reader, int(model.backbone.files.config["mask_token_id"])), maskings(sequence)
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
    return _Found(found.ends, found.values, start=float(found.starts[0]))


def _rest(found: _Found) -> Floats:
    return found.importance[1:]


def _explanation(wanted: Wanted, target: Target, found: list[_Found], others: list[Floats]) -> Explanation:
    chains = tuple(
        Chain(sequence, wanted.first, one.importance[0], other, one.changes, one.start)
        for sequence, one, other in zip(wanted.sequences, found, others, strict=True)
    )
    position = wanted.position if target.place is None else target.place + 1
    return Explanation(
        wanted, target.label, target.is_predicted, position, float(found[0].scores[0]), target.value, chains
    )


def _readings(sequence: str, settings: ExplainSettings) -> int:
    if settings.method == "gradients":
        return settings.steps + 2
    return 1 + len((substitutions if settings.method == "substitution" else maskings)(sequence))
