"""Several processes that train together give the model that one would; two on the CPU stand for two GPUs."""

import csv
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load

from plmkit.learning.workers import Workers
from plmkit.models import device

Done = Callable[..., str]


def test_examples_are_shared_evenly_and_each_once() -> None:
    tokens = [5, 9, 1, 7, 3, 8, 2]
    shares = []
    for rank in range(3):
        worker = Workers()
        worker.rank, worker.count = rank, 3
        shares.append(worker.share(tokens))
    assert sorted(index for share in shares for index in share) == list(range(7))
    assert [sum(tokens[index] for index in share) for share in shares] == [9 + 5 + 1, 8 + 3, 7 + 2]


def test_alone_nothing_is_shared() -> None:
    worker = Workers()
    assert worker.share([1, 3, 2]) == [1, 2, 0]
    assert (worker.total(2.5), worker.agreed(2.5)) == (2.5, 2.5)


def learned(path: Path) -> dict[str, NDArray[np.float32]]:
    with ZipFile(path) as archive:
        files = [archive.read(f"{name}.safetensors") for name in ("adapter_model", "head")]
        return {name: weight for file in files for name, weight in load(file).items()}


@pytest.mark.filterwarnings("ignore")  # of torch's own start of a process group
def test_two_processes_learn_what_one_does(
    done: Done, tmp_path: Path, labelled_proteins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["finetune", "--examples", labelled_proteins, "--epochs", 2, "--batch-size", 7, "--select-by", "loss"]
    command += ["--adapter-dropout", 0, "--head-dropout", 0]
    done(*command, "--bundle", tmp_path / "one.zip", "--history", tmp_path / "one.tsv")
    monkeypatch.setattr(device, "usable_gpus", lambda: 2)
    done(*command, "--bundle", tmp_path / "two.zip", "--history", tmp_path / "two.tsv")
    one, two = learned(tmp_path / "one.zip"), learned(tmp_path / "two.zip")
    assert one.keys() == two.keys()
    for name, weight in one.items():
        np.testing.assert_allclose(two[name], weight, atol=2e-5, err_msg=name)
    losses = []
    for name in ("one", "two"):
        with (tmp_path / f"{name}.tsv").open() as handle:
            losses.append([float(row["training_loss"]) for row in csv.DictReader(handle, delimiter="\t")])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
