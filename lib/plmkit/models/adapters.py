"""Put adapters on a backbone: the one file that knows peft."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from peft import (
    IA3Config,
    LoraConfig,
    PeftConfig,
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
from plmkit.models.shape import AdapterSettings

# Settings which the states of a finished adapter do not depend on; the targets are compared as a set.
_WITHOUT_EFFECT = {
    "base_model_name_or_path",
    "feedforward_modules",
    "inference_mode",
    "init_ia3_weights",
    "lora_dropout",
    "peft_version",
    "revision",
    "target_modules",
    "task_type",
}
_SETS = ("target_modules", "feedforward_modules")
# where the modules of the layers stand, by architecture
_LAYERS = {"esm": r".*\.layer", "bert": r".*\.layer", "esmc": "layers", "t5": r".*\.block"}


def add_adapters(backbone: Backbone, settings: AdapterSettings) -> Backbone:
    """Return the backbone with fresh adapters, which change nothing yet; only they can learn."""
    network = with_adapters(backbone.network, backbone.files.family, backbone.layers, settings)
    return replace(backbone, network=network)


def with_adapters(network: nn.Module, family: Family, layers: int, settings: AdapterSettings) -> nn.Module:
    """Return a network of so many layers with fresh adapters, see `add_adapters`."""
    return _with_adapter(network, _config(family, layers, settings))


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
    for name in _SETS:  # peft keeps sets: their order varies
        if isinstance(settings.get(name), list):
            settings[name] = sorted(settings[name])
    path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def load_adapter(backbone: Backbone, folder: Path, settings: AdapterSettings, learns: bool = False) -> Backbone:
    """Return the backbone with a saved adapter; raises UserError unless every tensor finds its place.

    peft's own loader would pass over tensors which do not fit, and its settings can name modules to import: so the file
    must say what plmkit writes for these settings.
    """
    config = _config(backbone.files.family, backbone.layers, settings)
    try:
        written = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        fits = _means_the_same(written, config.to_dict())
        saved = load_file(folder / "adapter_model.safetensors")
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"tuned model: its adapter cannot be read ({reason}); give the whole archive") from None
    network = _with_adapter(backbone.network, config)
    places = {key: weight.shape for key, weight in get_peft_model_state_dict(network).items()}
    if not fits or places != {key: weight.shape for key, weight in saved.items()}:
        raise UserError("tuned model: its adapter does not fit its base model; the archive was changed")
    set_peft_model_state_dict(network, saved)
    if not learns:
        network.requires_grad_(False)
    return replace(backbone, network=network.to(backbone.device).eval())


def _with_adapter(network: nn.Module, config: PeftConfig) -> nn.Module:
    with warnings.catch_warnings():
        # peft asks transformers in ways that newer releases of it are giving up
        warnings.simplefilter("ignore", FutureWarning)
        wrapped: nn.Module = get_peft_model(network, config)
    return wrapped


def _means_the_same(saved: object, ours: Mapping[str, Any]) -> bool:
    """Say whether two adapter settings give the same states; another peft may leave out or add what is off."""
    if not isinstance(saved, Mapping):
        raise TypeError("settings without names")
    keys = (saved.keys() | ours.keys()) - _WITHOUT_EFFECT
    same_sets = all(_as_set(saved.get(name)) == _as_set(ours.get(name)) for name in _SETS)
    return same_sets and all((saved.get(key) or None) == (ours.get(key) or None) for key in keys)


def _as_set(names: Any) -> Any:
    return names if names is None or isinstance(names, str) else set(names)


def _config(family: Family, layers: int, settings: AdapterSettings) -> PeftConfig:
    chosen = None if settings.layers is None else range(max(0, layers - settings.layers), layers)
    if settings.method == "ia3":
        return IA3Config(
            task_type=TaskType.FEATURE_EXTRACTION,
            target_modules=_targets(family, family.rescaled, chosen),
            feedforward_modules=_targets(family, family.rescaled_inputs, chosen),
        )
    return LoraConfig(
        task_type=TaskType.FEATURE_EXTRACTION,
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=_targets(family, family.adapter_targets, chosen),
        bias="none",
        use_rslora=settings.method == "rslora",
        use_dora=settings.method == "dora",
    )


def _targets(family: Family, ends: Sequence[str], layers: range | None) -> list[str] | str:
    """Return the ends of modules' names, or a pattern of whole names which lie in some layers."""
    if layers is None:
        return list(ends)
    numbers, names = "|".join(map(str, layers)), "|".join(map(re.escape, ends))
    return rf"{_LAYERS[family.model_type]}\.({numbers})\.(.*\.)?({names})"


def learnable(backbone: Backbone) -> list[nn.Parameter]:
    """Return the weights of the language model that learn: those of the adapters, or all."""
    return [weight for weight in backbone.network.parameters() if weight.requires_grad]
