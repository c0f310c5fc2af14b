"""How far the predictions of a tuned model can be trusted: calibration, sets, thresholds, distance to its examples.

All of it is learned when a model is tuned, from examples that it does not learn from, lies in its bundle, and is used
by whoever predicts. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.errors import UserError
from plmkit.learning import thresholds
from plmkit.learning.calibration import Calibration, fit_calibration
from plmkit.learning.conformal import Conformal, fit_conformal
from plmkit.learning.domain import DOMAIN_FILE, FAR, FEWEST_TO_TELL, VERY_FAR, Domain, fit_domain, flag
from plmkit.learning.metrics import Estimate
from plmkit.learning.prevalence import shares_of
from plmkit.learning.reliability import measures_of
from plmkit.learning.thresholds import Thresholds, fit_thresholds
from plmkit.models.bundle import CARD_FILE, ROLE, Bundle

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

USUAL_LEVEL = 0.9
_FEWEST_FAR = 3  # examples, to be worth a note


@dataclass(frozen=True)
class Trust:
    """What a bundle holds beside its weights; None: it does not, because the labels are of another kind, or it is old.

    prevalence: (C,) the share of each class that the calibrated probabilities stand for.
    """

    calibration: Calibration | None = None
    conformal: Conformal | None = None
    prevalence: tuple[float, ...] | None = None
    domain: Domain | None = None
    thresholds: Thresholds | None = None

    def calibrated(self, predicted: Floats) -> Doubles:
        """Return the calibrated probabilities for those that the head gives, (P, C); values as they are."""
        if self.calibration is None:
            return np.asarray(predicted, dtype=np.float64)
        return self.calibration.apply(predicted)

    def card(self) -> dict[str, Any]:
        """Return the optional keys of plmkit.json: calibration, conformal, prevalence, thresholds."""
        return {
            "calibration": None if self.calibration is None else self.calibration.to_json(),
            "conformal": None if self.conformal is None else self.conformal.to_json(),
            "prevalence": None if self.prevalence is None else list(self.prevalence),
            "thresholds": None if self.thresholds is None else thresholds.to_json(self.thresholds),
        }

    def save(self, folder: Path) -> None:
        """Write what is too large for plmkit.json into the folder of a bundle."""
        if self.domain is not None:
            self.domain.save(folder / DOMAIN_FILE)

    def measures(
        self, task: Task, truth: Floats, predicted: Floats, groups: Integers, level: float = USUAL_LEVEL
    ) -> dict[str, Estimate]:
        """Return how honest the uncertainty is on a part, with 95 % intervals (bootstrap over groups).

        truth: (P, K) without places where nothing is known; predicted: (P, C), not calibrated. Probabilities: ece,
        brier, ece_uncalibrated, brier_uncalibrated. Sets: coverage, set_size; of quantities coverage, width. On the
        validation examples all of them are too good: they were fitted on these.
        """
        sets = None if self.conformal is None else self.conformal.thresholds(level)
        return measures_of(task, truth, predicted, self.calibrated(predicted), sets, groups)


def fit_trust(
    task: Task,
    truth: Floats,
    predicted: Floats,
    training_truth: Floats,
    vectors: tuple[Floats, Floats] | None,
    balanced: bool = False,
    examples: int | None = None,
    positive: int = 1,
    shift: tuple[float, ...] | None = None,
) -> Trust:
    """Learn all of it from the validation examples.

    truth: (P, K) and predicted: (P, C) of all validation places, NaN where nothing is known. training_truth: that of
    the training examples. vectors: what the head sees of training examples (N, W) and of validation examples (V, W),
    see `models.seen`; None: distances are not wanted. balanced: whether labels were weighted to count the same; the
    probabilities then stand for equal shares. examples: how many the validation places are of; None: one each.
    positive: the class of two that thresholds are of. shift: see `Calibration`.
    """
    known: NDArray[np.bool_] = np.logical_not(np.isnan(truth).all(axis=1))
    truth, predicted = truth[known], predicted[known]
    calibration = fit_calibration(task, truth, predicted, balanced, examples, shift)
    calibrated = predicted if calibration is None else calibration.apply(predicted)
    return Trust(
        calibration,
        fit_conformal(task, truth, calibrated),
        shares_of(task, training_truth, balanced),
        None if vectors is None else fit_domain(*vectors),
        fit_thresholds(task, positive, truth, calibrated),
    )


def fit_calibrated(
    task: Task,
    truth: Floats,
    predicted: Floats,
    balanced: bool,
    examples: int | None = None,
    shift: tuple[float, ...] | None = None,
) -> Callable[[Floats], Doubles]:
    """Return what calibrates predictions (P, C) of a model whose validation predictions these are; see `fit_trust`."""
    known: NDArray[np.bool_] = np.logical_not(np.isnan(truth).all(axis=1))
    return Trust(fit_calibration(task, truth[known], predicted[known], balanced, examples, shift)).calibrated


def trust_of(bundle: Bundle) -> Trust:
    """Return what a bundle holds; raises UserError when it was changed."""
    card: Mapping[str, Any] = bundle.card
    task = bundle.task
    try:
        return Trust(
            None if card.get("calibration") is None else Calibration.from_json(card["calibration"], task),
            None if card.get("conformal") is None else Conformal.from_json(card["conformal"], task),
            None if card.get("prevalence") is None else _prevalence(card["prevalence"], task),
            Domain.load(bundle.folder / DOMAIN_FILE) if (bundle.folder / DOMAIN_FILE).is_file() else None,
            None if card.get("thresholds") is None else thresholds.from_json(card["thresholds"], task),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{ROLE}: its {CARD_FILE} or {DOMAIN_FILE} cannot be read ({error!r}); the archive was changed"
        ) from None


def thresholds_of(models: Sequence[Trust], level: float) -> Doubles | None:
    """Return the mean conformal thresholds of several models, (C,) or (1,); None unless all of them have some.

    Of one model they hold as often as asked for; of several they do when these are about as good as each other.
    """
    found = [model.conformal.thresholds(level) for model in models if model.conformal is not None]
    return np.mean(np.broadcast_arrays(*found), axis=0) if found and len(found) == len(models) else None


def prevalence_of(models: Sequence[Trust]) -> tuple[float, ...] | None:
    """Return the mean share of each class that the probabilities of several models stand for; None as above."""
    found = [model.prevalence for model in models if model.prevalence is not None]
    return tuple(np.mean(found, axis=0).tolist()) if found and len(found) == len(models) else None


def calibrated_by(models: Sequence[Trust]) -> list[str]:
    """Return the methods that calibrated the probabilities of models: temperature, isotonic; none of old models."""
    found = {name for model in models if model.calibration for name in model.calibration.method.split(" and ")}
    return sorted(found, reverse=True)


def far_flags(models: Sequence[Trust], farther: Floats) -> list[str]:
    """Say how far examples lie, (N,) shares; "unknown" where a model has fewer than 19 validation examples to tell."""
    if _fewest_distances(models) < FEWEST_TO_TELL:
        return ["unknown"] * len(farther)
    return [flag(share) for share in farther.tolist()]


def trust_notes(models: Sequence[Trust], farther: Floats | None, role: str) -> list[str]:
    """Say what models do not tell because they are old, and whether more examples lie far than were to be expected.

    farther: (N,) shares of the validation examples that lie nearer to the training examples.
    """
    notes = []
    if any(model.conformal is None and model.calibration is None for model in models) or farther is None:
        notes.append(
            f"{ROLE}: made without calibration, or without a record of its examples; tune it again to see how far its "
            "predictions can be trusted"
        )
    elif (fewest := _fewest_distances(models)) < FEWEST_TO_TELL:
        notes.append(
            f"{ROLE}: only {fewest} validation examples, too few to say what lies far from the training examples "
            f"({FEWEST_TO_TELL} are needed)"
        )
    else:
        notes += _far_notes(farther, role)
    return notes


def _far_notes(farther: Floats, role: str) -> list[str]:
    count, very = int((farther >= FAR).sum()), int((farther >= VERY_FAR).sum())
    # one in twenty, and one in a hundred, is to be expected: twice as many are not
    if count >= _FEWEST_FAR and count > 2 * (1 - FAR) * len(farther):
        share, usual = FAR, "one in twenty"
    elif very > 2 * (1 - VERY_FAR) * len(farther):
        count, share, usual = very, VERY_FAR, "one in a hundred"
    else:
        return []
    return [
        f"{role}: {count} of {len(farther)} lie farther from the training examples than {100 * share:.0f} % of the "
        f"validation examples did (of those like them {usual} does); distrust what is predicted for them"
    ]


def _fewest_distances(models: Sequence[Trust]) -> int:
    return min((len(model.domain.distances) for model in models if model.domain is not None), default=0)


def _prevalence(values: Any, task: Task) -> tuple[float, ...]:
    shares = tuple(float(value) for value in values)
    if len(shares) != len(task.labels) or not all(0 <= share <= 1 for share in shares):
        raise ValueError("prevalence: not one share for each class")
    return shares
