"""Say in the log what a run took: device, time, speed, and the most memory that was held.

Nothing of it stands in run.json, because equal runs give equal records. Galaxy has no measure of its own for GPUs, so
this line is what an administrator sizes destinations by.
"""

from __future__ import annotations

import logging
import resource
import sys
import time

import torch

from plmkit.models.device import describe_device

log = logging.getLogger(__name__)

_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # of what the system calls ru_maxrss
_MEGABYTE = 1_000_000


class Effort:
    """Measures from here on."""

    def __init__(self, device: torch.device) -> None:
        self._device, self._began = device, time.monotonic()
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)

    def tell(self, amount: int = 0, what: str = "") -> None:
        """Write the line; amount: how many of `what`, such as residues, were worked through."""
        log.info("%s", self.line(amount, what))

    def line(self, amount: int = 0, what: str = "") -> str:
        """Return the line: seconds, units a second unless there are none, and megabytes (of a million bytes)."""
        seconds = max(time.monotonic() - self._began, 1e-9)
        speed = f": {amount:,} {what}, {amount / seconds:,.1f} {what}/s" if what else ""
        return f"took {seconds:,.1f} s on {self._where()}{speed}; {self._held()}"

    def _where(self) -> str:
        if self._device.type != "cpu":
            return describe_device(self._device)
        threads = torch.get_num_threads()
        return f"cpu ({threads} thread{'' if threads == 1 else 's'})"

    def _held(self) -> str:
        held = f"most memory {_process_peak() / _MEGABYTE:,.0f} MB"
        if self._device.type == "cpu":
            return held
        return f"most GPU memory {torch.cuda.max_memory_allocated(self._device) / _MEGABYTE:,.0f} MB, {held}"


def _process_peak() -> int:
    """Return the most bytes that this process, or the largest of those it started, ever held in memory."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in whose) * _KILOBYTE
