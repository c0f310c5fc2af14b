import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.forked import Program

TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
PROTEINS = TEST_DATA / "human_phosphosites" / "proteins.fasta"
Done = Callable[..., str]
Refused = Callable[..., str]
Joined = Callable[..., tuple[str, str]]


@pytest.fixture
def joined(done: Done, tmp_path: Path) -> Joined:
    """Join files of given contents; return what is written and said."""

    def run(*contents: str | bytes) -> tuple[str, str]:
        said = done(*joining(tmp_path, *contents))
        return (tmp_path / "out").read_text(), said

    return run


def joining(folder: Path, *contents: str | bytes) -> list[object]:
    command: list[object] = ["join", "--out", folder / "out"]
    for number, content in enumerate(contents):
        path = folder / f"part{number}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        command += ["--table", path]
    return command


def tables(folder: Path, count: int, suffix: str) -> list[object]:
    return [part for number in range(1, count + 1) for part in ("--table", folder / f"{number}{suffix}")]


def test_a_proteome_in_chunks_gives_what_it_gives_whole(done: Done, tmp_path: Path, bundle: Path) -> None:
    outputs = {"--sites": "t", "--gff": "g", "--bed": "b", "--marked": "f", "--summary": "s"}

    def scan(proteins: Path, name: str) -> None:
        written = [part for option, suffix in outputs.items() for part in (option, tmp_path / f"{name}.{suffix}")]
        done("ptm", "--bundle", bundle, "--proteins", proteins, "--threshold", 0.5, *written)

    done("chunk", "--proteins", PROTEINS, "--chunks", 3, "--out", tmp_path / "chunks")
    scan(PROTEINS, "whole")
    for number in (1, 2, 3):
        scan(tmp_path / "chunks" / f"chunk_00{number}.fasta", str(number))
    for suffix in outputs.values():
        done("join", *tables(tmp_path, 3, f".{suffix}"), "--out", tmp_path / "joined")
        assert (tmp_path / "joined").read_bytes() == (tmp_path / f"whole.{suffix}").read_bytes(), suffix


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_rows_stand_in_order_beneath_one_header(joined: Joined, delimiter: str) -> None:
    rows = [["id", "label"], ["b", "1"], ["a", " x"], ["c", ""]]
    head, *lines = [delimiter.join(row) + "\n" for row in rows]
    text, said = joined(head + lines[0], head, f"\n{head}\n{lines[1]}", head + lines[2].rstrip("\n"))
    assert text == head + "".join(lines)
    assert said == "3 rows joined; files: 4\n"


def test_compressed_files_are_read_by_content(joined: Joined) -> None:
    text, _ = joined(
        gzip.compress(b"id\tx\na\t1\n", mtime=0), "\ufeffid\tx\r\nb\t2\r\n", bz2.compress(b"id\tx\nc\t3\n")
    )
    assert text == "id\tx\na\t1\nb\t2\nc\t3\n"


def test_cells_of_csv_may_hold_line_ends_and_commas(joined: Joined) -> None:
    text, said = joined('id,x\na,"one\n\ntwo, three"\n', 'id,x\nb,"four"\n')
    assert text == 'id,x\na,"one\n\ntwo, three"\nb,"four"\n'
    assert said.startswith("2 rows")


def test_the_line_with_which_excel_names_the_delimiter_stands_once(joined: Joined) -> None:
    assert joined("sep=;\nid;x\na;1\n", "sep=;\nid;x\nb;2\n")[0] == "sep=;\nid;x\na;1\nb;2\n"


def test_vectors_whose_columns_are_numbers_are_tables(joined: Joined) -> None:
    assert joined("id\t1\t2\na\t0.5\t1\n", "id\t1\t2\nb\t0\t2\n")[0] == "id\t1\t2\na\t0.5\t1\nb\t0\t2\n"


def test_gff_has_one_version_all_regions_and_every_id_once(joined: Joined) -> None:
    site = "\tplmkit\tsite\t3\t3\t0.9\t.\t.\tID=site"
    first = f"##gff-version 3\n##sequence-region a 1 9\na{site}1;Name=S3\na{site}2\n"
    none = "##gff-version 3\n##sequence-region b 1 9\n"
    last = (
        f"##gff-version 3.1.26\n##sequence-region c 1 9\n# said\nc{site}1;Name=S3\nc\tX\tgene\t1\t2\t.\t.\t.\tID=g1\n"
    )
    text, said = joined(first, none, last, "##gff-version 3\nd" + site + "1\n")
    regions = "".join(f"##sequence-region {name} 1 9\n" for name in "abc")
    assert text == (
        f"##gff-version 3\n{regions}a{site}1;Name=S3\na{site}2\n# said\nc{site}3;Name=S3\n"
        f"c\tX\tgene\t1\t2\t.\t.\t.\tID=g1\nd{site}4\n"
    )
    assert said.startswith("5 rows")


def test_bedgraph_has_each_track_once_with_what_all_files_hold(joined: Joined) -> None:
    one, two = 'track type=bedGraph name="one"\n', 'track type=bedGraph name="two"\n'
    text, _ = joined(f"{one}a\t0\t1\t5\n{two}a\t0\t1\t6\n", f"{one}b\t0\t1\t7\n{two}b\t0\t1\t8\n", two)
    assert text == f"{one}a\t0\t1\t5\nb\t0\t1\t7\n{two}a\t0\t1\t6\nb\t0\t1\t8\n"


def test_bed_without_a_site_is_empty_and_said(joined: Joined) -> None:
    bed = "browser position a\n# words\na\t4\t5\tS5\t900\t.\n"
    text, said = joined("", bed, "", "browser position a\n# words\nb\t0\t1\tS1\t900\t.\n")
    assert text == bed + "b\t0\t1\tS1\t900\t.\n"
    assert "note: tables: 2 of 4 are empty (no bytes), nothing of them is joined: number 1, number 3\n" in said
    assert joined("", "")[0] == ""


