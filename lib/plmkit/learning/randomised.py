"""Models that learned nothing, for a sanity check: the numbers of each learned tensor are shuffled.

An explanation which stays the same does not tell what was learned. Source: Adebayo et al. 2018,
doi:10.48550/arXiv.1810.03292. Shuffled, weights keep their sizes, so that a head answers as strongly as before.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from plmkit.models.heads import Head
from plmkit.models.shape import Shape


def shuffled_heads(head: Head, count: int, seed: int) -> list[Head]:
    """Return copies of a head whose weights are shuffled; how it scales its inputs and what it says stays."""
    generator = torch.Generator().manual_seed(seed)
    heads = [deepcopy(head) for _ in range(count)]
    with torch.no_grad():
        for each in heads:
            for weight in each.parameters():
                weight.copy_(_shuffled(weight.cpu(), generator))
    return heads


@contextmanager
def shuffled_folder(folder: Path, shape: Shape, seed: int) -> Iterator[Path]:
    """Yield a copy of an unpacked bundle in which what the language model learned is shuffled: adapters, or all."""
    name = "model.safetensors" if shape.method == "full" else "adapter_model.safetensors"
    generator = torch.Generator().manual_seed(seed)
    with tempfile.TemporaryDirectory(prefix="plmkit-shuffled-") as temporary:
        copy = Path(temporary)
        for path in folder.iterdir():
            if path.is_file() and path.name != name:
                shutil.copyfile(path, copy / path.name)
        weights = load_file(folder / name)
        save_file(
            {key: _shuffled(weights[key], generator) for key in sorted(weights)}, copy / name, metadata={"format": "pt"}
        )
        yield copy


def _shuffled(weight: Tensor, generator: torch.Generator) -> Tensor:
    if not weight.is_floating_point():
        return weight
    return weight.flatten()[torch.randperm(weight.numel(), generator=generator)].view_as(weight).contiguous()
