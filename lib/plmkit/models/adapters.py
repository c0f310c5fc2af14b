"""Put low-rank adapters on a backbone: the one file that knows peft."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from safetensors import SafetensorError, safe_open

from plmkit.errors import UserError
from plmkit.models.backbone import Backbone

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


def add_lora(backbone: Backbone, rank: int, alpha: int, dropout: float) -> Backbone:
    """Return the backbone with fresh LoRA adapters on its attention; only they can learn.

    The update is scaled by alpha / rank. Source: Hu et al. 2021, doi:10.48550/arXiv.2106.09685.
    """
    config = LoraConfig(
        task_type=TaskType.FEATURE_EXTRACTION,
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=list(backbone.files.family.adapter_targets),
        bias="none",
    )
    return replace(backbone, network=get_peft_model(backbone.network, config))


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

    peft alone would pass over tensors which do not fit.
    """
    try:
        with safe_open(folder / "adapter_model.safetensors", framework="pt") as tensors:
            saved = {key: tuple(tensors.get_slice(key).get_shape()) for key in tensors.keys()}  # noqa: SIM118
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft warns of a missing tensor; below it is a mistake
            network = PeftModel.from_pretrained(backbone.network, folder, torch_device=str(backbone.device))
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"tuned model: its adapter cannot be read ({reason}); give the whole archive") from None
    placed = {
        name.replace(".default.", "."): tuple(weight.shape)
        for name, weight in network.named_parameters()
        if ".lora_" in name
    }
    if placed != saved:
        raise UserError("tuned model: its adapter does not fit its base model; the archive was changed")
    return replace(backbone, network=network.eval())


def learnable(backbone: Backbone) -> list[torch.nn.Parameter]:
    """Return the weights of the adapters."""
    return [weight for weight in backbone.network.parameters() if weight.requires_grad]
