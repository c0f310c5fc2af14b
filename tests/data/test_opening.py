import bz2
import gzip
import hashlib
import lzma
import zipfile
from pathlib import Path

import pytest

from plmkit.data.opening import sha256_of, text_lines
from plmkit.errors import UserError

TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_compression_and_line_ends_are_told_by_content(tmp_path: Path, compress: "type[bytes]", end: str) -> None:
    path = tmp_path / "no_suffix"
    path.write_bytes(compress(f"\ufeffone{end}{end}t w\u2028o\t{end}é".encode()))
    # The Unicode line separator ends no line of a FASTA file.
    assert list(text_lines(path, "proteins")) == ["one", "", "t w\u2028o\t", "é"]


def test_the_hash_is_of_the_bytes_as_they_lie(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(gzip.compress(b"x" * 5000, mtime=0))
    assert sha256_of(tmp_path / "f") == hashlib.sha256((tmp_path / "f").read_bytes()).hexdigest()


def test_a_tuned_model_in_the_place_of_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"truth: this is a tuned model \(zip\), not text; choose the file that was"):
        list(text_lines(TEST_DATA / "tuned_pairs.zip", "truth"))
    other = tmp_path / "t"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("t.tsv", "id\n1\n")
    for content in (other.read_bytes(), other.read_bytes()[:20]):
        other.write_bytes(content)
        with pytest.raises(UserError, match="truth: this is a zip archive, not text; unpack it"):
            list(text_lines(other, "truth"))
