from collections import Counter
from pathlib import Path

import pytest

from plmkit.data.dataset import Columns, Example, Unit, labels_in_headers, read_examples, source_protein
from plmkit.data.fasta import read_fasta
from plmkit.errors import UserError

ROWS = [("a%1%3", "MKV", "yes"), ("a%2%4", "KVL", "no"), ("b", "mka*", "yes"), ("c", "GGG", "no")]
FASTA = "".join(f">{name} words LABEL={label} more\n{sequence}\n" for name, sequence, label in ROWS)
UNLABELLED = "".join(f">{name}\n{sequence}\n" for name, sequence, _ in ROWS)


def read(path: Path, content: str, unit: Unit = "protein", columns: Columns | None = None) -> tuple[Example, ...]:
    path.write_text(content)
    return read_examples(path, "examples", unit, columns or Columns(), None).items


def facts(examples: tuple[Example, ...]) -> list[tuple[str, str, str, str]]:
    return [(item.name, item.sequence, item.label, item.group) for item in examples]


EXPECTED = [
    ("a%1%3", "MKV", "yes", "a"),
    ("a%2%4", "KVL", "no", "a"),
    ("b", "MKA", "yes", "b"),
    ("c", "GGG", "no", "c"),
]


def test_labels_are_read_from_headers(tmp_path: Path) -> None:
    assert facts(read(tmp_path / "e", FASTA)) == EXPECTED


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("{}\t{}\t{}\n", Columns()),
        ("{},{},{}\n", Columns()),
        ("{};{};{}\n", Columns()),
        ('"{}","{}","{}"\n', Columns()),
        ("{}\t{}\t{}\r\n\r\n", Columns()),
        (" {} \t {}\t{} \n", Columns()),
        ("\ufeff{}\t{}\t{}\n", Columns(identifier="1")),
        ("{}\t{}\t{}\n", Columns(sequence="2", label="3", identifier="1")),
    ],
)
def test_a_table_holds_the_same_whatever_its_delimiter(tmp_path: Path, row: str, columns: Columns) -> None:
    content = row.format("id", "sequence", "label") + "".join(row.lstrip("\ufeff").format(*values) for values in ROWS)
    assert facts(read(tmp_path / "e", content, columns=columns)) == EXPECTED


def test_labels_are_joined_by_name_whatever_their_order(tmp_path: Path) -> None:
    (tmp_path / "e").write_text(UNLABELLED)
    (tmp_path / "labels").write_text("label,id\n" + "".join(f"{label},{name}\n" for name, _, label in reversed(ROWS)))
    examples = read_examples(tmp_path / "e", "examples", "protein", Columns(), tmp_path / "labels")
    assert facts(examples.items) == EXPECTED


def test_labels_without_an_id_column_are_joined_by_the_first(tmp_path: Path) -> None:
    (tmp_path / "e").write_text(UNLABELLED)
    (tmp_path / "labels").write_text("protein,class\n" + "".join(f"{name},{label}\n" for name, _, label in ROWS))
    columns = Columns(label="class")
    assert facts(read_examples(tmp_path / "e", "examples", "protein", columns, tmp_path / "labels").items) == EXPECTED


def test_groups_are_read_from_their_column(tmp_path: Path) -> None:
    table = "id\tsequence\tlabel\tgroup\na%1%2\tMKV\t1\tfamily\nb\tKVL\t0\t\nc\tGGG\t0\tfamily\nd\tGGA\t1\tx\n"
    assert [item.group for item in read(tmp_path / "e", table)] == ["family", "b", "family", "x"]


def test_rows_without_names_are_called_by_their_line(tmp_path: Path) -> None:
    table = "\nsequence\tlabel\n\nMKV\t1\nKVL\t0\nGGG\t0\nGGA\t1\n"
    assert [(item.name, item.line) for item in read(tmp_path / "e", table)] == [(f"line_{n}", n) for n in (4, 5, 6, 7)]


def test_labels_are_ordered_as_numbers_then_as_words_and_kept_as_written(tmp_path: Path) -> None:
    labels = ["10", "b", "9", "-1", "a", "01"]
    table = "sequence\tlabel\n" + "".join(f"{'ACDEFGHIKLMN'[n]}MKV\t{labels[n % 6]}\n" for n in range(12))
    (tmp_path / "e").write_text(table)
    assert read_examples(tmp_path / "e", "x", "protein", Columns(), None).labels == ("-1", "01", "9", "10", "a", "b")


def test_windows_know_their_length_and_what_stands_in_their_middle(tmp_path: Path) -> None:
    table = "sequence\tlabel\n_MSKV\t1\nMKTVL\t0\nGGSG-\t0\nGGYGG\t1\n"
    (tmp_path / "e").write_text(table)
    windows = read_examples(tmp_path / "e", "examples", "window", Columns(), None)
    assert (windows.window_length, windows.centre_residues) == (5, "STY")
    assert windows.sequences == ["XMSKV", "MKTVL", "GGSGX", "GGYGG"]
    assert windows.mended == Counter({"padded with '-' or '_' at the ends: written as X": 2})


def test_whole_proteins_have_no_middle(tmp_path: Path) -> None:
    (tmp_path / "e").write_text(FASTA)
    proteins = read_examples(tmp_path / "e", "examples", "protein", Columns(), None)
    assert (proteins.window_length, proteins.centre_residues) == (None, "")


@pytest.mark.parametrize("labels", [51, 101])
def test_more_classes_than_half_the_examples_or_than_a_hundred_are_no_classes(tmp_path: Path, labels: int) -> None:
    count = 100 if labels == 51 else 300
    letters = "ACDEFGHIKLMNPQRSTVWY"
    rows = "".join(f"{letters[n % 20]}{letters[n // 20]}MK\tc{n % labels}\n" for n in range(count))
    with pytest.raises(UserError, match=f"{labels} different labels among {count} examples"):
        read(tmp_path / "e", "sequence\tlabel\n" + rows)


@pytest.mark.parametrize(
    ("name", "protein"),
    [
        ("P12345%7%15", "P12345"),
        ("sp|P04637|P53_HUMAN%-7%9", "sp|P04637|P53_HUMAN"),
        ("a%b%3%4", "a%b"),
        ("P12345", "P12345"),
        ("P12345%7", "P12345%7"),
        ("100%", "100%"),
    ],
)
def test_a_window_belongs_to_the_protein_in_its_name(name: str, protein: str) -> None:
    assert source_protein(name) == protein


def test_labels_count_only_when_every_header_has_one(tmp_path: Path) -> None:
    (tmp_path / "p").write_text(">a LABEL=x\nM\n>b LABEL=y z\nM\n")
    assert labels_in_headers(read_fasta(tmp_path / "p", "proteins")) == ["x", "y"]
    (tmp_path / "p").write_text(">a LABEL=x\nM\n>b NOLABEL=y\nM\n")
    assert labels_in_headers(read_fasta(tmp_path / "p", "proteins")) is None


def test_groups_are_read_from_the_table_of_labels(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("".join(f">w{n}\nM{'A' * n}K\n" for n in range(10)))
    (tmp_path / "t").write_text("id\tlabel\tprotein\n" + "".join(f"w{n}\t{n % 2}\tp{n // 5}\n" for n in range(10)))
    found = read_examples(tmp_path / "f", "examples", "protein", Columns(group="protein"), tmp_path / "t")
    assert {item.group for item in found.items} == {"p0", "p1"}
    assert found.proteins_are_known
    with pytest.raises(UserError, match="--group-column goes with a table"):
        read_examples(tmp_path / "f", "examples", "protein", Columns(group="protein"), None)
