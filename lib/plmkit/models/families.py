"""Families of language models: what their tokenizer must do, where adapters go, what they were made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plmkit.errors import UserError


@dataclass(frozen=True)
class Family:
    """What all checkpoints of one architecture share.

    golden_ids: the token id of each letter which the tokenizer must give; letters outside become `unknown`.
    adapter_targets: what LoRA adapts; rescaled and rescaled_inputs: what IA3 rescales, and those of them whose inputs
    it rescales instead (ends of modules' names, as in peft's own tables).
    trained_length: residues of the longest proteins seen in training; longer ones work, with less certainty.
    """

    name: str
    model_type: str
    golden_ids: Mapping[str, int]
    start_id: int
    end_id: int
    padding_id: int
    unknown: str
    adapter_targets: tuple[str, ...]
    rescaled: tuple[str, ...]
    rescaled_inputs: tuple[str, ...]
    trained_length: int
    citation: str


ESM2 = Family(
    name="esm2",
    model_type="esm",
    # vocab.txt of facebook/esm2_*: <cls> <pad> <eos> <unk>, then residues by frequency, then X B U Z O.
    golden_ids={letter: number for number, letter in enumerate("LAGVSERTIDPKQNFYMHWCXBUZO", start=4)},
    start_id=0,
    end_id=2,
    padding_id=1,
    unknown="X",
    adapter_targets=("query", "key", "value", "attention.output.dense"),
    rescaled=("key", "value", "output.dense"),
    rescaled_inputs=("output.dense",),
    trained_length=1022,
    citation="10.1126/science.ade2574",
)

FAMILIES = (ESM2,)


def family_of(model_type: object) -> Family:
    """Return the family for the `model_type` of a config.json; raises UserError for an unknown one."""
    for family in FAMILIES:
        if family.model_type == model_type:
            return family
    known = ", ".join(family.model_type for family in FAMILIES)
    raise UserError(f"model: the architecture {model_type!r} is not supported; supported are: {known}")
