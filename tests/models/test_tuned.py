"""Every kind of tuned model predicts, is saved, and says the same when it is loaded again."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.models.tuned_models import alone, fresh, moved_by_chance, reloaded, said, shape
from transformers import EsmModel

from plmkit.data.task import Kind, Unit
from plmkit.errors import UserError
from plmkit.models.shape import HeadPooling, Method
from plmkit.models.source import open_model
from plmkit.models.tuned import load_to_learn

PROTEINS = ["MKTAYIAKQRQISFVKSHFSRQ", "W", "ACDEFGHIKLMNPQRSTVWYX" * 3, "GG", "MKTAYIAKQRQISFVKSHFSRR"]
PAIRS = [("MKTAY", "WWGG"), ("WWGG", "MKTAY"), ("GG", "GG"), ("MKTAY", "GG")]
KINDS: list[Kind] = ["classification", "multilabel", "regression"]
METHODS: list[Method] = ["head", "lora", "rslora", "dora", "ia3", "full"]


@pytest.mark.parametrize("method", METHODS)
def test_a_saved_model_says_the_same(small: Path, tmp_path: Path, method: Method) -> None:
    wanted = shape(method=method)
    model = moved_by_chance(fresh(small, wanted))
    expected = said(model, alone(PROTEINS))
    model.save(tmp_path)
    np.testing.assert_allclose(said(reloaded(small, tmp_path, wanted), alone(PROTEINS)), expected, atol=1e-5)
    assert expected.std(axis=0).min() > 0.001


@pytest.mark.parametrize("unit", ["protein", "residue", "window"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["lora", "head"])
def test_there_is_one_number_for_each_label_of_each_place(
    small: Path, tmp_path: Path, method: Method, kind: Kind, unit: Unit
) -> None:
    wanted = shape(kind, unit, method)
    model = fresh(small, wanted)
    found = said(model, alone(PROTEINS))
    assert found.shape == (sum(map(len, PROTEINS)) if unit == "residue" else len(PROTEINS), 3)
    model.save(tmp_path)
    np.testing.assert_allclose(said(reloaded(small, tmp_path, wanted), alone(PROTEINS)), found, atol=1e-5)
    if kind == "classification":
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "attention"])
@pytest.mark.parametrize("method", ["lora", "head"])
def test_both_orders_of_a_pair_are_one_answer(small: Path, method: Method, pooling: HeadPooling) -> None:
    found = said(moved_by_chance(fresh(small, shape(unit="pair", method=method, pooling=pooling))), PAIRS)
    assert np.array_equal(found[0], found[1])
    assert len({tuple(row) for row in found.tolist()}) == 3


def test_learned_pooling_is_saved_too(small: Path, tmp_path: Path) -> None:
    wanted = shape(method="head", pooling="attention")
    model = moved_by_chance(fresh(small, wanted))
    expected = said(model, alone(PROTEINS))
    model.save(tmp_path)
    np.testing.assert_allclose(said(reloaded(small, tmp_path, wanted), alone(PROTEINS)), expected, atol=1e-5)


def test_what_learns_is_what_the_method_says(small: Path) -> None:
    counts = {
        method: sum(weight.numel() for weight in fresh(small, shape(method=method)).parameters()) for method in METHODS
    }
    head = 48 * 48 + 48 + 48 * 3 + 3
    one_adapter = 2 * 4 * 48  # two matrices of rank 4
    assert counts["head"] == head
    assert counts["lora"] == counts["rslora"] == head + 3 * 4 * one_adapter
    assert counts["dora"] == counts["lora"] + 3 * 4 * 48  # a magnitude for each output
    assert counts["ia3"] == head + 3 * (3 * 48 + 4 * 48)  # key, value, attention's output, and 4 x 48 inner numbers
    whole = sum(weight.numel() for weight in EsmModel.from_pretrained(small, add_pooling_layer=False).parameters())
    assert counts["full"] == head + whole - 13  # the contact head takes no part


def test_a_full_model_is_a_folder_that_stock_transformers_loads(small: Path, tmp_path: Path) -> None:
    model = moved_by_chance(fresh(small, shape(method="full")), spread=0.1)
    model.save(tmp_path)
    stock, info = EsmModel.from_pretrained(tmp_path, add_pooling_layer=False, output_loading_info=True)
    assert not info["missing_keys"]
    tokens = torch.from_numpy(model.backbone.tokenizer.encode(PROTEINS[0]))
    with torch.inference_mode():
        expected = stock.eval()(input_ids=tokens[None]).last_hidden_state[0]
        (found,) = model.backbone.states(tokens, [len(tokens)], [3])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("method", ["head", "lora", "full"])
def test_a_saved_model_goes_on_learning_from_where_it_was(small: Path, tmp_path: Path, method: Method) -> None:
    wanted = shape(method=method)
    model = moved_by_chance(fresh(small, wanted))
    model.save(tmp_path)
    with open_model(str(small), None) as files:
        again = load_to_learn(files, tmp_path, wanted, 0.0, torch.device("cpu"))
    for one, other in zip(model.weights(), again.weights(), strict=True):
        assert torch.equal(one, other)
    assert all(weight.requires_grad for weight in again.parameters())


def test_the_same_seed_gives_the_same_beginning(small: Path) -> None:
    one, same, other = (fresh(small, shape(), seed=seed).weights() for seed in (1, 1, 2))
    assert all(torch.equal(*pair) for pair in zip(one, same, strict=True))
    assert not all(torch.equal(*pair) for pair in zip(one, other, strict=True))


def test_a_head_of_other_labels_is_refused(small: Path, tmp_path: Path) -> None:
    fresh(small, shape(labels="abc")).save(tmp_path)
    with pytest.raises(UserError, match="its head does not fit its labels and base model"):
        reloaded(small, tmp_path, shape(labels="ab"))
