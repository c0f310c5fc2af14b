"""Put low-rank adapters on a backbone: the one file that knows peft."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from peft import (
    LoraConfig,
    PeftModel,
    TaskType,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from plmkit.errors import UserError
from plmkit.models.backbone import Backbone
from plmkit.models.families import Family

# Settings which the states of a finished adapter do not depend on; the targets are compared as a set.
_WITHOUT_EFFECT = {
    "base_model_name_or_path",
    "inference_mode",
    "lora_dropout",
    "peft_version",
    "revision",
    "target_modules",
    "task_type",
}


def add_lora(backbone: Backbone, rank: int, alpha: int, dropout: float) -> Backbone:
    """Return the backbone with fresh LoRA adapters on its attention; only they can learn.

    The update is scaled by alpha / rank. Source: Hu et al. 2021, doi:10.48550/arXiv.2106.09685.
    """
    network = with_lora(backbone.network, backbone.files.family, rank, alpha, dropout)
    return replace(backbone, network=network)


def with_lora(network: nn.Module, family: Family, rank: int, alpha: int, dropout: float) -> nn.Module:
    """Return a network with fresh LoRA adapters on its attention, see `add_lora`."""
    return _with_adapter(network, _config(family, rank, alpha, dropout))


def merged(network: nn.Module) -> nn.Module:
    """Return a network whose adapters have become part of its weights; one without adapters as it is."""
    if not isinstance(network, PeftModel):
        return network
    plain: nn.Module = network.merge_and_unload()
    return plain


def save_adapter(backbone: Backbone, folder: Path) -> None:
    """Write the adapter as peft does, with the base model's name in place of its path on this machine."""
    backbone.network.save_pretrained(folder, save_embedding_layers=False)  # type: ignore[operator]
    (folder / "README.md").unlink(missing_ok=True)  # peft's empty card; ours is written by the bundle
    path = folder / "adapter_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["base_model_name_or_path"] = backbone.files.name
    settings["target_modules"] = sorted(settings["target_modules"])  # peft keeps a set: its order varies
    path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def load_adapter(backbone: Backbone, folder: Path) -> Backbone:
    """Return the backbone with a saved adapter; raises UserError unless every tensor finds its place.

    peft's own loader would pass over tensors which do not fit, and its settings can name modules to import: so
    rank and scale are taken from the file, and any other setting must be the one that plmkit writes.
    """
    try:
        settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        config = _config(backbone.files.family, _whole(settings["r"]), _whole(settings["lora_alpha"]), 0.0)
        fits = _means_the_same(settings, config.to_dict())
        saved = load_file(folder / "adapter_model.safetensors")
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"tuned model: its adapter cannot be read ({reason}); give the whole archive") from None
    network = _with_adapter(backbone.network, config)
    places = {key: weight.shape for key, weight in get_peft_model_state_dict(network).items()}
    if not fits or places != {key: weight.shape for key, weight in saved.items()}:
        raise UserError("tuned model: its adapter does not fit its base model; the archive was changed")
    set_peft_model_state_dict(network, saved)
    return replace(backbone, network=network.to(backbone.device).eval())


def _with_adapter(network: nn.Module, config: LoraConfig) -> nn.Module:
    with warnings.catch_warnings():
        # peft asks transformers in ways that newer releases of it are giving up
        warnings.simplefilter("ignore", FutureWarning)
        wrapped: nn.Module = get_peft_model(network, config)
    return wrapped


def _whole(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r} is no rank or scale")
    return value


def _means_the_same(saved: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Say whether two adapter settings give the same states; another peft may leave out or add what is off."""
    keys = (saved.keys() | ours.keys()) - _WITHOUT_EFFECT
    targets = set(saved["target_modules"]) == set(ours["target_modules"])
    return targets and all((saved.get(key) or None) == (ours.get(key) or None) for key in keys)


def _config(family: Family, rank: int, alpha: int, dropout: float) -> LoraConfig:
    return LoraConfig(
        task_type=TaskType.FEATURE_EXTRACTION,
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=list(family.adapter_targets),
        bias="none",
    )


def learnable(backbone: Backbone) -> list[nn.Parameter]:
    """Return the weights of the adapters."""
    return [weight for weight in backbone.network.parameters() if weight.requires_grad]
