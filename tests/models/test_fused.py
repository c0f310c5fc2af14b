"""What only reads gives the states of the unmodified model, adapters or not."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from tests.models.random_models import LAYERS, laid_end_to_end, load, random_model, stock_states
from torch import Tensor

from plmkit.models.adapters import add_adapters, learnable
from plmkit.models.fused import Reader
from plmkit.models.shape import AdapterMethod, AdapterSettings

PROTEINS = ["MKTAYIAKQRQISFVKSHFSRQ", "W", "ACDEFGHIKLMNPQRSTVWYXBUZO" * 4, "GG", "MKTAYIAKQRQISFVKSHFSRR"]
VARIANTS = [
    {"token_dropout": True, "emb_layer_norm_before": False},
    {"token_dropout": True, "emb_layer_norm_before": True},
    {"token_dropout": False, "emb_layer_norm_before": False},
    {"token_dropout": False, "emb_layer_norm_before": True},
]


def expected(folder: Path, layer: int) -> Tensor:
    return torch.cat([torch.from_numpy(stock_states(folder, protein)[layer]) for protein in PROTEINS])


def read(reader: Reader, layers: list[int], proteins: list[str] = PROTEINS) -> list[Tensor]:
    tokens = [torch.from_numpy(reader.tokenizer.encode(protein)) for protein in proteins]
    with torch.inference_mode():
        return reader.states(torch.cat(tokens), [len(row) for row in tokens], layers)


@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_states_of_several_layers_are_those_of_the_unmodified_model(tmp_path: Path, settings: dict[str, bool]) -> None:
    folder = random_model(tmp_path / "model", **settings)
    reader = Reader(load(folder), torch.float32)
    assert (reader.width, reader.layers) == (48, LAYERS)
    layers = [LAYERS, 0, 2]
    for layer, states in zip(layers, read(reader, layers), strict=True):
        assert states.dtype == torch.float32
        torch.testing.assert_close(states, expected(folder, layer), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("layer", range(LAYERS + 1))
def test_one_layer_is_the_same_alone(small: Path, layer: int) -> None:
    (states,) = read(Reader(load(small), torch.float32), [layer])
    torch.testing.assert_close(states, expected(small, layer), atol=1e-5, rtol=1e-5)


def test_many_tokens_are_as_right_as_few(small: Path) -> None:
    longer = [protein * 9 for protein in PROTEINS]  # more tokens than one tile holds
    layers = list(range(LAYERS + 1))
    for layer, states in zip(layers, read(Reader(load(small), torch.float32), layers, longer), strict=True):
        wanted = torch.cat([torch.from_numpy(stock_states(small, protein)[layer]) for protein in longer])
        assert len(states) > 1300
        torch.testing.assert_close(states, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_bfloat16_stays_close(tmp_path: Path, settings: dict[str, bool]) -> None:
    folder = random_model(tmp_path / "model", **settings)
    layers = list(range(LAYERS + 1))
    for layer, states in zip(layers, read(Reader(load(folder), torch.bfloat16), layers), strict=True):
        assert states.dtype == torch.float32
        assert F.cosine_similarity(states, expected(folder, layer), dim=-1).min() > 0.999
        assert layer == 0 or not torch.equal(states, expected(folder, layer))


@pytest.mark.parametrize("method", ["lora", "rslora", "dora", "ia3"])
def test_adapters_become_part_of_the_weights(small: Path, method: AdapterMethod) -> None:
    tuned = add_adapters(load(small), AdapterSettings(method, rank=4, alpha=8, dropout=0.5))
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in learnable(tuned):
            weight.add_(torch.randn_like(weight), alpha=0.1)
    tuned.network.eval()
    wrapped = []
    for protein in PROTEINS:
        tokens, _ = laid_end_to_end(tuned, [protein])
        with torch.inference_mode():
            wrapped.append(tuned.network(input_ids=tokens[None]).last_hidden_state[0])
    (states,) = read(Reader(tuned, torch.float32), [LAYERS])
    torch.testing.assert_close(states, torch.cat(wrapped), atol=1e-5, rtol=1e-5)
    assert (states - expected(small, LAYERS)).abs().max() > 0.1
