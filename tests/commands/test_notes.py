"""Harmless peculiarities of inputs are mended and said, and the results are those of the tidy input."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plmkit.models.untrained import build_untrained

Done = Callable[..., str]
TIDY = ">a\nMKVL\n>b\nSTYW\n"


def notes(said: str) -> list[str]:
    """Return the notes but the one about the embedded model."""
    return [
        line.removeprefix("note: ")
        for line in said.splitlines()
        if line.startswith("note: ") and "for tests, teaching" not in line
    ]


def embedded(done: Done, folder: Path, content: bytes, name: str = "proteins.fasta") -> tuple[str, list[str]]:
    (folder / name).write_bytes(content)
    said = done("embed", "--proteins", folder / name, "--vectors", folder / "vectors.tsv")
    return (folder / "vectors.tsv").read_text(), notes(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b">a\nmkvl\n>b\nSTYW\n", ["proteins: 1 in lower case: read as upper case"]),
        (b">a\nMKVL*\n>b\nSTYW*\n", ["proteins: 2 with a final '*': taken off"]),
        (b"\xef\xbb\xbf>a\r\nMKVL\r\n>b\r\nSTYW\r\n", []),
        (b">a\rMKVL\r>b\rSTYW\r", []),
        (b"\n>a some words\nM K\n\n  VL\n>b\tmore\nST\nYW", []),
        (gzip.compress(TIDY.encode(), mtime=0), []),
        (gzip.compress(b">a\nMKVL\n", mtime=0) + gzip.compress(b">b\nSTYW\n", mtime=0), []),
        (bz2.compress(TIDY.encode()), []),
        (lzma.compress(TIDY.encode()), []),
    ],
)
def test_how_a_file_is_written_changes_nothing(done: Done, tmp_path: Path, content: bytes, said: list[str]) -> None:
    tidy, nothing = embedded(done, tmp_path, TIDY.encode(), "tidy.fasta.gz")
    assert embedded(done, tmp_path, content) == (tidy, said)
    assert nothing == []


def test_the_same_residues_under_two_names_are_said(done: Done, tmp_path: Path) -> None:
    vectors, said = embedded(done, tmp_path, b">a\nMKVL\n>b\nSTYW\n>c\nMKVL\n")
    assert said == ["proteins: 1 with the same residues as an earlier one under another name"]
    first, _, third = (line.split("\t")[1:] for line in vectors.splitlines()[1:])
    assert first == third


def test_residues_unknown_to_the_model_are_read_as_x_and_said(done: Done, tmp_path: Path) -> None:
    vectors, said = embedded(done, tmp_path, b">a\nMJKJV\n>b\nMXKXV\n")
    assert said == ["proteins: 2 residues J are unknown to the model and read as X"]
    first, second = (line.split("\t")[1:] for line in vectors.splitlines()[1:])
    assert first == second


def test_a_protein_longer_than_those_of_training_is_said(done: Done, tmp_path: Path) -> None:
    _, said = embedded(done, tmp_path, f">a\n{'MKVLS' * 220}\n>b\n{'S' * 1022}\n".encode())
    assert said == [
        "proteins: 1 longer than 1022 residues, read in windows which share 255 or more residues, merged where they "
        "overlap: a"
    ]


def test_a_protein_as_long_as_titin_is_embedded(done: Done, tmp_path: Path) -> None:
    # One layer and one head: the embedded model has far more work, and takes seconds.
    build_untrained(tmp_path / "model", "small", width=16, layers=1, heads=1, seed=1)
    (tmp_path / "titin.fasta").write_text(">titin\n" + "MKTAYIAKQRQISFVKSHFS" * 1750)
    vectors = tmp_path / "vectors.tsv"
    said = done("embed", "--proteins", tmp_path / "titin.fasta", "--vectors", vectors, "--model", tmp_path / "model")
    assert "1 longer than 1022 residues, read in windows" in said
    assert np.isfinite([float(cell) for cell in vectors.read_text().splitlines()[1].split("\t")[1:]]).all()


def test_the_embedded_model_says_what_it_is_not_for(done: Done, tmp_path: Path, proteins: Path) -> None:
    said = done("embed", "--proteins", proteins, "--vectors", tmp_path / "v.tsv", "--record", tmp_path / "run.json")
    note = "model: plmkit-tiny-2 is a very small language model, for tests, teaching and small problems; for research"
    assert f"note: {note}" in said
    record = json.loads((tmp_path / "run.json").read_text())
    assert [line.startswith(note) for line in record["notes"]] == [True]


def predicted(done: Done, folder: Path, bundle: Path, content: str) -> tuple[list[list[str]], list[str]]:
    (folder / "proteins.fasta").write_text(content)
    out = folder / "predictions.tsv"
    said = done("predict", "--bundle", bundle, "--proteins", folder / "proteins.fasta", "--predictions", out)
    return [line.split("\t") for line in out.read_text().splitlines()[1:]], notes(said)


@pytest.mark.parametrize("padding", ["-", "_"])
def test_padding_at_the_ends_of_windows_is_read_as_x(done: Done, tmp_path: Path, bundle: Path, padding: str) -> None:
    core = "MKTAYIAKSPQRQ"
    rows, said = predicted(
        done,
        tmp_path,
        bundle,
        f">left\n{padding * 8}{core}\n>right\n{core}{padding * 8}\n>x\n{'X' * 8}{core}\n>y\n{core}{'X' * 8}\n",
    )
    assert said[0] == "proteins: 2 padded with '-' or '_' at the ends: written as X"
    assert [row[1:] for row in rows[:2]] == [row[1:] for row in rows[2:]]


def test_a_scan_says_which_residues_the_model_does_not_know(done: Done, tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "proteins.fasta").write_text(">a\nMJSMK\n")
    command = ["ptm", "--bundle", bundle, "--proteins", tmp_path / "proteins.fasta", "--threshold", 0.5]
    said = done(*command, "--sites", tmp_path / "sites.tsv")
    assert notes(said) == ["proteins: 1 residues J are unknown to the model and read as X"]


def test_a_scan_says_which_centres_the_model_never_saw(
    done: Done, tmp_path: Path, bundle: Path, proteins: Path
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "sites.tsv"]
    far, unseen = notes(done(*command, "--residues", "sky", "--threshold", 0.5))
    assert unseen == "residues: the model never saw a window centred on K (only on STY); distrust those scores"
    assert "lie farther from the training examples than 95 % of the validation examples did" in far


def test_few_and_rare_validation_examples_are_said(tuned_on_proteins: Path) -> None:
    said = json.loads((tuned_on_proteins / "run.json").read_text())["notes"]
    assert any("the validation examples come from only 6 groups" in note for note in said)
    assert any("only 2 validation examples have the label" in note for note in said)


def test_a_rare_label_is_said(done: Done, tmp_path: Path) -> None:
    records = [f">p{n} LABEL={int(n % 6 == 0)}\n{'ACDEFGHIKL'[n % 10]}{'MNPQRSTVWY'[n // 10]}MKV\n" for n in range(60)]
    (tmp_path / "examples.fasta").write_text("".join(records))
    said = notes(
        done("finetune", "--examples", tmp_path / "examples.fasta", "--bundle", tmp_path / "b.zip", "--epochs", "1")
    )
    assert any(note.startswith("examples: label '1' is rare (10 of 60)") for note in said)


def tuned(done: Done, folder: Path, content: str, *options: object) -> list[str]:
    (folder / "examples").write_text(content)
    command = ["finetune", "--examples", folder / "examples", "--bundle", folder / "b.zip", "--method", "head"]
    return notes(done(*command, "--epochs", 1, *options))


def test_what_is_done_with_a_table_is_said(done: Done, tmp_path: Path) -> None:
    letters = "ACDEFGHIKLMNPQRSTVWY"
    rows = [f"{letters[n % 20]}{letters[n // 20]}MK,{n / 8},set {n},{n + 1}\n" for n in range(40)]
    said = tuned(done, tmp_path, "sequence,label,set,weight\n" + "".join(rows) + "aamk,9,set 0,2\n")
    assert said[:5] == [
        "examples: 1 in lower case: read as upper case",
        "examples: 1 with the same residues as an earlier one under another name",
        "examples: column 'set' is not used: none of its values is train, valid or test",
        "examples: column 'weight' says how much each example counts",
        "examples: read as numbers to be predicted (regression, 41 different values); --task says otherwise",
    ]
    assert "examples: 1 repeat an earlier sequence with other labels; all are learned from" in said


def test_what_is_not_known_of_residues_is_said(done: Done, tmp_path: Path) -> None:
    rows = [f"MKV{'ACDEFGHIKL'[n]}{'SW' * 10},{'HHC-' + 'HC' * 10},{'1' * 20}0000\n" for n in range(10)]
    said = tuned(done, tmp_path, "sequence,labels,mask\n" + "".join(rows) + "MK,,11\n", "--unit", "residue")
    assert said[:2] == [
        "examples: 1 examples without any label are left out",
        "examples: 50 of 240 residues are unknown (not learned from)",
    ]


def test_a_split_that_shares_proteins_is_said(done: Done, tmp_path: Path) -> None:
    windows = [f"{'ACDEFGHIKL'[n % 10]}{'MNPQ'[n // 10]}SKV" for n in range(40)]
    rows = [f"p{n // 2}%{n}%{n + 2},{w},{n // 2 % 2},{'train' if n < 31 else 'test'}\n" for n, w in enumerate(windows)]
    said = tuned(done, tmp_path, "id,sequence,label,split\n" + "".join(rows), "--unit", "window")
    assert (
        "examples: 1 of 9 test examples are of a group or protein that is also learned from; the measures are too good"
    ) in said
