from pathlib import Path

import pytest
from tests.data.example_files import named, written

from plmkit.data.columns import Columns
from plmkit.data.labelled import Source, read_written, source_protein
from plmkit.data.task import Unit
from plmkit.errors import UserError

ROWS = [("a%1%3", "MKV", "yes"), ("a%2%4", "KVL", "no"), ("b", "mka*", "yes"), ("c", "GGG", "no")]
FASTA = "".join(f">{name} words LABEL={label} more\n{sequence}\n" for name, sequence, label in ROWS)
UNLABELLED = "".join(f">{name}\n{sequence}\n" for name, sequence, _ in ROWS)
EXPECTED = [("a%1%3", "MKV", "yes"), ("a%2%4", "KVL", "no"), ("b", "MKA", "yes"), ("c", "GGG", "no")]


def facts(folder: Path, content: str, table: str | None = None, **columns: str) -> list[tuple[str, str, str]]:
    rows = written(folder, content, table=table, columns=named(**columns)).rows
    return [(row.name, *row.sequences, *row.cells) for row in rows]  # type: ignore[misc]


def test_labels_are_read_from_headers(tmp_path: Path) -> None:
    assert facts(tmp_path, FASTA) == EXPECTED


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("{}\t{}\t{}\n", {}),
        ("{},{},{}\n", {}),
        ("{};{};{}\n", {}),
        ('"{}","{}","{}"\n', {}),
        ("{}\t{}\t{}\r\n\r\n", {}),
        (" {} \t {}\t{} \n", {}),
        ("\ufeff{}\t{}\t{}\n", {"identifier": "1"}),
        ("{}\t{}\t{}\n", {"sequence": "2", "label": "3", "identifier": "1"}),
    ],
)
def test_a_table_holds_the_same_whatever_its_delimiter(tmp_path: Path, row: str, columns: dict[str, str]) -> None:
    content = row.format("id", "sequence", "label") + "".join(row.lstrip("\ufeff").format(*values) for values in ROWS)
    assert facts(tmp_path, content, **columns) == EXPECTED


def test_labels_are_joined_by_name_whatever_their_order(tmp_path: Path) -> None:
    table = "label,id\n" + "".join(f"{label},{name}\n" for name, _, label in reversed(ROWS))
    assert facts(tmp_path, UNLABELLED, table) == EXPECTED
    found = written(tmp_path, UNLABELLED, table=table).rows
    assert [(row.line, row.sequence_line) for row in found] == [(5, 1), (4, 3), (3, 5), (2, 7)]


def test_labels_without_an_id_column_are_joined_by_the_first(tmp_path: Path) -> None:
    table = "protein,class\n" + "".join(f"{name},{label}\n" for name, _, label in ROWS)
    assert facts(tmp_path, UNLABELLED, table, label="class") == EXPECTED


def test_rows_without_names_are_called_by_their_line(tmp_path: Path) -> None:
    found = written(tmp_path, "\nsequence\tlabel\n\nMKV\t1\nKVL\t0\n").rows
    assert [(row.name, row.line, row.sequence_line) for row in found] == [("line_4", 4, 4), ("line_5", 5, 5)]


def test_biotrainer_headers_say_part_and_mask(tmp_path: Path) -> None:
    fasta = (
        ">a TARGET=HHC SET=train VALIDATION=False MASK=011\nMKV\n"
        ">b TARGET=HEC SET=train VALIDATION=True\nMKV\n>c SET=test2 TARGET=CCC\nMKV\n>d TARGET=CCC\nMKV\n"
    )
    found = written(tmp_path, fasta, "residue").rows
    assert [(row.cells, row.part, row.mask) for row in found] == [
        (("HHC",), "train", "011"),
        (("HEC",), "valid", None),
        (("CCC",), "test2", None),
        (("CCC",), None, None),
    ]


@pytest.mark.parametrize(
    ("content", "unit", "sequences", "cells", "parts"),
    [
        ("protein,label,stage\nMKV,1,train\nMKA,0,valid\n", "protein", ["MKV", "MKA"], ["1", "0"], ["train", "valid"]),
        ('protein,label\nMKVL,"2, 1, 2, 0"\n', "residue", ["MKVL"], ["2, 1, 2, 0"], [None]),
        ("mutant,mutated_sequence,DMS_score\nM1A,AKV,-0.5\n", "protein", ["AKV"], ["-0.5"], [None]),
        (
            "sequence,target,set,validation\nMKV,1,train,\nMKA,0,train,True\nMKL,0,test,\n",
            "protein",
            ["MKV", "MKA", "MKL"],
            ["1", "0", "0"],
            ["train", "valid", "test"],
        ),
        ("sequence,target,split\nMKV,1.5,test\n", "protein", ["MKV"], ["1.5"], ["test"]),
    ],
)
def test_published_tables_are_read_without_options(
    tmp_path: Path, content: str, unit: Unit, sequences: list[str], cells: list[str], parts: list[str | None]
) -> None:
    found = written(tmp_path, content, unit).rows
    assert [row.sequences for row in found] == [(sequence,) for sequence in sequences]
    assert [row.cells for row in found] == [(cell,) for cell in cells]
    assert [row.part for row in found] == parts


