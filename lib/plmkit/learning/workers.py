"""The processes that train one model together, one for each GPU; each computes some of the examples of a step."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import torch
from accelerate.state import PartialState
from accelerate.utils import reduce
from torch import Tensor, nn


class Workers:
    """This process among the others; alone unless several were started, by `together`, accelerate or torchrun."""

    def __init__(self, alone: bool = False) -> None:
        """Find the others by the environment that launchers set (WORLD_SIZE, RANK, LOCAL_RANK); alone: do not look."""
        self.rank, self.count = 0, 1
        if not alone and int(os.environ.get("WORLD_SIZE", "1")) > 1:
            state = PartialState(cpu=not torch.cuda.is_available())
            self.rank, self.count = state.process_index, state.num_processes

    def share(self, tokens: Sequence[int]) -> list[int]:
        """Return which examples of a step this process computes: about as many tokens as the others."""
        order = sorted(range(len(tokens)), key=lambda index: (-tokens[index], index))
        return order[self.rank :: self.count]

    def total(self, number: float) -> float:
        """Return the sum of a number over all processes."""
        if self.count == 1:
            return number
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return float(reduce(torch.tensor(number, dtype=torch.float64, device=device), "sum"))

    def agreed(self, number: float) -> float:
        """Return the number of the first process: where rounding differs, all must still take the same decision."""
        return self.total(0.0 if self.rank else number)

    def add_up(self, parameters: Sequence[nn.Parameter]) -> None:
        """Give each process the sum of all gradients, so that all take the same step."""
        if self.count == 1:
            return
        gradients = [_gradient(parameter) for parameter in parameters]
        together: Tensor = reduce(torch.cat([gradient.flatten() for gradient in gradients]), "sum")
        parts = torch.split(together, [gradient.numel() for gradient in gradients])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter).clone()


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


@contextmanager
def together(count: int, work: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """Let this process be the first of `count`; the others run work(*arguments), which must train the same.

    Fewer than two, or when a launcher started several already: this process goes on alone, or as one of those.
    """
    if count < 2 or "WORLD_SIZE" in os.environ:
        yield
        return
    place = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port())}
    spawn = get_context("spawn")
    others = [
        spawn.Process(target=_begin, args=(place | _numbered(rank), work, arguments), daemon=True)
        for rank in range(1, count)
    ]
    try:
        for other in others:
            other.start()
        os.environ.update(place | _numbered(0))
        yield
    finally:
        for name in place | _numbered(0):
            os.environ.pop(name, None)
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
        PartialState._reset_state()
        for other in others:
            other.terminate()
            other.join()


def _numbered(rank: int) -> dict[str, str]:
    return {"RANK": str(rank), "LOCAL_RANK": str(rank)}


def _begin(place: dict[str, str], work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    os.environ.update(place)
    work(*arguments)


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])
