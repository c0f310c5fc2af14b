"""Open a user's text file: compression, encoding and line ends are told by content, never by the name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from plmkit.errors import UserError

_HEAD = 2048
_TUNED_MODEL = "plmkit.json"  # the member that each tuned model holds
_BINARY = {
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"PK\x03\x04": "a zip archive",
    b"%PDF": "a PDF document",
    b"\x89HDF": "an HDF5 file",
    b"PAR1": "a parquet file",
}


def text_lines(path: Path, role: str) -> Generator[str, None, None]:
    """Yield the lines of a text file without their line ends.

    Plain, gzip, bzip2 and xz files are read; a byte-order mark and Windows line ends are taken off.
    Raises UserError for what is missing, empty, binary, cut off or not UTF-8.
    """
    with _open_binary(path, role) as raw:
        yield from _checked_lines(_decompressed(raw, role), role)


def first_bytes(path: Path, role: str, count: int) -> bytes:
    """Return the first bytes of a file, by which its format is told. Raises UserError if it is missing or empty."""
    with _open_binary(path, role) as raw:
        return raw.read(count)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _open_binary(path: Path, role: str) -> BinaryIO:
    try:
        handle = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{role}: there is no file {path.name!r}; check the path") from None
    except IsADirectoryError:
        raise UserError(f"{role}: this is a folder; give a file") from None
    except PermissionError:
        raise UserError(f"{role}: the file may not be read; ask for the permission to read it") from None
    if not handle.peek(1):
        handle.close()
        raise UserError(f"{role}: the file is empty; give a file with at least one record")
    return handle


def _decompressed(raw: BinaryIO, role: str) -> BinaryIO:
    start = raw.peek(_HEAD)[:_HEAD] if isinstance(raw, io.BufferedReader) else b""
    if b"[Content_Types].xml" in start:
        raise UserError(f"{role}: this is an Excel workbook or Word document; save it as CSV or as plain text")
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            if magic.startswith(b"PK") and _is_tuned_model(raw):
                raise UserError(f"{role}: this is a tuned model (zip), not text; choose the file that was meant")
            raise UserError(f"{role}: this is {kind}, not text; unpack it, or save or export it as text")
    if start.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    if start.startswith(b"BZh"):
        return io.BufferedReader(bz2.BZ2File(raw))
    if start.startswith(b"\xfd7zXZ\x00"):
        return io.BufferedReader(lzma.LZMAFile(raw))
    return raw


def _is_tuned_model(raw: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(raw) as archive:
            return _TUNED_MODEL in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _encoding(stream: BinaryIO) -> str:
    # "Unicode text" of Excel is UTF-16 with a byte-order mark.
    start = stream.peek(2)[:2] if isinstance(stream, io.BufferedReader) else b""
    return "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _checked_lines(stream: BinaryIO, role: str) -> Iterator[str]:
    """Yield lines; turn what a damaged file raises into one sentence."""
    number = 0
    try:
        # Universal newlines: \r\n and a lone \r end a line too.
        with io.TextIOWrapper(stream, encoding=_encoding(stream), errors="strict", newline=None) as text:
            for number, line in enumerate(text, start=1):
                if "\0" in line:
                    raise UserError(f"{role}, line {number}: this is not a text file; give plain text")
                yield line.rstrip("\n")
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, OSError) as error:
        raise UserError(
            f"{role}, after line {number}: the compressed file is cut off or damaged ({error}); "
            "upload or compress it again"
        ) from None
    except UnicodeDecodeError:
        raise UserError(
            f"{role}, below line {number}: letters which are not UTF-8; save the file as UTF-8 (Excel: CSV UTF-8)"
        ) from None
    if number == 0:
        raise UserError(f"{role}: the file is empty; give a file with at least one record")
