"""Mistakes in proteins, examples and labels: one line which names the input and the remedy, and no file."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.commands.command_lines import Refused, embedding, labelled, learning


def zipped_workbook() -> bytes:
    """Return the beginning of what Excel writes: a zip archive whose first member is [Content_Types].xml."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as workbook:
        workbook.writestr("[Content_Types].xml", "<Types/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "place", "remedy"),
    [
        ("", "proteins: the file is empty", "give a file with at least one record"),
        ("\n\n  \n", "proteins: the file holds only blank lines", "give a file"),
        ("id\tsequence\na\tMKV\n", "proteins, line 1: expected a FASTA header", "give a FASTA file"),
        ("\n\nMKV\n>a\nMKV\n", "proteins, line 3: expected a FASTA header", "give a FASTA file"),
        (">a\nMKV\n>b\n>c\nMKV\n", "proteins, line 3, b: no residues", ""),
        (">a\nMKV\n>b\n*\n", "proteins, line 3, b: no residues", ""),
        (">a\nMKV\n>\nMKV\n", "proteins, line 3: the header has no name", "write one after '>'"),
        (">a\nMK*V\n", "proteins, line 1, a: '*' at residue 3", "cut there"),
        (">a\nMK\nV-A\n", "proteins, line 1, a: '-' at residue 4", "take the unaligned sequence"),
        (">a\nMK.V\n", "proteins, line 1, a: '.' at residue 3", "take the unaligned sequence"),
        (">a\nMK1V\n", "proteins, line 1, a: '1' at residue 3", "one-letter code"),
        (">a\nMKßV\n", "proteins, line 1, a: 'ß' at residue 3", "one-letter code"),
        (">a x\nMKV\n>b\nMKV\n>a y\nMAV\n", "proteins, line 5: the name 'a' stands already in line 1", "first word"),
        (gzip.compress(b">a\nMKV\n" * 9, mtime=0)[:-6], "proteins, after line", "upload or compress it again"),
        (gzip.compress(b"", mtime=0), "proteins: the file is empty", "at least one record"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "proteins: this is an old Excel or Word file", "as text"),
        (zipped_workbook(), "proteins: this is an Excel workbook or Word document", "save it as CSV or as plain text"),
        (b"%PDF-1.7\n%\xe2\xe3", "proteins: this is a PDF document", "as text"),
        (b"\x89HDF\r\n\x1a\n\x00\x00", "proteins: this is an HDF5 file", "as text"),
        (b"PAR1\x15\x04\x15", "proteins: this is a parquet file", "as text"),
        (b"PK\x03\x04\x14\x00", "proteins: this is a zip archive", "unpack"),
        (
            ">a é\nMKV\n".encode("latin-1"),
            "proteins, below line 0: letters which are not UTF-8",
            "save the file as UTF-8",
        ),
        (b">a\nMKV\n>b\nM\x00V\n", "proteins, line 4: this is not a text file", "give plain text"),
    ],
)
def test_a_file_which_is_no_proteins_is_refused(
    refused: Refused, tmp_path: Path, content: str | bytes, place: str, remedy: str
) -> None:
    message = refused("proteins", *embedding(tmp_path, content))
    assert message.startswith(place)
    assert remedy in message


