"""Files of vectors, each read back by its own library, and taken up again after a kill."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from tests.vector_files import write_vectors

from plmkit.errors import UserError
from plmkit.output import vectors as module
from plmkit.output.unfinished import Unfinished
from plmkit.output.vectors import ONLY, Form, Layout, VectorStore

NAMES = ["sp|P1|A_B/1-7", "sp|P1|A_B_1-7", ".", "..", "...", "/", "é%20ü", "a.b", "ほ", "a b", "x" * 300, '"q"', "NA"]
FORMS: tuple[Form, ...] = get_args(Form)
SINGLE, HALF = np.dtype(np.float32), np.dtype(np.float16)
TWO = ("mean_layer3", "max_layer0")
Floats = NDArray[np.float32]


def numbers(vectors: int, width: int = 5) -> Floats:
    """Numbers (proteins, vectors, width) which need all digits, large and small ones among them."""
    generator = np.random.default_rng(1)
    made = generator.normal(size=(len(NAMES), vectors, width)) * 10.0 ** generator.integers(-3, 4, size=width)
    return made.astype(np.float32)


def write(path: Path, form: Form, rows: Floats, layout: Layout, parts: Sequence[int] = ()) -> bytes:
    """Write a file; after each number of rows in `parts` the run ends, with more on disk than was noted."""
    begun = 0
    for stop in (*parts, len(rows)):
        unfinished = Unfinished(path, {"run": 1})
        assert unfinished.done == begun
        with VectorStore(unfinished, layout, NAMES, form) as store:
            for row in range(begun, stop):
                store.add(rows[row : row + 1])
            if stop == len(rows):
                store.write(path)
        if stop < len(rows):
            with unfinished.content.open("ab") as handle:
                handle.write(b"what was not noted any more")
        begun = stop
    unfinished.remove()
    return path.read_bytes()


def layout_of(dtype: np.dtype[Any], vectors: int) -> Layout:
    return Layout((ONLY,) if vectors == 1 else TWO, 5, dtype)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few proteins make several blocks."""
    monkeypatch.setattr(module, "_NUMBERS_AT_ONCE", 20)
    monkeypatch.setattr(module, "_ROW_GROUP", 3)


@pytest.mark.parametrize("vectors", [1, 2])
@pytest.mark.parametrize("dtype", [SINGLE, HALF])
def test_numpy_reads_back_the_same_numbers(tmp_path: Path, dtype: np.dtype[Any], vectors: int) -> None:
    rows = numbers(vectors)
    write(tmp_path / "v", "npz", rows, layout_of(dtype, vectors))
    with np.load(tmp_path / "v", allow_pickle=False) as arrays:
        assert arrays.files == ["ids", *(["embeddings"] if vectors == 1 else TWO)]
        assert arrays["ids"].tolist() == NAMES
        for place, name in enumerate(arrays.files[1:]):
            assert arrays[name].dtype == dtype
            assert np.array_equal(arrays[name], rows[:, place].astype(dtype))


@pytest.mark.parametrize("vectors", [1, 2])
@pytest.mark.parametrize("dtype", [SINGLE, HALF])
def test_pyarrow_reads_back_the_same_numbers_as_lists_of_fixed_size(
    tmp_path: Path, dtype: np.dtype[Any], vectors: int
) -> None:
    rows = numbers(vectors)
    write(tmp_path / "v", "parquet", rows, layout_of(dtype, vectors))
    table = pq.read_table(tmp_path / "v")
    assert table.column_names == ["id", *(["embedding"] if vectors == 1 else TWO)]
    assert table.column("id").to_pylist() == NAMES
    for place, name in enumerate(table.column_names[1:]):
        assert table.schema.field(name).type == pa.list_(pa.from_numpy_dtype(dtype), 5)
        values = table.column(name).combine_chunks().flatten().to_numpy(zero_copy_only=False)
        assert values.dtype == dtype
        assert np.array_equal(values.reshape(-1, 5), rows[:, place].astype(dtype))
    assert pq.ParquetFile(tmp_path / "v").metadata.num_row_groups == 5  # thirteen proteins by three


