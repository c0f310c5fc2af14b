from pathlib import Path

import pytest
from tests.data.example_files import distinct, named, table_of, written

from plmkit.data.kinds import label_order, task_of
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError


def found(
    folder: Path, content: str, unit: Unit = "protein", kind: Kind | None = None, **columns: str
) -> tuple[Task, list[str]]:
    return task_of(written(folder, content, unit, columns=named(**columns)), unit, kind)


def columns_of(*names: str, cells: list[str]) -> str:
    rows = zip(distinct(len(cells)), cells, strict=True)
    return f"sequence\t{chr(9).join(names)}\n" + "".join(f"{sequence}\t{cell}\n" for sequence, cell in rows)


@pytest.mark.parametrize(
    ("labels", "kind", "names"),
    [
        (["a", "b"] * 5, "classification", ("a", "b")),
        (["cell membrane", "nucleus"] * 5, "classification", ("cell membrane", "nucleus")),
        (["1.0", "0.0"] * 5, "classification", ("0.0", "1.0")),
        (["0.25", "0.5"] * 5, "classification", ("0.25", "0.5")),
        (list(range(10)), "classification", tuple("0123456789")),
        (list(range(11)), "regression", ("label",)),
        (["0.5", "1", "2"], "regression", ("label",)),
        (["-1e3", "2.5", "0"], "regression", ("label",)),
        (["a;b", "b", ";", "c; a"], "multilabel", ("a", "b", "c")),
        (
            [*range(12), "unknown", *"abcdefghijkl"],
            "classification",
            (*map(str, range(12)), *"abcdefghijkl", "unknown"),
        ),
    ],
)
def test_the_kind_is_told_from_the_labels(tmp_path: Path, labels: list[object], kind: Kind, names: tuple[str]) -> None:
    assert found(tmp_path, table_of(labels))[0] == Task("protein", kind, names)


@pytest.mark.parametrize(
    ("labels", "kind", "names"),
    [
        ("HEC", "classification", ("C", "E", "H")),
        ("0.5;1;2", "regression", ("label",)),
        ("2;1;0", "classification", ("0", "1", "2")),
    ],
)
def test_the_kind_is_told_from_the_labels_of_residues(
    tmp_path: Path, labels: str, kind: Kind, names: tuple[str, ...]
) -> None:
    assert found(tmp_path, f"sequence\tlabel\nMKV\t{labels}\n", "residue")[0] == Task("residue", kind, names)


def test_masked_residues_make_no_class(tmp_path: Path) -> None:
    content = "sequence\tlabel\tmask\nMKVL\tHXEE\t1011\n"
    assert found(tmp_path, content, "residue")[0].labels == ("E", "H")


def test_a_protein_without_labels_makes_no_classes_of_the_word_for_missing(tmp_path: Path) -> None:
    assert found(tmp_path, "sequence\tlabel\nMKVL\tHHEE\nMKVLA\tNA\n", "residue")[0].labels == ("E", "H")


def test_upper_and_lower_case_letters_of_residues_are_two_marks(tmp_path: Path) -> None:
    assert found(tmp_path, "sequence\tlabel\nMKVL\tHhEE\n", "residue")[0].labels == ("E", "H", "h")


@pytest.mark.parametrize(
    ("cells", "kind"), [(["0\t1", "1\t", "true\tFalse"], "multilabel"), (["0.5\t1", "2\t", "1\t7"], "regression")]
)
def test_several_columns_are_labels_or_quantities(tmp_path: Path, cells: list[str], kind: Kind) -> None:
    task, _ = found(tmp_path, columns_of("z", "a", cells=cells), label="z,a")
    assert task == Task("protein", kind, ("z", "a"))


def test_the_user_knows_better(tmp_path: Path) -> None:
    content = table_of(["1", "2", "3", "1", "2", "3"])
    assert found(tmp_path, content, kind="regression") == (Task("protein", "regression", ("label",)), [])
    assert found(tmp_path, content, kind="classification") == (Task("protein", "classification", ("1", "2", "3")), [])
    mixed = table_of(["0,1"] * 3 + [f"0,{n}" for n in range(2, 20)])
    assert len(found(tmp_path, mixed, kind="classification")[0].labels) == 19


@pytest.mark.parametrize(
    ("labels", "remarks"),
    [
        (["1.0", "0.0"] * 5, []),
        (["a", "b", "c"], []),
        (["1", "2", "3"], ["examples: read as 3 classes, not as measured numbers; --task says otherwise"]),
        (
            ["0.5", "1", "2", "2.0"],
            ["examples: read as numbers to be predicted (regression, 4 different values); --task says otherwise"],
        ),
        (["a;b", "a"], ["examples: read as several labels at once (multi-label); --task says otherwise"]),
    ],
)
def test_what_may_surprise_is_said(tmp_path: Path, labels: list[str], remarks: list[str]) -> None:
    assert found(tmp_path, table_of(labels))[1] == remarks


def test_labels_are_ordered_as_numbers_then_as_words() -> None:
    labels = ["10", "b", "9", "-1", "a", "01", "nan", "inf"]
    assert sorted(labels, key=label_order) == ["-1", "01", "9", "10", "a", "b", "inf", "nan"]


COMMAS = [f"0,{n}" for n in range(10, 22)]