def test_a_missing_file_and_a_folder_are_refused(refused: Refused, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.tsv"
    assert "there is no file" in refused("proteins", "embed", "--proteins", tmp_path / "none.fa", "--vectors", vectors)
    assert "folder" in refused("proteins", "embed", "--proteins", tmp_path, "--vectors", vectors)
    below = embedding(tmp_path, ">a\nMKV\n")[2]
    assert "there is no file" in refused("proteins", "embed", "--proteins", f"{below}/x", "--vectors", vectors)


def test_all_mistakes_of_a_file_are_counted_and_the_first_five_told(refused: Refused, tmp_path: Path) -> None:
    message = refused("proteins", *embedding(tmp_path, "".join(f">p{n}\nM*K\n" for n in range(8))))
    assert [f"line {2 * n + 1}, p{n}:" in message for n in range(8)] == [True] * 5 + [False] * 3
    assert message.endswith("and 3 more such problems")


@pytest.mark.parametrize(
    "option",
    [
        "--label-column",
        "--sequence-column",
        "--identifier-column",
        "--group-column",
        "--split-column",
        "--weight-column",
    ],
)
@pytest.mark.parametrize("name", ["Lable", "0", "4"])
def test_a_misnamed_column_is_answered_with_the_names_there_are(
    refused: Refused, tmp_path: Path, option: str, name: str
) -> None:
    table = "id,sequence,label\n" + "".join(f"{n},MK{'AV'[n % 2]},{n % 2}\n" for n in range(20))
    message = refused("examples", *learning(tmp_path, table, option, name))
    assert message == (
        f"examples: there is no column {name!r}; the columns are 'id', 'sequence', 'label'; "
        "give the name or number of one"
    )


def test_a_table_without_the_label_column_is_refused(refused: Refused, tmp_path: Path) -> None:
    message = refused("examples", *learning(tmp_path, "id\tsequence\na\tMKV\n"))
    assert message == (
        "examples: which column holds the labels? Name it with --label-column; the columns are 'id', 'sequence'"
    )


def test_two_columns_of_one_name_must_be_told_apart_by_number(refused: Refused, tmp_path: Path) -> None:
    message = refused("examples", *learning(tmp_path, "sequence\tlabel\tlabel\nMKV\t1\t0\n"))
    assert message == "examples: 2 columns are named 'label'; give the column's number"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("sequence\tlabel\n", "the table has no rows below its header; give at least one"),
        ("sequence\tlabel\nMKV\t1\nMKA\n", "line 3: 1 cells, but the header has 2"),
        ("sequence\tlabel\nMKV\t1\n\nMKA\t0\t0\n", "line 4: 3 cells, but the header has 2"),
        ("sequence\tlabel\nMKV\t1\nMKA\t\n", "line 3: 'line_3' has no label ('')"),
        ("sequence\tlabel\nMKV\t1\nMKA\tNA\n", "line 3: 'line_3' has no label ('NA'); add it or take the row out"),
        ("sequence\tlabel\nMKV\t1\nMKA\t?\n", "line 3: 'line_3' has no label ('?')"),
        ("sequence\tlabel\nMKV\t1\nM-A\t0\n", "line 3, line_3: '-' at residue 2"),
        ("sequence\tlabel\nMKV\t1\n\t0\n", "line 3, line_3: no residues"),
        ("id\tsequence\tlabel\na\tMKV\t1\na\tMKA\t0\n", "line 3: the name 'a' stands already in line 2"),
    ],
)
def test_mistakes_in_a_table_are_told_by_line(refused: Refused, tmp_path: Path, table: str, told: str) -> None:
    assert told in refused("examples", *learning(tmp_path, table))


def test_an_open_quotation_mark_in_a_large_table_is_one_line(refused: Refused, tmp_path: Path) -> None:
    table = "id\tsequence\tlabel\n\"5'UTR\tMKV\t1\n" + "x\tMKVMKVMKVMKV\t0\n" * 10_000
    refused("examples", *learning(tmp_path, table))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (">a\nMKV\n>b\nMKA\n", "examples: no header holds LABEL=; write it there or give a table of labels"),
        (">a LABEL=1\nMKV\n>b\nMKA\n", "examples, line 3: no LABEL= in the header of 'b'"),
        ("".join(labelled(20, "a")), "examples: all 20 examples have the label 'a'; classification needs at least two"),
        (
            "".join(f">p{n} LABEL={n / 7:.3f}".replace(".", ",") + f"\n{'MK' * (n + 1)}\n" for n in range(30)),
            "examples, line 1: the label '0,000' is no number, but most labels look like numbers; write a number, with "
            "a point for the fraction, or give --task classification",
        ),
        (
            "".join(f">p{n} LABEL=class{n}\n{'MK' * (n + 1)}\n" for n in range(30)),
            "examples: 30 different labels among 30 examples; classification needs few labels",
        ),
        (
            "".join(labelled(20)) + ">c LABEL=c SET=test\nWWWWW\n",
            "examples: no example to learn from has the label 'c'; add some, move some there from validation or test",
        ),
        (
            "".join(labelled(20)).replace(" LABEL", " SET=test LABEL"),
            "examples: all examples are put aside for validation or test; leave some to learn from",
        ),
        (">a LABEL=1 SET=later\nMKV\n", "examples, line 1: SET=later is none of train, valid and test; write one of"),
        (
            "".join(labelled(40, ["Yes", "no", "yes", "no"])),
            "examples: 'Yes', 'yes' are spellings of one label; write it in one way",
        ),
        ("".join(labelled(3, "abc")), "examples: only 3 examples; ten are the least, hundreds are better"),
        (
            "".join(f">gene{n} LABEL={n % 2}\n{'ATGCCGTTAGACTGAT' * 3}{'ACGT'[n % 4]}\n" for n in range(20)),
            "examples, line 1, gene0: only the letters of nucleotides; translate genes into proteins first",
        ),
        (
            "".join(labelled(20)) + ">again LABEL=b\nAASSSSSSS\n",
            "examples, line 41: the same sequence is labelled 'b' here and 'a' in line 1; keep one",
        ),
        (
            "".join(labelled(20)) + ">c LABEL=c\nWWWWW\n",
            "examples: label 'c' has 1 of the 5 examples which each label needs for this validation share",
        ),
        (
            "".join(
                f">{'one' if n % 2 else 'other'}%{n}%{n + 3} LABEL={n % 2}\n{'MKW'[n % 3] * (n + 1)}\n"
                for n in range(20)
            ),
            "examples: the 20 examples come from only 2 unrelated groups (same protein or same sequence), too few",
        ),
    ],
)
def test_examples_which_nothing_can_be_learned_from_are_refused(
    refused: Refused, tmp_path: Path, content: str, told: str
) -> None:
    assert refused("examples", *learning(tmp_path, content)).startswith(told)


