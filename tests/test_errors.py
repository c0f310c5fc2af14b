"""What counts as want of memory."""

import pytest

from plmkit.errors import means_too_little_memory

WANT_OF_MEMORY = [
    MemoryError(),
    # as torch 2.13 says it on CPUs, of a tensor and of a product, and on GPUs
    RuntimeError("[enforce fail at alloc_cpu.cpp:114] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("could not create a primitive"),
    RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"),
    RuntimeError("mmseqs createdb ended with 1: Cannot allocate buffer for DBWriter"),
    RuntimeError("mmseqs cluster ended with -9: no words"),
    OSError(12, "Cannot allocate memory"),
    ImportError("libtorch_cpu.so: failed to map segment from shared object"),
]
OTHER = [RuntimeError("mat1 and mat2 shapes cannot be multiplied"), OSError(2, "No such file or directory")]
OTHER += [ValueError("out of memory"), ImportError("No module named 'torch'")]


@pytest.mark.parametrize("error", WANT_OF_MEMORY, ids=str)
def test_want_of_memory_is_recognised(error: Exception) -> None:
    assert means_too_little_memory(error)


@pytest.mark.parametrize("error", OTHER, ids=str)
def test_nothing_else_is(error: Exception) -> None:
    assert not means_too_little_memory(error)
