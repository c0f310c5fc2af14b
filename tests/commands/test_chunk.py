import bz2
import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.forked import Program

from plmkit.cli import main

TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
PROTEINS = TEST_DATA / "human_phosphosites" / "proteins.fasta"
Done = Callable[..., str]
Refused = Callable[..., str]


def chunks_of(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted((folder / "chunks").iterdir())]


def test_all_chunks_one_after_the_other_are_the_input(done: Done, tmp_path: Path) -> None:
    said = done("chunk", "--proteins", PROTEINS, "--chunks", 3, "--out", tmp_path / "chunks")
    assert sorted(path.name for path in (tmp_path / "chunks").iterdir()) == [f"chunk_00{n}.fasta" for n in (1, 2, 3)]
    assert "".join(chunks_of(tmp_path)) == PROTEINS.read_text()
    assert "20 proteins of 4,415 residues in 3 chunks; the costliest takes about 1.09 times as long as the mean" in said


def test_the_record_counts_what_is_in_the_files(done: Done, tmp_path: Path) -> None:
    record = tmp_path / "run.json"
    done("chunk", "--proteins", PROTEINS, "--residues", 1000, "--out", tmp_path / "chunks", "--record", record)
    counts = json.loads(record.read_text())["counts"]
    assert (counts["proteins"], counts["residues"], len(counts["chunks"])) == (20, 4415, 5)
    for chunk, text in zip(counts["chunks"], chunks_of(tmp_path), strict=True):
        residues = "".join(line for line in text.splitlines() if not line.startswith(">"))
        assert (chunk["proteins"], chunk["residues"]) == (text.count(">"), len(residues))


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress])
def test_headers_and_sequences_stay_as_given(done: Done, tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    given = tmp_path / "given"
    given.write_bytes(packed(b"\n>a one|two  LABEL=1\r\nmkv\r\nLS*\r\n>b\r\n--MKVL\r\n>c\tX\r\nM K\r\n"))
    done("chunk", "--proteins", given, "--chunks", 2, "--out", tmp_path / "chunks")
    assert "".join(chunks_of(tmp_path)) == ">a one|two  LABEL=1\nmkv\nLS*\n>b\n--MKVL\n>c\tX\nM K\n"


def test_few_proteins_are_one_chunk_by_default(done: Done, tmp_path: Path) -> None:
    done("chunk", "--proteins", PROTEINS, "--out", tmp_path / "chunks")
    assert chunks_of(tmp_path) == [PROTEINS.read_text()]


def test_two_equal_runs_give_equal_files(done: Done, tmp_path: Path) -> None:
    found = []
    for run in ("one", "two"):
        folder = tmp_path / run
        folder.mkdir()
        done("chunk", "--proteins", PROTEINS, "--out", folder / "chunks", "--record", folder / "run.json")
        found.append((chunks_of(folder), (folder / "run.json").read_bytes()))
    assert found[0] == found[1]


def test_not_all_proteins_are_held_at_once(done: Done, tmp_path: Path) -> None:
    large = tmp_path / "large.fasta"
    large.write_text("".join(f">p{number}\n{'MKTAYIAKQR' * 500}\n" for number in range(2000)))
    main(["chunk", "--proteins", str(PROTEINS), "--out", str(tmp_path / "first")])  # what is loaded once
    tracemalloc.start()
    done("chunk", "--proteins", large, "--chunks", 2, "--out", tmp_path / "chunks")
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < large.stat().st_size / 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "proteins: the file is empty; give a file with at least one record"),
        ("\n \n", "proteins: the file holds only blank lines; give a file with at least one record"),
        ("id\tsequence\n", "proteins, line 1: expected a FASTA header which begins with '>'"),
        (">a\nMKV\n>a\nMKL\n", "proteins, line 3: the name 'a' stands already in line 1; give each record its own"),
        (
            ">a\nMKV\n>b\n>c\nMK*V\n",
            "proteins, line 3, b: no residues; add them or take the record out; line 4, c: '*'",
        ),
        (">a\n--M-V\n", "proteins, line 1, a: '-' at residue 4 (a gap: take the unaligned sequence)"),
        (">a\nMKV\n>\nMKV\n", "proteins, line 3: the header has no name; write one after '>'"),
    ],
)
def test_what_the_tools_would_refuse_later_is_refused_now(
    refused: Refused, tmp_path: Path, content: str, said: str
) -> None:
    given = tmp_path / "given"
    given.write_text(content)
    assert refused("proteins", "chunk", "--proteins", given, "--out", tmp_path / "chunks").startswith(said)


def test_mistakes_in_options(refused: Refused, tmp_path: Path) -> None:
    command = ["chunk", "--proteins", PROTEINS, "--out", tmp_path / "chunks"]
    assert refused("--chunks and --residues both", *command, "--chunks", 2, "--residues", 3).endswith("leave one out")
    refused("--chunks must be at least 1", *command, "--chunks", 0)
    refused("--residues must be at least 1", *command, "--residues", -5)
    refused("output 'proteins.fasta': this is a file", *command[:-1], PROTEINS)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    refused("output 'full': this folder is not empty", *command[:-1], tmp_path / "full")


def test_an_existing_empty_folder_is_filled(done: Done, tmp_path: Path) -> None:
    (tmp_path / "chunks").mkdir()
    done("chunk", "--proteins", PROTEINS, "--chunks", 2, "--out", tmp_path / "chunks")
    assert len(chunks_of(tmp_path)) == 2


def test_it_needs_no_torch(without_torch: Program, tmp_path: Path) -> None:
    assert without_torch("chunk", "--proteins", PROTEINS, "--out", tmp_path / "chunks").returncode == 0
