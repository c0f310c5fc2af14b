"""Load a language model strictly and run it: token ids in, states out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import EsmModel, PreTrainedModel

from plmkit.errors import OutOfMemoryError, UserError
from plmkit.models.chatter import silence_transformers
from plmkit.models.device import is_out_of_memory
from plmkit.models.packed import packed_states
from plmkit.models.source import ModelFiles
from plmkit.models.tokens import Tokenizer, load_tokenizer

# Parts of published checkpoints which states do not depend on: the language-model head, an unused pooler,
# position ids and rotary frequencies that are computed anew, and (missing in some) the contact head.
_HARMLESS = re.compile(r"(^|\.)(lm_head|pooler|contact_head)\.|position_ids$|inv_freq$")

Network = TypeVar("Network", bound=PreTrainedModel)


@dataclass
class Backbone:
    """A loaded language model. network may be wrapped by adapters; its call stays the same."""

    files: ModelFiles
    network: nn.Module
    tokenizer: Tokenizer
    device: torch.device

    @property
    def width(self) -> int:
        """D, the numbers for each residue."""
        return int(self.files.config["hidden_size"])

    @property
    def layers(self) -> int:
        """The number of transformer layers."""
        return int(self.files.config["num_hidden_layers"])

    def states(self, tokens: Tensor, lengths: Sequence[int], layers: Sequence[int]) -> list[Tensor]:
        """Return the states (T, D) after some layers, of proteins laid end to end, see `packed_states`."""
        return packed_states(unwrapped(self.network), tokens, lengths, layers)


def unwrapped(network: nn.Module) -> Any:
    """Return the network that adapters are wrapped around; they stay in their places inside it."""
    return network.get_base_model() if hasattr(network, "get_base_model") else network  # type: ignore[operator]


def load_backbone(files: ModelFiles, device: torch.device) -> Backbone:
    """Load a model in float32 with torch's own scaled-dot-product attention.

    Raises UserError when weights are missing, unexpected or of another shape than config.json says.
    """
    tokenizer = load_tokenizer(files)
    network = load_network(files, EsmModel, _HARMLESS, device, add_pooling_layer=False)
    return Backbone(files, network.eval(), tokenizer, device)


def load_network(
    files: ModelFiles, kind: type[Network], harmless: re.Pattern[str], device: torch.device, **options: bool
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


def _load(files: ModelFiles, kind: type[Network], options: dict[str, bool]) -> tuple[Network, dict[str, list[str]]]:
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
