import random

import numpy as np
import pytest
from tests.data.example_files import made

from plmkit.data import mmseqs
from plmkit.data.dataset import Example, Examples
from plmkit.data.relatives import borders, with_relatives, without_relatives
from plmkit.data.splits import Split, groups_of, split_by_group
from plmkit.data.task import Task, Unit

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"


def relatives(families: int, members: int, unit: Unit = "protein") -> Examples:
    """Members of a family are about 70 % identical; each family has both labels."""
    chance = random.Random(3)
    sequences = []
    for _ in range(families):
        ancestor = chance.choices(AMINO_ACIDS, k=90)
        for _ in range(members):
            sequences.append("".join(chance.choice(AMINO_ACIDS) if chance.random() < 0.3 else a for a in ancestor))
    items = [Example(f"p{n}", (sequence,), f"p{n}", n) for n, sequence in enumerate(sequences)]
    truth = [[n % 2] for n in range(len(items))]
    return made(Task(unit, "classification", ("a", "b")), items, truth, [1] * len(items))


@pytest.fixture(scope="module")
def families() -> Examples:
    """25 families of 4, found."""
    return with_relatives(relatives(25, 4))


def test_families_are_found_and_stand_on_one_side(families: Examples) -> None:
    found = families
    assert groups_of(found) == [n // 4 for n in range(100)]
    split = split_by_group(found, 0.2, 1)
    assert not {n // 4 for n in split.train} & {n // 4 for n in split.validation}
    assert borders(found, split)["validation"]["near"] == 0


def test_a_split_through_families_is_told() -> None:
    examples = relatives(25, 4)
    train, test = np.flatnonzero(np.arange(100) % 4), np.arange(0, 100, 4)
    found = borders(examples, Split(train, train[:5], 25, 5, {"test": test}))
    assert found["test"] == {"examples": 25, "near": 25, "threshold": 0.5} | {
        name: found["test"][name] for name in ("highest", "median")
    }
    assert 0.5 < found["test"]["median"] < found["test"]["highest"] < 0.8


def test_variants_of_one_protein_are_not_kept_together() -> None:
    found = with_relatives(relatives(1, 40))
    assert found.clusters is None
    assert found.remarks == (
        "examples: 40 of 40 sequences are relatives of each other, variants of one protein perhaps; they stand on both "
        "sides of the split, so the measures hold for more such variants alone",
    )


def test_pairs_have_no_clusters() -> None:
    items = [Example("a/b", ("MKV", "GGG"), "a/b", 1)]
    pairs = made(Task("pair", "classification", ("a", "b")), items, [[0]], [1])
    assert with_relatives(pairs) is pairs


def test_without_mmseqs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmseqs, "_program", lambda: None)
    examples = relatives(2, 2)
    (remark,) = with_relatives(examples).remarks
    assert remark.startswith("examples: MMseqs2 is not installed here, so proteins that resemble each other")
    assert borders(examples, Split(np.arange(2), np.arange(2, 4), 4, 2)) == {}


def test_relatives_that_cannot_be_kept_together_are_told(families: Examples) -> None:
    found = without_relatives(families, "too few")
    assert found.clusters is None
    assert found.remarks == ("examples: relatives stand on both sides of the split (too few)",)
