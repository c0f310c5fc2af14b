"""The embedded model: its files are those of a published ESM-2 model, it is small, and it has learned."""

import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import EsmForMaskedLM, EsmTokenizer

from plmkit.data.fasta import read_fasta
from plmkit.models.source import EMBEDDED_FOLDER, open_model

# Well-known human proteins.
PROTEINS = read_fasta(Path(__file__).parents[2] / "test-data/human_phosphosites/proteins.fasta", "proteins").sequences

# Percent of the residues of Swiss-Prot, from its release statistics.
COMPOSITION = {"A": 8.25, "R": 5.53, "N": 4.06, "D": 5.46, "C": 1.38, "Q": 3.93, "E": 6.72, "G": 7.07, "H": 2.27}
COMPOSITION |= {"I": 5.91, "L": 9.65, "K": 5.80, "M": 2.41, "F": 3.86, "P": 4.74, "S": 6.65, "T": 5.36, "W": 1.10}
COMPOSITION |= {"Y": 2.92, "V": 6.86}


def test_it_is_small_and_half_precise() -> None:
    weights = EMBEDDED_FOLDER / "model.safetensors"
    assert weights.stat().st_size <= 6_000_000
    assert {weight.dtype for weight in load_file(weights).values()} == {torch.float16}


def test_it_says_what_it_is_not_for() -> None:
    with open_model("embedded", None) as files:
        assert files.name == EMBEDDED_FOLDER.name == "plmkit-tiny-2"
        assert files.is_trained
        (note,) = files.notes()
    assert note == f"model: plmkit-tiny-2 {files.limits}"
    assert "tests, teaching and small problems; for research" in note
    card = " ".join((EMBEDDED_FOLDER / "README.md").read_text(encoding="utf-8").split())
    assert files.limits in card
    assert "CC BY 4.0" in card
    assert "esm" not in files.name


def test_hidden_residues_are_guessed_better_than_by_their_frequency() -> None:
    """Every tenth residue is hidden, in stock transformers."""
    model = EsmForMaskedLM.from_pretrained(EMBEDDED_FOLDER, dtype=torch.float32).eval()
    tokenizer = EsmTokenizer.from_pretrained(EMBEDDED_FOLDER)
    losses = []
    for protein in PROTEINS:
        tokens = tokenizer(protein, return_tensors="pt")["input_ids"]
        hidden = tokens.clone()
        hidden[0, 1:-1:10] = tokenizer.mask_token_id
        with torch.inference_mode():
            logits = model(input_ids=hidden).logits[0, 1:-1:10]
        losses += cross_entropy(logits, tokens[0, 1:-1:10], reduction="none").tolist()
    floor = -np.mean([math.log(COMPOSITION[letter] / 100) for protein in PROTEINS for letter in protein[::10]])
    assert np.mean(losses) < floor - 0.02


def test_its_card_is_that_of_its_settings() -> None:
    settings = json.loads((EMBEDDED_FOLDER / "config.json").read_text(encoding="utf-8"))
    assert settings["model_type"] == "esm"
    assert settings["position_embedding_type"] == "rotary"
    assert "plmkit_untrained" not in settings
