"""Tell how far a long run is: a bar on a terminal, one line for each tenth in a log."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

log = logging.getLogger(__name__)

_TENTHS = 10


class Progress:
    """Counts proteins and residues; speeds are those of this run, what an earlier one did (`done`) left out."""

    def __init__(self, lengths: list[int], what: str = "proteins", done: int = 0) -> None:
        """lengths: residues of each protein; what: how they are called."""
        self._what = what
        self._proteins, self._residues = len(lengths), sum(lengths)
        self._lengths = lengths
        self._done, self._done_residues = done, sum(lengths[:done])
        self._first, self._first_residues = self._done, self._done_residues
        self._began = time.monotonic()
        self._bar: Any | None = None
        if sys.stderr.isatty():
            self._bar = tqdm(total=self._residues, initial=self._done_residues, unit=" residues", unit_scale=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, proteins: int) -> None:
        """Count that many proteins more, in their order."""
        residues = sum(self._lengths[self._done : self._done + proteins])
        before = _TENTHS * self._done_residues // self._residues
        self._done, self._done_residues = self._done + proteins, self._done_residues + residues
        if self._bar is not None:
            self._bar.update(residues)
        elif _TENTHS * self._done_residues // self._residues > before:
            log.info("%s", self._line())

    def _line(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-9)
        speed = (self._done_residues - self._first_residues) / seconds
        left = (self._residues - self._done_residues) / speed
        proteins = (self._done - self._first) / seconds
        return (
            f"{100 * self._done_residues // self._residues} %: {self._done:,} of {self._proteins:,} {self._what}, "
            f"{proteins:,.1f} {self._what}/s, {speed:,.0f} residues/s, {_duration(left)} left"
        )


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
