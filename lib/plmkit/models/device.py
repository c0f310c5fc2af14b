"""Choose where to compute, make it repeatable, and survive a lack of memory."""

from __future__ import annotations

import os

import torch
from transformers import set_seed

from plmkit.errors import means_too_little_memory
from plmkit.slots import granted_threads

_MANY_WEIGHTS = 30_000_000


def choose_device() -> torch.device:
    """Return the GPU if there is one, else the CPU with as many threads as Galaxy granted (GALAXY_SLOTS)."""
    if threads := granted_threads():
        torch.set_num_threads(threads)
    if not torch.cuda.is_available():
        return torch.device("cpu")
    # of several processes that train together each has its own
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def usable_gpus() -> int:
    """Return how many GPUs this job may use."""
    return torch.cuda.device_count()


def describe_device(device: torch.device) -> str:
    """Return "cpu" or the name of the GPU."""
    return "cpu" if device.type == "cpu" else torch.cuda.get_device_name(device)


def choose_precision(device: torch.device, wanted: str, weights: int = 0) -> torch.dtype:
    """Return what large products are computed in; wanted: "auto", "float32" or "bfloat16"; weights: of the model.

    auto: bfloat16 on a GPU that has it in hardware; on a CPU that has it, for reading with a model of 30 million
    weights or more, which is slow there. Else float32, so that what a small job gives does not depend on the machine.
    """
    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float32
    return torch.bfloat16 if weights >= _MANY_WEIGHTS and cpu_has_bfloat16() else torch.float32


def cpu_has_bfloat16() -> bool:
    """Say whether the processor multiplies bfloat16 in hardware; elsewhere it is several times slower than float32."""
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def make_repeatable(seed: int) -> None:
    """Seed every random generator; the same seed on the same machine gives the same numbers."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    set_seed(seed)
    # On a GPU some kernels have no repeatable form: then say so rather than stop.
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # It would also fill all new memory with NaN, to show reads of what was never written: slow, and no part of ours.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def seed_dropout(seed: int, device: torch.device) -> None:
    """Seed the generators that dropout draws from, with the numbers of torch.manual_seed.

    That also notes a seed for every kind of device not in use, with a written-out stack each: slower than a head.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that memory ran out, on the GPU or on the CPU."""
    return isinstance(error, torch.OutOfMemoryError) or means_too_little_memory(error)


def free_memory(device: torch.device) -> int:
    """Return the bytes free on a GPU."""
    free, _ = torch.cuda.mem_get_info(device)
    return int(free)
