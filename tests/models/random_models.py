"""Small models all of whose weights are random: shifts and norms too, which are idle in a usual beginning."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import EsmConfig, EsmForMaskedLM, EsmModel, EsmTokenizer

from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.source import open_model
from plmkit.models.untrained import build_untrained

LAYERS = 3


def random_model(folder: Path, **settings: bool) -> Path:
    """Write a model folder; settings: those of config.json to change."""
    build_untrained(folder, "random", width=48, layers=LAYERS, heads=4, seed=3)
    config = EsmConfig.from_pretrained(folder, **settings)
    torch.manual_seed(3)
    model = EsmForMaskedLM(config)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.1)
    model.save_pretrained(folder)
    return folder


def load(folder: Path) -> Backbone:
    with open_model(str(folder), None) as files:
        return load_backbone(files, torch.device("cpu"))


def stock(folder: Path) -> EsmModel:
    """The model as unmodified transformers loads it."""
    return EsmModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32).eval()


def stock_states(folder: Path, sequence: str) -> list[NDArray[np.float32]]:
    """All states (L + 2, D) of one protein alone, of layer 0 to the last, by unmodified transformers."""
    tokens = EsmTokenizer.from_pretrained(folder)(sequence, return_tensors="pt")
    with torch.inference_mode():
        states: tuple[Tensor, ...] = stock(folder)(**tokens, output_hidden_states=True).hidden_states
    return [layer[0].numpy() for layer in states]


def laid_end_to_end(backbone: Backbone, sequences: Sequence[str]) -> tuple[Tensor, list[int]]:
    """Token ids (T,) of some proteins, and how many each has."""
    rows = [torch.from_numpy(backbone.tokenizer.encode(sequence)) for sequence in sequences]
    return torch.cat(rows), [len(row) for row in rows]
