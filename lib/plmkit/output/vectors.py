"""Write one vector for each protein: numbers are kept in a plain file while they are made, then in the form wanted.

So any run can go on after it was killed, gives the same file, and holds no more than a block in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.lib import format as npy
from numpy.typing import NDArray

from plmkit.errors import UserError
from plmkit.output.tables import write_table
from plmkit.output.unfinished import Store, Unfinished

Floats = NDArray[np.floating]
Form = Literal["tabular", "parquet", "npz"]
ONLY = "embedding"
_NUMBERS_AT_ONCE = 1 << 20
_ROW_GROUP = 8192


@dataclass(frozen=True)
class Layout:
    """What the file holds for each protein: vectors of `width` numbers, by name, of one precision.

    A single one is called "embedding".
    """

    names: tuple[str, ...]
    width: int
    dtype: np.dtype[np.floating]

    @property
    def row_bytes(self) -> int:
        """Bytes of a protein's numbers."""
        return len(self.names) * self.width * self.dtype.itemsize


class VectorStore(Store):
    """The numbers of proteins, in their order, as they are made."""

    def __init__(self, unfinished: Unfinished, layout: Layout, proteins: Sequence[str], form: Form) -> None:
        """proteins: their names, in order; form: see `write`."""
        self._layout, self._proteins, self._form = layout, proteins, form
        if not unfinished.done:
            unfinished.begin()
            unfinished.content.touch()
        super().__init__(unfinished)
        self._handle.truncate(self.done * layout.row_bytes)
        self._handle.seek(0, 2)

    def add(self, rows: NDArray[np.float32]) -> None:
        """Append the numbers of some proteins, (P, vectors, width). Raises UserError as `stored`."""
        self._handle.write(stored(rows, self._layout.dtype).data)
        self._count(len(rows))

    def write(self, path: Path) -> None:
        """Write the file of a finished run.

        tabular: columns id, 1 ... D (or NAME_1 ... for several vectors). parquet: id and embedding (or each NAME), a
        fixed-size list of numbers. npz: arrays ids and embeddings (or each NAME).
        """
        self.close()
        writers = {"tabular": self._write_tabular, "parquet": self._write_parquet, "npz": self._write_npz}
        writers[self._form](path)

    def _blocks(self, rows: int) -> Iterator[Floats]:
        """Yield blocks (rows, vectors, width) from the file."""
        layout = self._layout
        shape = (-1, len(layout.names), layout.width)
        with self._unfinished.content.open("rb") as handle:
            while chunk := handle.read(rows * layout.row_bytes):
                yield np.frombuffer(chunk, dtype=layout.dtype).reshape(shape)

    def _write_tabular(self, path: Path) -> None:
        layout = self._layout
        prefixes = [""] if len(layout.names) == 1 else [f"{name}_" for name in layout.names]
        header = ["id", *(f"{prefix}{column}" for prefix in prefixes for column in range(1, layout.width + 1))]
        digits = 9 if layout.dtype == np.float32 else 5  # give back the same number
        rows = (row.reshape(-1).tolist() for block in self._blocks(256) for row in block)
        named = (
            [name, *(f"{value:.{digits}g}" for value in row)] for name, row in zip(self._proteins, rows, strict=True)
        )
        write_table(path, header, named)

    def _write_parquet(self, path: Path) -> None:
        layout = self._layout
        numbers = pa.list_(pa.from_numpy_dtype(layout.dtype), layout.width)
        schema = pa.schema([("id", pa.string()), *((name, numbers) for name in layout.names)])
        apart = [f"{name}.list.element" for name in layout.names]
        with pq.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=["id"], use_byte_stream_split=apart
        ) as writer:
            first = 0
            for block in self._blocks(max(1, min(_ROW_GROUP, _NUMBERS_AT_ONCE // layout.width))):
                columns = [
                    pa.FixedSizeListArray.from_arrays(pa.array(block[:, place].reshape(-1)), type=numbers)
                    for place in range(len(layout.names))
                ]
                names = pa.array(self._proteins[first : first + len(block)], type=pa.string())
                writer.write_table(pa.table([names, *columns], schema=schema))
                first += len(block)

    def _write_npz(self, path: Path) -> None:
        layout = self._layout
        names = ["embeddings"] if layout.names == (ONLY,) else layout.names
        with ZipFile(path, "w", ZIP_STORED) as archive:
            with _entry(archive, "ids") as handle:
                npy.write_array(handle, np.array(self._proteins, dtype=np.str_), allow_pickle=False)
            for place, name in enumerate(names):
                with _entry(archive, name) as handle:
                    shape = (len(self._proteins), layout.width)
                    header = {"descr": npy.dtype_to_descr(layout.dtype), "fortran_order": False, "shape": shape}
                    npy.write_array_header_1_0(handle, header)
                    for block in self._blocks(max(1, _NUMBERS_AT_ONCE // layout.width)):
                        handle.write(np.ascontiguousarray(block[:, place]).data)


def stored(numbers: NDArray[np.float32], dtype: np.dtype[np.floating]) -> Floats:
    """Return numbers in the precision of the file; raises UserError when one is too large for it."""
    with np.errstate(over="ignore"):
        found: Floats = np.ascontiguousarray(numbers, dtype=dtype)
    if not np.isfinite(found).all():
        raise UserError(f"vectors: some numbers are too large for {dtype}; give --stored float32 --precision float32")
    return found


def _entry(archive: ZipFile, name: str) -> IO[bytes]:
    """Open an array of an archive for writing; without a date, so that equal runs give equal files."""
    return archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True)
