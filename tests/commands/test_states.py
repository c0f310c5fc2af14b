"""States of structures: read by SaProt however they are written, said where they are not, and never mixed up."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from tests.models.published import RESIDUES, published
from transformers import EsmModel

Done = Callable[..., str]
Refused = Callable[..., str]
STATES = "acdefghiklmnpqrstvwy"
UNUSED = "with states of their structures, which are not used here: their amino acids alone are"


@pytest.fixture(scope="module")
def saprot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published("saprot", tmp_path_factory.mktemp("models") / "saprot")


def proteins_with_states(count: int, seed: int = 4, length: int = 24) -> list[tuple[str, str]]:
    generator = random.Random(seed)
    return [tuple("".join(generator.choices(of, k=length)) for of in (RESIDUES, STATES)) for _ in range(count)]  # type: ignore[misc]


def in_turn(residues: str, states: str) -> str:
    return "".join(map("".join, zip(residues, states, strict=True)))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def written(path: Path, records: list[tuple[str, str]]) -> Path:
    path.write_text("".join(f">{header}\n{text}\n" for header, text in records))
    return path


@pytest.fixture
def embedded(done: Done, tmp_path: Path) -> Callable[..., tuple[list[list[str]], str]]:
    def run(model: object, proteins: Path, *options: object) -> tuple[list[list[str]], str]:
        vectors = tmp_path / "vectors.tsv"
        said = done("embed", "--model", model, "--proteins", proteins, "--vectors", vectors, *options)
        return [line.split("\t")[1:] for line in vectors.read_text().splitlines()[1:]], said

    return run


Embedded = Callable[..., tuple[list[list[str]], str]]


def test_vectors_are_those_of_the_unmodified_model(saprot: Path, tmp_path: Path, embedded: Embedded) -> None:
    pairs = [*proteins_with_states(3), ("MEVQLVQYK", "dvp#ryd#v")]
    proteins = written(tmp_path / "p.fasta", [(f"p{n}", in_turn(*pair)) for n, pair in enumerate(pairs)])
    record = tmp_path / "run.json"
    vectors, said = embedded(saprot, proteins, "--record", record)
    assert "note: proteins: 4 read with states of their structures, unknown for 2 of 81 residues\n" in said
    assert "was made for sequences with structures" not in said
    assert json.loads(record.read_text())["counts"]["with_states"] == 4
    tokens = (saprot / "vocab.txt").read_text().split()
    network = EsmModel.from_pretrained(saprot, add_pooling_layer=False, dtype=torch.float32).eval()
    for vector, (residues, states) in zip(vectors, pairs, strict=True):
        ids = [0, *(tokens.index(residue + state) for residue, state in zip(residues, states, strict=True)), 2]
        with torch.inference_mode():
            mean = network(input_ids=torch.tensor([ids])).last_hidden_state[0, 1:-1].mean(dim=0)
        np.testing.assert_allclose(np.array(vector, dtype=np.float32), mean.numpy(), atol=3e-5, rtol=1e-4)


def test_both_ways_to_give_states_are_one(saprot: Path, tmp_path: Path, embedded: Embedded) -> None:
    pairs = proteins_with_states(3)
    turn = written(tmp_path / "turn.fasta", [(f"p{n}", in_turn(*pair)) for n, pair in enumerate(pairs)])
    alone = written(tmp_path / "alone.fasta", [(f"p{n}", residues) for n, (residues, _) in enumerate(pairs)])
    beside = written(tmp_path / "states.fasta", [(f"p{n} x", states.upper()) for n, (_, states) in enumerate(pairs)])
    expected, _ = embedded(saprot, turn)
    record = tmp_path / "run.json"
    assert embedded(saprot, alone, "--structure-states", beside, "--record", record)[0] == expected
    inputs = json.loads(record.read_text())["inputs"]
    assert [(each["role"], each["records"]) for each in inputs] == [("proteins", 3), ("structure states", 3)]
    without, said = embedded(saprot, alone)
    assert without != expected
    assert "was made for sequences with structures and reads yours without" in said


def test_another_model_reads_amino_acids_alone_and_says_so(tmp_path: Path, embedded: Embedded) -> None:
    pairs = proteins_with_states(2)
    turn = written(tmp_path / "turn.fasta", [("p0", in_turn(*pairs[0])), ("p1", pairs[1][0])])
    alone = written(tmp_path / "alone.fasta", [("p0", pairs[0][0]), ("p1", pairs[1][0])])
    vectors, said = embedded("embedded", turn)
    assert f"note: proteins: 1 {UNUSED}\n" in said
    assert vectors == embedded("embedded", alone)[0]
    beside = written(tmp_path / "states.fasta", [("p0", pairs[0][1])])
    vectors, again = embedded("embedded", alone, "--structure-states", beside)
    assert f"note: proteins: 1 {UNUSED}\n" in again


def test_the_same_residues_with_other_states_are_read_anew_but_are_one_protein(
    saprot: Path, tmp_path: Path, embedded: Embedded
) -> None:
    (residues, states), (_, others) = proteins_with_states(2)
    proteins = written(
        tmp_path / "p.fasta", [("a", in_turn(residues, states)), ("b", in_turn(residues, others)), ("c", residues)]
    )
    vectors, said = embedded(saprot, proteins)
    assert len({tuple(vector) for vector in vectors}) == 3
    assert "proteins: 2 with the same residues as an earlier one under another name" in said
    assert "proteins: 1 without states of a structure, read as if each were unknown" in said


def examples(folder: Path, with_states: bool, count: int = 40) -> Path:
    """A SaprotHub table in which the label is what the states say: whether any is a."""
    path, lines = folder / f"examples_{with_states}.csv", ["protein,label,stage"]
    for number, (residues, states) in enumerate(proteins_with_states(count, seed=9)):
        told = states.replace("a", "d") if number % 2 else "a" * 6 + states[6:]
        text = in_turn(residues, told) if with_states else residues
        lines.append(f"{text},{number % 2},{'valid' if number % 5 == 0 else 'train'}")
    path.write_text("\n".join(lines) + "\n")
    return path


LEARNING = ["--epochs", 2, "--rank", 2, "--baselines", "simple", "--task", "classification"]


@pytest.fixture(scope="module")
def tuned(saprot: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Models of whole proteins, tuned with states and without."""
    from plmkit.cli import main

    folder, found = tmp_path_factory.mktemp("tuned"), {}
    for with_states in (True, False):
        found[with_states] = folder / f"{with_states}.zip"
        command = ["finetune", "--model", saprot, "--examples", examples(folder, with_states), *LEARNING]
        asked = ["--bundle", found[with_states], "--record", folder / f"{with_states}.json"]
        asked += ["--predictions", folder / f"{with_states}.tsv"]
        assert main([str(argument) for argument in [*command, *asked]]) == 0
    return found


