"""Compare two methods on the same examples: differences on the same draws, and tests of no difference.

Axes: P places, K columns of the truth, C columns of the predictions, B draws or permutations, G groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from plmkit.data.task import Kind
from plmkit.learning import bootstrap, metrics
from plmkit.learning.measures import prepare
from plmkit.learning.metrics import Estimate

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MCNEMAR, PERMUTATION = "exact McNemar test", "permutation test"
RANKED = ("auroc", "average_precision", "spearman")  # metrics that see the order of the predictions alone
_NUMBERS_OF_A_BLOCK = 2**18
_NUMBERS_AT_MOST = 10**8  # beyond, a tenth of the permutations must do
_MANY, _FEWER = 9_999, 999
_EQUAL = 1e-12


@dataclass(frozen=True)
class Compared:
    """One metric of two methods, and the first minus the second, each with its interval."""

    one: Estimate
    other: Estimate
    difference: Estimate


@dataclass(frozen=True)
class PairedTest:
    """The result of a test that two methods do not differ: its name, p, and p corrected for all tests made."""

    name: str
    p: float
    corrected: float


def compared(
    names: Sequence[str],
    kind: Kind,
    truth: Floats,
    predicted: tuple[Floats, Floats],
    groups: Integers,
    positive: int = 1,
    seed: int = 0,
) -> dict[str, Compared]:
    """Return metrics of two methods and their differences, all on the same draws of groups."""
    measures = [prepare(names, kind, truth, values, positive) for values in predicted]
    whole = [measure(np.ones((1, len(groups)))) for measure in measures]
    drawn: list[dict[str, list[Floats]]] = [{name: [] for name in names} for _ in measures]
    for weights in bootstrap.draws(groups, metrics.RESAMPLES, seed):
        for measure, found in zip(measures, drawn, strict=True):
            values = measure(weights)
            for name in names:
                found[name].append(values[name])
    results = {}
    for name in names:
        one, other = (float(found[name][0]) for found in whole)
        draws = [np.concatenate(found[name]) for found in drawn]
        results[name] = Compared(
            _estimate(one, draws[0]), _estimate(other, draws[1]), _estimate(one - other, draws[0] - draws[1])
        )
    return results


def mcnemar(one_is_right: NDArray[np.bool_], other_is_right: NDArray[np.bool_]) -> float:
    """Return the two-sided exact p of two methods being right equally often, for independent examples (P,).

    Source: McNemar 1947, doi:10.1007/BF02295996.
    """
    only_one = int((one_is_right & ~other_is_right).sum())
    only_other = int((other_is_right & ~one_is_right).sum())
    different = only_one + only_other
    return float(binomtest(only_one, different, 0.5).pvalue) if different else 1.0


def permutation_test(
    metric: str,
    kind: Kind,
    truth: Floats,
    predicted: tuple[Floats, Floats],
    groups: Integers,
    positive: int = 1,
    seed: int = 0,
) -> float:
    """Return the two-sided p of a metric being equal, from exchanging the methods' predictions group by group.

    Metrics of order alone see ranks within each method, since two programs' scores have no common scale. NaN where the
    metric is not defined. Source: Bandos et al. 2005, doi:10.1002/sim.2149.
    """
    one, other = (_comparable(metric, kind, values) for values in predicted)
    both = prepare([metric], kind, np.concatenate([truth, truth]), np.concatenate([one, other]), positive)

    def differences(exchanged: Floats) -> Floats:
        # the second half of the places is the other method's: weights choose whose prediction counts where
        first: Floats = both(np.concatenate([1 - exchanged, exchanged], axis=1))[metric]
        second: Floats = both(np.concatenate([exchanged, 1 - exchanged], axis=1))[metric]
        return first - second

    found = abs(differences(np.zeros((1, len(groups))))[0])
    if np.isnan(found):
        return float("nan")
    as_far, count = 0, 0
    for exchanged in _exchanges(groups, seed):
        drawn = differences(exchanged)
        as_far += int((np.abs(drawn[~np.isnan(drawn)]) >= found - _EQUAL).sum()) + int(np.isnan(drawn).sum())
        count += len(drawn)
    return (1 + as_far) / (1 + count)


def permutations(places: int) -> int:
    """Return how many random exchanges are made for so many places."""
    return _MANY if places * _MANY <= _NUMBERS_AT_MOST else _FEWER


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p corrected for the number of tests; NaN is no test. Source: Holm 1979, jstor.org/stable/4615733."""
    tested = sorted((p, place) for place, p in enumerate(p_values) if not np.isnan(p))
    corrected = [float("nan")] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        corrected[place] = highest
    return corrected


def _comparable(metric: str, kind: Kind, values: Floats) -> Floats:
    """Return what a metric sees of predictions (P, C), on a scale which both methods share."""
    if metric in RANKED:
        ranks: Floats = rankdata(values, axis=0)
        return ranks
    if kind == "classification":
        answers: Floats = np.eye(values.shape[1])[values.argmax(axis=1)]
        return answers
    return values


def _exchanges(groups: Integers, seed: int) -> Iterator[Floats]:
    """Yield (B, P): 1 where the predictions of a place's group are exchanged, with probability one half."""
    group_of = np.unique(groups, return_inverse=True)[1]
    generator = np.random.default_rng(seed)
    count = permutations(len(groups))
    block = max(1, _NUMBERS_OF_A_BLOCK // len(groups))
    for start in range(0, count, block):
        coins = generator.integers(2, size=(min(block, count - start), int(group_of.max()) + 1))
        yield np.take(coins, group_of, axis=1).astype(np.float64)


def _estimate(found: float, drawn: Floats) -> Estimate:
    low, high = (found, found) if np.isnan(found) else bootstrap.interval(drawn)
    return Estimate(found, low, high)
