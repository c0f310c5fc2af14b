from collections import Counter
from pathlib import Path

import pytest
from tests.data.example_files import distinct, examples, named, table_of

from plmkit.data.columns import Columns
from plmkit.data.examples import read_more_examples
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError


def fasta(count: int = 12) -> str:
    return "".join(f">p{n}\n{sequence}\n" for n, sequence in enumerate(distinct(count)))


def test_an_example_knows_its_group_part_weight_and_line(tmp_path: Path) -> None:
    rows = [f"w%{n}%{n + 4},{sequence},{n % 2},,train,1\n" for n, sequence in enumerate(distinct(10))]
    rows[3] = f"x,{distinct(10)[3]},1,family,test,2.5\n"
    found = examples(tmp_path, "id,sequence,label,group,split,weight\n" + "".join(rows))
    assert (found.items[3].name, found.items[3].group, found.items[3].part) == ("x", "family", "test")
    assert (found.items[3].weight, found.items[3].line) == (2.5, 5)
    assert {item.group for index, item in enumerate(found.items) if index != 3} == {"w"}
    assert found.proteins_are_known


def test_groups_are_read_from_the_table_of_labels(tmp_path: Path) -> None:
    table = "id\tlabel\tprotein\n" + "".join(f"p{n}\t{n % 2}\tg{n // 6}\n" for n in range(12))
    found = examples(tmp_path, fasta(), table=table, columns=named(group="protein"))
    assert [item.group for item in found.items] == ["g0"] * 6 + ["g1"] * 6


def test_both_orders_of_a_pair_are_one_example(tmp_path: Path) -> None:
    rows = "".join(f"p{n}\tp{n + 1}\t{n % 2}\n" for n in range(11)) + "p1\tp0\t0\n"
    found = examples(tmp_path, fasta(), "pair", table="a\tb\tlabel\n" + rows)
    assert found.items[0].sequences == found.items[-1].sequences == tuple(sorted(distinct(2)))
    assert found.notes() == ["examples: 1 with the same residues as an earlier one under another name"]


def test_both_orders_of_a_pair_must_have_one_label(tmp_path: Path) -> None:
    rows = "".join(f"p{n}\tp{n + 1}\t{n % 2}\n" for n in range(11)) + "p1\tp0\t1\n"
    with pytest.raises(UserError) as refused:
        examples(tmp_path, fasta(), "pair", table="a\tb\tlabel\n" + rows)
    assert str(refused.value) == "labels, line 13: the same pair is labelled '1' here and '0' in line 2; keep one"


def test_a_sequence_with_two_labels_is_told_where_the_labels_stand(tmp_path: Path) -> None:
    content = fasta() + f">again\n{distinct(1)[0]}\n"
    table = "id\tlabel\nagain\t1\n" + "".join(f"p{n}\t{n % 2}\n" for n in range(12))
    with pytest.raises(UserError) as refused:
        examples(tmp_path, content, table=table)
    assert str(refused.value) == "labels, line 2: the same sequence is labelled '1' here and '0' in line 3; keep one"


@pytest.mark.parametrize(
    ("labels", "again", "count"), [(["a;b", "c"], "a", 1), (["a;b", "c"], "b;a", 0), (["0.5", "1.5", "2.5"], "7", 1)]
)
def test_repeated_measurements_are_kept_and_counted(tmp_path: Path, labels: list[str], again: str, count: int) -> None:
    cells = [labels[n % len(labels)] for n in range(12)]
    found = examples(tmp_path, table_of(cells) + f"{distinct(1)[0]}\t{again}\n")
    assert len(found) == 13
    told = "examples: 1 repeat an earlier sequence with other labels; all are learned from"
    assert found.notes().count(told) == count