def test_a_tuned_model_says_again_what_it_said_of_what_was_put_aside(
    done: Done, tmp_path: Path, saprot: Path, tuned: dict[bool, Path]
) -> None:
    record = json.loads(tuned[True].with_suffix(".json").read_text())
    assert record["counts"]["with_states"] == 40
    assert "examples: 40 read with states of their structures, unknown for 0 of 960 residues" in record["notes"]
    with ZipFile(tuned[True]) as opened:
        assert json.loads(opened.read("plmkit.json"))["data"]["with_states"] == 40
        assert ", 40 of them with states of structures (3Di of Foldseek" in opened.read("README.md").decode()
    out = tmp_path / "predictions.tsv"
    given = examples(tmp_path, with_states=True)
    said = done("predict", "--model", saprot, "--bundle", tuned[True], "--proteins", given, "--predictions", out)
    assert "less sure" not in said
    again = {row["id"]: row for row in rows(out)}
    for row in rows(tuned[True].with_suffix(".tsv")):
        for label in ("probability_0", "probability_1"):
            assert float(again[row["id"]][label]) == pytest.approx(float(row[label]), abs=1e-5)


def test_states_by_name_predict_the_same(done: Done, tmp_path: Path, saprot: Path, tuned: dict[bool, Path]) -> None:
    pairs = proteins_with_states(3)
    turn = written(tmp_path / "turn.fasta", [(f"p{n}", in_turn(*pair)) for n, pair in enumerate(pairs)])
    alone = written(tmp_path / "alone.fasta", [(f"p{n}", residues) for n, (residues, _) in enumerate(pairs)])
    beside = written(tmp_path / "states.fasta", [(f"p{n}", states) for n, (_, states) in enumerate(pairs)])
    command = ["predict", "--model", saprot, "--bundle", tuned[True], "--predictions", tmp_path / "out.tsv"]
    done(*command, "--proteins", turn)
    expected = (tmp_path / "out.tsv").read_text()
    done(*command, "--proteins", alone, "--structure-states", beside)
    assert (tmp_path / "out.tsv").read_text() == expected
    done(*command, "--proteins", alone)
    assert (tmp_path / "out.tsv").read_text() != expected


