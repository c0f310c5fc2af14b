"""What every way of fine-tuning is given, and what is measured of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from bench.embed import device_with, proteins, seconds_of
from numpy.typing import NDArray

BATCH = 8
RATE = 3e-4
RANK, ALPHA = 8, 16
LONGEST = 1022
HEAD_EXAMPLES = 2048
SEED = 1


@dataclass(frozen=True)
class Setting:
    """folder: of a model with random weights; each of the sequences bears one measured number."""

    folder: Path
    sequences: tuple[str, ...]
    threads: int

    @property
    def labels(self) -> NDArray[np.float32]:
        """(N,) numbers of no meaning."""
        return np.random.default_rng(SEED).standard_normal(len(self.sequences)).astype(np.float32)

    @property
    def width(self) -> int:
        return int(json.loads((self.folder / "config.json").read_text(encoding="utf-8"))["hidden_size"])

    def shortest(self, count: int) -> tuple[str, ...]:
        return tuple(sorted(self.sequences, key=len)[:count])

    @property
    def device(self) -> torch.device:
        return device_with(self.threads)


class Way(Protocol):
    """A way of fine-tuning. examples: of one epoch."""

    examples: int

    def prepare(self) -> None:
        """Do what is done once, before the first epoch."""

    def epoch(self) -> None:
        """Learn from all examples once."""


Opener = Callable[[Setting], Way]


@dataclass(frozen=True)
class Measured:
    """Seconds of each example of an epoch, seconds of what is done once, and the most megabytes held so far."""

    seconds: float
    once: float
    megabytes: float


def sample(count: int) -> tuple[str, ...]:
    """Return proteins, long ones cut, as in the notebooks: so that no way reads them in windows."""
    return tuple(sequence[:LONGEST] for sequence in proteins(count))


def measure(way: Way, device: torch.device) -> Measured:
    """Measure one epoch and what comes before the first."""
    once = seconds_of(way.prepare, device)
    return Measured(seconds_of(way.epoch, device) / way.examples, once, megabytes(device))


def megabytes(device: torch.device) -> float:
    """Return the most megabytes which this process has held, of the GPU if there is one."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    (held,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(held.split()[1]) / 2**10
