"""Proteins laid end to end get the states they have alone in the unmodified model."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor
from transformers import EsmConfig, EsmModel

from plmkit.models import attention
from plmkit.models.architectures import esm
from plmkit.models.packed import packed_states

Attend = Callable[[Tensor, Tensor, Tensor, Sequence[int]], Tensor]
MASK = 32
LENGTHS = [3, 40, 7, 121, 40]


def network(token_dropout: bool, norm_before: bool) -> EsmModel:
    torch.manual_seed(3)
    config = EsmConfig(
        vocab_size=33,
        pad_token_id=1,
        mask_token_id=MASK,
        hidden_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=96,
        position_embedding_type="rotary",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        token_dropout=token_dropout,
        emb_layer_norm_before=norm_before,
        initializer_range=0.2,
    )
    return EsmModel(config, add_pooling_layer=False).eval()


def rows() -> list[Tensor]:
    generator = torch.Generator().manual_seed(4)
    made = [torch.randint(4, 29, (length,), generator=generator) for length in LENGTHS]
    made[1][[3, 8, 9]] = MASK  # another share of each protein is masked
    made[3][::5] = MASK
    return made


@pytest.mark.parametrize("attend", [attention._attend_in_runs, attention._attend_padded])
@pytest.mark.parametrize(("token_dropout", "norm_before"), [(True, False), (False, True)])
def test_states_are_those_of_each_protein_alone(
    monkeypatch: pytest.MonkeyPatch, attend: object, token_dropout: bool, norm_before: bool
) -> None:
    monkeypatch.setattr(esm, "attend", attend)
    model = network(token_dropout, norm_before)
    with torch.inference_mode():
        (found,) = packed_states(esm.Esm(), model, torch.cat(rows()), LENGTHS)
        expected = torch.cat([model(input_ids=row[None]).last_hidden_state[0] for row in rows()])
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("layers", [[0], [3], [0, 1, 2, 3], [3, 0, 2]])
def test_states_of_several_layers_come_as_they_were_asked_for(layers: list[int]) -> None:
    model = network(token_dropout=True, norm_before=True)
    with torch.inference_mode():
        found = packed_states(esm.Esm(), model, torch.cat(rows()), LENGTHS, layers)
        alone = [model(input_ids=row[None], output_hidden_states=True).hidden_states for row in rows()]
    assert len(found) == len(layers)
    for layer, states in zip(layers, found, strict=True):
        torch.testing.assert_close(states, torch.cat([row[layer][0] for row in alone]), atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("attend", [attention._attend_in_runs, attention._attend_padded])
@pytest.mark.parametrize("lengths", [[5], [4, 4, 4], [1, 6, 6, 2, 6], [600, 1]])
def test_attention_stays_within_each_protein(attend: Attend, lengths: list[int]) -> None:
    generator = torch.Generator().manual_seed(2)
    query, key, value = (torch.randn(sum(lengths), 3, 8, generator=generator) for _ in range(3))
    found = attend(query, key, value, lengths)
    scores = torch.einsum("qhd,khd->hqk", query, key)
    protein = torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))
    scores[:, protein[:, None] != protein] = -torch.inf
    expected = torch.einsum("hqk,khd->qhd", scores.softmax(dim=-1), value)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_gradients_are_those_of_the_unmodified_model() -> None:
    model = network(token_dropout=True, norm_before=False)
    packed_states(esm.Esm(), model, torch.cat(rows()), LENGTHS)[0].square().sum().backward()  # type: ignore[no-untyped-call]
    found = {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}
    model.zero_grad()
    for row in rows():
        model(input_ids=row[None]).last_hidden_state.square().sum().backward()
    expected = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-3, rtol=1e-3, msg=name)


def test_bfloat16_stays_close() -> None:
    model = network(token_dropout=True, norm_before=False)
    with torch.inference_mode():
        (exact,) = packed_states(esm.Esm(), model, torch.cat(rows()), LENGTHS)
        with torch.autocast("cpu", torch.bfloat16):
            rough = packed_states(esm.Esm(), model, torch.cat(rows()), LENGTHS)[0].float()
    assert torch.nn.functional.cosine_similarity(exact, rough, dim=-1).min() > 0.99
