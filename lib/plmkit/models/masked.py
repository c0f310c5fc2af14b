"""A language model with its head: guesses hidden residues, learns by it, and is saved as a model folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import EsmForMaskedLM

from plmkit.errors import UserError
from plmkit.models.adapters import merged, with_adapters
from plmkit.models.architectures.esm import Esm
from plmkit.models.backbone import load_network, unwrapped
from plmkit.models.packed import packed_states
from plmkit.models.shape import AdapterSettings
from plmkit.models.source import ModelFiles
from plmkit.models.tokens import Tokenizer, copy_tokenizer, load_tokenizer

# What the guesses do not depend on.
_HARMLESS = re.compile(r"(^|\.)(pooler|contact_head)\.|position_ids$|inv_freq$")
_FORGOTTEN = ("plmkit_untrained", "plmkit_limits", "_name_or_path")


@dataclass
class MaskedModel:
    """A loaded language model with its head. precision: what large products are computed in."""

    files: ModelFiles
    network: nn.Module
    tokenizer: Tokenizer
    device: torch.device
    precision: torch.dtype = torch.float32

    @property
    def mask_id(self) -> int:
        """The token that hides a residue."""
        mask = self.files.family.mask_id
        assert mask is not None
        return mask

    def scores(self, tokens: Tensor, lengths: Sequence[int], where: Tensor) -> Tensor:
        """Return scores (M, vocabulary) at positions `where` of proteins laid end to end, see `packed_states`."""
        core = self._core()
        with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
            (states,) = packed_states(Esm(), core.esm, tokens, lengths)
            scores: Tensor = core.lm_head(states[where])
        return scores.float()

    def add_lora(self, rank: int, alpha: int, dropout: float) -> None:
        """Put adapters on the attention layers; from now on only they learn."""
        settings = AdapterSettings("lora", rank, alpha, dropout)
        layers = self.files.layers
        self.network = with_adapters(self.network, self.files.family, layers, settings)

    def learnable(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield the weights that learn, by name."""
        for name, weight in self.network.named_parameters():
            if weight.requires_grad:
                yield name, weight

    def weights(self) -> dict[str, Tensor]:
        """Return a copy of the weights that learn."""
        return {name: weight.detach().cpu().clone() for name, weight in self.learnable()}

    def set_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Put such a copy back."""
        with torch.no_grad():
            for name, weight in self.learnable():
                weight.copy_(weights[name])

    def save(self, folder: Path, half: bool, description: Mapping[str, Any]) -> None:
        """Write a model folder that stock transformers loads; adapters become part of the weights.

        half: store float16 instead of float32. description: keys for config.json. The model is of no use afterwards.
        """
        network = merged(self.network)
        network.to(torch.float16 if half else torch.float32).save_pretrained(folder)  # type: ignore[operator]
        (folder / "model.safetensors").chmod(0o644)
        copy_tokenizer(self.files, folder)
        path = folder / "config.json"
        settings = json.loads(path.read_text(encoding="utf-8"))
        settings = {key: value for key, value in settings.items() if key not in _FORGOTTEN} | dict(description)
        path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    def _core(self) -> EsmForMaskedLM:
        inner = unwrapped(self.network)
        assert isinstance(inner, EsmForMaskedLM)
        return inner


def load_masked_model(files: ModelFiles, device: torch.device, precision: torch.dtype) -> MaskedModel:
    """Load a model with its language-model head; raises UserError as `load_backbone`, and when the head is missing."""
    if files.family.name not in ("esm2", "esm1b"):
        raise UserError(
            f"model: {files.name} is of the family {files.family.title}; plm pretrain goes on from ESM-2, ESM-1b or "
            "ESM-1v alone"
        )
    tokenizer = load_tokenizer(files)
    network = load_network(files, EsmForMaskedLM, _HARMLESS, device)
    network.esm.contact_head.requires_grad_(False)  # takes no part
    return MaskedModel(files, network, tokenizer, device, precision)
