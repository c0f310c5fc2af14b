import random

import numpy as np
import pytest
from tests.data.made_families import changed, sequence

from plmkit.data import leaks, mmseqs
from plmkit.data.leaks import Border, border, sentence

pytestmark = pytest.mark.skipif(not mmseqs.is_installed(), reason="MMseqs2 is not installed")


def bordering(*identity: float) -> Border:
    """A border without alignments, for what is said of it."""
    values = np.array(identity)
    none = leaks.Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    return Border(values, np.ones(len(values)), np.zeros(len(values), dtype=np.int64), none)


def test_the_nearest_is_told_with_its_identity() -> None:
    generator = random.Random(1)
    one, other, stranger = (sequence(generator, 200) for _ in range(3))
    learned = [sequence(generator, 100), changed(generator, one, 0.4), changed(generator, one, 0.2), other]

    found = border([one, other, stranger], learned)

    assert found.nearest.tolist() == [2, 3, -1]
    assert found.identity == pytest.approx([0.8, 1, 0], abs=0.02)
    assert found.coverage[1:].tolist() == [1, 0]
    assert (found.highest, found.at_least(0.5), found.at_least(0.9)) == (1, 2, 1)
    told = found.pairs
    assert list(zip(told.put_aside.tolist(), told.learned_from.tolist(), strict=True)) == [(0, 2), (0, 1), (1, 3)]
    assert len(found.pairs.at_least(0.7)) == 2


def test_identical_sequences_count_however_short() -> None:
    found = border(["MKV", "MK", "MKV"], ["AAA", "MKV", "MKV"])

    assert found.identity.tolist() == [1, 0, 1]
    assert found.nearest.tolist() == [1, -1, 1]


def test_an_alignment_of_less_than_half_does_not_count() -> None:
    generator = random.Random(2)
    whole = sequence(generator, 200)
    short, long = whole[:80] + sequence(generator, 120), whole[:120] + sequence(generator, 80)

    found = border([short, long, whole[:80]], [whole])

    assert found.identity[0] == 0
    assert found.identity[1:] == pytest.approx([1, 1], abs=0.06)
    assert found.coverage[1] == pytest.approx(0.6, abs=0.06)


def test_many_sequences_are_searched_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(3)
    originals = [sequence(generator, 90) for _ in range(5)]
    learned = [changed(generator, one, 0.1) for one in originals]
    at_once = border(originals, learned)
    monkeypatch.setattr(leaks, "_AT_ONCE", 2)

    in_turns = border(originals, learned)

    assert in_turns.nearest.tolist() == at_once.nearest.tolist() == [0, 1, 2, 3, 4]
    assert in_turns.identity.tolist() == at_once.identity.tolist()


def test_without_one_side_there_is_nothing_to_find() -> None:
    assert len(border([], ["MKV"])) == 0
    assert border(["MKV"], []).identity.tolist() == [0]
    assert sentence(border([], ["MKV"]), 0.5) == "There is no test protein, so there is no border to check."


def test_the_verdict_is_one_sentence() -> None:
    assert sentence(bordering(0.29, 0), 0.5) == (
        "The nearest training protein of any test protein is 29 % identical: no leak was found."
    )
    assert sentence(bordering(0, 0), 0.5) == "No test protein resembles any training protein: no leak was found."
    assert sentence(bordering(0.5, 0.98, 0.1), 0.5) == (
        "2 of 3 test proteins are at least 50 % identical to a training protein (highest 98 %)."
    )
    assert sentence(bordering(0.999, 0), 0.3, "validation window", "training window") == (
        "1 of 2 validation windows is at least 30 % identical to a training window (highest 99 %)."
    )
