"""Probabilities that mean what they say: of all predictions with 0.8, about eight in ten are right.

Sources: temperature scaling, Guo et al. 2017, doi:10.48550/arXiv.1706.04599; isotonic regression of each class against
the rest, Zadrozny and Elkan 2002, doi:10.1145/775047.775151; its centred form, in which different scores stay
different, Oron and Flournoy 2017, doi:10.1080/19466315.2017.1286256.

Axes: P places, C classes or labels, K steps of a curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.isotonic import IsotonicRegression

from plmkit.data.task import Task

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]

MANY_EXAMPLES, MANY_OF_EACH, MOST_CLASSES = 1000, 100, 20
_LEAST = 1e-7  # as heads.Head: a probability of zero has no score
_WIDEST = 4.0  # of the logarithm of a temperature
# A few right answers say little: the logarithm of the temperature is expected within this of zero (normal prior).
_EXPECTED = 0.5
_MOST_STEPS = 64
_SLOPE = 0.01  # beyond the first and the last step, so that order is kept there too
_DIGITS = 9


@dataclass(frozen=True)
class Curve:
    """From the probability of the head to the calibrated one: by a temperature, or along straight lines.

    steps: rising abscissae (K,) and ordinates (K,); None: temperature counts.
    """

    temperature: float = 1.0
    steps: tuple[Doubles, Doubles] | None = None

    def of_label(self, predicted: Floats) -> Doubles:
        """Return calibrated probabilities (P,) of one label."""
        if self.steps is not None:
            return np.interp(predicted, *self.steps)
        scores = logit(np.clip(np.asarray(predicted, dtype=np.float64), _LEAST, 1 - _LEAST))
        return np.asarray(expit(scores / self.temperature))

    def to_json(self) -> dict[str, Any]:
        """Return it for plmkit.json."""
        if self.steps is None:
            return {"temperature": self.temperature}
        return {"steps": [axis.tolist() for axis in self.steps]}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Curve:
        """Return what to_json wrote; raises ValueError, KeyError or TypeError."""
        if "steps" not in saved:
            temperature = float(saved["temperature"])
            if not np.exp(-_WIDEST) <= temperature <= np.exp(_WIDEST):
                raise ValueError(f"temperature {temperature}")
            return cls(temperature)
        across, up = (np.array(axis, dtype=np.float64) for axis in saved["steps"])
        if across.ndim != 1 or across.shape != up.shape or not len(across):
            raise ValueError("steps of unequal count")
        if not ((np.diff(across) > 0).all() and (np.diff(up) >= 0).all() and up[0] >= 0 and up[-1] <= 1):
            raise ValueError("steps that do not rise")
        return cls(1.0, (across, up))


@dataclass(frozen=True)
class Calibration:
    """The curve of each label; of a classification that of each class, or one temperature for all of them.

    places: how many it was fitted on. shift: by how much scores of classes (C,) were moved to the shares of nature
    after training; a temperature counts for the rest, as rarity is no certainty to take away. None: not moved.
    """

    is_classification: bool
    curves: tuple[Curve, ...]
    places: int
    shift: tuple[float, ...] | None = None

    @property
    def method(self) -> str:
        """Temperature, isotonic, or both where it depends on the label."""
        found = {"temperature" if curve.steps is None else "isotonic" for curve in self.curves}
        return " and ".join(sorted(found, reverse=True))

    def apply(self, predicted: Floats) -> Doubles:
        """Return the calibrated probabilities for those of the head, both (P, C)."""
        if self.is_classification and self.curves[0].steps is None:
            return np.asarray(softmax(_cooled(predicted, self.curves[0].temperature, self.shift), axis=1))
        found = np.stack([curve.of_label(predicted[:, c]) for c, curve in enumerate(self.curves)], axis=1)
        return found / found.sum(axis=1, keepdims=True) if self.is_classification else found

    def to_json(self) -> dict[str, Any]:
        """Return it for plmkit.json."""
        saved = {"method": self.method, "places": self.places, "curves": [curve.to_json() for curve in self.curves]}
        return saved if self.shift is None else saved | {"shift": list(self.shift)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any], task: Task) -> Calibration:
        """Return what to_json wrote; raises ValueError, KeyError or TypeError."""
        curves = tuple(Curve.from_json(curve) for curve in saved["curves"])
        is_classification = task.kind == "classification"
        has_one = is_classification and len(curves) == 1 and curves[0].steps is None
        if not has_one and (len(curves) != len(task.labels) or (is_classification and curves[0].steps is None)):
            raise ValueError(f"{len(curves)} curves of calibration")
        shift = None if saved.get("shift") is None else tuple(float(value) for value in saved["shift"])
        if shift is not None and (len(shift) != len(task.labels) or not np.isfinite(shift).all()):
            raise ValueError("a shift that does not fit the labels")
        return cls(is_classification, curves, int(saved["places"]), shift)


def fit_calibration(
    task: Task,
    truth: Floats,
    predicted: Floats,
    balanced: bool = False,
    examples: int | None = None,
    shift: tuple[float, ...] | None = None,
) -> Calibration | None:
    """Return the calibration that suits validation places; None for quantities, and where nothing is known.

    truth: (P, K), of several labels NaN where unknown; predicted: (P, C). Isotonic from 1,000 examples with 100 places
    of each class (at most 20 of them), or of a label with 100 each of yes and no; else a temperature, which without a
    shift changes no answer. balanced: whether each class, or yes and no, counts the same, as they did in training.
    examples: how many proteins, pairs or windows the places are of: residues of one protein are alike, so ten thousand
    of sixty proteins do not bear a curve, and count as sixty; None: as many as places. shift: see `Calibration`.
    """
    examples = len(truth) if examples is None else examples
    if task.kind == "regression" or not len(truth):
        return None
    if task.kind == "multilabel":
        known = np.isfinite(truth)
        curves = tuple(
            _of_label(truth[known[:, c], c], predicted[known[:, c], c], balanced, examples)
            for c in range(len(task.labels))
        )
        return Calibration(False, curves, len(truth))
    classes = truth[:, 0].astype(np.int64)
    counts = np.bincount(classes, minlength=len(task.labels))
    weights = _weights(classes, balanced)
    if min(len(classes), examples) >= MANY_EXAMPLES and counts.min() >= MANY_OF_EACH and len(counts) <= MOST_CLASSES:
        rest = range(len(counts))
        return Calibration(True, tuple(_isotonic(classes == c, predicted[:, c], weights) for c in rest), len(classes))
    weights *= min(1.0, examples / len(classes))
    return Calibration(True, (Curve(_temperature_of_classes(classes, predicted, weights, shift)),), len(classes), shift)


def _of_label(truth: Floats, predicted: Floats, balanced: bool, examples: int) -> Curve:
    is_true = truth > 0
    if not len(truth):
        return Curve()
    weights = _weights(is_true.astype(np.int64), balanced)
    rarer = min(is_true.sum(), (~is_true).sum())
    if min(len(truth), examples) >= MANY_EXAMPLES and rarer >= MANY_OF_EACH:
        return _isotonic(is_true, predicted, weights)
    scores = logit(np.clip(np.asarray(predicted, dtype=np.float64), _LEAST, 1 - _LEAST))
    signed = np.where(is_true, scores, -scores)
    weights *= min(1.0, examples / len(truth))
    return Curve(_best_temperature(lambda t: float(weights @ np.logaddexp(0, -signed / t))))


def _temperature_of_classes(
    classes: NDArray[np.int64], predicted: Floats, weights: Doubles, shift: tuple[float, ...] | None
) -> float:
    rows = np.arange(len(classes))
    return _best_temperature(
        lambda t: -float(weights @ log_softmax(_cooled(predicted, t, shift), axis=1)[rows, classes])
    )


def _cooled(predicted: Floats, temperature: float, shift: tuple[float, ...] | None) -> Doubles:
    """Return the scores of classes (P, C) divided by a temperature, but for what they were shifted by."""
    scores = np.log(np.clip(np.asarray(predicted, dtype=np.float64), _LEAST, None))
    return scores / temperature if shift is None else (scores - shift) / temperature + shift


def _best_temperature(loss: Any) -> float:
    """Return the temperature of the smallest loss (negative log-likelihood), held near 1 where places are few."""

    def penalised(logarithm: float) -> float:
        return float(loss(np.exp(logarithm))) + 0.5 * (logarithm / _EXPECTED) ** 2

    found = minimize_scalar(penalised, bounds=(-_WIDEST, _WIDEST), method="bounded", options={"xatol": 1e-6})
    return float(np.round(np.exp(found.x), 6))


def _isotonic(is_true: NDArray[np.bool_], predicted: Floats, weights: Doubles) -> Curve:
    """Return straight lines between the centres of the blocks of an isotonic regression."""
    predicted = np.asarray(predicted, dtype=np.float64)  # as float32, scores that differ in a last bit lead to NaN
    regression = IsotonicRegression(y_min=0, y_max=1).fit(predicted, is_true.astype(np.float64), weights)
    fitted = regression.predict(predicted)
    levels, block = np.unique(np.round(fitted, _DIGITS), return_inverse=True)
    weight = np.bincount(block, weights)
    across = np.bincount(block, weights * predicted) / weight
    least = 1 / (len(predicted) + 2)  # what was never seen is rare, not impossible
    up = np.clip(levels, least, 1 - least)
    chosen = np.unique(np.linspace(0, len(up) - 1, _MOST_STEPS).round().astype(np.int64))
    across, up = across[chosen], up[chosen]
    ends = up[0] * (1 - _SLOPE), up[-1] + (1 - up[-1]) * _SLOPE
    across = np.round(np.concatenate([[0.0], across, [1.0]]), _DIGITS)
    up = np.round(np.concatenate([ends[:1], up, ends[1:]]), _DIGITS)
    rises = np.concatenate([[True], np.diff(across) > 0])
    return Curve(1.0, (across[rises], up[rises]))


def _weights(classes: NDArray[np.int64], balanced: bool) -> Doubles:
    """Return how much each place (P,) counts, the sum being P."""
    if not balanced:
        return np.ones(len(classes))
    found, place, counts = np.unique(classes, return_inverse=True, return_counts=True)
    return np.asarray(len(classes) / (len(found) * counts[place]), dtype=np.float64)
