"""Expected values are by hand: weights are identity times coverage, and a tenth for the constant answer."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.data.example_files import made

from plmkit.data import mmseqs
from plmkit.data.dataset import Example, Examples
from plmkit.data.mmseqs import Hits
from plmkit.data.task import Task
from plmkit.learning.homologues import by_relatives

CONSTANT = np.array([0.25, 0.75])


def found(*rows: tuple[int, int, float, float, int, int, str]) -> Hits:
    """Rows are query, target, identity, coverage, first residue of both, path."""
    query, target, identity, coverage, asked, known, path = zip(*rows, strict=True)
    near, covered = np.array(identity), np.array(coverage)
    ends = np.array(asked), np.array(known)
    return Hits(np.array(query), np.array(target), near, covered, covered, near, *ends, path=path)


def answer(monkeypatch: pytest.MonkeyPatch, hits: Hits) -> None:
    monkeypatch.setattr(mmseqs, "search", lambda queries, targets: hits)


def proteins(kind: str, truth: Sequence[Sequence[float]]) -> Examples:
    items = [Example(f"p{n}", ("M" * (n + 1),), f"p{n}", n) for n in range(len(truth))]
    return made(Task("protein", kind, ("a", "b")), items, truth, [1] * len(truth))  # type: ignore[arg-type]


def said(examples: Examples, train: Sequence[int], asked: Sequence[int]) -> NDArray[np.floating]:
    return by_relatives(examples, np.array(train), np.array(asked), CONSTANT)


def test_classes_of_relatives_are_weighted(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, found((1, 0, 0.8, 0.5, 0, 0, "1M"), (1, 1, 0.5, 1.0, 0, 0, "1M")))
    values = said(proteins("classification", [[0], [1], [0], [1]]), [0, 1], [2, 3])
    assert values[0] == pytest.approx(CONSTANT)
    assert values[1] == pytest.approx([(0.4 + 0.025) / 1.0, (0.5 + 0.075) / 1.0])


def test_what_is_not_known_of_a_relative_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, found((0, 0, 0.9, 1.0, 0, 0, "1M")))
    values = said(proteins("multilabel", [[1, np.nan], [0, 0]]), [0], [1])
    assert values[0] == pytest.approx([(0.9 + 0.025) / 1.0, 0.75])


def test_only_the_five_nearest_count(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, found(*((0, target, 1.0, 1.0, 0, 0, "1M") for target in range(7))))
    values = said(proteins("classification", [[0]] * 5 + [[1]] * 3), range(7), [7])
    assert values[0] == pytest.approx([(5 + 0.025) / 5.1, 0.075 / 5.1])


def test_residues_take_over_from_those_they_are_aligned_with(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [Example("known", ("MKVLA",), "known", 1), Example("asked", ("KVWLA",), "asked", 2)]
    truth: list[list[float]] = [[0], [1], [np.nan], [1], [0], [0], [0], [0], [0], [0]]
    examples = made(Task("residue", "classification", ("a", "b")), items, truth, [5, 5])
    # KV-LA of the known one (from its residue 1) above KVWLA: the W has no partner
    answer(monkeypatch, found((0, 0, 0.9, 1.0, 0, 1, "2M1I2M")))
    values = said(examples, [0], [1])
    assert values[:, 1] == pytest.approx([0.975, 0.75, 0.75, 0.975, 0.075])


def test_a_pair_is_as_near_as_the_farther_of_its_proteins(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [Example("known", ("AAA", "CCC"), "known", 1), Example("asked", ("DDD", "EEE"), "asked", 2)]
    examples = made(Task("pair", "classification", ("a", "b")), items, [[0], [1]], [1, 1])
    answer(monkeypatch, found((0, 1, 0.9, 1.0, 0, 0, "3M"), (1, 0, 0.6, 1.0, 0, 0, "3M"), (1, 1, 0.8, 1.0, 0, 0, "3M")))
    assert said(examples, [0], [1])[0] == pytest.approx([(0.6 + 0.025) / 0.7, 0.075 / 0.7])
    answer(monkeypatch, found((0, 1, 0.9, 1.0, 0, 0, "3M"), (1, 1, 0.8, 1.0, 0, 0, "3M")))
    assert said(examples, [0], [1])[0] == pytest.approx(CONSTANT)
