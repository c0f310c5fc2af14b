"""Choose where to compute, make it repeatable, and survive a lack of memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from transformers import set_seed

from plmkit.errors import OutOfMemoryError
from plmkit.slots import granted_threads

Result = TypeVar("Result")

_CPU_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory")


def choose_device() -> torch.device:
    """Return the GPU if there is one, else the CPU with as many threads as Galaxy granted (GALAXY_SLOTS)."""
    if threads := granted_threads():
        torch.set_num_threads(threads)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe_device(device: torch.device) -> str:
    """Return "cpu" or the name of the GPU."""
    return "cpu" if device.type == "cpu" else torch.cuda.get_device_name(device)


def choose_precision(device: torch.device, wanted: str) -> torch.dtype:
    """Return what large products are computed in; wanted: "auto", "float32" or "bfloat16".

    auto: bfloat16 on a GPU that has it in hardware. On a CPU it depends on the processor whether bfloat16 is
    faster, and results would depend on it too: there it is taken on request alone.
    """
    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    return torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported(False) else torch.float32


def make_repeatable(seed: int) -> None:
    """Seed every random generator; the same seed on the same machine gives the same numbers."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    set_seed(seed)
    # On a GPU some kernels have no repeatable form: then say so rather than stop.
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # It would also fill all new memory with NaN, to show reads of what was never written: slow, and no part of ours.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that memory ran out, on the GPU or on the CPU."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _CPU_OUT_OF_MEMORY)


def in_halves(work: Callable[[Sequence[int]], Result], rows: Sequence[int], what: str) -> list[Result]:
    """Do the work on all rows at once, or on halves, quarters ... of them as far as memory demands.

    Raises OutOfMemoryError when not even one row fits.
    """
    try:
        return [work(rows)]
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        if len(rows) == 1:
            raise OutOfMemoryError(
                f"not enough memory for one single {what}; run on a machine with more memory or take a smaller model"
            ) from None
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(rows) // 2
    return in_halves(work, rows[:middle], what) + in_halves(work, rows[middle:], what)
