"""Answer by the labels of the nearest relatives among the examples that are learned from: what a search alone can do.

An answer is the mean over at most five nearest relatives, weighted by identity times coverage; a constant answer of
little weight joins in, which stands alone where there is no relative. Of residues, those count that MMseqs2 aligns. A
pair's relative is a pair whose proteins are relatives of its own two, as near as the farther of both.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plmkit.data import mmseqs
from plmkit.data.dataset import Examples, Indices

Floats = NDArray[np.floating]

_MOST = 5
_WEIGHT_OF_CONSTANT = 0.1
_STEP = re.compile(r"(\d+)([MDI])")


@dataclass(frozen=True)
class _Relative:
    """An example that was learned from, how near it is (0 to 1), and which places of it stand for which asked ones."""

    example: int
    weight: float
    asked: Indices
    known: Indices


def by_relatives(examples: Examples, train: Indices, asked: Indices, constant: Floats) -> Floats:
    """Return probabilities or values (P, C) of the places of the asked examples.

    constant: (C,) what is said of a place without relatives. Raises UserError if MMseqs2 is missing.
    """
    known = _as_answers(examples, len(constant))
    starts = examples.sizes.cumsum() - examples.sizes
    found = []
    for index, relatives in zip(asked, _relatives(examples, train, asked), strict=True):
        weights = np.full((examples.sizes[index], len(constant)), _WEIGHT_OF_CONSTANT)
        sums = weights * constant
        for relative in relatives:
            said = known[starts[relative.example] + relative.known]
            is_known = ~np.isnan(said)
            weights[relative.asked] += relative.weight * is_known
            sums[relative.asked] += relative.weight * np.where(is_known, said, 0)
        found.append(sums / weights)
    return np.concatenate(found)


def _as_answers(examples: Examples, columns: int) -> Floats:
    """Return the truth as an answer that is certain of it, (P, C); NaN where nothing is known."""
    if examples.task.kind != "classification":
        return examples.truth
    truth = examples.truth[:, 0]
    answers: Floats = np.full((len(truth), columns), np.nan)
    is_known = ~np.isnan(truth)
    answers[is_known] = np.eye(columns)[truth[is_known].astype(np.int64)]
    return answers


def _relatives(examples: Examples, train: Indices, asked: Indices) -> Iterator[list[_Relative]]:
    """Yield the nearest relatives of each asked example."""
    if examples.unit == "pair":
        yield from _relatives_of_pairs(examples, train, asked)
        return
    first = np.zeros(1, dtype=np.int64)
    hits = mmseqs.search(_sequences(examples, asked), _sequences(examples, train))
    nearness = hits.identity * hits.query_coverage
    borders = np.searchsorted(hits.query, np.arange(len(asked) + 1))
    for start, stop in pairwise(borders.tolist()):
        relatives = []
        for row in range(start, min(stop, start + _MOST)):
            places = _aligned(hits, row) if examples.unit == "residue" else (first, first)
            relatives.append(_Relative(int(train[hits.target[row]]), float(nearness[row]), *places))
        yield relatives


def _relatives_of_pairs(examples: Examples, train: Indices, asked: Indices) -> Iterator[list[_Relative]]:
    first = np.zeros(1, dtype=np.int64)
    items = examples.items
    near = _nearness(
        list(dict.fromkeys(sequence for index in asked for sequence in items[index].sequences)),
        list(dict.fromkeys(sequence for index in train for sequence in items[index].sequences)),
    )
    partners: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for index in train.tolist():
        one, other = items[index].sequences
        partners[one].append((index, other))
        partners[other].append((index, one))
    for index in asked:
        one, other = items[index].sequences
        weights: dict[int, float] = {}
        for relative, nearness in near[one].items():
            for example, partner in partners[relative]:
                if partner in near[other]:
                    weights[example] = max(weights.get(example, 0.0), min(nearness, near[other][partner]))
        nearest = heapq.nlargest(_MOST, weights.items(), key=lambda item: (item[1], -item[0]))
        yield [_Relative(example, weight, first, first) for example, weight in nearest]


def _nearness(asked: Sequence[str], known: Sequence[str]) -> defaultdict[str, dict[str, float]]:
    """Return for each asked sequence its relatives, each with how near it is."""
    hits = mmseqs.search(asked, known)
    near: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for query, target, value in zip(hits.query, hits.target, hits.identity * hits.query_coverage, strict=True):
        found = near[asked[query]]
        found[known[target]] = max(found.get(known[target], 0.0), float(value))
    return near


def _sequences(examples: Examples, chosen: Indices) -> list[str]:
    return [examples.items[index].sequences[0] for index in chosen]


def _aligned(hits: mmseqs.Hits, row: int) -> tuple[Indices, Indices]:
    """Return the residues of the query and of the target that stand one above the other."""
    asked, known = int(hits.query_start[row]), int(hits.target_start[row])
    pairs: list[tuple[Indices, Indices]] = []
    for length, kind in _STEP.findall(hits.path[row]):
        count = int(length)
        if kind == "M":
            pairs.append((np.arange(asked, asked + count), np.arange(known, known + count)))
        asked += count * (kind != "D")
        known += count * (kind != "I")
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])
