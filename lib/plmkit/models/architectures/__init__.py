"""How the networks of each architecture are run layer by layer."""

from __future__ import annotations

from plmkit.models.architectures.bert import Bert
from plmkit.models.architectures.esm import Esm
from plmkit.models.architectures.esmc import Esmc
from plmkit.models.architectures.t5 import T5
from plmkit.models.families import Family
from plmkit.models.packed import Architecture


def architecture_of(family: Family) -> Architecture:
    """Return how the networks of a family are run."""
    if family.model_type == "t5":
        return T5(family.has_start)
    others: dict[str, Architecture] = {"esm": Esm(), "esmc": Esmc(), "bert": Bert()}
    return others[family.model_type]