def test_flip_tables_of_residues_have_a_mask(tmp_path: Path) -> None:
    found = written(tmp_path, "id,sequence,labels,mask,split\n1abc-A,MKV,HHC,011,train\n", "residue").rows
    assert [(row.name, row.cells, row.mask) for row in found] == [("1abc-A", ("HHC",), "011")]


def test_pairs_are_two_sequences_of_a_row(tmp_path: Path) -> None:
    found = written(tmp_path, "protein_1,protein_2,label,stage\nMKV,GGG,1,test\n", "pair").rows
    assert [(row.name, row.sequences, row.part) for row in found] == [("line_2", ("MKV", "GGG"), "test")]


@pytest.mark.parametrize("header", ["a\tb", "protein_1\tprotein_2", "id\tpartner", "id_1\tid_2", "name_1\tname_2"])
def test_pairs_are_two_names_of_a_row(tmp_path: Path, header: str) -> None:
    fasta = ">x\nMKV\n>y\nGGG\n>z\nAAA\n>alone\nWWW\n"
    found = written(tmp_path, fasta, "pair", f"{header}\tlabel\ny\tx\t1\nx\tz\t0\nz\tz\t0\n")
    assert [(row.name, row.sequences, row.cells, row.line) for row in found.rows] == [
        ("y/x", ("GGG", "MKV"), ("1",), 2),
        ("x/z", ("MKV", "AAA"), ("0",), 3),
        ("z/z", ("AAA", "AAA"), ("0",), 4),
    ]
    assert found.remarks == ["examples: 1 of 4 stand in no pair"]


def test_groups_and_weights_stand_in_columns_and_a_missing_group_is_none(tmp_path: Path) -> None:
    table = "id\tsequence\tlabel\tgroup\tweight\na\tMKV\t1\tfamily\t2\nb\tKVL\t0\t\t0.5\nc\tGGG\t0\tNA\t1e1\n"
    found = written(tmp_path, table).rows
    assert [(row.group, row.weight) for row in found] == [("family", 2.0), (None, 0.5), (None, 10.0)]


def test_whoever_asks_needs_no_labels(tmp_path: Path) -> None:
    for content, table in (
        (">a\nMKV\n", None),
        ("id,sequence\na,MKV\n", None),
        (">a x=1\nMKV\n>b\nGGG\n", None),
    ):
        assert written(tmp_path, content, table=table, purpose="ask").rows[0].cells == ()
    pairs = written(tmp_path, ">x\nMKV\n>y\nGGG\n", "pair", "a,b\nx,y\n", "ask")
    assert [row.name for row in pairs.rows] == ["x/y"]


