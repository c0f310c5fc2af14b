"""Learn, when a model has been tuned, how far its predictions can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plmkit.data.dataset import Examples, Indices
from plmkit.data.splits import Split
from plmkit.learning.domain import MOST_KEPT
from plmkit.learning.prevalence import shift_to_nature
from plmkit.learning.trainer import Fitted, Trainer
from plmkit.learning.trust import Trust, fit_calibrated, fit_trust
from plmkit.models.seen import predict_and_see

Floats = NDArray[np.floating]


def learn_trust(
    trainer: Trainer, fitted: Fitted, examples: Examples, split: Split, balanced: bool, positive: int = 1
) -> Trust:
    """Return what the validation examples teach about a model; see `fit_trust`.

    The model reads up to 2,000 training and 2,000 validation examples once more, for what its head sees of them.
    """
    return fit_trust(
        examples.task,
        examples.truth_of(split.validation),
        fitted.trained.predicted,
        examples.truth_of(split.training_side),
        (_seen(trainer, fitted, examples, split.train), _seen(trainer, fitted, examples, split.validation)),
        balanced,
        len(split.validation),
        positive,
        shift_to_nature(examples, split),
    )


def calibrated_parts(
    examples: Examples, split: Split, predicted: Mapping[str, Floats], balanced: bool
) -> dict[str, Floats]:
    """Return the predictions (P, C) of each part calibrated by those of the part "validation"."""
    truth, chosen = examples.truth_of(split.validation), len(split.validation)
    shift = shift_to_nature(examples, split)
    apply = fit_calibrated(examples.task, truth, predicted["validation"], balanced, chosen, shift)
    return {part: apply(values).astype(np.float32) for part, values in predicted.items()}


def _seen(trainer: Trainer, fitted: Fitted, examples: Examples, chosen: Indices) -> Floats:
    some = np.sort(np.random.default_rng(0).permutation(chosen)[:MOST_KEPT])
    sizes = examples.sizes[some].tolist()
    return predict_and_see(fitted.model, fitted.source, trainer.rows.chains[some], sizes)[1]
