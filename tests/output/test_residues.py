"""Files of residues' states, read back by h5py, and taken up again after a kill."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from plmkit.errors import UserError
from plmkit.output.residues import ResidueLayout, ResidueStore
from plmkit.output.unfinished import Unfinished

NAMES = ["sp|P1|A_B/1-7", "sp|P1|A_B_1-7", ".", "..", "...", "/", "é%20ü", "a.b", "ほ", "a b", "x" * 300, "a/b/c"]
LENGTHS = [3, 1, 700, 2, 5, 8, 1, 40, 2, 9, 4, 6]
SINGLE, HALF = np.dtype(np.float32), np.dtype(np.float16)
Floats = NDArray[np.float32]


def states(layers: int, width: int = 3) -> list[Floats]:
    generator = np.random.default_rng(2)
    return [generator.normal(size=(layers, length, width)).astype(np.float32) for length in LENGTHS]


def write(path: Path, rows: Sequence[Floats], layout: ResidueLayout, parts: Sequence[int] = ()) -> bytes:
    """Write a file; after each number of proteins in `parts` the run ends, with more on disk than was noted."""
    begun = 0
    for stop in (*parts, len(rows)):
        unfinished = Unfinished(path, {"run": 1})
        assert unfinished.done == begun
        with ResidueStore(unfinished, layout, NAMES, LENGTHS) as store:
            for number in range(begun, stop):
                store.add([rows[number]])
            if stop == len(rows):
                store.write(path)
        if stop < len(rows):
            with h5py.File(unfinished.content, "r") as handle:
                following = next(rows.id for rows in handle.values() if rows.attrs["original_id"] == NAMES[stop])
                place = following.get_offset()
            with unfinished.content.open("r+b") as content:
                content.seek(place)
                content.write(b"\xff")
        begun = stop
    unfinished.remove()
    return path.read_bytes()


@pytest.mark.parametrize("layers", [(3,), (0, 3)])
@pytest.mark.parametrize("dtype", [SINGLE, HALF])
def test_h5py_reads_back_the_same_numbers(tmp_path: Path, dtype: np.dtype[Any], layers: tuple[int, ...]) -> None:
    rows = states(len(layers))
    write(tmp_path / "s.h5", rows, ResidueLayout(layers, 3, dtype))
    with h5py.File(tmp_path / "s.h5") as handle:
        assert handle.attrs["layers"].tolist() == list(layers)
        assert len(handle) == len(NAMES)
        found = {dataset.attrs["original_id"]: dataset for dataset in handle.values()}
        for name, expected in zip(NAMES, rows, strict=True):
            assert found[name].dtype == dtype
            wanted = expected if len(layers) > 1 else expected[0]
            assert np.array_equal(found[name][:], wanted.astype(dtype))


def test_any_name_keeps_its_own_dataset_and_its_original_id(tmp_path: Path) -> None:
    write(tmp_path / "s.h5", states(1), ResidueLayout((3,), 3, SINGLE))
    with h5py.File(tmp_path / "s.h5") as handle:
        assert handle["sp|P1|A_B_1-7"].attrs["original_id"] == "sp|P1|A_B/1-7"
        assert handle["sp|P1|A_B_1-7_"].attrs["original_id"] == "sp|P1|A_B_1-7"
        assert handle["a_b_c"].attrs["original_id"] == "a/b/c"
        assert handle["é%20ü"].attrs["original_id"] == "é%20ü"
        assert not any(key.strip("./") == "" for key in handle)


def test_equal_runs_give_equal_files_whenever_they_are_made(tmp_path: Path) -> None:
    layout = ResidueLayout((0, 3), 3, HALF)
    first = write(tmp_path / "one", states(2), layout)
    time.sleep(1.1)  # HDF5 counts in seconds
    assert write(tmp_path / "two", states(2), layout) == first


@pytest.mark.parametrize("dtype", [SINGLE, HALF])
def test_a_run_that_ended_twice_gives_the_file_of_one_that_did_not(tmp_path: Path, dtype: np.dtype[Any]) -> None:
    layout = ResidueLayout((0, 3), 3, dtype)
    at_once = write(tmp_path / "one", states(2), layout)
    assert write(tmp_path / "two", states(2), layout, parts=[1, 2, 7]) == at_once
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_nothing_lies_about_the_numbers(tmp_path: Path) -> None:
    content = write(tmp_path / "s.h5", states(1), ResidueLayout((3,), 3, SINGLE))
    assert sum(LENGTHS) * 3 * 4 <= len(content) < sum(LENGTHS) * 3 * 4 + 12_000


def test_a_number_too_large_for_the_file_is_refused(tmp_path: Path) -> None:
    rows = states(1)
    rows[1][0, 0, 2] = 7e4
    with ResidueStore(Unfinished(tmp_path / "s", {}), ResidueLayout((3,), 3, HALF), NAMES, LENGTHS) as store:
        store.add([rows[0]])
        with pytest.raises(UserError, match="too large for float16; give --stored float32"):
            store.add([rows[1]])
        assert store.done == 1
