"""Load a language model strictly and run it: token ids in, states out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import PreTrainedModel

from plmkit.errors import OutOfMemoryError, UserError
from plmkit.models.architectures import architecture_of
from plmkit.models.chatter import silence_transformers
from plmkit.models.device import is_out_of_memory
from plmkit.models.packed import Architecture, packed_on, packed_states
from plmkit.models.quantised import four_bits
from plmkit.models.source import ModelFiles
from plmkit.models.tokens import Tokenizer, copy_tokenizer, load_tokenizer

Network = TypeVar("Network", bound=PreTrainedModel)


@dataclass
class Backbone:
    """A loaded language model. network may be wrapped by adapters; its call stays the same.

    precision: what large products are computed in; recompute: see `packed_states`; weights: how many were loaded.
    """

    files: ModelFiles
    network: nn.Module
    tokenizer: Tokenizer
    device: torch.device
    precision: torch.dtype = torch.float32
    recompute: bool = False
    weights: int = 0

    @property
    def width(self) -> int:
        """D, the numbers for each residue."""
        return self.files.width

    @property
    def layers(self) -> int:
        """The number of transformer layers."""
        return self.files.layers

    @property
    def hiding_id(self) -> int:
        """The token that hides a residue: the mask, or the unknown residue where a model knows no mask."""
        mask = self.files.family.mask_id
        return int(self.tokenizer.encode(self.tokenizer.unknown)[1]) if mask is None else mask

    @property
    def architecture(self) -> Architecture:
        """How its network is run layer by layer."""
        return architecture_of(self.files.family)

    def states(self, tokens: Tensor, lengths: Sequence[int], layers: Sequence[int]) -> list[Tensor]:
        """Return the states (T, D) after some layers, of proteins laid end to end, see `packed_states`."""
        with self._in_precision():
            network = unwrapped(self.network)
            return packed_states(self.architecture, network, tokens, lengths, layers, self.recompute)

    def states_from(self, states: Tensor, lengths: Sequence[int], first: int, layers: Sequence[int]) -> list[Tensor]:
        """Return the states (T, D) after some layers from those after layer `first`, see `packed_on`."""
        with self._in_precision():
            network = unwrapped(self.network)
            return packed_on(self.architecture, network, states, lengths, first, layers, self.recompute)

    def _in_precision(self) -> AbstractContextManager[None]:
        is_lower = self.precision != torch.float32
        return torch.autocast(self.device.type, self.precision, enabled=True) if is_lower else nullcontext()


def unwrapped(network: nn.Module) -> Any:
    """Return the network that adapters are wrapped around; they stay in their places inside it."""
    return network.get_base_model() if hasattr(network, "get_base_model") else network  # type: ignore[operator]


def load_backbone(files: ModelFiles, device: torch.device, quantised: bool = False) -> Backbone:
    """Load a model in float32 with torch's own scaled-dot-product attention.

    quantised: hold the weights of the layers in 4 bits. Raises UserError when weights are missing, unexpected or of
    another shape than config.json says.
    """
    tokenizer = load_tokenizer(files)
    options: dict[str, Any] = {"quantization_config": four_bits(device)} if quantised else {}
    architecture = architecture_of(files.family)
    options |= architecture.options
    network = load_network(files, architecture.network, architecture.harmless, device, **options)
    for part in architecture.idle(network):
        part.requires_grad_(False)
    count = sum(weight.numel() for weight in network.parameters())
    return Backbone(files, network.eval(), tokenizer, device, weights=count)


def save_backbone(backbone: Backbone, folder: Path) -> None:
    """Write all weights as a model folder that stock transformers loads."""
    backbone.network.save_pretrained(folder)  # type: ignore[operator]
    (folder / "model.safetensors").chmod(0o644)
    copy_tokenizer(backbone.files, folder)


def load_network(
    files: ModelFiles, kind: type[Network], harmless: re.Pattern[str], device: torch.device, **options: Any
) -> Network:
    """Load the weights of a model into a class of transformers, in float32; see `load_backbone` for errors.

    harmless: names of weights that may be missing, too many, or of another shape.
    """
    silence_transformers()
    network, info = _load(files, kind, options)
    problems = [f"{key} is missing" for key in info["missing_keys"]]
    problems += [f"{key} is unexpected" for key in info["unexpected_keys"]]
    problems += [f"{key[0]} has another shape" for key in info["mismatched_keys"]]
    if serious := sorted(problem for problem in problems if not harmless.search(problem.split()[0])):
        raise UserError(
            f"model: the weights do not fit config.json ({len(serious)} problems, first: {serious[0]}); "
            "download the model again"
        )
    try:
        network.to(device)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(f"not enough memory for {files.name}; take a smaller model or more memory") from None
    return network


def _load(files: ModelFiles, kind: type[Network], options: dict[str, Any]) -> tuple[Network, dict[str, list[str]]]:
    try:
        network, info = kind.from_pretrained(
            files.folder,
            attn_implementation="sdpa",
            dtype=torch.float32,
            local_files_only=True,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            **options,
        )
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"model: the weights cannot be read ({reason}); download the model again") from None
    return network, info
