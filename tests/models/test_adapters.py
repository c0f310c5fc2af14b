"""The adapter of a bundle is what stock peft reads."""

import json
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tests.shape import LAYERS
from transformers import EsmModel

from plmkit.models.adapters import load_adapter
from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.bundle import open_bundle
from plmkit.models.encoding import encode, reading_for
from plmkit.models.source import EMBEDDED_FOLDER, open_model
from plmkit.models.tuned import TunedModel, load_tuned

SEQUENCES = ["MKTAYIAKQRSPISFVKSHFS", "GGGGGGGGGGTPGGGGGGGGG", "ACDEFGHIKLYNPQRSTVWYA"]


def fresh_backbone() -> Backbone:
    with open_model("embedded", None) as files:
        return load_backbone(files, torch.device("cpu"))


def load_bundle(bundle: Path, backbone: Backbone) -> TunedModel:
    with open_bundle(bundle) as opened:
        return load_tuned(backbone, opened.folder, opened.labels, "centre")


def test_stock_peft_gives_the_same_states(unpacked: Path, bundle: Path, backbone: Backbone) -> None:
    base = EsmModel.from_pretrained(EMBEDDED_FOLDER, add_pooling_layer=False, dtype=torch.float32).eval()
    tokens = torch.from_numpy(np.stack([backbone.tokenizer.encode(sequence) for sequence in SEQUENCES]))
    with torch.inference_mode():
        untuned = base(input_ids=tokens).last_hidden_state
        stock = PeftModel.from_pretrained(base, unpacked).eval()(input_ids=tokens).last_hidden_state
    tuned = load_adapter(backbone, unpacked)
    with torch.inference_mode():
        learning = encode(tuned, SEQUENCES, reading_for(tuned.tokenizer)).states[0]
    model = load_bundle(bundle, fresh_backbone())
    assert model.reader is not None
    with torch.inference_mode():
        predicting = encode(model.reader, SEQUENCES, model.reading).states[0]
    torch.testing.assert_close(learning, stock.flatten(0, 1), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(predicting, stock.flatten(0, 1), atol=1e-5, rtol=1e-5)
    assert (stock - untuned).abs().max() > 0.01


def test_probabilities_follow_from_states_and_head_by_numpy(unpacked: Path, bundle: Path, backbone: Backbone) -> None:
    model = load_bundle(bundle, backbone)
    stock = PeftModel.from_pretrained(
        EsmModel.from_pretrained(EMBEDDED_FOLDER, add_pooling_layer=False, dtype=torch.float32), unpacked
    ).eval()
    tokens = torch.from_numpy(np.stack([backbone.tokenizer.encode(sequence) for sequence in SEQUENCES]))
    with torch.inference_mode():
        centre = stock(input_ids=tokens).last_hidden_state[:, 11].numpy()  # <cls>, then ten residues
    head = {key: weight.numpy() for key, weight in load_file(unpacked / "head.safetensors").items()}
    hidden = np.tanh(centre @ head["dense.weight"].T + head["dense.bias"])
    scores = np.exp(hidden @ head["scores.weight"].T + head["scores.bias"])
    expected = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.probabilities(SEQUENCES, 1000), expected, atol=1e-5)


def test_only_attention_is_adapted_and_nothing_else_is_saved(unpacked: Path) -> None:
    config = json.loads((unpacked / "adapter_config.json").read_text())
    assert config["target_modules"] == ["attention.output.dense", "key", "query", "value"]
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (8, 16, "LORA")
    assert config["base_model_name_or_path"] == "plmkit-tiny-2"
    names = load_file(unpacked / "adapter_model.safetensors").keys()
    assert len(names) == LAYERS * 4 * 2  # layers, targets, lora_A and lora_B
    assert all(".attention." in name and ".lora_" in name for name in names)