@pytest.mark.parametrize(
    ("labels", "kind", "told"),
    [
        (["a", "a"], None, ": all 2 examples have the label 'a'; classification needs at least two different labels"),
        (["7", "7"], None, ": all 2 examples have the label '7'; classification needs at least two different labels"),
        (["Yes", "yes", "no"], None, ": 'Yes', 'yes' are spellings of one label; write it in one way"),
        (["y", "Y", "n"], None, ": 'Y', 'y' are spellings of one label; write it in one way"),
        (["1", "1.0", "0"], None, ": '1', '1.0' are spellings of one label; write it in one way"),
        (["a  b", "a b", "c"], None, ": 'a  b', 'a b' are spellings of one label; write it in one way"),
        (["a;B", "b"], None, ": 'B', 'b' are spellings of one label; write it in one way"),
        (
            COMMAS,
            None,
            ", line 2: the label '0,10' is no number, but most labels look like numbers; write a number, with a point "
            "for the fraction, or give --task classification",
        ),
        (
            [*(n / 8 for n in range(12)), "inf", *range(20, 30)],
            None,
            ", line 14: the label 'inf' is no number, but most labels look like numbers; write a number",
        ),
        ([f"c{n}" for n in range(400)] * 3, None, None),
        (
            [f"c{n};d{n}" for n in range(399)] + [f"e{n};f{n}" for n in range(102)],
            None,
            ": 1002 different labels, 1000",
        ),
        (["1.5", "1.50", "1.5"], "regression", ": all values of column 'label' are 1.5"),
        (
            ["a", "a"],
            "multilabel",
            ": several labels at once (multi-label) need names divided by ';' in one column, or",
        ),
        (
            ["0", "1"],
            "multilabel",
            ": several labels at once (multi-label) need names divided by ';' in one column, or",
        ),
    ],
)
def test_labels_which_nothing_can_be_learned_from_are_refused(
    tmp_path: Path, labels: list[object], kind: Kind | None, told: str | None
) -> None:
    rows = zip((f"M{'A' * n}" for n in range(len(labels))), labels, strict=True)
    content = "sequence\tlabel\n" + "".join(f"{sequence}\t{label}\n" for sequence, label in rows)
    if told is None:
        assert len(found(tmp_path, content, kind=kind)[0].labels) == 400
        return
    with pytest.raises(UserError) as refused:
        found(tmp_path, content, kind=kind)
    assert str(refused.value).startswith(f"examples{told}")


@pytest.mark.parametrize(
    ("cells", "kind", "told"),
    [
        (
            ["a\t1", "b\t0"],
            None,
            "several columns of labels must hold 0 and 1 (multi-label), or numbers (regression), found 'a'; for "
            "classes, tune one model for each column",
        ),
        (
            ["1\t0", "0\t1"],
            "classification",
            "classification takes one column of labels; name one with --label-column",
        ),
        (["1\t", "0\tNA"], None, "column 'q' holds no label; leave it out of --label-column"),
        (["1.5\t2", "0\t2.0"], None, "all values of column 'q' are 2"),
    ],
)
def test_columns_that_are_no_labels_are_refused(tmp_path: Path, cells: list[str], kind: Kind | None, told: str) -> None:
    with pytest.raises(UserError) as refused:
        found(tmp_path, columns_of("p", "q", cells=cells), kind=kind, label="p,q")
    assert str(refused.value).startswith(f"examples: {told}")


@pytest.mark.parametrize("cells", [["HEC" * 4, "CEH" * 5], ["0.5;" * 11 + "1", "1;" * 13 + "2"]])
def test_labels_of_residues_are_not_taken_for_names_of_classes(tmp_path: Path, cells: list[str]) -> None:
    lengths = (12, 15) if "H" in cells[0] else (12, 14)
    rows = [f"{'MKV' * 5}"[:length] + f"\t{cell}\n" for length, cell in zip(lengths, cells, strict=True)]
    content = "sequence\tlabel\n" + "".join(rows)
    with pytest.raises(UserError) as refused:
        found(tmp_path, content)
    assert str(refused.value) == (
        "examples: every example has as many labels as residues; give --unit residue, or say with --task what the "
        "labels are"
    )
    assert found(tmp_path, content, "residue")[0].unit == "residue"
    assert set(found(tmp_path, content, kind="classification")[0].labels) == set(cells)
    assert found(tmp_path, content + "MKVMKVMKVM\tother\n" + "MKVMKVMKVA\tx;y\n")[0].kind == "multilabel"


def test_short_words_of_short_sequences_are_names_of_classes(tmp_path: Path) -> None:
    assert found(tmp_path, "sequence\tlabel\nMKVMKVMKV\tmembranes\nMKVMK\tnuclei\nMKVMKV\tnuclei\n")[0].labels == (
        "membranes",
        "nuclei",
    )
    assert found(tmp_path, "sequence\tlabel\nMKV\tyes\nMK\tno\n")[0].labels == ("no", "yes")


def test_a_label_that_would_break_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        found(tmp_path, 'sequence\tlabel\nM\t"a\tb"\nMK\tc\n')
    assert str(refused.value) == "examples: the label 'a\\tb' holds a tab or a line break; take it out"


def test_chapters_of_a_classification_are_no_spellings_of_one_number(tmp_path: Path) -> None:
    content = table_of(["1.1", "1.10", "2.3"])
    assert found(tmp_path, content, kind="classification")[0].labels == ("1.1", "1.10", "2.3")
