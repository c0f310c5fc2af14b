from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.data.example_files import made

from plmkit.data.dataset import Example, Examples
from plmkit.data.remarks import data_notes, label_counts, label_shares
from plmkit.data.splits import How, Split
from plmkit.data.task import Task, Unit

FEW_GROUPS = "the validation examples come from only"


def indices(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def split(
    train: Sequence[int],
    validation: Sequence[int],
    tests: Mapping[str, Sequence[int]] | None = None,
    groups: int = 50,
    how: How = "given",
) -> Split:
    aside = {name: indices(chosen) for name, chosen in (tests or {}).items()}
    return Split(indices(train), indices(validation), 2 * groups, groups, aside, how)


def measured(items: Sequence[Example], unit: Unit = "protein") -> Examples:
    truth = [[float(n)] for n in range(len(items))]
    return made(Task(unit, "regression", ("v",)), items, truth, [1] * len(items))


def items(*rows: tuple[tuple[str, ...], str]) -> list[Example]:
    return [Example(f"p{n}", sequences, group, n) for n, (sequences, group) in enumerate(rows)]


def apart(count: int) -> list[Example]:
    return items(*((("M" + "A" * n,), f"p{n}") for n in range(count)))


def test_counts_of_classes_labels_and_values() -> None:
    parts = {"training": indices([0, 1]), "validation": indices([2]), "test": indices([])}
    nan = np.nan
    classes = made(Task("protein", "classification", ("a", "b")), apart(3), [[0], [1], [1]], [1] * 3)
    assert label_counts(classes, parts) == [
        {"name": "a", "training": 1, "validation": 0, "test": 0},
        {"name": "b", "training": 1, "validation": 1, "test": 0},
    ]
    several = made(Task("protein", "multilabel", ("x", "y")), apart(3), [[1, nan], [1, 0], [0, 1]], [1] * 3)
    assert label_counts(several, parts) == [
        {"name": "x", "training": 2, "validation": 0, "test": 0},
        {"name": "y", "training": 0, "validation": 1, "test": 0},
    ]
    values = made(Task("protein", "regression", ("x", "y")), apart(3), [[1, nan], [0.5, 0], [nan, 1]], [1] * 3)
    assert label_counts(values, parts) == [
        {"name": "x", "training": 2, "validation": 0, "test": 0},
        {"name": "y", "training": 1, "validation": 1, "test": 0},
    ]
    residues = made(
        Task("residue", "classification", ("C", "H")), apart(3), [[0], [1], [nan], [1], [1], [0]], [1, 2, 3]
    )
    assert label_counts(residues, parts) == [
        {"name": "C", "training": 1, "validation": 1, "test": 0},
        {"name": "H", "training": 1, "validation": 2, "test": 0},
    ]


def test_shares_are_those_of_what_is_known() -> None:
    parts, nan = {"training": indices([0, 1]), "validation": indices([2])}, np.nan
    several = made(Task("protein", "multilabel", ("x", "y")), apart(3), [[1, nan], [0, 0], [1, nan]], [1] * 3)
    assert label_shares(several, parts) == [
        {"name": "x", "training": 0.5, "validation": 1},
        {"name": "y", "training": 0, "validation": None},
    ]
    classes = made(Task("residue", "classification", ("C", "H")), apart(3), [[0], [1], [nan], [1]], [1, 2, 1])
    assert [row["training"] for row in label_shares(classes, parts)] == [0.5, 0.5]
    assert label_shares(measured(apart(3)), parts) == []


def test_negatives_that_are_not_learned_from_are_said() -> None:
    found = made(Task("protein", "classification", ("no", "yes")), apart(60), [[n % 2] for n in range(60)], [1] * 60)
    fewer = split(range(1, 10, 2), range(20, 60))
    (note,) = data_notes(found, replace(fewer, left_out=indices([0, 2, 4, 6, 8])))
    assert note.startswith("examples: of 5 training examples with the label 'no' 0 are learned from (--negatives); ")
    assert "the share of 'yes' among all 10 training examples, 50 %" in note


def test_nothing_is_said_of_sound_data() -> None:
    assert data_notes(measured(apart(100)), split(range(60), range(60, 100))) == []


def test_windows_of_unknown_proteins_are_said() -> None:
    unknown = measured(items(*(((f"MS{'K' * n}",), f"p{n}") for n in range(100))), "window")
    (note,) = data_notes(unknown, split(range(60), range(60, 100)))
    assert note.startswith("examples: it is not known which windows come from one protein")
    known = measured(items(*(((f"MS{'K' * n}",), f"g{n}") for n in range(100))), "window")
    assert data_notes(known, split(range(60), range(60, 100))) == []


def test_proteins_of_pairs_that_are_met_in_training_are_said() -> None:
    pairs = measured(items((("A", "B"), "p0"), (("C", "D"), "p1"), (("B", "E"), "p2"), (("F", "G"), "p3")), "pair")
    (note,) = data_notes(pairs, split([0], [2, 3], {"test": [1]}))
    assert note.startswith("examples: 1 of 2 validation pairs hold a protein that is also learned from in other pairs")
    (note,) = data_notes(pairs, split([0], [3], {"test": [1, 2]}))
    assert note.startswith("examples: 1 of 2 test pairs hold a protein that is also learned from")
    assert data_notes(pairs, split([0], [3], {"test": [1]})) == []


def test_a_sequence_or_a_group_on_both_sides_of_a_given_split_is_said() -> None:
    found = measured(items((("A",), "g"), (("A",), "h"), (("B",), "g"), (("C",), "k"), (("B",), "l"), (("A",), "g")))
    assert data_notes(found, split([0], [1, 2, 3], {"test": [4]})) == [
        "examples: 1 of 3 validation examples have a sequence that is also learned from; the measures are too good",
        "examples: 1 of 3 validation examples are of a group or protein that is also learned from; "
        "the measures are too good",
    ]
    assert data_notes(found, split([0], [3, 5], {"test": [4]})) == [
        "examples: 1 of 2 validation examples have a sequence that is also learned from; the measures are too good"
    ]
    assert data_notes(found, split([2, 3], [1], {"test_hard": [4, 0]})) == [
        "examples: 1 of 2 test_hard examples have a sequence that is also learned from; the measures are too good",
        "examples: 1 of 2 test_hard examples are of a group or protein that is also learned from; "
        "the measures are too good",
    ]


def test_a_drawn_validation_set_that_swallows_the_examples_is_said() -> None:
    found = measured(apart(100))
    (note,) = data_notes(found, split(range(39), range(39, 100), how="drawn"))
    assert note.startswith("examples: 61 of 100 are kept for validation, since large groups cannot be divided")
    assert data_notes(found, split(range(40), range(40, 100), how="drawn")) == []
    assert data_notes(found, split(range(39), range(39, 100))) == []


@pytest.mark.parametrize(("groups", "said"), [(19, 1), (20, 0)])
def test_few_groups_are_said(groups: int, said: int) -> None:
    notes = data_notes(measured(apart(100)), split(range(60), range(60, 100), groups=groups))
    assert [FEW_GROUPS in note for note in notes] == [True] * said


def of_classes(first: int, second: int) -> Examples:
    truth = [[0.0]] * first + [[1.0]] * second
    return made(Task("protein", "classification", ("a", "b")), apart(len(truth)), truth, [1] * len(truth))


def test_a_rare_class_is_said() -> None:
    found = of_classes(161, 40)
    several = split(range(100), [*range(100, 161), *range(161, 201)])
    assert data_notes(found, several) == [
        "examples: label 'b' is rare (40 of 201); judge by MCC and average precision, not by accuracy "
        "(--class-weights balanced lets rare labels count as much)"
    ]
    assert data_notes(of_classes(160, 40), split(range(100), range(100, 200))) == []


def test_a_rare_class_is_not_to_be_judged_by_what_is_not_defined() -> None:
    # the last 40 of 201 are b; none of them is in the test set, so that its average precision is not defined
    several = split(range(60), [*range(60, 121), *range(161, 201)], {"test": range(121, 161)})
    (note,) = [note for note in data_notes(of_classes(161, 40), several) if "is rare" in note]
    assert "judge by MCC and F1 (mean over labels), not by accuracy" in note


def test_few_validation_examples_of_a_label_are_said() -> None:
    (note,) = data_notes(of_classes(60, 40), split(range(40), [*range(40, 60), *range(60, 79)]))
    assert note.startswith("examples: only 19 validation examples have the label 'b'; all measures are uncertain")
    assert data_notes(of_classes(60, 40), split(range(40), range(40, 80))) == []
    truth = [[float(n % 2), float(n > 90)] for n in range(100)]
    several = made(Task("protein", "multilabel", ("x", "y")), apart(100), truth, [1] * 100)
    (note,) = data_notes(several, split(range(50), range(50, 100)))
    assert "only 9 validation examples have the label 'y'" in note


def test_residues_are_counted_as_residues() -> None:
    truth = [[float(place % 40 == 0)] for place in range(400)]
    found = made(Task("residue", "classification", ("C", "H")), apart(4), truth, [100] * 4)
    notes = data_notes(found, split([0, 1], [2, 3]))
    assert notes[0].startswith("examples: only 5 validation residues have the label 'H'")
    assert notes[1].startswith("examples: label 'H' is rare (10 of 400)")
