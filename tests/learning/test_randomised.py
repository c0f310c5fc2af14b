from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tests.models.tuned_models import fresh, shape

from plmkit.learning.randomised import shuffled_folder, shuffled_heads


def test_shuffled_weights_are_the_same_numbers_elsewhere(small: Path) -> None:
    head = fresh(small, shape(method="head")).head
    one, two = shuffled_heads(head, 2, seed=1)
    (again, _) = shuffled_heads(head, 2, seed=1)
    for own, shuffled in zip(head.parameters(), one.parameters(), strict=True):
        assert torch.equal(own.flatten().sort().values, shuffled.flatten().sort().values)
    assert not torch.equal(head.dense.weight, one.dense.weight)
    assert not torch.equal(one.dense.weight, two.dense.weight)
    assert torch.equal(one.dense.weight, again.dense.weight)


def test_only_what_was_learned_is_shuffled_in_a_copy(tmp_path: Path) -> None:
    save_file({"lora": torch.arange(50.0)}, tmp_path / "adapter_model.safetensors")
    (tmp_path / "plmkit.json").write_text("{}")
    with shuffled_folder(tmp_path, shape(method="lora"), seed=1) as copy:
        found = load_file(copy / "adapter_model.safetensors")["lora"]
        assert (copy / "plmkit.json").read_text() == "{}"
    assert not torch.equal(found, torch.arange(50.0))
    assert torch.equal(found.sort().values, torch.arange(50.0))
    assert torch.equal(load_file(tmp_path / "adapter_model.safetensors")["lora"], torch.arange(50.0))
