"""The adapters of a bundle are what stock peft reads, of whichever kind."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from tests.models.random_models import load, stock
from tests.shape import LAYERS
from transformers import EsmModel

from plmkit.errors import UserError
from plmkit.models.adapters import add_adapters, learnable, load_adapter, save_adapter
from plmkit.models.backbone import Backbone
from plmkit.models.bundle import open_bundle
from plmkit.models.encoding import encode, reading_for
from plmkit.models.shape import AdapterSettings
from plmkit.models.source import EMBEDDED_FOLDER, open_model
from plmkit.models.tuned import TunedModel, load_tuned

SEQUENCES = ["MKTAYIAKQRSPISFVKSHFS", "GGGGGGGGGGTPGGGGGGGGG", "ACDEFGHIKLYNPQRSTVWYA"]
KINDS = [
    AdapterSettings("lora", rank=3, alpha=5),
    AdapterSettings("rslora", rank=3, alpha=5),
    AdapterSettings("dora", rank=3, alpha=5),
    AdapterSettings("ia3"),
    AdapterSettings("lora", rank=3, alpha=5, layers=2),
    AdapterSettings("ia3", layers=1),
]


def tuned_by_chance(folder: Path, settings: AdapterSettings) -> Backbone:
    """A small model with adapters whose weights are random, as if it had learned."""
    backbone = add_adapters(load(folder), settings)
    torch.manual_seed(4)
    with torch.no_grad():
        for weight in learnable(backbone):
            weight.add_(torch.randn_like(weight), alpha=0.2)
    backbone.network.eval()
    return backbone


def states_of(backbone: Backbone) -> torch.Tensor:
    with torch.inference_mode():
        return encode(backbone, SEQUENCES, reading_for(backbone.tokenizer)).states[0]


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_stock_peft_loads_every_kind_and_gives_the_same_states(
    small: Path, tmp_path: Path, settings: AdapterSettings
) -> None:
    backbone = tuned_by_chance(small, settings)
    expected = states_of(backbone)
    save_adapter(backbone, tmp_path)
    tokens = torch.from_numpy(np.stack([backbone.tokenizer.encode(sequence) for sequence in SEQUENCES]))
    with torch.inference_mode():
        network = PeftModel.from_pretrained(stock(small), tmp_path).eval()
        found = network(input_ids=tokens).last_hidden_state.flatten(0, 1)
        untuned = stock(small)(input_ids=tokens).last_hidden_state.flatten(0, 1)
    torch.testing.assert_close(expected, found, atol=1e-5, rtol=1e-5)
    assert (found - untuned).abs().max() > 0.05
    torch.testing.assert_close(states_of(load_adapter(load(small), tmp_path, settings)), expected)


def test_adapters_in_the_upper_layers_leave_the_lower_ones_alone(small: Path) -> None:
    backbone = tuned_by_chance(small, AdapterSettings("lora", rank=3, alpha=5, layers=2))
    names = {name for name, weight in backbone.network.named_parameters() if weight.requires_grad}
    assert {name.split(".layer.")[1][0] for name in names} == {"1", "2"}
    assert len(names) == 2 * 4 * 2


def test_an_adapter_is_refused_with_other_settings_than_its_own(small: Path, tmp_path: Path) -> None:
    save_adapter(tuned_by_chance(small, AdapterSettings("lora", rank=3, alpha=5)), tmp_path)
    for other in (
        AdapterSettings("lora", rank=4, alpha=5),
        AdapterSettings("lora", rank=3, alpha=6),
        AdapterSettings("rslora", rank=3, alpha=5),
        AdapterSettings("dora", rank=3, alpha=5),
        AdapterSettings("ia3"),
        AdapterSettings("lora", rank=3, alpha=5, layers=2),
    ):
        with pytest.raises(UserError, match="does not fit its base model; the archive was changed"):
            load_adapter(load(small), tmp_path, other)


def test_an_adapter_that_lacks_a_tensor_is_refused(small: Path, tmp_path: Path) -> None:
    settings = AdapterSettings("lora", rank=3, alpha=5)
    save_adapter(tuned_by_chance(small, settings), tmp_path)
    tensors = load_file(tmp_path / "adapter_model.safetensors")
    tensors.pop(next(iter(tensors)))
    save_file(tensors, tmp_path / "adapter_model.safetensors")
    with pytest.raises(UserError, match="does not fit its base model"):
        load_adapter(load(small), tmp_path, settings)


def test_what_is_loaded_to_read_does_not_learn(small: Path, tmp_path: Path) -> None:
    settings = AdapterSettings("lora", rank=3, alpha=5)
    save_adapter(tuned_by_chance(small, settings), tmp_path)
    assert not learnable(load_adapter(load(small), tmp_path, settings))
    assert len(learnable(load_adapter(load(small), tmp_path, settings, learns=True))) == 3 * 4 * 2


def load_bundle(bundle: Path) -> TunedModel:
    with open_bundle(bundle) as opened, open_model("embedded", None) as files:
        return load_tuned(files, opened.folder, opened.shape, torch.device("cpu"))


def test_probabilities_follow_from_states_and_head_by_numpy(unpacked: Path, bundle: Path, backbone: Backbone) -> None:
    model = load_bundle(bundle)
    stock = PeftModel.from_pretrained(
        EsmModel.from_pretrained(EMBEDDED_FOLDER, add_pooling_layer=False, dtype=torch.float32), unpacked
    ).eval()
    tokens = torch.from_numpy(np.stack([backbone.tokenizer.encode(sequence) for sequence in SEQUENCES]))
    with torch.inference_mode():
        centre = stock(input_ids=tokens).last_hidden_state[:, 11].numpy()  # <cls>, then ten residues
    head = {key: weight.numpy() for key, weight in load_file(unpacked / "head.safetensors").items()}
    inputs = (centre - head["inputs_mean"]) / head["inputs_deviation"]
    hidden = np.tanh(inputs @ head["dense.weight"].T + head["dense.bias"])
    scores = np.exp(hidden @ head["scores.weight"].T + head["scores.bias"])
    expected = scores / scores.sum(axis=1, keepdims=True)
    found = model.predict(model.source_to_read(SEQUENCES), np.arange(3)[:, None])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_only_attention_is_adapted_and_nothing_else_is_saved(unpacked: Path) -> None:
    config = json.loads((unpacked / "adapter_config.json").read_text())
    assert config["target_modules"] == ["attention.output.dense", "key", "query", "value"]
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (8, 16, "LORA")
    assert config["base_model_name_or_path"] == "plmkit-tiny-2"
    names = load_file(unpacked / "adapter_model.safetensors").keys()
    assert len(names) == LAYERS * 4 * 2  # layers, targets, lora_A and lora_B
    assert all(".attention." in name and ".lora_" in name for name in names)
