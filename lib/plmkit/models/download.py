"""The one door to the network: fetch a model from the Hugging Face Hub, one commit of it, every file checked."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers, disable_progress_bars
from huggingface_hub.utils.logging import set_verbosity_error

from plmkit.data.opening import sha256_of
from plmkit.errors import UserError
from plmkit.models.hub_answers import TOKEN, explained
from plmkit.models.manifest import PICKLED, WANTED

log = logging.getLogger(__name__)

_COMMIT = re.compile(r"[0-9a-f]{40}")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class HubFile:
    """A file of a model on the Hub. size in bytes; sha256 of large files, blob (git's own checksum) of the others."""

    name: str
    size: int
    sha256: str | None
    blob: str | None

    def is_whole(self, path: Path) -> bool:
        """Say whether a file on disk holds the bytes that the Hub promises."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        if self.sha256:
            return sha256_of(path) == self.sha256
        return self.blob is None or _blob_of(path) == self.blob


@dataclass(frozen=True)
class HubModel:
    """A model on the Hub at one commit, and the files that are wanted of it: no pickle where there are safetensors."""

    name: str
    revision: str
    endpoint: str | None
    files: tuple[HubFile, ...]

    def fetch(self, folder: Path, patterns: Sequence[str] = ("*",)) -> None:
        """Bring the files of these names into a folder; a file that is there already is checked and kept.

        What an interrupted run left is gone on with. Raises UserError when the Hub cannot be reached, refuses, or
        sends other bytes than it promised, and when the disk has no room.
        """
        files = [file for file in self.files if any(fnmatch(file.name, pattern) for pattern in patterns)]
        missing = [file for file in files if not file.is_whole(folder / file.name)]
        _check_room(folder, missing)
        for file in missing:
            log.info("fetching %s, %.1f MB", file.name, file.size / 1e6)
            with explained(self.name, self.revision, bool(_token())):
                _fetch(file, hf_hub_url(self.name, file.name, revision=self.revision, endpoint=self.endpoint), folder)


def look_up(name: str, revision: str, endpoint: str | None = None) -> HubModel:
    """Ask the Hub which files a model has; a branch or tag is resolved to its commit.

    endpoint: address of a mirror; None: HF_ENDPOINT, or the public Hub. The token, if any, is that of the variable
    HF_TOKEN alone. Raises UserError when the model or revision is unknown or the Hub cannot be reached.
    """
    disable_progress_bars()
    set_verbosity_error()
    with explained(name, revision, bool(_token())):
        found = HfApi(endpoint=endpoint, token=_token()).model_info(name, revision=revision, files_metadata=True)
    if not _COMMIT.fullmatch(found.sha or ""):
        raise UserError(f"model: {name} has no commit to be known by; this is not the Hugging Face Hub's answer")
    files = [
        HubFile(part.rfilename, part.size or 0, part.lfs.sha256 if part.lfs else None, part.blob_id)
        for part in found.siblings or []
    ]
    return HubModel(name, str(found.sha), endpoint, _wanted(name, files))


def _wanted(name: str, files: Sequence[HubFile]) -> tuple[HubFile, ...]:
    """Leave out what is not read: other frameworks' weights, folders beneath."""
    top = [file for file in files if "/" not in file.name and "\\" not in file.name]
    has_safetensors = any(file.name.endswith(".safetensors") for file in top)
    chosen = [file for file in top if _matches(file, WANTED) and not _matches(file, PICKLED)]
    if not has_safetensors:
        if not any(file.name.endswith(".bin") and _matches(file, PICKLED) for file in top):
            raise UserError(f"model: {name} holds neither *.safetensors nor pytorch_model*.bin; it cannot be installed")
        chosen += [file for file in top if _matches(file, PICKLED)]
    return tuple(chosen)


def _matches(file: HubFile, patterns: Sequence[str]) -> bool:
    return any(fnmatch(file.name, pattern) for pattern in patterns)


def _token() -> str | bool:
    # False: never the one that a login left in the home folder of whoever runs the server
    return os.environ.get(TOKEN) or False


def _fetch(file: HubFile, url: str, folder: Path) -> None:
    """Fetch one file beside its place; go on with what is there, once; begin anew where that was wrong.

    (huggingface_hub's own download throws away the beginning of a file when it is interrupted.)
    """
    part = folder / f"{file.name}.part"
    headers = build_hf_headers(token=_token()) | {"Accept-Encoding": "identity"}
    if part.is_file() and part.stat().st_size > file.size:
        part.unlink()
    while not part.is_file() or not file.is_whole(part):
        begun = part.stat().st_size if part.is_file() else 0
        if begun == file.size and begun:
            part.unlink()
            begun = 0
        with part.open("ab") as sink:
            http_get(url, sink, resume_size=begun, headers=headers, expected_size=file.size)
        if not file.is_whole(part):
            part.unlink()
            if not begun:
                raise UserError(
                    f"model: {file.name} arrived with other bytes than the Hub promised (checksum); try again, and ask "
                    "whoever runs the network or mirror if it stays so"
                )
            log.info("%s: what an earlier run left was wrong; once more from its beginning", file.name)
    part.replace(folder / file.name)


def _blob_of(path: Path) -> str:
    """Return the checksum that git knows a file by."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as handle:
        read: Callable[[], bytes] = lambda: handle.read(_BLOCK)  # noqa: E731
        for block in iter(read, b""):
            digest.update(block)
    return digest.hexdigest()


def _check_room(folder: Path, missing: Sequence[HubFile]) -> None:
    """Say before a long download that it would not fit; a pickle needs its room twice, for what it is turned into."""
    begun = sum(part.stat().st_size for part in folder.glob("*.part"))
    needed = sum(file.size * (2 if file.name.endswith(".bin") else 1) for file in missing) - begun
    if needed > (free := shutil.disk_usage(folder).free):
        raise UserError(
            f"--into: {needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB free; make room on that disk"
        )
