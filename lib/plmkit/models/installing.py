"""Put a model in its place: copied, converted, tried out, and only then given its name."""

from __future__ import annotations

import errno
import fcntl
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import torch

from plmkit.errors import UserError
from plmkit.models.backbone import load_backbone
from plmkit.models.device import choose_device
from plmkit.models.encoding import Reading, encode
from plmkit.models.manifest import PICKLED, WANTED, Manifest, read_manifest
from plmkit.models.source import ModelFiles

log = logging.getLogger(__name__)

UNFINISHED = ".unfinished"
_LOCK = ".lock"
_SHORT = 12
_SEQUENCE = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
_FORBIDDEN = re.compile(r"[^\w.-]")


def folder_name(name: str, revision: str) -> str:
    """Return the name of a model's folder: owner--name--, and the beginning of its revision."""
    short = revision[: len("sha256-") + _SHORT] if revision.startswith("sha256-") else revision[:_SHORT]
    return f"{_FORBIDDEN.sub('-', name.replace('/', '--'))}--{short}"


@contextmanager
def staging(into: Path, name: str) -> Iterator[Path]:
    """Yield a folder to prepare a model in, on the disk where it will lie; one process at a time may use it.

    It outlives a failure, so that a download goes on; `publish` or `forget` end it.
    """
    folder = into / UNFINISHED / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"--into: another process is installing {name} there; wait until it has ended") from None
        yield folder


def publish(folder: Path, target: Path) -> None:
    """Give a prepared folder its final name, in one step. Raises UserError when another process was faster."""
    (folder / _LOCK).unlink(missing_ok=True)
    for path in folder.iterdir():
        path.chmod(0o644)  # whoever runs the jobs must read it
    folder.chmod(0o755)
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise UserError(f"--into: there is a folder {target.name!r} already; move it away") from None
    _remove_if_empty(folder.parent)


def forget(folder: Path) -> None:
    """Remove what was prepared."""
    shutil.rmtree(folder, ignore_errors=True)
    _remove_if_empty(folder.parent)


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


def copy_model(source: Path, folder: Path) -> None:
    """Copy the files of a model; the source is only read, links are followed. Safetensors are preferred to pickles."""
    wanted = WANTED if any(source.glob("*.safetensors")) else (*WANTED, *PICKLED)
    chosen = [path for path in sorted(source.iterdir()) if any(fnmatch(path.name, pattern) for pattern in wanted)]
    for path in chosen:
        if path.is_file():
            shutil.copyfile(path, folder / path.name)


def installed(target: Path) -> Manifest | None:
    """Return what is installed at a place, after comparing its files' checksums; None: nothing is.

    Raises UserError when a file has changed.
    """
    if not target.exists():
        return None
    manifest = read_manifest(target)
    if manifest is None:
        raise UserError(f"--into: the folder {target.name!r} was not made by plm install; move it away")
    if damaged := manifest.damaged(target):
        raise UserError(
            f"model: {damaged[0]} in {target.name} is missing or has changed since it was installed; remove that "
            "folder and install the model again"
        )
    return manifest


def try_out(files: ModelFiles) -> int:
    """Embed one protein; return the width D. Raises UserError when the states (L, D) are not numbers or too few."""
    backbone = load_backbone(files, choose_device())
    with torch.inference_mode():
        (states,) = encode(backbone, [_SEQUENCE], Reading(len(_SEQUENCE), 0)).residues()
    (last,) = states
    if last.shape != (len(_SEQUENCE), backbone.width) or not torch.isfinite(torch.as_tensor(last)).all():
        raise UserError(f"model: {files.name} does not give finite numbers for a protein; it cannot be used")
    log.info("tried out: one protein of %d residues gives %d numbers for each", *last.shape)
    return backbone.width
