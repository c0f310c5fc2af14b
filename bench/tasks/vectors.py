"""Learn a head on real ESM-2 8M embeddings of GB1 variants, beside a ridge regression on them.

python -m bench.tasks.vectors [--seeds 1 2 3]. The vectors are those published with Schmirler et al. 2024 (mean over
residues, rounded to float16; three_vs_rest: 2,691 to learn from, 299 for validation). The head is that of plm finetune
--method head with its defaults; what stops it is a fifth of the training rows, so that the 299 are met by nobody.
It prints the Spearman correlation on the 299 rows; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
import torch
from bench.embedded.data import DATA
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from torch import Tensor

from plmkit.data.task import Task
from plmkit.learning.lessons import RATES, Labelled, TrainingSettings
from plmkit.learning.metrics import estimates
from plmkit.learning.training import train
from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.heads import Head
from plmkit.models.shape import Shape
from plmkit.models.source import open_model
from plmkit.models.sources import Source
from plmkit.models.tuned import TunedModel

Floats = NDArray[np.float32]

TASK = Task("protein", "regression", ("fitness",))


@dataclass(frozen=True)
class Given:
    """Vectors (N, D) that were computed elsewhere."""

    vectors: Tensor

    def tokens(self, protein: int) -> int:
        return 1

    def pooled(self, proteins: Sequence[int], head: Head) -> Tensor:
        return self.vectors[list(proteins)]

    def all_pooled(self, proteins: Sequence[int], head: Head, budget: int | None) -> Iterator[tuple[int, Tensor]]:
        yield len(proteins), self.pooled(proteins, head)

    def read_by(self, backbone: Backbone) -> Source:
        return self


def read() -> tuple[Floats, Floats, int]:
    """Return the vectors and the fitness of all variants, the training ones first, and how many these are."""
    with np.load(DATA / "gb1_flip" / "esm2_8M_mean_embeddings_train_valid.npz", allow_pickle=False) as found:
        vectors, labels = (
            np.concatenate([found[f"{part}_{name}"] for part in ("train", "valid")]) for name in ("emb", "label")
        )
        return vectors.astype(np.float32), labels.astype(np.float32), len(found["train_label"])


def labelled(rows: NDArray[np.int64], labels: Floats) -> Labelled:
    ones = np.ones(len(rows), dtype=np.int64)
    return Labelled(rows[:, None], labels[rows][:, None], ones, ones.astype(np.float32))


def learned(vectors: Floats, labels: Floats, count: int, seed: int) -> Floats:
    """Return what a head says of the validation rows."""
    rows = np.random.default_rng(seed).permutation(count)
    with open_model("embedded", None) as files:
        backbone = load_backbone(files, torch.device("cpu"))  # takes no part
    torch.manual_seed(seed)
    model = TunedModel(backbone, Head(TASK, "mean", vectors.shape[1], 0.1), Shape(TASK, "head", "mean", None))
    training, stopping = labelled(rows[count // 5 :], labels), labelled(rows[: count // 5], labels)
    model.head.standardise(torch.from_numpy(training.truth))
    model.head.standardise_inputs([torch.from_numpy(vectors[training.chains[:, 0]])])
    settings = TrainingSettings(200, 20, RATES["head"], 16, 2048, "spearman", seed)
    source = Given(torch.from_numpy(vectors))
    train(model, source, training, stopping, settings)
    return model.predict(source, np.arange(count, len(vectors))[:, None])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    vectors, labels, count = read()
    truth = labels[count:, None]
    ridge = RidgeCV(np.logspace(-4, 4, 17)).fit(vectors[:count], labels[:count]).predict(vectors[count:])
    said = {"ridge regression": ridge[:, None].astype(np.float32)}
    said |= {f"head, seed {seed}": learned(vectors, labels, count, seed) for seed in seeds}
    found = {
        name: estimates("regression", truth, values, np.arange(len(truth)))["spearman"] for name, values in said.items()
    }
    for name, estimate in found.items():
        print(f"{name:20} Spearman {estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]")
    of_heads = [estimate.value for name, estimate in found.items() if name.startswith("head")]
    print(json.dumps({"ridge": found["ridge regression"].value, "head": of_heads, "head_mean": mean(of_heads)}))


if __name__ == "__main__":
    main()
