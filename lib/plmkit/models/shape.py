"""What a tuned model consists of: plain values which a bundle keeps and from which the model is built again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plmkit.data.task import Task

AdapterMethod = Literal["lora", "rslora", "dora", "ia3", "qlora"]
Method = Literal["head", "lora", "rslora", "dora", "ia3", "qlora", "full"]
Pooling = Literal["mean", "cls", "max", "centre"]
# What a head can do besides: look where it learns to look, or keep every residue.
HeadPooling = Literal["mean", "cls", "max", "centre", "attention", "residues"]


@dataclass(frozen=True)
class AdapterSettings:
    """Which adapters. rank, alpha and dropout are of the LoRA kinds; layers: only so many of the upper ones, None: all.

    Sources: LoRA, Hu et al. 2021, doi:10.48550/arXiv.2106.09685; rsLoRA, Kalajdzievski 2023,
    doi:10.48550/arXiv.2312.03732; DoRA, Liu et al. 2024, doi:10.48550/arXiv.2402.09353; IA3, Liu et al. 2022,
    doi:10.48550/arXiv.2205.05638; QLoRA (LoRA on weights of 4 bits), Dettmers et al. 2023,
    doi:10.48550/arXiv.2305.14314.
    """

    method: AdapterMethod = "lora"
    rank: int = 8
    alpha: int = 16
    dropout: float = 0.05
    layers: int | None = None


@dataclass(frozen=True)
class Shape:
    """The parts of a tuned model. adapter: None for the methods "head" and "full"."""

    task: Task
    method: Method
    pooling: HeadPooling
    adapter: AdapterSettings | None


def default_pooling(task: Task) -> HeadPooling:
    """Return the pooling that suits a task: the site itself, each residue, or the mean over residues."""
    if task.unit == "residue":
        return "residues"
    return "centre" if task.unit == "window" else "mean"
