"""plm embed: the numbers of all forms, options and their mistakes, and runs which were killed."""

import json
import random
import signal
from collections.abc import Callable
from itertools import product
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from numpy.typing import NDArray
from tests.commands.command_lines import Refused, embedding
from tests.conftest import random_residues
from tests.forked import Program
from tests.shape import LAYERS, WIDTH

from plmkit.models.fused import Reader
from plmkit.models.untrained import build_untrained

Done = Callable[..., str]
NAMES = ["first", "second", "third"]


def tabular(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    header, *rows = [line.split("\t") for line in path.read_text().splitlines()]
    assert header == ["id", *map(str, range(1, WIDTH + 1))]
    return [row[0] for row in rows], np.array([row[1:] for row in rows], dtype=np.float32)


@pytest.fixture
def embed(done: Done, tmp_path: Path, proteins: Path) -> Callable[..., Path]:
    def run(form: str, *more: object) -> Path:
        path = tmp_path / f"vectors.{form}"
        done("embed", "--proteins", proteins, "--format", form, "--vectors", path, *more)
        return path

    return run


def test_all_formats_hold_the_same_numbers(embed: Callable[..., Path]) -> None:
    names, vectors = tabular(embed("tabular"))
    assert (names, vectors.shape) == (NAMES, (3, WIDTH))
    table = pq.read_table(embed("parquet")).to_pydict()
    assert table["id"] == NAMES
    assert np.array_equal(np.array(table["embedding"], dtype=np.float32), vectors)
    with np.load(embed("npz")) as arrays:
        assert arrays["ids"].tolist() == NAMES
        assert arrays["embeddings"].dtype == np.float32
        assert np.array_equal(arrays["embeddings"], vectors)


@pytest.mark.parametrize("layer", [0, 2, LAYERS])
def test_the_mean_of_the_residues_is_the_mean_vector(embed: Callable[..., Path], layer: int) -> None:
    _, mean = tabular(embed("tabular", "--layer", layer))
    _, largest = tabular(embed("tabular", "--layer", layer, "--pooling", "max"))
    with h5py.File(embed("h5", "--layer", layer)) as handle:
        states = [handle[name][:] for name in NAMES]
        assert [handle[name].attrs["original_id"] for name in NAMES] == NAMES
    assert [rows.shape for rows in states] == [(24, WIDTH), (10, WIDTH), (24, WIDTH)]
    np.testing.assert_allclose([rows.mean(axis=0) for rows in states], mean, atol=1e-5)
    np.testing.assert_allclose([rows.max(axis=0) for rows in states], largest, atol=1e-5)


def test_poolings_and_layers_differ(embed: Callable[..., Path]) -> None:
    options: list[list[object]] = [[], ["--pooling", "max"], ["--pooling", "cls"], ["--layer", LAYERS - 1]]
    found = [tabular(embed("tabular", *more))[1] for more in options]
    assert all(np.abs(one - other).max() > 0.01 for n, one in enumerate(found) for other in found[:n])


def test_the_last_layer_is_the_usual_one_and_minus_one(embed: Callable[..., Path]) -> None:
    _, usual = tabular(embed("tabular"))
    for layer in (-1, LAYERS):
        assert np.array_equal(tabular(embed("tabular", "--layer", layer))[1], usual)


def test_the_budget_of_tokens_changes_no_number(embed: Callable[..., Path]) -> None:
    _, expected = tabular(embed("tabular"))
    for budget in (1, 30, 60):
        np.testing.assert_allclose(tabular(embed("tabular", "--batch-tokens", budget))[1], expected, atol=1e-5)


MANY = ("--layer", 1, "--layer", -1, "--layer", 0, "--pooling", "max", "--pooling", "mean")
MANY_NAMES = [f"{how}_layer{layer}" for how, layer in product(("max", "mean"), (1, LAYERS, 0))]


@pytest.fixture
def one_by_one(embed: Callable[..., Path]) -> list[NDArray[np.float32]]:
    """The vectors of each pooling and layer of MANY, each from a run of its own."""
    choices = product(("max", "mean"), (1, LAYERS, 0))
    return [tabular(embed("tabular", "--pooling", how, "--layer", layer))[1] for how, layer in choices]


def test_several_layers_and_poolings_come_in_one_file(
    embed: Callable[..., Path], one_by_one: list[NDArray[np.float32]]
) -> None:
    header, *lines = [line.split("\t") for line in embed("tabular", *MANY).read_text().splitlines()]
    assert header == ["id", *(f"{name}_{column}" for name in MANY_NAMES for column in range(1, WIDTH + 1))]
    cells = np.array([line[1:] for line in lines], dtype=np.float32)
    np.testing.assert_allclose(cells, np.concatenate(one_by_one, axis=1), atol=1e-5)
    table = pq.read_table(embed("parquet", *MANY)).to_pydict()
    assert list(table) == ["id", *MANY_NAMES]
    with np.load(embed("npz", *MANY)) as arrays:
        assert arrays.files == ["ids", *MANY_NAMES]
        for name, place in zip(MANY_NAMES, range(len(MANY_NAMES)), strict=True):
            assert np.array_equal(arrays[name], cells[:, place * WIDTH : (place + 1) * WIDTH])
            assert np.array_equal(np.array(table[name], dtype=np.float32), arrays[name])


def test_several_layers_of_residues_come_in_one_dataset(embed: Callable[..., Path]) -> None:
    alone = []
    for layer in (2, LAYERS, 0):
        with h5py.File(embed("h5", "--layer", layer)) as handle:
            assert handle.attrs["layers"].tolist() == [layer]
            alone.append([handle[name][:] for name in NAMES])
    with h5py.File(embed("h5", "--layer", 2, "--layer", -1, "--layer", 0)) as handle:
        assert handle.attrs["layers"].tolist() == [2, LAYERS, 0]
        for number, name in enumerate(NAMES):
            assert handle[name].dtype == np.float32
            np.testing.assert_allclose(handle[name][:], np.stack([rows[number] for rows in alone]), atol=1e-5)


def test_half_precision_is_the_rounded_number(embed: Callable[..., Path]) -> None:
    _, exact = tabular(embed("tabular"))
    with np.load(embed("npz", "--stored", "float16")) as arrays:
        assert arrays["embeddings"].dtype == np.float16
        assert np.array_equal(arrays["embeddings"], exact.astype(np.float16))
    with h5py.File(embed("h5", "--stored", "float16")) as handle:
        assert {rows.dtype for rows in handle.values()} == {np.dtype(np.float16)}


def test_bfloat16_stays_close_and_is_recorded(embed: Callable[..., Path], tmp_path: Path) -> None:
    _, exact = tabular(embed("tabular", "--record", tmp_path / "exact.json"))
    _, rough = tabular(embed("tabular", "--precision", "bfloat16", "--record", tmp_path / "rough.json"))
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(rough, axis=1)
    assert ((exact * rough).sum(axis=1) / lengths).min() > 0.999
    assert not np.array_equal(exact, rough)
    counts = [json.loads((tmp_path / f"{name}.json").read_text())["counts"] for name in ("exact", "rough")]
    assert [count["precision"] for count in counts] == ["float32", "bfloat16"]


def test_windows_are_said_and_recorded(done: Done, tmp_path: Path, proteins: Path) -> None:
    command = ["embed", "--proteins", proteins, "--vectors", tmp_path / "v", "--record", tmp_path / "run.json"]
    said = done(*command, "--window", 16)
    note = (
        "proteins: 2 longer than 16 residues, read in windows which share 4 or more residues, merged where they "
        "overlap: first, third"
    )
    assert f"note: {note}\n" in said
    record = json.loads((tmp_path / "run.json").read_text())
    assert note in record["notes"]
    assert record["counts"] == {
        "proteins": 3,
        "residues": 58,
        "width": WIDTH,
        "layers": [LAYERS],
        "windowed": 2,
        "window": 16,
        "overlap": 4,
        "precision": "float32",
    }
    assert "in windows" not in done(*command, "--window", 24)
    record = json.loads((tmp_path / "run.json").read_text())
    assert [record["counts"][name] for name in ("windowed", "window", "overlap")] == [0, 24, 6]
    done(*command)
    record = json.loads((tmp_path / "run.json").read_text())
    assert [record["counts"][name] for name in ("windowed", "window", "overlap")] == [0, 1022, 255]


def test_only_some_of_many_long_proteins_are_named(done: Done, tmp_path: Path) -> None:
    (tmp_path / "p.fasta").write_text("".join(f">p{number}\n{'MKTAY' * 4}{'G' * number}\n" for number in range(8)))
    said = done("embed", "--proteins", tmp_path / "p.fasta", "--vectors", tmp_path / "v", "--window", 20)
    assert "proteins: 7 longer than 20 residues" in said
    assert said.splitlines()[1].endswith("overlap: p1, p2, p3, p4, p5 and 2 more")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--layer", "1", "--layer", "1"], "--layer: one is given twice; give each once"),
        (["--layer", str(LAYERS), "--layer", "-1"], f"--layer: -1 is the last one, {LAYERS}; give it once"),
        (["--layer", str(LAYERS + 1)], f"--layer {LAYERS + 1}: plmkit-tiny-2 has the layers 0 to {LAYERS}"),
        (["--layer", "-2"], "--layer must be at least -1, not -2"),
        (["--pooling", "max", "--pooling", "max"], "--pooling: one is given twice; give each once"),
        (
            ["--pooling", "max", "--format", "h5"],
            "--pooling makes one vector of a protein, h5 keeps all residues: give only one of them",
        ),
        (["--window", "15"], "--window must be at least 16, not 15"),
        (["--overlap", "-1"], "--overlap must be at least 0, not -1"),
        (["--window", "20", "--overlap", "10"], "--overlap 10: it must be less than half of --window 20"),
        (["--overlap", "511"], "--overlap 511: it must be less than half of the window of 1022 residues"),
    ],
)
def test_options_which_make_no_sense_are_told_in_one_line(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    assert refused("", *embedding(tmp_path, ">a\nMKV\n"), *options) == told


def test_a_number_too_large_is_told_and_nothing_is_left(
    plm: Callable[..., tuple[int, str]], tmp_path: Path, proteins: Path
) -> None:
    build_untrained(tmp_path / "model", "large", width=16, layers=1, heads=2, seed=1, spread=1e6)
    out = tmp_path / "out"
    out.mkdir()
    command = ["embed", "--proteins", proteins, "--model", tmp_path / "model", "--vectors", out / "v", "--layer", 0]
    code, said = plm(*command, "--stored", "float16")
    assert (code, said.splitlines()[-1]) == (
        2,
        "plm: error: vectors: some numbers are too large for float16; give --stored float32 --precision float32",
    )
    assert list(out.iterdir()) == []


def test_after_a_lack_of_memory_shorter_windows_can_be_taken(
    plm: Callable[..., tuple[int, str]], tmp_path: Path, proteins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["embed", "--proteins", proteins, "--vectors", tmp_path / "v"]
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "states", refusing(Reader.states))
        code, said = plm(*command)
    assert (code, said.splitlines()[-1]) == (
        3,
        "plm: error: not enough memory for 24 residues at once; take shorter windows, a smaller model or a machine "
        "with more memory",
    )
    code, said = plm(*command, "--window", 16)
    assert code == 0, said


def refusing(states: Callable[..., object]) -> Callable[..., object]:
    """As if there were no memory for more than twenty tokens."""

    def refused(reader: object, tokens: torch.Tensor, *more: object) -> object:
        if len(tokens) > 20:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return states(reader, tokens, *more)

    return refused


# The run notes what is done each time until it wrote so often, and never again; later it stops itself.
STOPPING = """
import os
from plmkit.output import residues, unfinished, vectors
unfinished._SECONDS = 0.0
calls = 0
def stopping(add):
    def added(store, rows):
        global calls
        add(store, rows)
        calls += 1
        if calls == noted:
            unfinished._SECONDS = 1e9
        if calls == written:
            store._handle.flush()
            os.kill(os.getpid(), number)
    return added
for store in (vectors.VectorStore, residues.ResidueStore):
    store.add = stopping(store.add)
"""


@pytest.fixture
def long_run(tmp_path: Path) -> Callable[..., list[object]]:
    """Return command lines which take many blocks, with windows and several layers; outputs go to a folder."""
    generator = random.Random(5)
    records = [f">p{n}\n{random_residues(generator, generator.randint(5, 60))}\n" for n in range(60)]
    (tmp_path / "proteins.fasta").write_text("".join(records))
    build_untrained(tmp_path / "model", "small", width=64, layers=2, heads=4, seed=1)

    def command(folder: Path, form: str, *more: object) -> list[object]:
        folder.mkdir(exist_ok=True)
        inputs = ("--proteins", tmp_path / "proteins.fasta", "--model", tmp_path / "model", "--window", 40)
        outputs = ("--vectors", folder / "v", "--format", form, "--record", folder / "run.json")
        return ["embed", *inputs, *outputs, "--batch-tokens", 60, "--layer", 1, "--layer", -1, *more]

    return command


def stopping(noted: int, written: int, number: signal.Signals) -> str:
    """Return code to run first, by which a command line stops itself by a signal."""
    return f"noted, written, number = {noted}, {written}, {int(number)}{STOPPING}"


@pytest.mark.parametrize("form", ["parquet", "h5"])
def test_a_killed_run_goes_on_and_gives_the_same_files(
    done: Done, with_torch: Program, tmp_path: Path, long_run: Callable[..., list[object]], form: str
) -> None:
    noted, written = 3, 5  # blocks of several proteins
    done(*long_run(tmp_path / "whole", form))
    command = long_run(tmp_path / "killed", form)
    assert with_torch(*command, first=stopping(noted, written, signal.SIGKILL)).returncode == -signal.SIGKILL
    hidden = tmp_path / "killed" / ".v.unfinished"
    assert list((tmp_path / "killed").glob("[!.]*")) == []
    progress = json.loads((hidden / "progress.json").read_text())["done"]
    assert progress > noted
    said = done(*command)
    assert f"going on after {progress} of 60 proteins\n" in said
    assert "100 %: 60 of 60 proteins" in said
    for name in ("v", "run.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not hidden.exists()


def test_a_terminated_run_notes_all_it_did(
    done: Done, refused: Refused, with_torch: Program, tmp_path: Path, long_run: Callable[..., list[object]]
) -> None:
    done(*long_run(tmp_path / "whole", "npz"))
    command = long_run(tmp_path / "ended", "npz")
    answer = with_torch(*command, first=stopping(1, 4, signal.SIGTERM))
    assert answer.returncode == 143, answer.stderr
    assert [path.name for path in (tmp_path / "ended").iterdir()] == [".v.unfinished"]
    refused("output 'v': an unfinished run with another layer, overlap", *command, "--layer", 0, "--overlap", 5)
    said = done(*command)
    assert "going on after " in said
    assert (tmp_path / "ended" / "v").read_bytes() == (tmp_path / "whole" / "v").read_bytes()


def test_a_terminated_run_discards_all_it_did_if_wanted(
    with_torch: Program, tmp_path: Path, long_run: Callable[..., list[object]]
) -> None:
    command = long_run(tmp_path / "ended", "h5")
    answer = with_torch(*command, "--interrupted", "discard", first=stopping(1, 4, signal.SIGTERM))
    assert answer.returncode == 143
    assert list((tmp_path / "ended").iterdir()) == []