@pytest.mark.parametrize(
    ("content", "unit", "table", "told"),
    [
        (">a\nM\n", "protein", None, "examples: no header holds LABEL=; write it there or give a table of labels"),
        (
            ">a LABEL=1\nM\n>b LABEL=\nM\n",
            "protein",
            None,
            "examples, line 3: no LABEL= in the header of 'b'; write it there or take the record out",
        ),
        (
            ">a LABEL=1 SET=pred\nM\n",
            "protein",
            None,
            "examples, line 1: SET=pred is none of train, valid and test; write one of these words",
        ),
        (
            "sequence,label,split\nM,1,train\nMK,1,trian\nMV,0,\n",
            "protein",
            None,
            "examples, line 3: 'trian' is none of train, valid and test; write one of these words; "
            "line 4: '' is none of train, valid and test; write one of these words",
        ),
        (
            "sequence,label,weight\nM,1,0\nMK,1,1\nMV,0,heavy\nMA,0,nan\nMC,0,inf\nMD,0,-1\n",
            "protein",
            None,
            "examples, line 2: the weight '0' is no number above 0; mend it or take the row out; line 4: the weight "
            "'heavy' is no number above 0; mend it or take the row out; line 5: the weight 'nan' is no number above 0; "
            "mend it or take the row out; line 6: the weight 'inf' is no number above 0; mend it or take the row out; "
            "line 7: the weight '-1' is no number above 0; mend it or take the row out",
        ),
        (
            "id,sequence,label\n,M,1\n,MK,1\n",
            "protein",
            None,
            "examples, line 2: no name; write one, or name another --identifier-column; "
            "line 3: no name; write one, or name another --identifier-column",
        ),
        (
            "id,sequence,label\na,M,1\na,MK,1\n",
            "protein",
            None,
            "examples, line 3: the name 'a' stands already in line 2; take out a repeated row, or name it anew",
        ),
        (
            'id,sequence,label\n"a\nb",M,1\n',
            "protein",
            None,
            "examples, line 3: the name 'a\\nb' holds a tab or a line break; take it out",
        ),
        (
            '>a LABEL="cell wall"\nM\n',
            "protein",
            None,
            "examples, line 1: the label of 'a' begins with \"; write one word, without quotation marks",
        ),
        ("x,label\nM,1\n", "protein", None, "examples: which column holds the sequences? Name it with --sequence-"),
        (
            "sequence,label\nM,1\n",
            "pair",
            None,
            "examples: which column holds the second sequences? Name it with --partner-column",
        ),
        (
            ">a LABEL=1\nM\n",
            "pair",
            None,
            "examples: pairs need a table which names the two proteins of each; give it as --labels",
        ),
        (
            ">a\nM\n>b\nMK\n",
            "pair",
            "a,b,label\na,c,1\nd,b,1\nb,a,0\n",
            "labels, line 2: 'c' is not among the examples; take the row out or add the sequence; "
            "line 3: 'd' is not among the examples; take the row out or add the sequence",
        ),
        (
            ">a\nM\n",
            "pair",
            "x,y,label\na,a,1\n",
            "labels: which column holds the first proteins? Name it with --identifier-column; the columns are 'x', 'y'",
        ),
        (
            ">a\nM\n",
            "protein",
            ">a\nHHEC\n",
            "labels: this is FASTA; give a table with a row for each name, below a header line",
        ),
        (
            "sequence,label\nM,1\n",
            "protein",
            "id,label\na,1\n",
            "examples: a separate table of labels goes with FASTA, but this is a table; leave it out",
        ),
        (
            ">a\nM\n>b\nMK\n",
            "protein",
            "id,label\na,1\n",
            "examples, line 3: 'b' has no row among the labels; add one or take the record out",
        ),
        (
            ">a\nM\n",
            "protein",
            "id,label\na,1\na,1\nq,0\n",
            "labels, line 3: 'a' has a label already; give each name once; line 4: 'q' is not among the examples; take",
        ),
    ],
)
def test_mistakes_name_the_input_the_line_and_the_remedy(
    tmp_path: Path, content: str, unit: Unit, table: str | None, told: str
) -> None:
    with pytest.raises(UserError) as refused:
        written(tmp_path, content, unit, table)
    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("option", ["sequence", "label", "identifier", "partner", "group", "split", "weight", "mask"])
def test_columns_of_fasta_are_refused_not_passed_over(tmp_path: Path, option: str) -> None:
    with pytest.raises(UserError, match=f"examples: --{option}-column goes with a table, but this is FASTA"):
        written(tmp_path, FASTA, columns=named(**{option: "1"}))


def test_sequences_of_fasta_have_no_column_even_with_a_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--sequence-column goes with a table of sequences, but this is FASTA"):
        written(tmp_path, UNLABELLED, table="id,label\na,1\n", columns=named(sequence="1"))


def test_the_table_of_pairs_is_named_as_its_option(tmp_path: Path) -> None:
    (tmp_path / "proteins").write_text(">a\nMKV\n")
    (tmp_path / "pairs").write_text("a,b\na,c\n")
    source = Source(tmp_path / "proteins", "proteins", "pair", Columns(), tmp_path / "pairs", "pairs")
    with pytest.raises(UserError, match=r"^pairs, line 2: 'c' is not among the proteins"):
        read_written(source, "ask")
    with pytest.raises(UserError, match="give it as --pairs"):
        read_written(Source(tmp_path / "proteins", "proteins", "pair", Columns()), "ask")


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


def test_label_is_no_part_of_the_name_of_a_label(tmp_path: Path) -> None:
    assert written(tmp_path, "sequence,label_acetyl,x,label_methyl\nMKV,1,2,0\n").columns == ("acetyl", "methyl")
    assert written(tmp_path, ">a\nMKV\n", table="id,label_acetyl,label_methyl\na,1,0\n").columns[1] == "methyl"
