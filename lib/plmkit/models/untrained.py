"""Build ESM-2-shaped models with random weights: what training starts from, and small test models."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import EsmConfig, EsmForMaskedLM, EsmTokenizer

from plmkit.models.beginning import know_neighbours
from plmkit.models.chatter import silence_transformers
from plmkit.models.families import ESM2

_SPECIAL = ("<cls>", "<pad>", "<eos>", "<unk>")
_AFTER_RESIDUES = (".", "-", "<null_1>", "<mask>")


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
    given. neighbours: begin with residues that know those around them, see `know_neighbours`.
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
        know_neighbours(model, config.initializer_range, seed)
    model.to(dtype).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings |= {"plmkit_name": name, "plmkit_untrained": True}
    (folder / "config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")