def test_numbers_are_no_classes_if_there_are_too_many(refused: Refused, tmp_path: Path) -> None:
    content = "".join(f">p{n} LABEL={n / 7:.3f}\n{'MK' * (n + 1)}\n" for n in range(30))
    message = refused("examples", *learning(tmp_path, content, "--task", "classification"))
    assert message.startswith("examples: 30 different labels among 30 examples; classification needs few labels")


@pytest.mark.parametrize(
    ("unit", "table", "told"),
    [
        (
            "residue",
            "sequence,label\nMKV,HHE\nMKVL,HHE\n",
            "examples, line 3: 'line_3' has 4 residues and 3 labels; give one for each residue",
        ),
        (
            "residue",
            "sequence,labels,mask\nMKV,HHE,11\n",
            "examples, line 2: 'line_2' has 3 residues and a mask of 2; give 0 or 1 for each residue",
        ),
        (
            "residue",
            "sequence,label\nMKV,HHE\n",
            "examples: only 3 residues with a label; 100 are the least, thousands are better",
        ),
        (
            "pair",
            "sequence_1,sequence_2,label\nMKV,MKA,1\nMKV,M-A,0\n",
            "examples, line 3, line_3: '-' at residue 2 (a gap: take the unaligned sequence)",
        ),
        (
            "pair",
            "sequence_1,sequence_2,label\n" + "".join(f"MK,M{'A' * n},{n % 2}\n" for n in range(10)) + "MA,MK,0\n",
            "examples, line 12: the same pair is labelled '0' here and '1' in line 3; keep one",
        ),
        (
            "pair",
            "sequence,label\nMKV,1\n",
            "examples: which column holds the second sequences? Name it with --partner-column; the columns are "
            "'sequence', 'label'",
        ),
        (
            "protein",
            "sequence,label,split\nMKV,1,train\nMKA,0,tset\n",
            "examples, line 3: 'tset' is none of train, valid and test; write one of these words",
        ),
        (
            "protein",
            "sequence,label,weight\nMKV,1,1\nMKA,0,0\n",
            "examples, line 3: the weight '0' is no number above 0; mend it or take the row out",
        ),
        (
            "protein",
            "sequence,label\nMKV,a;b\nMKA,\n",
            "examples, line 3: 'line_3' has no label (''); add it or take the row out; where none of the labels is "
            "true, write ';'",
        ),
    ],
)
def test_mistakes_of_other_kinds_of_examples_are_told_by_line(
    refused: Refused, tmp_path: Path, unit: str, table: str, told: str
) -> None:
    assert refused("examples", *learning(tmp_path, table, "--unit", unit)) == told


