"""Find how much each residue of an example matters to a model's heads, by changing residues or by gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.explained import Wanted
from plmkit.learning.aims import Aim
from plmkit.learning.integrated_gradients import integrated_gradients
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
from plmkit.learning.targets import Target
from plmkit.models.encoding import Encoder, Reading, encode
from plmkit.models.heads import Head
from plmkit.models.readers import fast_reader
from plmkit.models.tuned import TunedModel

Floats = NDArray[np.float64]
Method = Literal["substitution", "masking", "gradients"]

CHECKED = 60  # residues of a protein which are changed in models whose adapters are randomised


@dataclass(frozen=True)
class ExplainSettings:
    """How predictions are explained. steps: of integrated gradients at most; seed: of the randomised models."""

    method: Method = "substitution"
    steps: int = 1024
    seed: int = 1
    budget: int | None = None


@dataclass(frozen=True)
class Found:
    """Of one sequence, for H heads: scores as it is (H,), importance (H, L); changes of the first head (L, 20).

    start: score of the first head where integrated gradients begin; steps: how many they took.
    """

    scores: Floats
    importance: Floats
    changes: Floats | None = None
    start: float | None = None
    steps: int | None = None


def find_importance(
    model: TunedModel,
    heads: Sequence[Head],
    wanted: Wanted,
    target: Target,
    settings: ExplainSettings,
    advance: Callable[[int], None],
    is_check: bool = False,
) -> list[Found]:
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


def hiding_reader(model: TunedModel) -> Encoder:
    """Return what reads proteins with hidden residues; after it a model which had gradients has none."""
    reader = model.reader or fast_reader(model.backbone, torch.float32)
    return masking(reader, model.backbone.hiding_id)


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
) -> Found:
    reader = model.encoder if method == "substitution" else hiding_reader(model)
    scores = scores_of_variants(reader, heads, aims, Variants(sequence, changes), reading, advance)
    by_place = changes_by_place(sequence, changes, scores)
    return Found(scores[:, 0], importance_of(by_place), by_place[0] if method == "substitution" else None)


def _by_gradients(
    model: TunedModel,
    heads: Sequence[Head],
    aims: Sequence[Aim],
    sequence: str,
    reading: Reading,
    steps: int,
    advance: Callable[[int], None],
) -> Found:
    for part in (model.backbone.network, *heads):
        part.requires_grad_(False)
    found = integrated_gradients(model.backbone, heads, aims, sequence, reading, steps, advance)
    advance(steps - found.steps)
    return Found(found.ends, found.values, start=float(found.starts[0]), steps=found.steps)


def _changes(sequence: str, settings: ExplainSettings, is_check: bool) -> list[tuple[int, str]]:
    changes = (substitutions if settings.method == "substitution" else maskings)(sequence)
    return some_of(changes, CHECKED, settings.seed) if is_check else changes


def readings_needed(sequence: str, settings: ExplainSettings, is_check: bool) -> int:
    """Return how often a sequence is read, by gradients at most; is_check: see `find_importance`."""
    return settings.steps if settings.method == "gradients" else 1 + len(_changes(sequence, settings, is_check))
