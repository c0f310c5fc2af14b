"""Proteins laid end to end get the states they have alone in the unmodified model."""

import pytest
import torch
from torch import Tensor
from transformers import EsmConfig, EsmModel

from plmkit.models import packed
from plmkit.models.packed import packed_states

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


@pytest.mark.parametrize("attend", [packed._attend_one_by_one, packed._attend_padded])
@pytest.mark.parametrize(("token_dropout", "norm_before"), [(True, False), (False, True)])
def test_states_are_those_of_each_protein_alone(
    monkeypatch: pytest.MonkeyPatch, attend: object, token_dropout: bool, norm_before: bool
) -> None:
    monkeypatch.setattr(packed, "_attend", attend)
    model = network(token_dropout, norm_before)
    with torch.inference_mode():
        found = packed_states(model, torch.cat(rows()), LENGTHS)
        expected = torch.cat([model(input_ids=row[None]).last_hidden_state[0] for row in rows()])
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-5)


def test_gradients_are_those_of_the_unmodified_model() -> None:
    model = network(token_dropout=True, norm_before=False)
    packed_states(model, torch.cat(rows()), LENGTHS).square().sum().backward()  # type: ignore[no-untyped-call]
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
        exact = packed_states(model, torch.cat(rows()), LENGTHS)
        with torch.autocast("cpu", torch.bfloat16):
            rough = packed_states(model, torch.cat(rows()), LENGTHS).float()
    assert torch.nn.functional.cosine_similarity(exact, rough, dim=-1).min() > 0.99
