"""A model folder as the Hugging Face Hub has it for ESM-2 (written by transformers 4) loads and gives the same states.

The published weights are not at hand: a small model with random weights is put into the same files, key for key.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import EsmModel, EsmTokenizer

from plmkit.errors import UserError
from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.encoding import Reading, encode
from plmkit.models.source import open_model
from plmkit.models.untrained import build_untrained

# facebook/esm2_t6_8M_UR50D: config.json with smaller sizes
CONFIG = {
    "architectures": ["EsmForMaskedLM"],
    "attention_probs_dropout_prob": 0.0,
    "classifier_dropout": None,
    "emb_layer_norm_before": False,
    "esmfold_config": None,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "hidden_size": 16,
    "initializer_range": 0.02,
    "intermediate_size": 64,
    "is_folding_model": False,
    "layer_norm_eps": 1e-05,
    "mask_token_id": 32,
    "max_position_embeddings": 1026,
    "model_type": "esm",
    "num_attention_heads": 2,
    "num_hidden_layers": 3,
    "pad_token_id": 1,
    "position_embedding_type": "rotary",
    "token_dropout": True,
    "torch_dtype": "float32",
    "transformers_version": "4.25.0.dev0",
    "use_cache": True,
    "vocab_list": None,
    "vocab_size": 33,
}
SPECIAL = {
    "cls_token": "<cls>",
    "eos_token": "<eos>",
    "mask_token": "<mask>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
}
VOCABULARY = (
    "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>"  # vocab.txt
)
PROTEIN = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVVX"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a folder with the files and the keys of facebook/esm2_t6_8M_UR50D."""
    build_untrained(tmp_path / "new", "x", width=16, layers=3, heads=2, seed=5)
    folder = tmp_path / "esm2_t6_8M_UR50D"
    folder.mkdir()
    weights = {
        key: value
        for key, value in load_file(tmp_path / "new" / "model.safetensors").items()
        if not key.endswith("inv_freq")
    }
    frequencies = 1.0 / (10000 ** (torch.arange(0, 8, 2).float() / 8))
    for layer in range(3):
        weights[f"esm.encoder.layer.{layer}.attention.self.rotary_embeddings.inv_freq"] = frequencies.clone()
    weights["esm.embeddings.position_ids"] = torch.arange(1026)[None]
    weights["esm.embeddings.position_embeddings.weight"] = torch.zeros(1026, 16)
    weights["esm.contact_head.regression.weight"] = torch.zeros(1, 6)
    weights["esm.contact_head.regression.bias"] = torch.zeros(1)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY.split()))
    (folder / "special_tokens_map.json").write_text(json.dumps(SPECIAL))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            SPECIAL
            | {"clean_up_tokenization_spaces": True, "model_max_length": 10**30, "tokenizer_class": "EsmTokenizer"}
        )
    )
    return folder


def load(folder: Path) -> Backbone:
    with open_model(str(folder), None) as files:
        return load_backbone(files, torch.device("cpu"))


def states_of(backbone: Backbone) -> NDArray[np.float32]:
    with torch.inference_mode():
        (states,) = encode(backbone, [PROTEIN], Reading(1022, 256)).residues()
    last: NDArray[np.float32] = states[0]
    return last


def test_the_layout_of_the_hub_loads_and_equals_unmodified_transformers(published: Path) -> None:
    backbone = load(published)
    states = states_of(backbone)
    stock = EsmModel.from_pretrained(published, add_pooling_layer=False, dtype=torch.float32).eval()
    tokens = EsmTokenizer.from_pretrained(published)(PROTEIN, return_tensors="pt")
    with torch.inference_mode():
        expected = stock(**tokens).last_hidden_state[0, 1:-1]

    assert backbone.files.name == "esm2_t6_8M_UR50D"
    assert backbone.files.is_trained
    np.testing.assert_allclose(states, expected.numpy(), atol=1e-5)


def test_old_and_new_layout_of_the_same_weights_give_the_same_states(published: Path) -> None:
    old = states_of(load(published))
    new = states_of(load(published.parent / "new"))

    np.testing.assert_allclose(old, new, atol=1e-6)


def test_a_layer_that_is_missing_is_refused(published: Path) -> None:
    weights = load_file(published / "model.safetensors")
    del weights["esm.encoder.layer.1.output.dense.weight"]
    save_file(weights, published / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(UserError, match=r"1 problems, first: encoder.layer.1.output.dense.weight is missing"):
        load(published)
