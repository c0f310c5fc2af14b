from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as pq

from plmkit.output.vectors import write_residue_states, write_vectors

NAMES = ["sp|P1|A_B/1-7", "sp|P1|A_B_1-7", ".", "..", "...", "/", "é%20ü", "a.b", "ほ", "a b", "x" * 300]


def test_any_name_keeps_its_own_dataset_and_its_original_id(tmp_path: Path) -> None:
    states = [(name, np.full((2, 3), number, dtype=np.float32)) for number, name in enumerate(NAMES)]
    write_residue_states(tmp_path / "s.h5", states)
    with h5py.File(tmp_path / "s.h5") as handle:
        found = {dataset.attrs["original_id"]: dataset[0, 0] for dataset in handle.values()}
        assert found == {name: number for number, name in enumerate(NAMES)}
        assert handle["sp|P1|A_B_1-7"].attrs["original_id"] == "sp|P1|A_B/1-7"
        assert not any(key.strip("./") == "" for key in handle)


def test_datasets_bear_no_time(tmp_path: Path) -> None:
    # HDF5 counts in seconds, so two quick runs would be equal all the same.
    write_residue_states(tmp_path / "s.h5", [("a", np.zeros((2, 3), dtype=np.float32))])
    with h5py.File(tmp_path / "s.h5") as handle:
        assert not handle["a"].id.get_create_plist().get_obj_track_times()


def test_names_are_kept_in_every_format(tmp_path: Path) -> None:
    vectors = np.arange(22, dtype=np.float32).reshape(11, 2)
    write_vectors(tmp_path / "v.parquet", NAMES, vectors, "parquet")
    write_vectors(tmp_path / "v.npz", NAMES, vectors, "npz")
    write_vectors(tmp_path / "v.tsv", NAMES, vectors, "tabular")
    assert pq.read_table(tmp_path / "v.parquet").column("id").to_pylist() == NAMES
    with np.load(tmp_path / "v.npz", allow_pickle=False) as arrays:
        assert arrays["ids"].tolist() == NAMES
    rows = [line.split("\t") for line in (tmp_path / "v.tsv").read_text(encoding="utf-8").splitlines()]
    assert [row[0] for row in rows] == ["id", *NAMES]


def test_text_gives_back_the_same_single_precision_numbers(tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 20)).astype(np.float32) * np.logspace(
        -20, 20, 20, dtype=np.float32
    )
    write_vectors(tmp_path / "v.tsv", [str(n) for n in range(50)], vectors, "tabular")
    found = np.loadtxt(tmp_path / "v.tsv", delimiter="\t", skiprows=1, dtype=np.float32)[:, 1:]
    assert np.array_equal(found, vectors)
