"""A checkpoint is whole, belongs to one run, and is no pickle."""

from pathlib import Path

import pytest
import torch

from plmkit.errors import UserError
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.optimisers import make_optimisers, memory_of, restore_memory, set_rate


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "c", {"seed": 1}, minutes=0)
    assert checkpoint.load() is None
    checkpoint.save({"a": torch.arange(3)}, {"step": 7})
    checkpoint.save({"a": torch.arange(4)}, {"step": 8})
    found = Checkpoint(tmp_path / "c", {"seed": 1}, minutes=0).load()
    assert found is not None
    assert found[0]["a"].tolist() == [0, 1, 2, 3]
    assert found[1] == {"step": 8}
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_another_run_is_refused_by_what_differs(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "c", {"seed": 1, "steps": 5, "old": 1}, minutes=0).save({}, {})
    with pytest.raises(UserError, match="another new, old, seed;"):
        Checkpoint(tmp_path / "c", {"seed": 2, "steps": 5, "new": 1}, minutes=0).load()


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\x80\x04}."])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(UserError, match="no whole checkpoint; remove it"):
        Checkpoint(tmp_path / "c", {}, minutes=0).load()


def test_time_between_two_saves(tmp_path: Path) -> None:
    assert Checkpoint(tmp_path / "c", {}, minutes=0).is_due()
    assert not Checkpoint(tmp_path / "c", {}, minutes=5).is_due()


def test_optimisers_go_on_with_their_memory() -> None:
    def network() -> torch.nn.Module:
        torch.manual_seed(1)
        return torch.nn.ModuleDict({"encoder": torch.nn.ModuleDict({"layer": torch.nn.Linear(4, 4)})})

    def step(model: torch.nn.Module, optimisers: list[torch.optim.Optimizer], seed: int) -> None:
        set_rate(optimisers, 0.5)
        generator = torch.Generator().manual_seed(seed)
        for weight in model.parameters():
            weight.grad = torch.randn(weight.shape, generator=generator)
        for optimiser in optimisers:
            optimiser.step()

    straight = network()
    optimisers = make_optimisers(((f"x.{n}", w) for n, w in straight.named_parameters()), 0.1, muon=True)
    assert [type(optimiser).__name__ for optimiser in optimisers] == ["Muon", "AdamW"]
    step(straight, optimisers, 1)
    weights, memory = {k: v.clone() for k, v in straight.state_dict().items()}, memory_of(optimisers)
    memory = {name: tensor.clone() for name, tensor in memory.items()}
    step(straight, optimisers, 2)

    resumed = network()
    resumed.load_state_dict(weights)
    others = make_optimisers(((f"x.{n}", w) for n, w in resumed.named_parameters()), 0.1, muon=True)
    restore_memory(others, memory)
    step(resumed, others, 2)
    for name, weight in straight.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name
