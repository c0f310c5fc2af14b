"""The models that are known by name: where they are, what may be done with them, what they need."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

Purpose = Literal["embed", "head", "lora"]

_FILE = Path(__file__).with_suffix(".toml")
_BYTES = 4  # plmkit computes with float32 unless the hardware has something better
_TOKENS = 2048  # computed at once, the least that commands take by themselves


@dataclass(frozen=True)
class CatalogueModel:
    """A published model.

    name: owner/name on the Hugging Face Hub; title: what people read; revision: the commit that is installed, "" where
    none is known. licence: SPDX name. parameters: of the encoder; width, layers; feed_forward: numbers that each token
    has inside a layer, gates too. length: residues of the longest proteins of its training; is_limit: longer ones
    cannot be read at once. is_pickled: its weights are published as a pickle alone. sha256: of files, where a second
    source is known. embedded: it comes with plmkit.
    """

    name: str
    title: str
    family: str
    revision: str
    licence: str
    commercial_use: bool
    parameters: int
    width: int
    layers: int
    feed_forward: int
    length: int
    is_limit: bool = False
    is_pickled: bool = False
    embedded: bool = False
    sha256: Mapping[str, str] = field(default_factory=dict)

    def memory(self, purpose: Purpose) -> float:
        """Estimate the memory that a job needs, in GB (10^9 bytes); counted, not measured.

        embed, head (a head on frozen states): the weights, and of one layer the states of 2,048 tokens, 8 of the width
        (residual, norms, query, key, value, context) and 2 inner ones for each. lora: the weights, and for every layer
        what going back needs: 9 of the width and 2 inner ones for each token, as counted by Korthikanti et al. 2022,
        doi:10.48550/arXiv.2205.05198, without the square of the length, which is never held.
        """
        inner = 2 * self.feed_forward
        kept = self.layers * (9 * self.width + inner) if purpose == "lora" else 8 * self.width + inner
        return _BYTES * (self.parameters + _TOKENS * kept) / 1e9


@cache
def catalogue() -> tuple[CatalogueModel, ...]:
    """Return all models, in the order of the file."""
    with _FILE.open("rb") as handle:
        return tuple(CatalogueModel(**entry) for entry in tomllib.load(handle)["model"])


def find(name: str) -> CatalogueModel | None:
    """Return the model of a name, whatever its capitals (as on the Hub); None: not in the catalogue."""
    return next((model for model in catalogue() if model.name.lower() == name.lower()), None)
