"""Read the embeddings of proteins, one vector each: tabular, parquet or NumPy archive, told by content."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from plmkit.data.opening import first_bytes, text_lines
from plmkit.errors import OutOfMemoryError, UserError, raise_problems

Floats = NDArray[np.float32]
_Rows = tuple[Sequence[str], Floats, Sequence[int]]  # names, numbers, and where in the file each stands

_REMEDY = "give what plm embed writes for each protein: tabular, parquet or npz"
_REFUSED = {b"\x89HDF": "an HDF5 file, with vectors of residues", b"\x93NUMPY": "one NumPy array, without names"}
_DELIMITERS = "\t,;"
_NUMBERS_AT_ONCE = 1 << 20
_ROWS_AT_ONCE = 4096
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError)


@dataclass(frozen=True)
class Vectors:
    """The names of N proteins and their embeddings, values (N, D), all finite; names differ."""

    names: tuple[str, ...]
    values: Floats

    def __len__(self) -> int:
        return len(self.names)


def read_vectors(path: Path, role: str) -> Vectors:
    """Read one vector for each protein; no more is held in memory than the numbers themselves and a small block.

    tabular (plain or compressed): a header, then a name and D numbers in each row. parquet: a column of names and one
    of lists of numbers. npz: arrays ids (N,) and embeddings (N, D); objects (pickles) are never read. Raises UserError
    for anything else, names that are empty or repeated, unequal widths and numbers that are not finite.
    """
    start = first_bytes(path, role, 8)
    for magic, kind in _REFUSED.items():
        if start.startswith(magic):
            raise UserError(f"{role}: this is {kind}; {_REMEDY}")
    read, word = _reader_of(start)
    try:
        names, values, places = read(path, role)
    except MemoryError:
        raise OutOfMemoryError(f"{role}: the vectors do not fit into memory; give the job more, or fewer") from None
    raise_problems(role, [*_repeated_names(names, places, word), *_not_finite(names, values, places, word)])
    return Vectors(tuple(names), values)


def _reader_of(start: bytes) -> tuple[Callable[[Path, str], _Rows], str]:
    """Return the reader of a file which begins so, and what it counts."""
    if start.startswith(b"PAR1"):
        return _read_parquet, "row"
    if start.startswith(b"PK\x03\x04"):
        return _read_archive, "row"
    return _read_tabular, "line"


def _repeated_names(names: Sequence[str], places: Sequence[int], word: str) -> Iterator[str]:
    first: dict[str, int] = {}
    for name, place in zip(names, places, strict=True):
        if not name:
            yield f"{word} {place}: the name is empty; give each protein one"
        elif name in first:
            yield f"{word} {place}: the name {name!r} stands already in {word} {first[name]}; give each protein its own"
        first.setdefault(name, place)


def _not_finite(names: Sequence[str], values: Floats, places: Sequence[int], word: str) -> Iterator[str]:
    # in double precision the sum of a row is finite if and only if each of its numbers is
    for row in np.flatnonzero(~np.isfinite(values.sum(axis=1, dtype=np.float64))).tolist():
        column = int(np.flatnonzero(~np.isfinite(values[row]))[0])
        yield (
            f"{word} {places[row]}: number {column + 1} of {names[row]!r} is {values[row, column]}; embed this protein "
            "again or leave it out"
        )


def _read_archive(path: Path, role: str) -> _Rows:
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            if missing := {"ids", "embeddings"} - set(arrays.files):
                raise UserError(f"{role}: the archive has no array {' and no '.join(sorted(missing))}; {_REMEDY}")
            names, values = arrays["ids"], arrays["embeddings"]
    except _DAMAGED as error:
        raise UserError(f"{role}: the NumPy archive cannot be read ({_one_line(error)}); {_REMEDY}") from None
    if names.dtype.kind not in "Uiu" or names.ndim != 1:
        raise UserError(f"{role}: the array ids holds no texts, but {names.dtype} {names.shape}; {_REMEDY}")
    if values.dtype.kind not in "fiu" or values.ndim != 2:
        raise UserError(f"{role}: the array embeddings is no table (N, D) of numbers, but {values.shape}; {_REMEDY}")
    if len(names) != len(values) or not values.size:
        raise UserError(f"{role}: {len(names)} ids, but embeddings {values.shape}; {_REMEDY}")
    return names.astype(np.str_).tolist(), _as_float32(values), range(1, len(names) + 1)


def _as_float32(values: NDArray[np.generic]) -> Floats:
    with np.errstate(over="ignore"):  # becomes infinite, which is refused with its row
        return np.ascontiguousarray(values, dtype=np.float32)


def _read_parquet(path: Path, role: str) -> _Rows:
    try:
        with pq.ParquetFile(path) as file:
            name_column, vector_column = _columns(file.schema_arrow, role)
            return _read_batches(file, name_column, vector_column, role)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{role}: the parquet file cannot be read ({_one_line(error)}); {_REMEDY}") from None


def _columns(schema: pa.Schema, role: str) -> tuple[str, str]:
    lists = [field.name for field in schema if _is_list_of_numbers(field.type)]
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    return _choose(texts, "id", "of names", role), _choose(lists, "embedding", "of lists of numbers", role)


def _is_list_of_numbers(kind: pa.DataType) -> bool:
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        return False
    return bool(pa.types.is_floating(kind.value_type))


def _choose(columns: Sequence[str], usual: str, what: str, role: str) -> str:
    if usual in columns or len(columns) == 1:
        return usual if usual in columns else columns[0]
    if columns:
        raise UserError(f"{role}: {len(columns)} columns {what} ({', '.join(columns)}); call the one to use {usual!r}")
    raise UserError(f"{role}: the parquet file has no column {what}; {_REMEDY}")


def _read_batches(file: pq.ParquetFile, names_in: str, vectors_in: str, role: str) -> _Rows:
    names: list[str] = []
    values: Floats | None = None
    for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=[names_in, vectors_in]):
        lists = batch.column(vectors_in)
        widths = pc.list_value_length(lists).fill_null(0).to_numpy()
        if values is None:
            values = np.empty((file.metadata.num_rows, widths[0]), dtype=np.float32)
        _check_widths(widths, values.shape[1], len(names) + 1, role)
        block = lists.flatten().to_numpy(zero_copy_only=False)  # a missing number becomes NaN, and is refused
        values[len(names) : len(names) + len(batch)] = _as_float32(block).reshape(len(batch), -1)
        names += (name or "" for name in batch.column(names_in).to_pylist())
    if values is None or not values.size:
        raise UserError(f"{role}: the parquet file holds no numbers; {_REMEDY}")
    return names, values, range(1, len(names) + 1)


def _check_widths(widths: Sequence[int], width: int, first: int, role: str) -> None:
    problems = [
        f"row {row}: {found} numbers, but the first row has {width}; embed all proteins with one model"
        for row, found in enumerate(widths, start=first)
        if found != width
    ]
    raise_problems(role, problems)


def _read_tabular(path: Path, role: str) -> _Rows:
    names: list[str] = []
    places: list[int] = []
    numbers = bytearray()  # grows in place: no second copy when all is read
    with closing(text_lines(path, role)) as opened:  # closes the file after a mistake too
        lines = enumerate(opened, start=1)
        _, header = next(lines)
        delimiter = max(_DELIMITERS, key=header.count)
        width = header.count(delimiter)
        _check_header(header.split(delimiter), role)
        filled = (pair for pair in lines if pair[1].strip())
        while block := list(islice(filled, max(1, _NUMBERS_AT_ONCE // width))):
            numbers += _parse(block, delimiter, width, role).tobytes()
            names += (line.partition(delimiter)[0].strip() for _, line in block)
            places += (number for number, _ in block)
    if not names:
        raise UserError(f"{role}: the table has no rows below its header; {_REMEDY}")
    return names, np.frombuffer(numbers, dtype=np.float32).reshape(len(names), width), places


def _check_header(cells: Sequence[str], role: str) -> None:
    if len(cells) == 1:
        raise UserError(f"{role}, line 1: one column only; {_REMEDY}")
    # plm embed numbers its columns 1, 2, ...; numbers of any other kind are those of a protein
    if all(_is_number(cell) for cell in cells[1:]) and not all(cell.strip().isdecimal() for cell in cells[1:]):
        raise UserError(f"{role}, line 1: numbers where the header should be; write a header line above them")


def _parse(block: Sequence[tuple[int, str]], delimiter: str, width: int, role: str) -> Floats:
    """Return the numbers (rows, D) of some lines, without their names."""
    problems = [
        f"line {number}: {line.count(delimiter) + 1} cells, but the header has {width + 1}; give every row as many"
        for number, line in block
        if line.count(delimiter) != width
    ]
    raise_problems(role, problems)
    rows = (line.partition(delimiter)[2] for _, line in block)
    try:
        return np.loadtxt(rows, dtype=np.float32, delimiter=delimiter, comments=None, ndmin=2)
    except ValueError:
        raise_problems(role, list(_cells_without_number(block, delimiter)))
        raise


def _cells_without_number(block: Sequence[tuple[int, str]], delimiter: str) -> Iterator[str]:
    for number, line in block:
        for column, cell in enumerate(line.split(delimiter)[1:], start=2):
            if not _is_number(cell):
                yield f"line {number}, column {column}: {cell.strip()!r} is not a number; {_REMEDY}"
                break


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 1_000, files do not mean it


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120].rstrip(". ") or type(error).__name__
