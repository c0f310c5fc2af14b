"""Each family, laid out as published, gives the states of the unmodified class and keeps its tokenizer's contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from peft import PeftModel
from tests.models.published import ESM_VOCABULARY, LAYERS, LAYOUTS, RESIDUES, SAPROT_VOCABULARY, published
from torch import Tensor
from transformers import BertModel, EsmcModel, EsmModel, T5EncoderModel

from plmkit.errors import UserError
from plmkit.models.adapters import add_adapters, save_adapter
from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.encoding import Encoder, Reading, encode
from plmkit.models.families import FAMILIES
from plmkit.models.readers import fast_reader
from plmkit.models.shape import AdapterSettings
from plmkit.models.source import open_model

PROTEINS = ["MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNL", "ACDEFGHIKLMNPQRSTVWYX", "MK", "MKTAYIAKQR"]
Floats = NDArray[np.float32]

# what the authors of each model say their tokenizer gives, written anew: (before, id of each letter, after)
ESM_IDS = {letter: ESM_VOCABULARY.index(letter) for letter in RESIDUES + "X"}
T5_IDS = {letter: 3 + "ALGVSREDTIPKFQNYMHWCX".index(letter) for letter in RESIDUES + "X"}
IDS: dict[str, tuple[list[int], dict[str, int], list[int]]] = {
    "esm2": ([0], ESM_IDS, [2]),
    "esm1b": ([0], ESM_IDS, [2]),
    "esm1v": ([0], ESM_IDS, [2]),
    "esmc": ([0], ESM_IDS, [2]),
    "saprot": (
        [0],
        {letter: SAPROT_VOCABULARY.index(f"{letter}#") for letter in RESIDUES} | {"X": SAPROT_VOCABULARY.index("##")},
        [2],
    ),
    "prott5": ([], T5_IDS, [1]),
    "prott5_whole": ([], T5_IDS, [1]),
    "prostt5": ([149], T5_IDS, [1]),
    "ankh": ([], T5_IDS, [1]),
    # the ids that Hugging Face's page of Rostlab/prot_bert gives
    "protbert": (
        [2],
        dict(
            zip(
                "ACDEFGHIKLMNPQRSTVWYX",
                (6, 23, 14, 9, 19, 7, 22, 11, 12, 5, 21, 17, 16, 18, 13, 10, 15, 8, 24, 20, 25),
                strict=True,
            )
        ),
        [3],
    ),
}
STOCK: dict[str, Callable[[Path], torch.nn.Module]] = {
    "esm": lambda folder: EsmModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32),
    "esmc": lambda folder: EsmcModel.from_pretrained(folder, dtype=torch.float32),
    "t5": lambda folder: T5EncoderModel.from_pretrained(folder, dtype=torch.float32),
    "bert": lambda folder: BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32),
}


@pytest.fixture(scope="module", params=list(LAYOUTS))
def layout(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, published(request.param, tmp_path_factory.mktemp(request.param))


def load(folder: Path) -> Backbone:
    with open_model(str(folder), None) as files:
        return load_backbone(files, torch.device("cpu"))


def residues(encoder: Encoder, window: int = 2000, layers: tuple[int, ...] | None = None) -> list[Floats]:
    """States (layers, L, D) of the residues of each protein."""
    with torch.inference_mode():
        return [
            states.copy()
            for states in encode(encoder, PROTEINS, Reading(window, window // 4, layers=layers)).residues()
        ]


def expected(name: str, folder: Path, adapter: Path | None = None) -> list[list[Floats]]:
    """The same, protein by protein, of layer 0 to the last, by the unmodified class."""
    before, ids, after = IDS[name]
    model_type = json.loads((folder / "config.json").read_text())["model_type"]
    network = STOCK[model_type](folder)
    if adapter is not None:
        network = PeftModel.from_pretrained(network, adapter)
    network.eval()
    found = []
    for protein in PROTEINS:
        tokens = torch.tensor([[*before, *(ids[letter] for letter in protein), *after]])
        with torch.inference_mode():
            states: tuple[Tensor, ...] = network(input_ids=tokens, output_hidden_states=True).hidden_states
        found.append([layer[0, len(before) : -1].numpy() for layer in states])
    return found


def test_the_family_is_known_by_its_config(layout: tuple[str, Path]) -> None:
    name, folder = layout
    with open_model(str(folder), None) as files:
        assert files.family.name == {"esm1v": "esm1b", "prott5_whole": "prott5"}.get(name, name)
        assert (files.width, files.layers) == (32, LAYERS)


def test_token_ids_are_the_golden_ones(layout: tuple[str, Path]) -> None:
    name, folder = layout
    before, ids, after = IDS[name]
    tokenizer = load(folder).tokenizer
    held = before or [0]  # padding holds the place of a start token that there is not
    assert tokenizer.encode(RESIDUES + "X").tolist() == [*held, *(ids[letter] for letter in RESIDUES + "X"), *after]


def test_states_are_those_of_unmodified_transformers(layout: tuple[str, Path]) -> None:
    name, folder = layout
    alone = expected(name, folder)
    backbone = load(folder)
    for found, layers in zip(residues(backbone, layers=tuple(range(LAYERS + 1))), alone, strict=True):
        for ours, theirs in zip(found, layers, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=3e-5, rtol=1e-4)
    for found, layers in zip(residues(fast_reader(backbone, torch.float32)), alone, strict=True):
        np.testing.assert_allclose(found[0], layers[-1], atol=3e-5, rtol=1e-4)


def test_states_from_a_middle_layer_on_are_the_same(layout: tuple[str, Path]) -> None:
    backbone = load(layout[1])
    rows = [torch.from_numpy(backbone.tokenizer.encode(protein)) for protein in PROTEINS]
    lengths = [len(row) for row in rows]
    with torch.inference_mode():
        middle, last = backbone.states(torch.cat(rows), lengths, [2, LAYERS])
        (again,) = backbone.states_from(middle, lengths, 2, [LAYERS])
    torch.testing.assert_close(again, last)


@pytest.mark.parametrize("layers", [None, 1])
@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_adapters_change_nothing_at_first_learn_and_leave_the_rest_alone(
    layout: tuple[str, Path], method: str, layers: int | None
) -> None:
    backbone = load(layout[1])
    before = residues(backbone)
    adapted = add_adapters(backbone, AdapterSettings(method, 2, 4, 0.0, layers))  # type: ignore[arg-type]
    for ours, theirs in zip(residues(adapted), before, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)

    encoded = encode(adapted, PROTEINS, Reading(2000, 500))
    encoded.states[0].square().sum().backward()  # type: ignore[no-untyped-call]
    learning = {name: weight for name, weight in adapted.network.named_parameters() if weight.requires_grad}
    assert learning
    assert all(weight.grad is not None for weight in learning.values())
    numbers = {"2"} if layers else {"0", "1", "2"}
    assert {part for name in learning for part in name.split(".") if part.isdigit()} >= numbers
    assert not layers or not any(".block.0." in name or ".layers.0." in name for name in learning)


def test_adapters_load_in_stock_peft(layout: tuple[str, Path], tmp_path: Path) -> None:
    name, folder = layout
    adapted = add_adapters(load(folder), AdapterSettings("lora", 2, 4, 0.0, 2))
    torch.manual_seed(5)
    with torch.no_grad():
        for weight in adapted.network.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight), alpha=0.1)
    save_adapter(adapted, tmp_path)
    for ours, theirs in zip(residues(adapted), expected(name, folder, tmp_path), strict=True):
        np.testing.assert_allclose(ours[0], theirs[-1], atol=5e-5, rtol=1e-3)


def test_a_changed_vocabulary_is_refused(tmp_path: Path) -> None:
    folder = published("protbert", tmp_path)
    tokens = (folder / "vocab.txt").read_text().split()
    tokens[5], tokens[6] = tokens[6], tokens[5]
    (folder / "vocab.txt").write_text("\n".join(tokens))
    with pytest.raises(UserError, match="does not give the token ids of ProtBert"):
        load(folder)


def test_a_vocabulary_without_an_amino_acid_is_refused(tmp_path: Path) -> None:
    folder = published("ankh", tmp_path)
    settings = json.loads((folder / "tokenizer.json").read_text())
    settings["model"]["vocab"] = [entry for entry in settings["model"]["vocab"] if entry[0] != "W"]
    (folder / "tokenizer.json").write_text(json.dumps(settings))
    with pytest.raises(UserError, match="its tokenizer does not know every amino acid; it is no Ankh"):
        load(folder)


def test_a_damaged_tokenizer_is_refused(tmp_path: Path) -> None:
    folder = published("prott5", tmp_path)
    (folder / "spiece.model").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="its tokenizer cannot be read"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "key", "value", "message"),
    [
        ("esm2", "model_type", "gpt2", "the architecture 'gpt2' is not supported; supported are: ESM-2, ESM-1b"),
        ("prott5", "vocab_size", 32128, "of the architecture 't5', but with {'vocab_size': 32128} no model of these"),
        ("prott5", "d_model", None, "d_model in config.json is None, not a size"),
    ],
)
def test_a_model_of_no_family_is_refused(tmp_path: Path, name: str, key: str, value: object, message: str) -> None:
    folder = published(name, tmp_path)
    config = json.loads((folder / "config.json").read_text()) | {key: value}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError) as caught, open_model(str(folder), None):
        pass
    assert message in str(caught.value)


def test_families_have_names_of_their_own() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
