"""plm split on made-up families, and on the small inputs of test-data."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.data.made_families import changed, sequence
from tests.forked import Program

from plmkit.data import mmseqs
from plmkit.data.columns import Columns
from plmkit.data.examples import read_examples

Done = Callable[..., str]
Refused = Callable[..., str]
TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
WINDOWS = TEST_DATA / "human_phosphosites" / "train_windows.fasta"
FRAGMENTS, FRAGMENTS_TABLE, PAIRS = (TEST_DATA / name for name in ("fragments.fasta", "fragments.tsv", "pairs.tsv"))
OF_FRAGMENTS = ("--sequence-column", "peptide", "--label-column", "charge", "--identifier-column", "name")
OUTPUTS = {
    "--table": "table.tsv",
    "--summary": "summary.tsv",
    "--offenders": "offenders.tsv",
    "--figure": "figure.png",
    "--report": "report.html",
    "--record": "run.json",
}

needs_mmseqs = pytest.mark.skipif(not mmseqs.is_installed(), reason="MMseqs2 is not installed")


def splitting(folder: Path, examples: Path, *more: object) -> list[object]:
    outputs = [part for option, name in OUTPUTS.items() for part in (option, folder / name)]
    return ["split", "--examples", examples, *outputs, *more]


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def families(tmp_path: Path) -> Path:
    """Twelve families of three relatives, a quoted cell, a column that nobody knows, blank lines between."""
    generator = random.Random(1)
    lines = ["sequence,note,label", ""]
    for number in range(12):
        one = sequence(generator, 80)
        for relative in (one, changed(generator, one, 0.2), changed(generator, one, 0.3)):
            lines.append(f'{relative},"""{number}"", kept",{"ab"[number % 2]}')
    path = tmp_path / "examples.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@needs_mmseqs
def test_families_stay_whole_and_the_table_is_read_by_finetune(done: Done, families: Path, tmp_path: Path) -> None:
    said = done(*splitting(tmp_path, families, "--validation-share", "0.25", "--test-share", "0.25"))

    header, *table = rows(tmp_path / "table.tsv")
    assert header == ["sequence", "note", "label", "split"]
    assert table[0][1] == '"""0"", kept"'
    parts = [row[3] for row in table]
    assert all(len(set(parts[start : start + 3])) == 1 for start in range(0, 36, 3))
    assert [parts.count(name) for name in ("train", "valid", "test")] == [18, 9, 9]
    read = read_examples(tmp_path / "table.tsv", "examples", "protein", None, Columns(), None)
    assert [item.part for item in read.items] == parts
    found = record(tmp_path)
    assert (found["counts"]["families"], found["counts"]["largest_family"]) == (12, 3)
    assert "no leak was found." in found["counts"]["verdict"]
    assert found["counts"]["verdict"] in said
    assert found["counts"]["verdict"] in (tmp_path / "report.html").read_text()
    assert len(rows(tmp_path / "offenders.tsv")) == 1


@needs_mmseqs
def test_by_lot_relatives_leak_and_are_told(done: Done, families: Path, tmp_path: Path) -> None:
    said = done(*splitting(tmp_path, families, "--method", "random", "--validation-share", "0"))

    assert "divided at random, so relatives of training examples stand in the other parts" in said
    header, *offenders = rows(tmp_path / "offenders.tsv")
    assert header == ["part", "id", "training_id", "identity", "coverage"]
    assert {row[0] for row in offenders} == {"test"}
    assert all(0.5 <= float(row[3]) < 0.85 for row in offenders)
    row = record(tmp_path)["metrics"][0]
    assert row["at_threshold"] == len({row[1] for row in offenders})
    part = {f"line_{number + 3}": cells[3] for number, cells in enumerate(rows(tmp_path / "table.tsv")[1:])}
    assert all(part[row[1]] == "test" and part[row[2]] == "train" for row in offenders)


@needs_mmseqs
def test_what_another_tool_divided_is_checked_and_left_as_it_was(done: Done, tmp_path: Path) -> None:
    more = ("--method", "given", *OF_FRAGMENTS, "--split-column", "part")
    done(*splitting(tmp_path, FRAGMENTS_TABLE, *more))

    assert (tmp_path / "table.tsv").read_bytes() == FRAGMENTS_TABLE.read_bytes()
    assert [row["part"] for row in record(tmp_path)["metrics"]] == ["valid", "test"]


@needs_mmseqs
def test_windows_of_a_protein_stay_together_and_fasta_keeps_its_headers(done: Done, tmp_path: Path) -> None:
    fasta = tmp_path / "split.fasta"
    done(*splitting(tmp_path, WINDOWS, "--unit", "window", "--fasta", fasta))

    read = read_examples(fasta, "examples", "window", None, Columns(), None)
    again = read_examples(tmp_path / "table.tsv", "examples", "window", None, Columns(), None)
    assert [item.part for item in read.items] == [item.part for item in again.items]
    parts: dict[str, set[str | None]] = {}
    for item in read.items:
        parts.setdefault(item.group, set()).add(item.part)
    assert all(len(found) == 1 for found in parts.values())
    before = WINDOWS.read_text().splitlines()
    assert [line.partition(" SET=")[0] for line in fasta.read_text().splitlines()] == before


