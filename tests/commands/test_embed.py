from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from tests.shape import LAYERS, WIDTH

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
    assert np.array_equal(tabular(embed("tabular", "--layer", LAYERS))[1], found[0])


def test_the_budget_of_tokens_changes_no_number(embed: Callable[..., Path]) -> None:
    _, expected = tabular(embed("tabular"))
    for budget in (1, 30, 60):
        np.testing.assert_allclose(tabular(embed("tabular", "--batch-tokens", budget))[1], expected, atol=1e-5)