@pytest.mark.parametrize("vectors", [1, 2])
@pytest.mark.parametrize("dtype", [SINGLE, HALF])
def test_text_gives_back_the_same_numbers(tmp_path: Path, dtype: np.dtype[Any], vectors: int) -> None:
    rows = numbers(vectors)
    write(tmp_path / "v", "tabular", rows, layout_of(dtype, vectors))
    parsing = pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False)
    converting = pyarrow.csv.ConvertOptions(column_types={"id": pa.string()}, strings_can_be_null=False)
    table = pyarrow.csv.read_csv(tmp_path / "v", parse_options=parsing, convert_options=converting)
    header = (
        [*map(str, range(1, 6))] if vectors == 1 else [f"{name}_{column}" for name in TWO for column in range(1, 6)]
    )
    assert table.column_names == ["id", *header]
    assert table.column("id").to_pylist() == NAMES
    values = np.stack([table.column(column).to_numpy() for column in header], axis=1)
    assert np.array_equal(values.astype(dtype), rows.reshape(len(NAMES), -1).astype(dtype))


def test_text_gives_back_numbers_of_any_size(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(50, 20)).astype(np.float32) * np.logspace(
        -20, 20, 20, dtype=np.float32
    )
    write_vectors(tmp_path / "v.tsv", [str(n) for n in range(50)], values, "tabular")
    found = np.loadtxt(tmp_path / "v.tsv", delimiter="\t", skiprows=1, dtype=np.float32)[:, 1:]
    assert np.array_equal(found, values)


@pytest.mark.parametrize("form", FORMS)
def test_equal_runs_give_equal_files_whenever_they_are_made(
    tmp_path: Path, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(tmp_path / "one", form, numbers(2), layout_of(HALF, 2))
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((2033, 5, 18, 3, 33, 20, 2, 138, 0)))
    assert write(tmp_path / "two", form, numbers(2), layout_of(HALF, 2)) == first


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [SINGLE, HALF])
def test_a_run_that_ended_twice_gives_the_file_of_one_that_did_not(
    tmp_path: Path, form: Form, dtype: np.dtype[Any]
) -> None:
    layout = layout_of(dtype, 2)
    at_once = write(tmp_path / "one", form, numbers(2), layout)
    assert write(tmp_path / "two", form, numbers(2), layout, parts=[4, 11]) == at_once
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_all_may_be_done_but_the_file(tmp_path: Path) -> None:
    layout, rows = layout_of(SINGLE, 1), numbers(1)
    with VectorStore(Unfinished(tmp_path / "v", {}), layout, NAMES, "npz") as store:
        store.add(rows)
    with VectorStore(Unfinished(tmp_path / "v", {}), layout, NAMES, "npz") as store:
        assert store.done == len(NAMES)
        store.write(tmp_path / "v")
    with np.load(tmp_path / "v") as arrays:
        assert np.array_equal(arrays["embeddings"], rows[:, 0])


@pytest.mark.parametrize(("dtype", "number"), [(HALF, 65520.0), (HALF, -1e6), (SINGLE, np.inf), (SINGLE, np.nan)])
def test_a_number_too_large_for_the_file_is_refused(tmp_path: Path, dtype: np.dtype[Any], number: float) -> None:
    rows = np.full((1, 1, 5), 65504.0, dtype=np.float32)  # the largest number of half precision
    with VectorStore(Unfinished(tmp_path / "v", {}), layout_of(dtype, 1), ["a", "b"], "tabular") as store:
        store.add(rows)
        rows[0, 0, 3] = number
        with pytest.raises(UserError, match=f"too large for {dtype}; give --stored float32 --precision float32"):
            store.add(rows)
        assert store.done == 1
