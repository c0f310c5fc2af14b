"""Build ESM-2-shaped models with random weights: what training starts from, and small test models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import EsmConfig, EsmForMaskedLM, EsmTokenizer

from plmkit.models.chatter import silence_transformers
from plmkit.models.families import ESM2

_SPECIAL = ("<cls>", "<pad>", "<eos>", "<unk>")
_AFTER_RESIDUES = (".", "-", "<null_1>", "<mask>")
_ROTARY_BASE = 10000.0
_SLOWEST = 0.03  # radians for each residue
_PEAK = 2.0  # what one frequency adds to the attention score of the residue looked at


def build_untrained(
    folder: Path,
    name: str,
    width: int,
    layers: int,
    heads: int,
    seed: int,
    dtype: torch.dtype = torch.float32,
    spread: float | None = None,
    neighbours: bool = False,
) -> None:
    """Write a model folder in the layout of facebook/esm2_*: config.json, model.safetensors, tokenizer files.

    spread: standard deviation of the weights; by default such that a layer neither shrinks nor swells what it is
    given. neighbours: begin with heads that look at the residues beside, see `_look_at_neighbours`.
    """
    silence_transformers()
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = [*_SPECIAL, *ESM2.golden_ids, *_AFTER_RESIDUES]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    EsmTokenizer(folder / "vocab.txt").save_pretrained(folder)
    config = EsmConfig(
        vocab_size=len(vocabulary),
        pad_token_id=ESM2.padding_id,
        mask_token_id=vocabulary.index("<mask>"),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * width,
        position_embedding_type="rotary",
        max_position_embeddings=1026,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        token_dropout=True,
        emb_layer_norm_before=False,
        initializer_range=width**-0.5 if spread is None else spread,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = EsmForMaskedLM(config)
    if neighbours:
        for number, layer in enumerate(model.esm.encoder.layer):
            _look_at_neighbours(layer.attention.self, heads if number == 0 else heads * 3 // 4)
    model.to(dtype).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings |= {"plmkit_name": name, "plmkit_untrained": True}
    (folder / "config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _look_at_neighbours(attention: Any, count: int) -> None:
    """Set the biases of `count` heads so that they attend to the residues 1 before, 1 after, 2 before ...

    To look beside is what a language model of proteins has to find out first, and with few training steps it hardly
    does. Rotary positions turn the pair (i, i + half) of a key that is `offset` residues away by offset times the
    frequency of the pair; a query turned by as much meets it fully there and less anywhere else.
    """
    half = attention.attention_head_size // 2
    frequencies = _ROTARY_BASE ** (-torch.arange(half) / half)
    # slow pairs tell near from far, not one neighbour from the next
    height = (_PEAK * attention.attention_head_size**0.5) ** 0.5 * (frequencies > _SLOWEST)
    for head in range(count):
        offset = (1 + head // 2) * (-1 if head % 2 == 0 else 1)
        turned = torch.cat((height * torch.cos(offset * frequencies), height * torch.sin(offset * frequencies)))
        place = slice(2 * half * head, 2 * half * (head + 1))
        with torch.no_grad():
            attention.query.bias[place] = turned
            attention.key.bias[place] = torch.cat((height, torch.zeros(half)))
