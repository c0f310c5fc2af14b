from pathlib import Path

import numpy as np
import pytest
from tests.data.example_files import LETTERS

from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.families import Families
from plmkit.data.rows import rows_of
from plmkit.data.splitting import (
    ASIDE,
    Plan,
    as_given,
    assigned,
    divide_at_random,
    divide_by_families,
    divide_by_groups,
    plan_of,
)
from plmkit.data.splitting_pairs import divide_pairs
from plmkit.data.task import Unit
from plmkit.errors import UserError

THREE = plan_of(0.2, 0.1, 0)


def examples_of(folder: Path, rows: list[str], header: str = "sequence\tlabel\tgroup") -> Examples:
    path = folder / "examples.tsv"
    path.write_text("\n".join([header, *rows]) + "\n")
    unit: Unit = "pair" if "sequence_2" in header else "protein"
    return read_examples(path, "examples", unit, None, Columns(), None)


def sequence(number: int) -> str:
    return f"M{LETTERS[number % 20]}{LETTERS[number // 20 % 20]}{LETTERS[number // 400]}"


def grouped(folder: Path, size: int = 3, count: int = 60) -> Examples:
    return examples_of(folder, [f"{sequence(n)}\t{'ab'[n % 4 == 0]}\tg{n // size}" for n in range(count)])


def test_parts_have_the_shares_that_are_asked_for() -> None:
    assert plan_of(0.2, 0.0, 0) == Plan(("train", "test"), (0.8, 0.2))
    assert plan_of(0.25, 0.25, 0) == Plan(("train", "valid", "test"), (0.5, 0.25, 0.25))
    assert plan_of(0.2, 0.1, 4) == Plan(("1", "2", "3", "4"), (0.25,) * 4, is_folds=True)


def test_single_examples_meet_shares_and_proportions_exactly() -> None:
    strata = np.repeat([0, 1, 2], [100, 60, 40])

    parts = assigned(np.arange(200), strata, (0.7, 0.1, 0.2), seed=1)

    found = np.zeros((3, 3), dtype=int)
    np.add.at(found, (parts, strata), 1)
    assert found.tolist() == [[70, 42, 28], [10, 6, 4], [20, 12, 8]]


def test_a_group_is_never_divided_and_a_seed_draws_the_same_again() -> None:
    groups = np.random.default_rng(0).integers(0, 40, 400)
    strata = np.random.default_rng(1).integers(0, 3, 400)
    groups = np.unique(groups, return_inverse=True)[1]

    parts = assigned(groups, strata, (0.25,) * 4, seed=5)

    assert all(len(set(parts[groups == group])) == 1 for group in range(40))
    assert np.abs(np.bincount(parts) - 100).max() <= 20
    assert parts.tolist() == assigned(groups, strata, (0.25,) * 4, seed=5).tolist()
    assert parts.tolist() != assigned(groups, strata, (0.25,) * 4, seed=6).tolist()


def test_groups_of_the_user_stay_whole(tmp_path: Path) -> None:
    examples = grouped(tmp_path)

    found = divide_by_groups(examples, THREE, seed=1)

    assert all(len(set(found.parts[start : start + 3])) == 1 for start in range(0, 60, 3))
    assert [found.parts.count(name) for name in THREE.names] == [42, 6, 12]
    assert dict(found.counts) == {"groups": 20, "largest_group": 3}


def test_families_and_groups_are_linked(tmp_path: Path) -> None:
    examples = grouped(tmp_path)
    of = np.arange(60) // 2  # families of two overlap with groups of three: six examples hang together

    found = divide_by_families(examples, Families(of, 31), THREE, seed=1)

    assert all(len(set(found.parts[start : start + 6])) == 1 for start in range(0, 60, 6))
    assert dict(found.counts)["groups"] == 10


def test_one_family_cannot_be_divided(tmp_path: Path) -> None:
    families = Families(np.zeros(60, dtype=np.int64), 1)

    with pytest.raises(UserError, match="nothing is left for the part") as error:
        divide_by_families(grouped(tmp_path), families, THREE, seed=1)
    assert "60 of 60 sequences are of one family; for variants of one protein take --method mutations" in str(error)


def test_drawn_by_lot_only_equal_sequences_stay_together(tmp_path: Path) -> None:
    rows = [f"{sequence(n // 2)}\t{'ab'[n // 2 % 2]}\tone" for n in range(60)]

    found = divide_at_random(examples_of(tmp_path, rows), THREE, seed=1)

    assert all(found.parts[at] == found.parts[at + 1] for at in range(0, 60, 2))
    assert len(set(found.parts)) == 3
    assert "divided at random, so relatives of training examples stand in the other parts" in found.notes[0]


def test_given_parts_are_taken(tmp_path: Path) -> None:
    parts = ["train"] * 12 + ["test"] * 4 + ["test_hard"] * 2 + ["dev"] * 2 + [ASIDE] * 2
    rows = [f"{sequence(n)}\t{'ab'[n % 2]}\t{part}" for n, part in enumerate(parts)]

    found = as_given(examples_of(tmp_path, rows, "sequence\tlabel\tsplit"))

    assert found.plan.names == ("train", "valid", "test", "test_hard")
    assert found.rows("valid").tolist() == [18, 19]
    assert found.parts[-1] == ASIDE


def test_nothing_given_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="examples: nothing says train, valid or test; name that column"):
        as_given(grouped(tmp_path))
    rows = [f"{sequence(n)}\t{'ab'[n % 2]}\ttest" for n in range(12)]
    with pytest.raises(UserError, match="no example is to learn from"):
        as_given(examples_of(tmp_path, rows, "sequence\tlabel\tsplit"))


def test_no_protein_of_a_pair_is_in_two_parts(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    links = sorted({(int(a), int(b)) for a, b in generator.integers(0, 100, (600, 2)) if a < b})
    rows = [f"{sequence(a)}\t{sequence(b)}\t{'ab'[(a + b) % 2]}" for a, b in links]
    examples = examples_of(tmp_path, rows, "sequence_1\tsequence_2\tlabel")
    proteins = rows_of([item.sequences for item in examples.items])
    families = Families(np.arange(len(proteins.sequences)) // 2, 60)

    found = divide_pairs(examples, proteins, families, THREE, seed=1)

    part_of_family: dict[int, set[str]] = {}
    for chains, part in zip(proteins.chains, found.parts, strict=True):
        for family in families.of[chains].tolist():
            part_of_family.setdefault(family, set()).add(part)
    assert all(len(parts - {ASIDE}) <= 1 for parts in part_of_family.values())
    kept = [part for part in found.parts if part != ASIDE]
    assert [kept.count(name) / len(kept) for name in THREE.names] == pytest.approx([0.7, 0.1, 0.2], abs=0.05)
    aside = found.parts.count(ASIDE)
    assert found.notes == (
        f"examples: {aside} of {len(rows)} pairs put aside (test_aside), since their two proteins belong to different "
        "parts; the shares are those of the other pairs",
    )
