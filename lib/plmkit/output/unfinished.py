"""Where a long run keeps what is done, so that killed at any moment it goes on where it was.

A hidden folder beside the output: `content`, a file whose bytes up to a known place are final, and `progress.json`,
which says how many records are done and which run they belong to. It is replaced only after the bytes are on disk.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from plmkit.errors import UserError

_SECONDS = 5.0


class Unfinished:
    """The work on one output, by a run with an identity: JSON values by name which its bytes depend on.

    done: records which need not be made again. Raises UserError when another run's work lies there.
    """

    def __init__(self, output: Path, identity: Mapping[str, Any]) -> None:
        output = output.resolve()
        self._folder = output.with_name(f".{output.name}.unfinished")
        self.content, self._progress = self._folder / "content", self._folder / "progress.json"
        self._identity = json.loads(json.dumps(dict(identity)))
        self._last = time.monotonic()
        self.done = self._recover(output.name)

    def begin(self) -> None:
        """Begin anew: nothing is done."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()

    def note(self, done: int, handle: IO[bytes], at_once: bool = False) -> None:
        """Say that the bytes of `done` records were written to the content; on disk it comes every few seconds."""
        if not at_once and time.monotonic() - self._last < _SECONDS:
            return
        handle.flush()
        os.fsync(handle.fileno())
        beside = self._progress.with_suffix(".new")
        beside.write_text(json.dumps({"identity": self._identity, "done": done}), encoding="utf-8")
        beside.replace(self._progress)
        self.done, self._last = done, time.monotonic()

    def leave(self, done: int, handle: IO[bytes]) -> None:
        """Stop here: note what is done; if that is nothing, leave nothing behind."""
        if done:
            self.note(done, handle, at_once=True)
        handle.close()
        if not done:
            self.remove()

    def remove(self) -> None:
        """Forget the work: the output is complete."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _recover(self, output: str) -> int:
        if not (self._progress.is_file() and self.content.is_file()):
            return 0
        try:
            saved = json.loads(self._progress.read_text(encoding="utf-8"))
            identity, done = saved["identity"], int(saved["done"])
        except (ValueError, KeyError, TypeError):
            return 0
        names = identity.keys() | self._identity.keys()
        if other := sorted(name for name in names if identity.get(name) != self._identity.get(name)):
            raise UserError(
                f"output {output!r}: an unfinished run with another {', '.join(other)} lies beside it; give the same "
                f"command as then to go on, or remove the folder {self._folder.name} to begin anew"
            )
        return done


class Store:
    """Numbers of records, in their order, as they are made: a context that leaves its work behind when it ends early.

    done: records whose numbers are written. The content must be there.
    """

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished, self.done = unfinished, unfinished.done
        self._handle = unfinished.content.open("r+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave what is done, so that it can be taken up again."""
        if self._handle.closed:
            return
        self._unfinished.leave(self.done, self._handle)

    def _count(self, records: int) -> None:
        self.done += records
        self._unfinished.note(self.done, self._handle)
