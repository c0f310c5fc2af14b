"""The adapter of a bundle is what stock peft reads."""

import json
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tests.shape import LAYERS
from transformers import EsmModel

from plmkit.models.backbone import Backbone
from plmkit.models.bundle import open_bundle
from plmkit.models.encoding import batch_tokens
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.models.tuned import load_tuned

SEQUENCES = ["MKTAYIAKQRSPISFVKSHFS", "GGGGGGGGGGTPGGGGGGGGG", "ACDEFGHIKLYNPQRSTVWYA"]


def test_stock_peft_gives_the_same_states(unpacked: Path, bundle: Path, backbone: Backbone) -> None:
    base = EsmModel.from_pretrained(EMBEDDED_FOLDER, add_pooling_layer=False, dtype=torch.float32).eval()
    tokens, _ = batch_tokens(backbone, SEQUENCES)
    with torch.inference_mode():
        untuned = base(input_ids=tokens).last_hidden_state
        stock = PeftModel.from_pretrained(base, unpacked).eval()(input_ids=tokens).last_hidden_state
    with open_bundle(bundle) as opened:
        model = load_tuned(backbone, opened.folder, opened.labels, "centre")
    with torch.inference_mode():
        ours = model.backbone.states(tokens)
    torch.testing.assert_close(ours, stock, atol=1e-6, rtol=1e-6)
    assert (stock - untuned).abs().max() > 0.01


def test_probabilities_follow_from_states_and_head_by_numpy(unpacked: Path, bundle: Path, backbone: Backbone) -> None:
    with open_bundle(bundle) as opened:
        model = load_tuned(backbone, opened.folder, opened.labels, "centre")
    tokens, _ = batch_tokens(backbone, SEQUENCES)
    with torch.inference_mode():
        centre = model.backbone.states(tokens)[:, 11].numpy()  # <cls>, then ten residues
    head = {key: weight.numpy() for key, weight in load_file(unpacked / "head.safetensors").items()}
    hidden = np.tanh(centre @ head["dense.weight"].T + head["dense.bias"])
    scores = np.exp(hidden @ head["scores.weight"].T + head["scores.bias"])
    expected = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.probabilities(SEQUENCES, 1000), expected, atol=1e-5)


def test_only_attention_is_adapted_and_nothing_else_is_saved(unpacked: Path) -> None:
    config = json.loads((unpacked / "adapter_config.json").read_text())
    assert config["target_modules"] == ["attention.output.dense", "key", "query", "value"]
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (8, 16, "LORA")
    assert config["base_model_name_or_path"] == "plmkit-tiny-1"
    names = load_file(unpacked / "adapter_model.safetensors").keys()
    assert len(names) == LAYERS * 4 * 2  # layers, targets, lora_A and lora_B
    assert all(".attention." in name and ".lora_" in name for name in names)
