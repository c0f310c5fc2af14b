"""Unpack a zip archive from a user: nothing lands outside its folder, nothing that could run is read."""

from __future__ import annotations

import errno
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from plmkit.errors import UserError

READABLE = frozenset({".json", ".safetensors", ".txt", ".md", ".model"})
# Formats which can hold Python objects: loading one runs code of whoever made it.
PICKLES = frozenset({".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib", ".npy", ".npz", ".dill"})
_GIB = 1 << 30
_MOST_MEMBERS = 10_000
_MOST_TEXT = 64 << 20


def unpack(archive: Path, folder: Path, role: str, most_bytes: int, refuse_pickles: bool) -> None:
    """Unpack the readable members (JSON, safetensors, text) of an archive into a folder.

    Raises UserError for what is no zip, is damaged or encrypted, holds links or names outside the folder, is
    larger than most_bytes, or (refuse_pickles) holds a pickle; without refuse_pickles such members are left out.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            for member in members:
                _check(member, role)
            _check_pickles(members, role, refuse_pickles)
            wanted = [m for m in members if PurePosixPath(m.filename).suffix.lower() in READABLE]
            _check_size(wanted, role, most_bytes)
            for member in wanted:
                _extract(opened, member, folder)
    except IsADirectoryError:
        raise UserError(f"{role}: this is a folder; give the archive") from None
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{role}: there is no file {archive.name!r}; check the path") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        UnicodeDecodeError,
        NotImplementedError,
    ) as error:
        raise UserError(f"{role}: not a whole zip archive ({error}); upload it again") from None
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR):
            raise
        raise UserError(f"{role}: its names cannot be unpacked ({error.strerror}); it was not made by plmkit") from None


def is_zip(path: Path) -> bool:
    """Say whether a file begins like a zip archive."""
    with path.open("rb") as handle:
        return handle.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _check(member: zipfile.ZipInfo, role: str) -> None:
    name = member.filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise UserError(f"{role}: the archive holds the unsafe name {name!r}; it was not made by plmkit")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UserError(f"{role}: the archive holds the link {name!r}; pack the file itself")
    if member.flag_bits & 1:
        raise UserError(f"{role}: the archive is encrypted; give one without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(f"{role}: {name!r} is compressed in an unusual way; pack the archive as an ordinary zip")


def _check_pickles(members: list[zipfile.ZipInfo], role: str, refuse: bool) -> None:
    for member in members:
        if refuse and PurePosixPath(member.filename).suffix.lower() in PICKLES:
            raise UserError(
                f"{role}: the archive holds {member.filename!r}, a format that can run code; only safetensors are read"
            )


def _check_size(members: list[zipfile.ZipInfo], role: str, most_bytes: int) -> None:
    if len(members) > _MOST_MEMBERS:
        raise UserError(f"{role}: the archive holds {len(members)} files; it was not made by plmkit")
    for member in members:
        if PurePosixPath(member.filename).suffix.lower() != ".safetensors" and member.file_size > _MOST_TEXT:
            raise UserError(f"{role}: {member.filename!r} is too large for a text; it was not made by plmkit")
    if (size := sum(member.file_size for member in members)) > most_bytes:
        raise UserError(
            f"{role}: the archive unpacks to {size / _GIB:.1f} GiB, more than the {most_bytes / _GIB:.0f} GiB allowed"
        )


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / PurePosixPath(member.filename)
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)


def pack(folder: Path, archive: Path) -> None:
    """Pack the files of a folder; equal files give equal bytes, whenever and wherever it is done."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as opened:
        for path in sorted(
            (p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix()
        ):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            opened.writestr(member, path.read_bytes())
