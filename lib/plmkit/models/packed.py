"""Run a network on proteins laid end to end: no padding is computed, no protein sees another.

Everything but attention works on one long row of tokens (T, D). The network's own layers are called one by one, so
adapters that wrap them take part. Equal to the unmodified model run on each protein alone, within rounding; a network
of transformers is never in training mode here: its dropout is left out, that of adapters is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel

_CPU_STEP = 32  # packs are filled up to a multiple of so many tokens


class Architecture(Protocol):
    """How a network of transformers is run layer by layer.

    network: its class, without anything that states do not depend on; options: what its loader is told besides;
    harmless: names of weights that may be missing, too many, or of another shape.
    """

    network: type[PreTrainedModel]
    options: Mapping[str, Any]
    harmless: re.Pattern[str]

    def layers(self, network: Any) -> nn.ModuleList:
        """Return the layers, the lowest first."""

    def idle(self, network: Any) -> Sequence[nn.Module]:
        """Return the parts which states do not depend on."""

    def embedded(self, network: Any, tokens: Tensor, lengths: Sequence[int]) -> Tensor:
        """Embed tokens (T,): the states (T, D) of layer 0."""

    def shared(self, network: Any, lengths: Sequence[int], device: torch.device) -> Any:
        """Return what all layers need to know of the positions."""

    def layer(self, layer: Any, states: Tensor, lengths: Sequence[int], shared: Any) -> Tensor:
        """Run one layer."""

    def finished(self, network: Any, states: Tensor) -> Tensor:
        """Return the states after the last layer, with what the network still does to them."""


def packed_states(
    architecture: Architecture,
    network: Any,
    tokens: Tensor,
    lengths: Sequence[int],
    layers: Sequence[int] | None = None,
    recompute: bool = False,
) -> list[Tensor]:
    """Return the states (T, D) after some layers, of proteins laid end to end.

    tokens: ids (T,), start and end of each protein among them; lengths: tokens of each protein, T in all. layers: 0
    is the embedding of the tokens, the number of layers the last one, after the final layer norm; None: the last.
    recompute: hold the states between layers alone, and compute each layer again for its gradients: less memory.
    """
    wanted = [len(architecture.layers(network))] if layers is None else layers
    states = architecture.embedded(network, tokens, lengths)
    return packed_on(architecture, network, states, lengths, 0, wanted, recompute)


def packed_on(
    architecture: Architecture,
    network: Any,
    states: Tensor,
    lengths: Sequence[int],
    first: int,
    layers: Sequence[int],
    recompute: bool = False,
) -> list[Tensor]:
    """Go on from the states after layer `first`; see `packed_states`. layers: `first` or later ones.

    The states after the last layer are those after the final layer norm, given as well as returned.
    """
    every, rows = architecture.layers(network), len(states)
    found = {first: states}
    states, lengths = filled_up(states, lengths)
    shared = architecture.shared(network, lengths, states.device)
    for number, layer in enumerate(every[first : max(layers)], start=first + 1):
        if recompute and torch.is_grad_enabled():
            states = checkpoint(architecture.layer, layer, states, lengths, shared, use_reentrant=False)
        else:
            states = architecture.layer(layer, states, lengths, shared)
        if number in layers:
            found[number] = states
    if len(every) in layers and first < len(every):
        found[len(every)] = architecture.finished(network, states)
    return [found[number][:rows] for number in layers]


def filled_up(states: Tensor, lengths: Sequence[int]) -> tuple[Tensor, Sequence[int]]:
    """On a CPU, add a protein of zeros, so that there are few different sizes: oneDNN keeps code for each it meets."""
    missing = -len(states) % _CPU_STEP
    if states.device.type != "cpu" or not missing:
        return states, lengths
    return F.pad(states, (0, 0, 0, missing)), [*lengths, missing]