@needs_mmseqs
def test_no_protein_of_a_test_pair_is_learned_from(done: Done, tmp_path: Path) -> None:
    more = ("--labels", PAIRS, "--unit", "pair", "--validation-share", "0", "--seed", "3")
    said = done(*splitting(tmp_path, FRAGMENTS, *more))

    table = rows(tmp_path / "table.tsv")[1:]
    inside = {part: {name for row in table if row[-1] == part for name in row[:2]} for part in ("train", "test")}
    assert not inside["train"] & inside["test"]
    aside = sum(row[-1] == "test_aside" for row in table)
    assert f"{aside} of {len(table)} pairs put aside (test_aside)" in said
    columns = Columns()
    read = read_examples(FRAGMENTS, "examples", "pair", None, columns, tmp_path / "table.tsv")
    assert [item.part for item in read.items] == [row[-1] for row in table]
    alone = read_examples(tmp_path / "table.tsv", "examples", "pair", None, columns, None)
    told = [(item.name, item.sequences, item.part) for item in read.items]
    assert [(item.name, item.sequences, item.part) for item in alone.items] == told


def test_variants_need_no_program_and_are_compared_by_position(done: Done, tmp_path: Path) -> None:
    parent = "MKTAYIAKQRQISFVKSHFSRQ"
    lines = ["mutant\tmutated_sequence\tDMS_score"]
    for at, letter in enumerate(parent, start=1):
        for new in "GW":
            lines.append(f"{letter}{at}{new}\t{parent[: at - 1]}{new}{parent[at:]}\t{at / 9 + (new == 'W')}")
    path = tmp_path / "variants.tsv"
    path.write_text("\n".join(lines) + "\n")

    done(*splitting(tmp_path, path, "--method", "modulo", "--folds", "4"))

    found = rows(tmp_path / "table.tsv")
    assert found[0][-1] == "fold"
    assert [int(row[-1]) for row in found[1:]] == [int(row[0][1:-1]) % 4 + 1 for row in found[1:]]
    verdict = "No variant is mutated at a position that is mutated in another fold: no leak was found."
    assert record(tmp_path)["counts"]["verdict"] == verdict
    assert "ProteinGym" in (tmp_path / "report.html").read_text()


@needs_mmseqs
def test_equal_runs_give_equal_files(done: Done, families: Path, tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        done(*splitting(tmp_path, families, "--folds", "3"))
        contents.append([(tmp_path / name).read_bytes() for name in OUTPUTS.values()])

    assert contents[0] == contents[1]
    assert [row["part"] for row in record(tmp_path)["metrics"]] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("header", "more", "wanted"),
    [
        (
            "sequence\tlabel\tSplit",
            (),
            "examples: there is a column 'split' already; take it out or rename it (--method",
        ),
        ("sequence\tlabel\tfold", ("--folds", "3"), "examples: there is a column 'fold' already"),
        ("sequence\tlabel\tvalidation", (), "examples: the column 'validation' would turn parts of the new column"),
        ("sequence\tlabel\tmore", ("--method", "group"), "examples: --method group needs groups; name their column"),
        ("sequence\tlabel\tmore", ("--method", "modulo"), "--method modulo needs to know the mutations; give the prot"),
        ("sequence\tlabel\tmore", ("--fasta", "x.fasta"), "examples: --fasta is for FASTA with a label for each"),
        ("sequence\tlabel\tmore", ("--method", "given"), "examples: nothing says train, valid or test"),
    ],
)
def test_mistakes_in_tables_are_answered(
    refused: Refused, tmp_path: Path, header: str, more: tuple[str, ...], wanted: str
) -> None:
    path = tmp_path / "examples.tsv"
    lines = [f"MKTAYIAKQ{letter}\t{'ab'[n % 2]}\ttrue" for n, letter in enumerate("ACDEFGHIKLMNPQ")]
    path.write_text("\n".join([header, *lines]).replace("true", "train" if "Split" in header else "true") + "\n")

    assert wanted in refused("", *splitting(tmp_path, path, *more))
    assert not (tmp_path / "table.tsv").exists()


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (("--folds", "1"), "--folds must be 0 or at least 2, not 1"),
        (("--folds", "3", "--method", "given"), "--folds does not go with --method given"),
        (("--test-share", "0"), "--test-share must be between 0 and 0.9, not 0"),
        (("--test-share", "0.6", "--validation-share", "0.6"), "together leave too little to learn from: at most 0.9"),
        (("--method", "modulo", "--unit", "pair"), "--method modulo is for variants of one protein: give --unit prot"),
        (("--parent", "x"), "--parent is for --method mutations, modulo or contiguous; leave it out"),
        (("--most-mutations", "2"), "--most-mutations is for --method mutations; leave it out"),
        (("--split-column", "x"), "--split-column is for --method given, which checks these parts; leave it out"),
    ],
)
def test_mistakes_in_options_are_answered(refused: Refused, tmp_path: Path, more: tuple[str, ...], wanted: str) -> None:
    assert wanted in refused("", *splitting(tmp_path, FRAGMENTS_TABLE, *more))


def test_no_deep_learning_is_loaded(without_torch: Program, tmp_path: Path) -> None:
    command = splitting(tmp_path, FRAGMENTS_TABLE, *OF_FRAGMENTS, "--method", "contiguous", "--mutant-column", "part")
    done = without_torch(*command)

    assert done.returncode == 2
    assert "labels" not in done.stderr
    assert "examples, line 2: 'valid' tells no mutations; write them as A24G:K30R" in done.stderr
