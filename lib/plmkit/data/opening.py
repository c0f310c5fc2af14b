"""Open a user's text file: compression, encoding and line ends are told by content, never by the name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from plmkit.errors import UserError

_BLOCK = 1 << 20
_BINARY = {
    b"PK\x03\x04": "a zip archive",
    b"%PDF": "a PDF document",
    b"\x89HDF": "an HDF5 file",
    b"PAR1": "a parquet file",
}


def text_lines(path: Path, role: str) -> Iterator[str]:
    """Yield the lines of a text file without their line ends.

    Plain, gzip, bzip2 and xz files are read; a byte-order mark and Windows line ends are taken off.
    Raises UserError for what is missing, empty, binary, cut off or not UTF-8.
    """
    with _open_binary(path, role) as raw:
        stream = _decompressed(raw, role)
        # Universal newlines: \r\n and a lone \r end a line too.
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="strict", newline=None)
        yield from _checked(text, role)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _open_binary(path: Path, role: str) -> BinaryIO:
    try:
        handle = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{role}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise UserError(f"{role}: this is a folder; give a file") from None
    except PermissionError:
        raise UserError(f"{role}: the file may not be read; ask for the permission to read it") from None
    if not handle.peek(1):
        handle.close()
        raise UserError(f"{role}: the file is empty; give a file with at least one record")
    return handle


def _decompressed(raw: BinaryIO, role: str) -> BinaryIO:
    start = raw.peek(8)[:8] if isinstance(raw, io.BufferedReader) else b""
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            raise UserError(f"{role}: this is {kind}, not text; unpack or export it as text first")
    if start.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    if start.startswith(b"BZh"):
        return io.BufferedReader(bz2.BZ2File(raw))
    if start.startswith(b"\xfd7zXZ\x00"):
        return io.BufferedReader(lzma.LZMAFile(raw))
    return raw


def _checked(text: io.TextIOWrapper, role: str) -> Iterator[str]:
    """Yield lines; turn what a damaged file raises into one sentence."""
    number = 0
    try:
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
        raise UserError(f"{role}, after line {number}: not UTF-8 text; save the file as UTF-8") from None
    if number == 0:
        raise UserError(f"{role}: the file is empty; give a file with at least one record")
