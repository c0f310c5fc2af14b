"""What is computed once gives the same as what is computed anew."""

from pathlib import Path

import pytest
import torch
from tests.models.random_models import load
from torch import Tensor

from plmkit.data.task import Task, Unit
from plmkit.models.adapters import add_adapters, learnable
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import Reading
from plmkit.models.heads import Head
from plmkit.models.shape import AdapterSettings, HeadPooling
from plmkit.models.sources import Anew, Pooled, Source, UpperLayers

PROTEINS = ["MKTAYIAKQRQISFVKSHFSRQ", "W", "ACDEFGHIKLMNPQRSTVWYXBUZO" * 4, "GG", "MKTAYIAKQRQISFVKSHFSRR"]
READING = Reading(window=40, overlap=10, budget=64)  # the third protein is read in windows
CHOSEN = [2, 0, 4, 1]


def tuned(folder: Path, layers: int | None) -> Backbone:
    backbone = add_adapters(load(folder), AdapterSettings("lora", 3, 5, dropout=0.0, layers=layers))
    torch.manual_seed(5)
    with torch.no_grad():
        for weight in learnable(backbone):
            weight.normal_(std=0.3)
    return backbone


def head(unit: Unit, pooling: HeadPooling) -> Head:
    torch.manual_seed(6)
    return Head(Task(unit, "regression", ("a", "b")), pooling, 48, dropout=0.0)


def everything(source: Source, on: Head) -> Tensor:
    blocks = list(source.all_pooled(CHOSEN, on, 64))
    assert sum(proteins for proteins, _ in blocks) == len(CHOSEN)
    return torch.cat([pooled for _, pooled in blocks])


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "attention"])
@pytest.mark.parametrize("layers", [1, 2])
def test_upper_layers_on_stored_states_are_the_whole_model(small: Path, layers: int, pooling: HeadPooling) -> None:
    on = head("protein", pooling)
    anew = Anew(tuned(small, layers), PROTEINS, READING)
    backbone = tuned(small, layers)
    stored = UpperLayers(backbone, PROTEINS, READING, first=3 - layers)
    expected, found = anew.pooled(CHOSEN, on), stored.pooled(CHOSEN, on)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(everything(stored, on), found, atol=1e-5, rtol=1e-5)
    for vectors in (expected, found):
        vectors.square().sum().backward()  # type: ignore[no-untyped-call]
    assert isinstance(anew.encoder, Backbone)
    for one, other in zip(learnable(backbone), learnable(anew.encoder), strict=True):
        assert one.grad is not None
        torch.testing.assert_close(one.grad, other.grad, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("unit", "pooling"), [("protein", "mean"), ("protein", "max"), ("residue", "residues")])
def test_stored_vectors_are_those_computed_anew(small: Path, unit: Unit, pooling: HeadPooling) -> None:
    on = head(unit, pooling)
    anew, stored = Anew(load(small), PROTEINS, READING), Pooled(load(small), PROTEINS, READING, on)
    with torch.inference_mode():
        torch.testing.assert_close(stored.pooled(CHOSEN, on), anew.pooled(CHOSEN, on), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(everything(stored, on), everything(anew, on), atol=1e-5, rtol=1e-5)
    assert [stored.tokens(protein) for protein in CHOSEN] == ([100, 22, 22, 1] if unit == "residue" else [1] * 4)


def test_another_model_on_the_same_frozen_layers_uses_what_was_stored(small: Path) -> None:
    on = head("protein", "mean")
    stored = UpperLayers(tuned(small, 1), PROTEINS, READING, first=2)
    other = add_adapters(load(small), AdapterSettings("lora", 3, 5, dropout=0.0, layers=1))
    expected = Anew(other, PROTEINS, READING).pooled(CHOSEN, on)
    torch.testing.assert_close(stored.read_by(other).pooled(CHOSEN, on), expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(stored.pooled(CHOSEN, on), expected, atol=1e-3)
