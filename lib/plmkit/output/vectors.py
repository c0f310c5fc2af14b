"""Write embeddings: one vector for each protein (tabular, parquet, npz) or one row for each residue (h5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from plmkit.output.tables import write_table

Floats = NDArray[np.float32]


def write_vectors(
    path: Path, names: Sequence[str], vectors: Floats, form: Literal["tabular", "parquet", "npz"]
) -> None:
    """Write one vector (D,) for each protein.

    tabular: columns id, 1 ... D. parquet: id and embedding, a list of D float32. npz: arrays ids and embeddings.
    """
    {"tabular": _write_tabular, "parquet": _write_parquet, "npz": _write_npz}[form](path, names, vectors)


def write_residue_states(path: Path, states: Iterable[tuple[str, Floats]]) -> None:
    """Write one dataset (residues, D) in float32 for each protein.

    A dataset is called after its protein, with "_" for "/" (which HDF5 reads as a folder); its attribute
    original_id holds the name as it was given. So do ProtTrans and bio_embeddings.
    """
    with h5py.File(path, "w", libver="latest") as handle:
        for name, rows in states:
            dataset = handle.create_dataset(_free_key(handle, name), data=rows, track_times=False)
            dataset.attrs["original_id"] = name


def _free_key(handle: h5py.File, name: str) -> str:
    key = name.replace("/", "_").strip(".") or "_"
    while key in handle:
        key += "_"
    return key


def _write_tabular(path: Path, names: Sequence[str], vectors: Floats) -> None:
    header = ["id", *(str(column) for column in range(1, vectors.shape[1] + 1))]
    # Nine digits give back the same float32.
    rows = ([name, *(f"{value:.9g}" for value in vector)] for name, vector in zip(names, vectors, strict=True))
    write_table(path, header, rows)


def _write_parquet(path: Path, names: Sequence[str], vectors: Floats) -> None:
    embedding = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    table = pa.table({"id": pa.array(names, type=pa.string()), "embedding": embedding})
    pq.write_table(
        table,
        path,
        compression="zstd",
        use_dictionary=["id"],
        use_byte_stream_split=["embedding.list.element"],
    )


def _write_npz(path: Path, names: Sequence[str], vectors: Floats) -> None:
    with path.open("wb") as handle:  # numpy adds .npz to a name, not to an open file
        np.savez(handle, ids=np.array(names, dtype=np.str_), embeddings=vectors)
