"""Build ESM-2-shaped models with random weights: the placeholder inside the package and small test models.

`python -m plmkit.models.untrained FOLDER` writes the placeholder anew, byte for byte.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from transformers import EsmConfig, EsmForMaskedLM, EsmTokenizer

from plmkit.models.families import ESM2

PLACEHOLDER = "plmkit-untrained-tiny"
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
) -> None:
    """Write a model folder in the layout of facebook/esm2_*: config.json, model.safetensors, tokenizer files.

    spread: standard deviation of the weights. By default wider than the 0.02 that training starts from, so that
    random features tell residues and their order apart.
    """
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
    model.to(dtype).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings |= {"plmkit_name": name, "plmkit_untrained": True}
    (folder / "config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def build_placeholder(folder: Path) -> None:
    """Write the model which stands in for a trained embedded one."""
    build_untrained(folder, PLACEHOLDER, width=64, layers=4, heads=4, seed=20, dtype=torch.float16)


if __name__ == "__main__":
    build_placeholder(Path(sys.argv[1]))
