from pathlib import Path

import pytest

from plmkit.data.columns import Columns
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.splitting import plan_of
from plmkit.data.splitting_variants import (
    Positions,
    check_variants,
    divide_by_number,
    divide_by_position,
    positions_compared,
    positions_told,
)
from plmkit.errors import UserError

PARENT = "MKTAYIAKQRQISFVKSHFSRQLEERLGLI"
THREE, FIVE = plan_of(0.2, 0.1, 0), plan_of(0.2, 0.1, 5)


def variants(folder: Path, mutated: list[tuple[int, ...]]) -> tuple[Examples, list[Positions]]:
    rows = []
    for number, places in enumerate(mutated):
        letters = list(PARENT)
        for place in places:
            letters[place - 1] = "W" if number % 2 else "G" if letters[place - 1] != "G" else "P"
        rows.append(f"{''.join(letters)}\t{number / 7}")
    path = folder / "examples.tsv"
    path.write_text("sequence\tlabel\n" + "\n".join(rows) + "\n")
    examples = read_examples(path, "examples", "protein", "regression", Columns(), None)
    return examples, [frozenset(places) for places in mutated]


def test_positions_are_read_as_people_write_them() -> None:
    cells = ["A24G", "A24G:K30R", "a1V, K2R", "WT", ""]

    found = positions_told(cells, [2, 3, 4, 5, 6], "examples")

    assert found == [{24}, {24, 30}, {1, 2}, set(), set()]
    with pytest.raises(UserError, match=r"examples, line 2: 'p\.Ala24Gly' tells no mutations; write them as A24G:K30R"):
        positions_told(["p.Ala24Gly"], [2], "examples")


def test_positions_are_where_a_variant_differs_from_its_parent(tmp_path: Path) -> None:
    examples, wanted = variants(tmp_path, [(), *[(at,) for at in range(2, 11)], (3, 17, 30)])
    parent = tmp_path / "parent.fasta"
    parent.write_text(f">wild\n{PARENT}\n")

    assert positions_compared(examples, parent) == wanted
    parent.write_text(f">wild\n{PARENT[1:]}\n")
    with pytest.raises(UserError, match="examples, line 2: 'line_2' has 30 residues, the parent 29; variants with ins"):
        positions_compared(examples, parent)
    parent.write_text(f">wild\n{PARENT}\n>other\n{PARENT}\n")
    with pytest.raises(UserError, match="parent: 2 proteins; give the one that all variants come from"):
        positions_compared(examples, parent)


def test_from_few_mutations_to_many(tmp_path: Path) -> None:
    singles, doubles = [(at,) for at in range(1, 21)], [(at, at + 5) for at in range(1, 5)]
    examples, positions = variants(tmp_path, [*singles, *doubles, (1, 2, 3)])

    found = divide_by_number(examples, positions, THREE, None, seed=1)

    assert dict(found.counts) == {"most_mutations_to_learn_from": 1}
    assert {part for part, places in zip(found.parts, positions, strict=True) if len(places) > 1} == {"test"}
    assert found.parts.count("valid") in (2, 3)
    checked = {one.part: one for one in check_variants(positions, found)}
    assert (checked["test"].fewest, checked["test"].most, checked["train"].most) == (2, 3, 1)
    with pytest.raises(UserError, match="1 to 3 mutations, so --most-mutations 3 leaves nothing to test on"):
        divide_by_number(examples, positions, THREE, 3, seed=1)
    with pytest.raises(UserError, match="all variants have 1 mutations"):
        divide_by_number(examples, [frozenset({1})] * len(positions), THREE, None, seed=1)


def test_folds_by_position_are_those_of_proteingym(tmp_path: Path) -> None:
    examples, positions = variants(tmp_path, [(at,) for at in range(1, 31)])

    modulo = divide_by_position(examples, positions, FIVE, in_stretches=False, seed=1)
    stretches = divide_by_position(examples, positions, FIVE, in_stretches=True, seed=1)

    assert [int(part) - 1 for part in modulo.parts] == [at % 5 for at in range(1, 31)]
    assert [int(part) - 1 for part in stretches.parts] == [at // 6 for at in range(30)]
    assert {one.shared for one in check_variants(positions, modulo)} == {0}


@pytest.mark.parametrize("in_stretches", [False, True])
def test_no_position_is_in_two_parts_and_what_straddles_is_aside(tmp_path: Path, in_stretches: bool) -> None:
    singles = [(at,) for at in range(1, 31)]
    examples, positions = variants(
        tmp_path, [*singles, (), tuple(range(1, 31)), *[(at, at + 1) for at in range(1, 30)]]
    )

    found = divide_by_position(examples, positions, THREE, in_stretches, seed=2)

    places: dict[str, set[int]] = {}
    for part, own in zip(found.parts, positions, strict=True):
        places.setdefault(part, set()).update(own)
    assert sum(len(places[part]) for part in THREE.names) == len(set().union(*(places[part] for part in THREE.names)))
    assert [found.parts[:30].count(part) for part in THREE.names] == [21, 3, 6]
    assert found.parts[30] == "train"
    assert found.parts[31] == "test_aside"
    assert "variants put aside (test_aside), since their mutations lie in different parts" in found.notes[0]
    assert [one.shared for one in check_variants(positions, found)[1:]] == [0, 0]


def test_too_few_positions_are_refused(tmp_path: Path) -> None:
    examples, _ = variants(tmp_path, [(1,)] * 10)
    with pytest.raises(UserError, match="only 1 positions are mutated, fewer than parts are wanted"):
        divide_by_position(examples, [frozenset({1})] * 10, THREE, False, seed=1)
