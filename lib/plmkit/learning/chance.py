"""Streams of random numbers, each with its own key beside the seed: going on needs no state of a generator."""

from __future__ import annotations

from typing import Literal

import numpy as np

Stream = Literal["order", "masks", "judged", "dropout", "learning curve"]

_STREAMS = ("order", "masks", "judged", "dropout", "learning curve")


def chance(seed: int, stream: Stream, number: int) -> np.random.Generator:
    """Return the random numbers of one step or pass, the same whenever they are asked for."""
    return np.random.default_rng((seed, _STREAMS.index(stream), number))
