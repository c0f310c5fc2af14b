"""Outputs appear whole or not at all: write beside, rename when everything is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from plmkit.errors import UserError


class Staging:
    """Where to write while a command runs: each final path has a hidden neighbour."""

    def __init__(self, outputs: Sequence[Path]) -> None:
        # resolved: a link stays a link, what it points to is replaced
        self._temporary = {path: _part(path.resolve()) for path in outputs}

    def __getitem__(self, output: Path) -> Path:
        """Return the path to write to in place of a final path."""
        return self._temporary[output]

    def publish(self) -> None:
        """Rename everything that was written to its final path."""
        for output, temporary in self._temporary.items():
            if temporary.is_dir() and output.is_dir():
                output.rmdir()  # an empty one, see `_check_folder`
            temporary.replace(output.resolve())

    def discard(self) -> None:
        """Remove what was written and not published."""
        for temporary in self._temporary.values():
            if temporary.is_dir():
                shutil.rmtree(temporary)
            else:
                temporary.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def staged(
    outputs: Sequence[Path | None], inputs: Sequence[Path | None], folders: Sequence[Path | None] = ()
) -> Iterator[Staging]:
    """Check at once that every output can be written; publish all of them at the end, or none.

    folders: outputs which are folders; they must be new or empty. None stands for an output nobody asked for or an
    input nobody gave. An output may not take an input's place. Raises UserError.
    """
    files = [output for output in outputs if output is not None]
    wanted = files + [folder for folder in folders if folder is not None]
    for output in wanted:
        _check(output, _check_file if output in files else _check_folder)
    if len({output.parent.resolve() / output.name for output in wanted}) < len(wanted):
        raise UserError("outputs: two of them have the same path; give each its own")
    for output in wanted:
        if any(path is not None and output.exists() and path.exists() and output.samefile(path) for path in inputs):
            raise UserError(f"output {output.name!r}: this is one of the inputs; choose another name")
    staging = Staging(wanted)
    try:
        yield staging
        staging.publish()
    finally:
        staging.discard()


def _check_file(output: Path) -> None:
    if output.is_dir():
        raise UserError(f"output {output.name!r}: this is a folder; give a file")
    if output.exists() and not output.is_file():
        raise UserError(f"output {output.name!r}: this is no ordinary file; write to a file")


def _check_folder(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise UserError(f"output {output.name!r}: this is a file; give the name of a new folder")
    if output.is_dir() and any(output.iterdir()):
        raise UserError(f"output {output.name!r}: this folder is not empty; give the name of a new one")


def _check(output: Path, check_kind: Callable[[Path], None]) -> None:
    try:
        check_kind(output)
        if not output.parent.is_dir():
            raise UserError(f"output {output.name!r}: its folder does not exist; make it first")
        # Asking for permission is not enough (read-only mounts, root): try.
        probe = _part(output.resolve())
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"output {output.name!r}: it cannot be written ({error.strerror}); choose another place or name"
        ) from None