@pytest.mark.parametrize(
    ("content", "unit", "kind", "told"),
    [
        (table_of("ab" * 4 + "a"), "protein", None, "only 9 examples; ten are the least, hundreds are better"),
        (
            table_of([n / 2 for n in range(9)]),
            "protein",
            None,
            "only 9 examples; ten are the least, hundreds are better",
        ),
        (
            table_of([f"c{n % 7}" for n in range(12)]),
            "protein",
            None,
            "7 different labels among 12 examples; classification needs few labels with many examples each",
        ),
        (
            "sequence,label,mask\n" + f"{'MKV' * 40},{'HEC' * 40},{'1' * 99}{'0' * 21}\n",
            "residue",
            None,
            "only 99 residues with a label; 100 are the least, thousands are better",
        ),
    ],
)
def test_too_little_to_learn_from_is_refused(
    tmp_path: Path, content: str, unit: Unit, kind: Kind | None, told: str
) -> None:
    with pytest.raises(UserError) as refused:
        examples(tmp_path, content, unit, kind)
    assert str(refused.value).startswith(f"examples: {told}")


def test_the_least_there_may_be_is_read(tmp_path: Path) -> None:
    assert len(examples(tmp_path, table_of("ab" * 5))) == 10
    assert len(examples(tmp_path, table_of([f"c{n % 6}" for n in range(12)])).labels) == 6
    rows = f"sequence,label\n{'MKVL' * 25},{'HHEC' * 25}\n"
    assert examples(tmp_path, rows, "residue").truth.shape == (100, 1)


def windows(middle: str = "S", length: int = 9, last: str = "") -> str:
    half = length // 2
    rows = [f"{s[:half]}{middle}{'A' * (length - half - 1)}\t{n % 2}\n" for n, s in enumerate(distinct(12))]
    return "sequence\tlabel\n" + "".join(rows) + (f"{last}\t1\n" if last else "")


def test_windows_know_their_length_and_what_stands_in_their_middle(tmp_path: Path) -> None:
    found = examples(tmp_path, windows(last="__ASTAAA-"), "window")
    assert (found.window_length, found.centre_residues) == (9, "ST")
    assert found.sequences[-1] == "XXASTAAAX"
    assert found.mended == Counter({"padded with '-' or '_' at the ends: written as X": 1})


def test_whole_proteins_have_no_middle(tmp_path: Path) -> None:
    found = examples(tmp_path, windows())
    assert (found.window_length, found.centre_residues) == (None, "")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            windows(last="AAAAAAA"),
            ", line 14: 'line_14' has 7 residues, most windows have 9; cut or pad all windows to one length",
        ),
        (
            windows(last="AAAAXAAAA"),
            ", line 14: 'line_14' has X in its middle; a window stands around a site, cut it around one or take it out",
        ),
        (
            windows(length=8),
            ": windows of 8 residues have no middle; give windows of odd length, the site in the middle",
        ),
    ],
)
def test_windows_that_are_none_are_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        examples(tmp_path, content, "window")
    assert str(refused.value) == f"examples{told}"


def test_a_window_of_wrong_length_is_told_where_it_stands_not_where_its_label_does(tmp_path: Path) -> None:
    records = "".join(f">p{n}\n{sequence}\n" for n, sequence in enumerate(distinct(12)))
    table = "id\tlabel\nlong\t1\n" + "".join(f"p{n}\t{n % 2}\n" for n in range(12))
    with pytest.raises(UserError, match=r"^examples, line 25: 'long' has 11 residues, most windows have 9"):
        examples(tmp_path, f"{records}>long\n{'A' * 11}\n", "window", table=table)


WINDOWS = Task("window", "classification", ("0", "1"))


def more(folder: Path, content: str, task: Task = WINDOWS, length: int | None = 9) -> int:
    (folder / "e").write_text(content)
    return len(read_more_examples(folder / "e", "examples", task, Columns(), None, length))


def test_a_model_that_goes_on_learning_keeps_its_labels_and_its_windows(tmp_path: Path) -> None:
    assert more(tmp_path, windows()) == 12
    with pytest.raises(UserError) as refused:
        more(tmp_path, windows(length=7))
    assert str(refused.value).startswith(
        "examples, line 2: 'line_2' has 7 residues, the model was tuned on windows of 9; cut or pad all windows"
    )
    with pytest.raises(UserError, match="line 14: the label '2' is unknown, the model knows 0, 1"):
        more(tmp_path, windows() + "AAAASAAAC\t2\n")
    with pytest.raises(UserError, match="the same sequence is labelled '1' here and '0' in line 2"):
        more(tmp_path, windows() + "AASSSAAAA\t1\n", Task("protein", "classification", ("0", "1")), None)