def test_states_that_came_only_in_training_or_only_now_are_said(
    done: Done, tmp_path: Path, saprot: Path, tuned: dict[bool, Path]
) -> None:
    pairs = proteins_with_states(3)
    mixed = written(tmp_path / "p.fasta", [("a", in_turn(*pairs[0])), ("b", pairs[1][0]), ("c", pairs[2][0])])
    command = ["predict", "--model", saprot, "--proteins", mixed, "--predictions", tmp_path / "out.tsv"]
    assert (
        "note: proteins: 2 of 3 come without states of structures, but the model was tuned with states of 40 of 40 "
        "examples; what it says of them is less sure than its measures\n"
    ) in done(*command, "--bundle", tuned[True])
    assert (
        "note: proteins: 1 of 3 come with states of structures, but the model was tuned on amino acids alone; what it "
        "says of them is less sure than its measures, leave the states out\n"
    ) in done(*command, "--bundle", tuned[False])


def test_going_on_without_states_is_said(done: Done, tmp_path: Path, saprot: Path, tuned: dict[bool, Path]) -> None:
    given = examples(tmp_path, with_states=False)
    command = ["finetune", "--model", saprot, "--examples", given, "--start", tuned[True], *LEARNING[:2]]
    said = done(*command, "--baselines", "simple", "--bundle", tmp_path / "b.zip")
    assert "examples: 40 of 40 come without states of structures, but the model was tuned with states of 40" in said


def test_what_reads_amino_acids_alone_does_not_explain_a_model_of_states(
    refused: Refused, done: Done, tmp_path: Path, saprot: Path, tuned: dict[bool, Path]
) -> None:
    proteins = written(tmp_path / "p.fasta", [("a", in_turn(*proteins_with_states(1)[0]))])
    command = ["explain", "--model", saprot, "--proteins", proteins, "--importance", tmp_path / "i.tsv"]
    told = refused("tuned model", *command, "--bundle", tuned[True])
    assert told.startswith("tuned model: it was tuned with states of structures, and plm explain reads amino acids")
    assert f"note: proteins: 1 {UNUSED}\n" in done(*command, "--bundle", tuned[False])


def conformers(folder: Path) -> Path:
    """Two structures of each protein with different labels."""
    records = []
    for number, (residues, states) in enumerate(proteins_with_states(12, seed=3)):
        for label, told in enumerate((states, states[::-1])):
            records.append((f"p{number}_{label} LABEL={label}", in_turn(residues, told)))
    return written(folder / "conformers.fasta", records)


def test_two_structures_of_a_protein_may_have_different_labels_where_states_are_read(
    done: Done, refused: Refused, tmp_path: Path, saprot: Path
) -> None:
    given, out = conformers(tmp_path), tmp_path / "out.tsv"
    record = tmp_path / "run.json"
    command = ["finetune", "--examples", given, "--bundle", tmp_path / "b.zip", *LEARNING]
    told = refused("examples", *command)
    assert "line 3: 'p0_1' and 'p0_0' differ in the states of their structures and in their labels alone" in told
    done(*command, "--model", saprot, "--predictions", out, "--record", record)
    aside = {row["id"].removesuffix("_0").removesuffix("_1") for row in rows(out)}
    # both structures of a protein stand on one side of the split
    assert len(rows(out)) == 2 * len(aside)
    assert json.loads(record.read_text())["counts"]["split"]["groups"] == 12


