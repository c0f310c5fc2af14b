"""What turns gradients into steps, and what it must remember to go on after an interruption."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

_WEIGHT_DECAY = 0.01
BETAS_OF_PRETRAINING = (0.9, 0.98)  # as BERT and ESM: the second moment follows faster than by default
_MUON_STEP = 4.0  # Muon's steps have 0.2 of the learning rate as their root mean square, AdamW's nearly all of it
_LAYERS = ".encoder.layer."


def make_optimisers(
    weights: Iterable[tuple[str, nn.Parameter]],
    rate: float,
    muon: bool,
    betas: tuple[float, float] = BETAS_OF_PRETRAINING,
) -> list[torch.optim.Optimizer]:
    """Return AdamW, or with `muon` Muon for the matrices inside the layers and AdamW for everything else.

    Source: Jordan et al. 2024 (Muon); Liu et al. 2025, doi:10.48550/arXiv.2502.16982 (its scale beside AdamW).
    """
    named = list(weights)
    matrices = [weight for name, weight in named if muon and _LAYERS in f".{name}" and weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    others = [weight for _, weight in named if id(weight) not in chosen]
    made: list[torch.optim.Optimizer] = []
    if matrices:
        step = _MUON_STEP * rate
        made.append(torch.optim.Muon(matrices, lr=step, weight_decay=_WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw"))
    if others:
        made.append(torch.optim.AdamW(others, lr=rate, betas=betas, weight_decay=_WEIGHT_DECAY, fused=True))
    for optimiser in made:
        for group in optimiser.param_groups:
            group["largest"] = group["lr"]
    return made


def rate_at(step: int, steps: int, warm_up: float) -> float:
    """Return the share of the largest rate at a step (from 0): it rises over the warm-up, then falls to zero."""
    rising = max(1, round(warm_up * steps))
    return (step + 1) / rising if step < rising else max(0.0, (steps - step) / max(1, steps - rising))


def set_rate(optimisers: Sequence[torch.optim.Optimizer], share: float) -> None:
    """Set the learning rates to a share of their largest values."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group["largest"] * share


def memory_of(optimisers: Sequence[torch.optim.Optimizer]) -> dict[str, Tensor]:
    """Return what optimisers remember, as tensors by name."""
    return {
        f"optimiser.{which}.{number}.{key}": torch.as_tensor(value)
        for which, optimiser in enumerate(optimisers)
        for number, memory in optimiser.state_dict()["state"].items()
        for key, value in memory.items()
    }


def restore_memory(optimisers: Sequence[torch.optim.Optimizer], tensors: Mapping[str, Tensor]) -> None:
    """Give optimisers their memory back."""
    for which, optimiser in enumerate(optimisers):
        memory: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith(prefix := f"optimiser.{which}."):
                number, key = name.removeprefix(prefix).split(".", maxsplit=1)
                memory.setdefault(int(number), {})[key] = tensor
        optimiser.load_state_dict({"state": memory, "param_groups": optimiser.state_dict()["param_groups"]})
