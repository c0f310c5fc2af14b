import gzip
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.vector_files import write_vectors

from plmkit.data import vectors
from plmkit.data.vectors import read_vectors
from plmkit.errors import OutOfMemoryError, UserError

NAMES = ["sp|P1|A", "b c", "ほ", "x" * 300]
VALUES = np.array([[1, -2.5, 3e-20], [0, 0, 0], [1 / 3, 1e30, -1e-30], [7, 8, 9]], dtype=np.float32)


def archive(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def parquet(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["tabular", "parquet", "npz"])
def test_what_embed_writes_comes_back_exactly_whatever_its_name(tmp_path: Path, form: Any) -> None:
    write_vectors(tmp_path / "dataset_1.dat", NAMES, VALUES, form)
    found = read_vectors(tmp_path / "dataset_1.dat", "embeddings")
    assert found.names == tuple(NAMES)
    assert len(found) == 4
    assert found.values.dtype == np.float32
    assert np.array_equal(found.values, VALUES)


@pytest.mark.parametrize("form", ["tabular", "parquet", "npz"])
def test_many_blocks_are_put_together_in_order(tmp_path: Path, form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_NUMBERS_AT_ONCE", 12)
    monkeypatch.setattr(vectors, "_ROWS_AT_ONCE", 5)
    values = np.random.default_rng(1).normal(size=(33, 4)).astype(np.float32)
    write_vectors(tmp_path / "v", [str(n) for n in range(33)], values, form)
    found = read_vectors(tmp_path / "v", "embeddings")
    assert found.names == tuple(map(str, range(33)))
    assert np.array_equal(found.values, values)


@pytest.mark.parametrize(
    "content",
    [
        b"id\t1\t2\na\t1\t2\n\nb\t3\t4\n",
        b"\xef\xbb\xbfid,1,2\r\na,1,2\r\nb,3,4\r\n",
        gzip.compress(b"protein;x;y\na;1;2\nb; 3 ;4e0\n", mtime=0),
        archive(ids=np.array(["a", "b"]), embeddings=np.array([[1, 2], [3, 4]])),
        archive(ids=np.array(["a", "b"]), embeddings=np.array([[1, 2], [3, 4]], dtype=np.float16)),
        parquet(name=["a", "b"], vector=[[1.0, 2.0], [3.0, 4.0]]),
        parquet(id=["a", "b"], other=["x", "y"], embedding=pa.array([[1, 2], [3, 4]], pa.list_(pa.float16(), 2))),
    ],
)
def test_other_delimiters_compression_precisions_and_columns_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v").write_bytes(content)
    found = read_vectors(tmp_path / "v", "embeddings")
    assert found.names == ("a", "b")
    assert found.values.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "embeddings: the file is empty"),
        (b"id\t1\n", "embeddings: the table has no rows below its header"),
        (b">a\nMKV\n", "embeddings, line 1: one column only"),
        (b"a\t0.5\t2\nb\t1\t2\n", "embeddings, line 1: numbers where the header should be"),
        (b"id\t1\t2\na\t1\t2\nb\t1\n", "embeddings, line 3: 2 cells, but the header has 3"),
        (b"id\t1\t2\na\t1\tx\n\nb\t\t2\n", "embeddings, line 2, column 3: 'x' is not a number; "),
        (b"id\t1\t2\na\t1\tx\n\nb\t\t2\n", "line 4, column 2: '' is not a number"),
        (b"id\t1\na\t1_0\n", "embeddings, line 2, column 2: '1_0' is not a number"),
        (b"id\t1\t2\na\t1\tnan\n", "embeddings, line 2: number 2 of 'a' is nan"),
        (b"id\t1\na\t1e39\n", "embeddings, line 2: number 1 of 'a' is inf"),
        (b"id\t1\na\t1\n\na\t2\n", "embeddings, line 4: the name 'a' stands already in line 2"),
        (b"id\t1\na\t1\n\t2\n", "embeddings, line 3: the name is empty"),
        (b"\x89HDF\r\n\x1a\n....", "embeddings: this is an HDF5 file, with vectors of residues; give what plm embed"),
        (b"\x93NUMPY\x01\x00....", "embeddings: this is one NumPy array, without names"),
        (b"PK\x03\x04 cut off", "embeddings: the NumPy archive cannot be read"),
        (archive(ids=np.array(["a"]), embeddings=np.eye(2)), "embeddings: 1 ids, but embeddings (2, 2)"),
        (archive(ids=np.array(["a"]), embeddings=np.ones(3)), "embeddings: the array embeddings is no table (N, D)"),
        (archive(ids=np.array([0.5]), embeddings=np.eye(1)), "embeddings: the array ids holds no texts"),
        (archive(vectors=np.eye(2)), "embeddings: the archive has no array embeddings and no ids"),
        (archive(ids=np.array(["a"]), embeddings=np.array([[1e300]])), "embeddings, row 1: number 1 of 'a' is inf"),
        (b"PAR1 cut off", "embeddings: the parquet file cannot be read"),
        (parquet(id=["a"]), "embeddings: the parquet file has no column of lists of numbers"),
        (parquet(id=["a"], e=[[1.0]], f=[[1.0]]), "embeddings: 2 columns of lists of numbers (e, f); call the one to"),
        (parquet(id=["a", "b"], e=[[1.0, 2.0], [1.0]]), "embeddings, row 2: 1 numbers, but the first row has 2"),
        (parquet(id=["a", "b"], e=[[1.0, 2.0], None]), "embeddings, row 2: 0 numbers, but the first row has 2"),
        (
            parquet(id=["a", None], e=[[1.0], [None]]),
            "embeddings, row 2: the name is empty; give each protein one; row",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(UserError) as raised:
        read_vectors(tmp_path / "v", "embeddings")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_pickle_inside_an_archive_is_never_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path(tmp_path / "ran").touch, ())

    objects = np.empty(1, dtype=object)
    objects[0] = Evil()
    (tmp_path / "v").write_bytes(archive(ids=objects, embeddings=np.eye(1)))
    with pytest.raises(UserError, match="Object arrays cannot be loaded"):
        read_vectors(tmp_path / "v", "embeddings")
    (tmp_path / "p").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(UserError):
        read_vectors(tmp_path / "p", "embeddings")
    assert not (tmp_path / "ran").exists()


def test_a_lack_of_memory_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(vectors, "_read_tabular", fail)
    (tmp_path / "v").write_bytes(b"id\t1\na\t1\n")
    with pytest.raises(OutOfMemoryError, match="embeddings: the vectors do not fit into memory"):
        read_vectors(tmp_path / "v", "embeddings")