@pytest.mark.parametrize("unit", ["window", "residue"])
def test_sites_are_scored_with_states(done: Done, tmp_path: Path, saprot: Path, unit: str) -> None:
    generator, lines = random.Random(5), ["sequence,label,split"]
    for number, (residues, states) in enumerate(proteins_with_states(44, seed=6, length=21)):
        middle = residues[:10] + generator.choice("ST") + residues[11:]
        label = str(number % 2)
        if unit == "residue":
            label = "".join(generator.choice("01") if letter in "ST" else "?" for letter in middle)
        lines.append(f"{in_turn(middle, states)},{label},{'valid' if number % 4 == 0 else 'train'}")
    (tmp_path / "examples.csv").write_text("\n".join(lines) + "\n")
    tuned, sites, out = tmp_path / "b.zip", tmp_path / "sites.tsv", tmp_path / "out.tsv"
    learning = ["--unit", unit, "--negative-label", "0", *LEARNING]
    done("finetune", "--model", saprot, "--examples", tmp_path / "examples.csv", "--bundle", tuned, *learning)
    (residues, states) = proteins_with_states(1, seed=8, length=60)[0]
    residues = residues[:3] + "S" + residues[4:30] + "T" + residues[31:]
    whole = written(tmp_path / "whole.fasta", [("p", in_turn(residues, states))])
    command = ["--model", saprot, "--bundle", tuned]
    done("ptm", *command, "--proteins", whole, "--sites", sites, "--threshold", 0.5, "--residues", "ST")
    places = [int(row["position"]) for row in rows(sites)]
    assert places == [place for place, letter in enumerate(residues, start=1) if letter in "ST"]
    padded, beside = f"{'X' * 10}{residues}{'X' * 10}", f"{'#' * 10}{states}{'#' * 10}"
    windows = [
        (f"w{place}", in_turn(padded[place - 1 : place + 20].replace("X", "#"), beside[place - 1 : place + 20]))
        for place in places
    ]
    asked = whole if unit == "residue" else written(tmp_path / "windows.fasta", windows)
    done("predict", *command, "--proteins", asked, "--predictions", out)
    expected = [float(row["probability_1"]) for row in rows(out)]
    if unit == "residue":
        expected = [expected[place - 1] for place in places]
    found = [float(row["probability"]) for row in rows(sites)]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_dividing_keeps_the_states_in_what_it_writes(done: Done, tmp_path: Path) -> None:
    given, table, fasta = conformers(tmp_path), tmp_path / "table.tsv", tmp_path / "divided.fasta"
    said = done("split", "--examples", given, "--method", "random", "--table", table, "--fasta", fasta)
    assert f"note: examples: 24 {UNUSED}\n" in said
    texts = given.read_text().splitlines()[1::2]
    assert [row["sequence"] for row in rows(table)] == texts
    assert fasta.read_text().splitlines()[1::2] == texts


def test_embeddings_with_states_and_without_are_not_searched_together(
    refused: Refused, done: Done, tmp_path: Path, saprot: Path
) -> None:
    pairs = proteins_with_states(4)
    for name, texts in (("with", [in_turn(*pair) for pair in pairs]), ("without", [pair[0] for pair in pairs])):
        proteins = written(tmp_path / f"{name}.fasta", [(f"p{n}", text) for n, text in enumerate(texts)])
        command = ["embed", "--model", saprot, "--proteins", proteins, "--vectors", tmp_path / f"{name}.tsv"]
        done(*command, "--record", tmp_path / f"{name}.json")
    command = ["search", "--queries", tmp_path / "with.tsv", "--references", tmp_path / "without.tsv"]
    records = ["--queries-record", tmp_path / "with.json", "--references-record", tmp_path / "without.json"]
    told = refused("", *command, *records, "--hits", tmp_path / "n.tsv")
    assert "use of structure states is off, that of the queries' run record is on" in told
    assert "embed both sets in one way" in told


def test_training_of_language_models_reads_amino_acids_alone_and_says_so(done: Done, tmp_path: Path) -> None:
    pairs = proteins_with_states(30)
    given = written(tmp_path / "p.fasta", [(f"p{n}", in_turn(*pair)) for n, pair in enumerate(pairs)])
    small = ["--model", "none", "--width", 16, "--layers", 1, "--heads", 2, "--steps", 2, "--evaluations", 1]
    said = done("pretrain", "--proteins", given, "--trained", tmp_path / "m.zip", *small)
    assert f"note: proteins: 30 {UNUSED}\n" in said
