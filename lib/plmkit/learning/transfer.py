"""Give proteins the labels of their nearest neighbours, with a reliability, and judge how often that is right.

Sources: goPredSim, Littmann et al. 2021, doi:10.1038/s41598-020-80786-0, and its program; EAT, Heinzinger et al. 2022,
doi:10.1093/nargab/lqac043.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from plmkit.learning.candidates import Doubles, Metric
from plmkit.learning.metrics import Estimate
from plmkit.learning.neighbours import Neighbours

_DECILES = 10
_SHOWN = 1e6  # reliabilities are compared as they are shown, with six decimals


@dataclass(frozen=True)
class Transfer:
    """A label for a query: its reliability, and the ranks (from 0) of the neighbours that carry it."""

    label: str
    reliability: float
    ranks: tuple[int, ...]


def similarities(distances: Doubles, metric: Metric) -> Doubles:
    """Return what distances (Q, K) count in a reliability, 1 for 0: as the program of goPredSim.

    euclidean: 0.5 / (0.5 + distance), above 0. cosine: 1 - distance, which is the cosine; below 0 it counts as 0.
    """
    if metric == "euclidean":
        return np.asarray(0.5 / (0.5 + distances))
    return np.asarray(np.maximum(1 - distances, 0.0))


def transfers(
    found: Neighbours, metric: Metric, labels: Sequence[tuple[str, ...]], voters: int
) -> list[list[Transfer]]:
    """Return for each query the labels of its nearest `voters` neighbours, the most reliable first.

    labels: those of each reference. The reliability of a label is the sum of the similarities of the neighbours that
    carry it, divided by the number of neighbours. Equally reliable labels: that of the nearer neighbour first.
    """
    counted = similarities(found.distances, metric)
    return [_transfers(*query, labels, voters) for query in zip(found.indices.tolist(), counted.tolist(), strict=True)]


def _transfers(
    indices: Sequence[int], similar: Sequence[float], labels: Sequence[tuple[str, ...]], voters: int
) -> list[Transfer]:
    ranks_of: dict[str, list[int]] = {}
    nearest = [index for index in indices[:voters] if index >= 0]
    for rank, index in enumerate(nearest):
        for label in labels[index]:
            ranks_of.setdefault(label, []).append(rank)
    found = [
        Transfer(label, _as_shown(sum(similar[rank] for rank in ranks) / len(nearest)), tuple(ranks))
        for label, ranks in ranks_of.items()
    ]
    return sorted(found, key=lambda transfer: -transfer.reliability)


def _as_shown(value: float) -> float:
    return round(value * _SHOWN) / _SHOWN


@dataclass(frozen=True)
class Accuracy:
    """How often the most reliable label is right, of the queries whose reliability reaches a threshold."""

    threshold: float
    answered: int
    coverage: float
    right: Estimate


def accuracies(
    answers: Sequence[Sequence[Transfer]], truth: Sequence[tuple[str, ...]], threshold: float
) -> list[Accuracy]:
    """Return coverage and accuracy at 0, at the chosen threshold and at the tenths of the reliabilities.

    truth: the true labels of each query; the most reliable label is right if it is one of them. Intervals: 95 % of
    Wilson 1927, doi:10.1080/01621459.1927.10502953, for queries that are independent.
    """
    reliabilities = np.array([answer[0].reliability if answer else -1.0 for answer in answers])
    right = np.array([bool(answer) and answer[0].label in true for answer, true in zip(answers, truth, strict=True)])
    tenths = np.sort(reliabilities)[[len(answers) * part // _DECILES for part in range(1, _DECILES)]]
    thresholds = sorted({0.0, threshold, *(float(value) for value in tenths if value >= 0)})
    return [_accuracy(value, right[reliabilities >= value], len(answers)) for value in thresholds]


def most_frequent(labels: Mapping[str, tuple[str, ...]]) -> str:
    """Return the label that most proteins have; of equally frequent ones the first."""
    return Counter(label for found in labels.values() for label in found).most_common(1)[0][0]


def share_with(label: str, truth: Sequence[tuple[str, ...]]) -> Estimate:
    """Return the share of proteins which have this label among their true ones: the accuracy of always saying it."""
    return wilson(sum(label in true for true in truth), len(truth))


def _accuracy(threshold: float, right: np.ndarray[tuple[int], np.dtype[np.bool_]], asked: int) -> Accuracy:
    return Accuracy(threshold, len(right), len(right) / asked, wilson(int(right.sum()), len(right)))


def wilson(right: int, count: int) -> Estimate:
    """Return a share with the bounds of Wilson's 95 % interval; NaN for none."""
    if count == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    z = NormalDist().inv_cdf(0.975)
    share = right / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * (share * (1 - share) / count + z**2 / (4 * count**2)) ** 0.5
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))
