"""A model that begins with its neighbours known: heads look at them, and its states tell who they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import EsmModel

from plmkit.models.untrained import build_untrained

LENGTH = 60


def built(folder: Path, width: int, layers: int, heads: int, neighbours: bool = True) -> EsmModel:
    build_untrained(folder, "new", width, layers, heads, seed=4, spread=0.02, neighbours=neighbours)
    return EsmModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False).eval()


def random_proteins(count: int) -> Tensor:
    """Token ids (count, LENGTH + 2) with start and end."""
    residues = torch.randint(4, 24, (count, LENGTH), generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.pad(torch.nn.functional.pad(residues, (1, 0), value=0), (0, 1), value=2)


def attentions(model: EsmModel) -> list[Tensor]:
    """For each layer, the attention (heads, keys) of the token in the middle, on average over random proteins."""
    with torch.inference_mode():
        found = model(random_proteins(40), output_attentions=True).attentions
    return [layer.mean(dim=0)[:, LENGTH // 2] for layer in found]


def offsets(attention: Tensor) -> list[int]:
    """How far from its own place each head looks."""
    return (attention.argmax(dim=1) - LENGTH // 2).tolist()


@pytest.mark.parametrize(("width", "heads"), [(16, 1), (16, 2), (24, 3), (64, 4), (320, 20)])
def test_heads_look_at_one_neighbour_each(tmp_path: Path, width: int, heads: int) -> None:
    first, second = attentions(built(tmp_path / "model", width, 2, heads))
    near = [-1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6, -7, 7, -8, 8, -9, 9, -10, 10]
    if width // heads >= 16:  # of fewer numbers, a head has too few frequencies to tell far neighbours apart
        farther = [step for n in range(1, 100) for step in (-n, n)][heads : 2 * heads]
        assert offsets(first) == near[:heads]
        assert offsets(second) == farther
        assert first.max(dim=1).values.min() > 0.3
    else:
        assert offsets(first)[:1] == near[:1]


def test_heads_of_a_usual_beginning_look_nowhere(tmp_path: Path) -> None:
    first, _ = attentions(built(tmp_path / "model", 64, 2, 4, neighbours=False))
    assert first.max() < 0.05


def accuracies(model: EsmModel, around: Sequence[int]) -> dict[int, float]:
    """For each offset, how often a linear map of the last state tells the residue there, for other proteins."""
    tokens = random_proteins(120)
    with torch.inference_mode():
        states = model(tokens).last_hidden_state[:, 1:-1].double().numpy()
    residues = tokens[:, 1:-1].numpy()
    inner, learn, judge = slice(10, LENGTH - 10), slice(0, 90), slice(90, None)
    rows = np.concatenate([states, np.ones_like(states[..., :1])], axis=-1)[:, inner]
    ours, others = (rows[part].reshape(-1, rows.shape[-1]) for part in (learn, judge))
    wanted = np.concatenate([np.eye(24)[residues[learn, 10 + n : LENGTH - 10 + n]] for n in around], axis=-1)
    # least squares by the normal equations, for all offsets at once
    square = ours.T @ ours + 1e-9 * np.eye(rows.shape[-1])
    weights = np.linalg.solve(square, ours.T @ wanted.reshape(len(ours), -1))
    guessed = (others @ weights).reshape(len(others), len(around), 24).argmax(axis=-1)
    return {
        offset: float((guessed[:, place] == residues[judge, 10 + offset : LENGTH - 10 + offset].reshape(-1)).mean())
        for place, offset in enumerate(around)
    }


def test_the_last_state_tells_who_the_neighbours_are(tmp_path: Path) -> None:
    found = accuracies(built(tmp_path / "model", 320, 3, 20), [-4, -3, -2, -1, 0, 1, 2, 3, 4])
    assert min(found.values()) > 0.9, found


def test_the_last_state_of_a_usual_beginning_does_not(tmp_path: Path) -> None:
    found = accuracies(built(tmp_path / "model", 320, 3, 20, neighbours=False), [-1, 0, 1])
    assert found[0] > 0.9
    assert max(found[-1], found[1]) < 0.3


@pytest.mark.parametrize(("width", "layers", "heads"), [(16, 1, 2), (16, 4, 1), (20, 2, 2), (40, 5, 4), (320, 1, 20)])
def test_odd_shapes_work(tmp_path: Path, width: int, layers: int, heads: int) -> None:
    model = built(tmp_path / "model", width, layers, heads)
    with torch.inference_mode():
        states = model(random_proteins(2), output_hidden_states=True).hidden_states
    assert all(torch.isfinite(state).all() for state in states)
    assert (states[1] - states[0]).abs().max() > 1e-3  # the first layer writes


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    found = []
    for name, seed in (("one", 4), ("two", 4), ("three", 5)):
        build_untrained(tmp_path / name, "new", 16, 1, 2, seed=seed, spread=0.02, neighbours=True)
        found.append((tmp_path / name / "model.safetensors").read_bytes())
    assert found[0] == found[1] != found[2]
