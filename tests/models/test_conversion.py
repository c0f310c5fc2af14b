"""Pickled weights become safetensors: the same names, numbers and precision, and nothing that could run."""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.models.random_models import load, random_model, stock_states
from torch import Tensor

from plmkit.errors import UserError
from plmkit.models.conversion import convert, is_converted


def weights() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    table = torch.randn(7, 4, generator=generator)
    return {
        "shared.weight": table,
        "encoder.embed_tokens.weight": table,  # as in a T5
        "half": torch.randn(3, 2, generator=generator).half(),
        "brain": torch.randn(5, generator=generator).bfloat16(),
        "turned": torch.randn(4, 6, generator=generator).T,
        "part": torch.arange(12.0).reshape(3, 4)[1:, :2],
        "whole": torch.arange(3),
        "single": torch.tensor(2.5),
    }


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_keep_name_number_and_precision(tmp_path: Path, zipped: bool) -> None:
    torch.save(OrderedDict(weights()), tmp_path / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    assert not is_converted(tmp_path, ["pytorch_model.bin"])

    assert convert(tmp_path) == ["model.safetensors"]
    found = load_file(tmp_path / "model.safetensors")
    assert found.keys() == weights().keys()
    for name, expected in weights().items():
        assert found[name].dtype == expected.dtype
        torch.testing.assert_close(found[name], expected, rtol=0, atol=0)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
    assert is_converted(tmp_path, ["pytorch_model.bin"])
    assert convert(tmp_path) == []


def test_weights_in_several_files_keep_their_index(tmp_path: Path) -> None:
    names = [f"pytorch_model-0000{number}-of-00002.bin" for number in (1, 2)]
    torch.save({"first": torch.zeros(2)}, tmp_path / names[0])
    torch.save({"second": torch.ones(2)}, tmp_path / names[1])
    index = {"metadata": {"total_size": 16}, "weight_map": {"first": names[0], "second": names[1]}}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))

    new = convert(tmp_path)

    assert new == [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    told = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    assert told == {"metadata": {"total_size": 16}, "weight_map": {"first": new[0], "second": new[1]}}
    assert {path.name for path in tmp_path.iterdir()} == {*new, "model.safetensors.index.json"}
    torch.testing.assert_close(load_file(tmp_path / new[1])["second"], torch.ones(2))


def test_a_file_that_the_index_names_and_is_not_there_is_told(tmp_path: Path) -> None:
    torch.save({"first": torch.zeros(2)}, tmp_path / "pytorch_model-00001-of-00002.bin")
    index = {"weight_map": {"first": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(
        UserError, match=r"^model: pytorch_model-00002-of-00002.bin is missing, which pytorch_model.bin"
    ):
        convert(tmp_path)


def test_a_converted_model_gives_the_states_of_the_published_one(tmp_path: Path) -> None:
    folder = random_model(tmp_path / "model")
    expected = stock_states(folder, "MKTAYIAKQR")[-1][1:-1]
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()

    convert(folder)

    tokens = torch.from_numpy(load(folder).tokenizer.encode("MKTAYIAKQR"))
    with torch.inference_mode():
        [states] = load(folder).states(tokens, [len(tokens)], [3])
    torch.testing.assert_close(states[1:-1], torch.from_numpy(expected), rtol=0, atol=1e-5)


class Trap:
    """What runs code when a pickle is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("trapped"),))  # type: ignore[return-value]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    content = {"weight": torch.zeros(1), "more": Trap()}
    torch.save(content, tmp_path / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError, match=r"^model: pytorch_model.bin holds more than weights, which could run code"):
        convert(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["pytorch_model.bin"]


@pytest.mark.parametrize("content", [{}, {"weight": 1.0}, [torch.zeros(1)], {1: torch.zeros(1)}, {"state": {"a": 1}}])
def test_what_is_no_table_of_weights_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"^model: pytorch_model.bin is no table of weights by name"):
        convert(tmp_path)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", pickle.dumps({"a": 1})])
def test_a_damaged_pickle_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(UserError, match=r"^model: pytorch_model.bin "):
        convert(tmp_path)


def test_a_pickle_that_is_cut_off_is_told(tmp_path: Path) -> None:
    torch.save(weights(), tmp_path / "whole")
    (tmp_path / "pytorch_model.bin").write_bytes((tmp_path / "whole").read_bytes()[:-200])
    with pytest.raises(UserError, match=r"^model: pytorch_model.bin "):
        convert(tmp_path)
