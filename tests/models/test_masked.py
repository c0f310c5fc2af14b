"""The language-model head: its scores, adapters, and a saved model in stock transformers."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoTokenizer, EsmForMaskedLM

from plmkit.errors import UserError
from plmkit.models.masked import MaskedModel, load_masked_model
from plmkit.models.source import open_model
from plmkit.models.untrained import build_untrained

CPU = torch.device("cpu")
PROTEINS = ["MKTAYIAKQR", "ACDEFGHIKLMNPQRSTVWYX", "W"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model with random weights."""
    build_untrained(tmp_path / "start", "start", width=32, layers=2, heads=4, seed=6, spread=0.3)
    return tmp_path / "start"


def loaded(folder: Path) -> MaskedModel:
    with open_model(str(folder), None) as files:
        return load_masked_model(files, CPU, torch.float32)


def scores(model: MaskedModel) -> Tensor:
    rows = [torch.from_numpy(model.tokenizer.encode(protein)) for protein in PROTEINS]
    tokens = torch.cat(rows)
    with torch.inference_mode():
        return model.scores(tokens, [len(row) for row in rows], torch.arange(len(tokens)))


def stock_scores(folder: Path) -> Tensor:
    model = EsmForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        return torch.cat([model(**tokenizer(protein, return_tensors="pt")).logits[0] for protein in PROTEINS])


def test_scores_are_those_of_the_unmodified_model(folder: Path) -> None:
    torch.testing.assert_close(scores(loaded(folder)), stock_scores(folder), atol=1e-4, rtol=1e-4)


def test_all_weights_learn_but_the_contact_head(folder: Path) -> None:
    model = loaded(folder)
    names = {name for name, _ in model.learnable()}
    assert names == {n for n, _ in model.network.named_parameters() if "contact_head" not in n}
    weights = model.weights()
    with torch.no_grad():
        for _, weight in model.learnable():
            weight.add_(1.0)
    assert not torch.equal(scores(model), stock_scores(folder))
    model.set_weights(weights)
    torch.testing.assert_close(scores(model), stock_scores(folder), atol=1e-4, rtol=1e-4)


def test_adapters_alone_learn_and_become_part_of_the_saved_model(folder: Path, tmp_path: Path) -> None:
    model = loaded(folder)
    model.add_lora(rank=2, alpha=4, dropout=0.0)
    assert all("lora_" in name for name, _ in model.learnable())
    torch.testing.assert_close(scores(model), stock_scores(folder), atol=1e-4, rtol=1e-4)
    torch.manual_seed(1)
    with torch.no_grad():
        for _, weight in model.learnable():
            weight.normal_(std=0.5)
    tuned = scores(model)
    assert (tuned - stock_scores(folder)).abs().max() > 0.1
    model.save(tmp_path / "tuned", half=False, description={"plmkit_name": "tuned"})
    torch.testing.assert_close(stock_scores(tmp_path / "tuned"), tuned, atol=1e-3, rtol=1e-3)
    assert load_file(tmp_path / "tuned" / "model.safetensors").keys() == load_file(folder / "model.safetensors").keys()


def test_a_saved_model_describes_itself_anew(folder: Path, tmp_path: Path) -> None:
    loaded(folder).save(tmp_path / "half", half=True, description={"plmkit_name": "mine"})
    settings = json.loads((tmp_path / "half" / "config.json").read_text())
    assert settings["plmkit_name"] == "mine"
    assert "plmkit_untrained" not in settings
    assert str(tmp_path) not in (tmp_path / "half" / "config.json").read_text()
    assert {w.dtype for w in load_file(tmp_path / "half" / "model.safetensors").values()} == {torch.float16}
    torch.testing.assert_close(stock_scores(tmp_path / "half"), stock_scores(folder), atol=0.1, rtol=0.1)
    with open_model(str(tmp_path / "half"), None) as files:
        assert files.is_trained


def test_a_model_without_its_head_cannot_go_on(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if not name.startswith("lm_head")}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="lm_head"):
        loaded(folder)