def test_pairs_of_names_must_be_among_the_examples(refused: Refused, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a\tb\tlabel\np0\tp1\t1\np0\tq\t0\n")
    content = "".join(labelled(20))
    assert refused("labels", *learning(tmp_path, content, "--labels", pairs, "--unit", "pair")) == (
        "labels, line 3: 'q' is not among the examples; take the row out or add the sequence"
    )
    assert refused("examples", *learning(tmp_path, content, "--unit", "pair")) == (
        "examples: pairs need a table which names the two proteins of each; give it as --labels"
    )


def test_a_model_goes_on_learning_from_windows_of_its_length(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    content = "".join(labelled(20, "01"))
    message = refused("examples", *learning(tmp_path, content, "--unit", "window", "--start", bundle))
    assert message.startswith("examples, line 1: 'p0' has 9 residues, the model was tuned on windows of 21; cut or pad")


def test_windows_must_have_one_length(refused: Refused, tmp_path: Path) -> None:
    content = "".join(labelled(20, "01")) + ">long LABEL=1\nMKVMKVMKVMK\n"
    message = refused("examples", *learning(tmp_path, content, "--unit", "window"))
    assert message == (
        "examples, line 41: 'long' has 11 residues, most windows have 9; cut or pad all windows to one length"
    )


def test_windows_must_have_a_middle(refused: Refused, tmp_path: Path) -> None:
    message = refused("examples", *learning(tmp_path, "".join(labelled(20, "01", length=8)), "--unit", "window"))
    assert message == (
        "examples: windows of 8 residues have no middle; give windows of odd length, the site in the middle"
    )


@pytest.mark.parametrize("chosen", [(), ("--negative-label", "c")])
def test_the_label_of_unmodified_sites_must_be_known(refused: Refused, tmp_path: Path, chosen: tuple[str, ...]) -> None:
    message = refused("examples", *learning(tmp_path, "".join(labelled(20, "ab")), "--unit", "window", *chosen))
    assert "'a', 'b'" in message
    assert "--negative-label" in message


@pytest.mark.parametrize(
    ("change", "role", "told"),
    [
        (
            lambda rows: rows[:-1],
            "examples",
            "examples, line 39: 'p19' has no row among the labels; add one or take the record out",
        ),
        (lambda rows: [*rows, "q\ta"], "labels", "labels, line 22: 'q' is not among the examples; take the row out"),
        (lambda rows: [*rows[:-1], "p19\t"], "labels", "labels, line 21: 'p19' has no label ('')"),
        (lambda rows: [*rows, "p0\ta"], "labels", "labels, line 22: 'p0' has a label already; give each name once"),
    ],
)
def test_labels_and_examples_must_match(
    refused: Refused, tmp_path: Path, change: Callable[[list[str]], list[str]], role: str, told: str
) -> None:
    labels = tmp_path / "labels.tsv"
    rows = [f"p{n}\t{'ab'[n % 2]}" for n in range(20)]
    labels.write_text("\n".join(["id\tlabel", *change(rows)]) + "\n")
    assert refused(role, *learning(tmp_path, "".join(labelled(20)), "--labels", labels)).startswith(told)


def test_labels_need_their_column(refused: Refused, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("id\tclass\np0\ta\n")
    message = refused("labels", *learning(tmp_path, "".join(labelled(20)), "--labels", labels))
    assert message == (
        "labels: which column holds the labels? Name it with --label-column; the columns are 'id', 'class'"
    )


def test_a_table_of_examples_takes_no_second_table(refused: Refused, tmp_path: Path) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("id\tlabel\na\t1\n")
    assert "leave it out" in refused("examples", *learning(tmp_path, "sequence\tlabel\nMKV\t1\n", "--labels", labels))


def test_the_mark_of_a_site_must_stand_in_the_middle(refused: Refused, tmp_path: Path) -> None:
    rows = "".join(f"AAAAAAA{'ACDEFGHIKL'[n]}sAAAAAA\t{n % 2}\n" for n in range(10))
    message = refused("examples", *learning(tmp_path, f"sequence\tlabel\n{rows}", "--unit", "window"))
    assert message.startswith(
        "examples, line 2, line_2: the lower-case letter at residue 9 marks the site, but the middle is residue 8; "
    )


def test_positions_in_a_padded_window_count_from_its_beginning(refused: Refused, tmp_path: Path) -> None:
    rows = "".join(f"___AGS*PE{'ACDEFGHIKL'[n]}AA\t{n % 2}\n" for n in range(10))
    message = refused("examples", *learning(tmp_path, f"sequence\tlabel\n{rows}", "--unit", "window"))
    assert message.startswith("examples, line 2, line_2: '*' at residue 7 (a stop inside the protein, or the mark of")