def test_fasta_is_kept_with_its_headers_and_marks(joined: Joined) -> None:
    text, said = joined(">a some words\nMS#K\nV\n", "\n>b\nmkv*\n>c LABEL=1\nMK")
    assert text == ">a some words\nMS#K\nV\n>b\nmkv*\n>c LABEL=1\nMK\n"
    assert said.startswith("3 rows")


def test_a_protein_in_two_files_is_said(joined: Joined) -> None:
    note = "note: tables: 1 names stand in more than one of them, such as 'b' in number 1 and number 3; chunks of one"
    for contents in (
        ("id\tx\nb\t1\nb\t2\n", "id\tx\na\t1\n", "id\tx\nb\t3\n"),
        (">b\nMK\n", ">a\nMK\n", ">b\nMV\n"),
        (*(f"##gff-version 3\n##sequence-region {name} 1 9\n" for name in "bab"),),
    ):
        assert note in joined(*contents)[1], contents


def test_the_record_has_the_rows_of_each_file(done: Done, tmp_path: Path) -> None:
    command = joining(tmp_path, "id\tx\na\t1\nb\t1\n", "id\tx\n", "")
    names = [part for name in ("one", "two", "three") for part in ("--element-name", name)]
    done(*command, *names, "--record", tmp_path / "run.json")
    record = json.loads((tmp_path / "run.json").read_text())
    assert [entry["records"] for entry in record["inputs"]] == [2, 0, 0]
    assert record["counts"] == {"kind": "table", "tables": 3, "empty_tables": 1, "rows": 2}
    assert record["config"] == {"element_name": ["one", "two", "three"]}
    assert record["notes"] == ["tables: 1 of 3 are empty (no bytes), nothing of them is joined: number 3 (three)"]


TABLE, BED, GFF = "id\tx\na\t1\n", "a\t0\t1\n", "##gff-version 3\na\tX\tgene\t1\t2\t.\t.\t.\tID=g\n"


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (
            (TABLE, "id\ty\nb\t1\n"),
            "tables, number 2: its header is not that of number 1: column 2 is 'y', there 'x'; join results of one "
            "tool with the same settings",
        ),
        ((TABLE, "id\n"), "tables, number 2: its header is not that of number 1: column 2 is missing, there 'x'; join"),
        ((TABLE, "id\tx\tz\n"), "tables, number 2: its header is not that of number 1: column 3 is 'z', there missing"),
        (("id,x\n", 'id,"x"\n'), "tables, number 2: its header is not that of number 1: column 1 is 'id,\"x\"', there"),
        (
            (TABLE, "id\tx\nb\n\nc\t1\t2\n"),
            "tables, number 2, line 2: 1 cells, but the header has 2; was it cut?; line 4",
        ),
        ((TABLE, "\n\nid\tx\nb\n"), "tables, number 2, line 4: 1 cells, but the header has 2"),
        ((TABLE, BED), "tables, number 2: this is BED or bedGraph, number 1 is a table with a header line; join files"),
        (
            (BED, GFF, ">a\nM\n"),
            "tables, number 2: this is GFF3, number 1 is BED or bedGraph; join files of one kind; ",
        ),
        ((TABLE, TABLE), "tables, number 2: holds the same rows as number 1; give each chunk once"),
        ((TABLE, "id\tx\nb\t1\n", gzip.compress(TABLE.encode())), "tables, number 3: holds the same rows as number 1;"),
        ((BED, BED), "tables, number 2: holds the same rows as number 1"),
        ((">a\nM\n", ">a\nM\n"), "tables, number 2: holds the same rows as number 1"),
        (
            (GFF, GFF + "b\tX\tgene\t1\t2\t.\t.\t.\tID=h\n"),
            "tables, number 2, line 2: the ID 'g' is that of a feature of",
        ),
        (
            (GFF, GFF + "##FASTA\n>a\nM\n"),
            "tables, number 2, line 3: sequences in GFF3 cannot be joined; take them out",
        ),
        (
            ("{}",),
            "tables, number 1: begins with '{}', as none of what can be joined does: a table with a header line,",
        ),
        (("##gff-version 2\n",), "tables, number 1: begins with '##gff-version 2', as none"),
        (("##fileformat=VCFv4\n",), "tables, number 1: begins with '##fileformat=VCFv4', as none"),
        ((TABLE, " \n\n"), "tables, number 2: the file holds only blank lines; give a file with a header or a record"),
        ((TABLE, b"PK\x03\x04"), "tables, number 2: this is a zip archive, not text"),
        ((TABLE, gzip.compress(b"id\tx\n" * 99)[:-9]), "tables, number 2, after line"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    refused: Refused, tmp_path: Path, contents: tuple[str | bytes, ...], said: str
) -> None:
    assert refused("tables", *joining(tmp_path, *contents)).startswith(said)


def test_messages_use_the_names_of_a_collection(refused: Refused, tmp_path: Path) -> None:
    names = ["--element-name", "chunk_001", "--element-name", "chunk_002"]
    said = refused("tables", *joining(tmp_path, TABLE, TABLE), *names)
    assert said == "tables, number 2 (chunk_002): holds the same rows as number 1 (chunk_001); give each chunk once"
    refused("--element-name is given 1 times and --table 2 times", *joining(tmp_path, TABLE, TABLE), *names[:2])


def test_it_needs_no_torch(without_torch: Program, tmp_path: Path) -> None:
    assert without_torch(*joining(tmp_path, TABLE, "id\tx\nb\t1\n")).returncode == 0
