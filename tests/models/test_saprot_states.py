"""SaProt with states of structures gives the states of the unmodified class, told the ids of its own vocabulary."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.models.published import LAYERS, RESIDUES, published
from transformers import EsmModel

from plmkit.data.states import joined
from plmkit.errors import UserError
from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.encoding import Encoder, Reading, encode
from plmkit.models.readers import fast_reader
from plmkit.models.source import EMBEDDED_FOLDER, open_model
from plmkit.models.tokens import load_tokenizer

Floats = NDArray[np.float32]
WRITTEN = [
    "MdEvVpQpLrVyQdYaKv",  # the example in SaProt's README
    "MdEvVpQ#LrV#QdYaKv",
    "M#E#V#Q#L#V#Q#Y#K#",
    "".join(residue + state for residue in RESIDUES + "#" for state in "pynwrqhgdlvtmfsaeikc#"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published("saprot", tmp_path_factory.mktemp("saprot"))


def load(folder: Path) -> Backbone:
    with open_model(str(folder), None) as files:
        return load_backbone(files, torch.device("cpu"))


def read(written: str) -> str:
    """What plmkit reads of a protein as SaProt writes it."""
    return joined(written[::2].replace("#", "X"), written[1::2])


def ids(folder: Path, written: str) -> list[int]:
    """The ids that the lines of its vocabulary give, start and end too."""
    tokens = (folder / "vocab.txt").read_text().split()
    pairs = [written[start : start + 2] for start in range(0, len(written), 2)]
    return [tokens.index("<cls>"), *map(tokens.index, pairs), tokens.index("<eos>")]


def expected(folder: Path, written: str) -> list[Floats]:
    """States of the residues after layer 0 to the last, by the unmodified class."""
    network = EsmModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32).eval()
    with torch.inference_mode():
        found = network(input_ids=torch.tensor([ids(folder, written)]), output_hidden_states=True).hidden_states
    return [layer[0, 1:-1].numpy() for layer in found]


def states(
    encoder: Encoder, texts: Sequence[str], layers: tuple[int, ...] | None = None, window: int = 2000
) -> list[Floats]:
    with torch.inference_mode():
        found = encode(encoder, texts, Reading(window, window // 4, layers=layers)).residues()
        return [each.copy() for each in found]


@pytest.mark.parametrize("written", WRITTEN)
def test_ids_are_those_of_the_published_vocabulary(folder: Path, written: str) -> None:
    with open_model(str(folder), None) as files:
        assert load_tokenizer(files).encode(read(written)).tolist() == ids(folder, written)


def test_states_are_those_of_unmodified_transformers_at_every_layer(folder: Path) -> None:
    backbone, texts = load(folder), list(map(read, WRITTEN))
    alone = [expected(folder, written) for written in WRITTEN]
    for found, layers in zip(states(backbone, texts, tuple(range(LAYERS + 1))), alone, strict=True):
        for ours, theirs in zip(found, layers, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=3e-5, rtol=1e-4)
    for found, layers in zip(states(fast_reader(backbone, torch.float32), texts), alone, strict=True):
        np.testing.assert_allclose(found[0], layers[-1], atol=3e-5, rtol=1e-4)


def test_windows_of_a_long_protein_take_its_states_along(folder: Path) -> None:
    generator = random.Random(2)
    pairs = [generator.choice(RESIDUES) + generator.choice("pynwrqhgdlvtmfsaeikc#") for _ in range(30)]
    whole, window = "".join(pairs), 20
    (found,) = states(load(folder), [read(whole)], window=window)
    first, last = (expected(folder, "".join(pairs[cut]))[-1] for cut in (slice(0, window), slice(-window, None)))
    # of the residues that only one window holds
    np.testing.assert_allclose(found[0][:10], first[:10], atol=3e-5, rtol=1e-4)
    np.testing.assert_allclose(found[0][-10:], last[-10:], atol=3e-5, rtol=1e-4)


def test_a_residue_that_saprot_does_not_know_keeps_its_state(folder: Path) -> None:
    with open_model(str(folder), None) as files:
        tokenizer = load_tokenizer(files)
    assert tokenizer.encode(joined("MUK", "dvp")).tolist() == ids(folder, "Md#vKp")
    assert tokenizer.replaced([joined("MUK", "dvp"), "MUK", joined("MUX", "#v#")]) == {"U": 3}
    assert tokenizer.with_letter("?", 4).encode("M?" + joined("K", "d")).tolist() == [
        0,
        ids(folder, "M#")[1],
        4,
        ids(folder, "Kd")[1],
        2,
    ]


def test_a_model_that_reads_no_states_is_never_given_any() -> None:
    with open_model(str(EMBEDDED_FOLDER), None) as files, pytest.raises(IndexError):
        load_tokenizer(files).encode(joined("MEV", "dvp"))


def test_a_vocabulary_whose_states_are_in_another_order_is_refused(tmp_path: Path) -> None:
    folder = published("saprot", tmp_path)
    text = (folder / "vocab.txt").read_text()
    (folder / "vocab.txt").write_text(text.replace("Md\n", "M?\n").replace("Mv\n", "Md\n").replace("M?\n", "Mv\n"))
    with pytest.raises(UserError, match="does not give the token ids of SaProt"):
        load(folder)
