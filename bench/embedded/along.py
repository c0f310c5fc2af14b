"""A small head that looks along the protein: two convolutions of 7 residues, as ProtTrans puts on frozen states.

Source: Elnaggar et al. 2022 (doi:10.1109/TPAMI.2021.3095381), there for secondary structure. It sees 13 residues of
whatever describes them, so one-hot residues and states are compared on equal terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from bench.embedded.heads import descend
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

NAME = "2 convolutions"
_UNITS, _REACH, _DROPOUT = 32, 7, 0.25
_BATCH, _EPOCHS, _PATIENCE, _RATE = 8, 60, 6, 1e-3
_IGNORED = -100.0


@dataclass(frozen=True)
class Chains:
    """Features (L, D) and truth (L,) of each protein; NaN where the truth is unknown."""

    features: Sequence[NDArray[np.float32]]
    truth: Sequence[NDArray[np.float64]]


def predict_along(
    train: Chains, valid: Chains, tests: Sequence[Chains], classes: int | None, seed: int
) -> list[Tensor]:
    """Learn from `train`, stop by `valid`, and return the predictions (rows, classes) of all residues of each test.

    classes None: numbers, (rows,). Predictions are those of the epoch with the lowest loss on `valid`.
    """
    torch.manual_seed(seed)
    known = np.concatenate(train.truth)
    known = known[~np.isnan(known)]
    mean, deviation = (0.0, 1.0) if classes else (float(known.mean()), float(known.std()))
    width, outputs = train.features[0].shape[1], classes or 1
    network = nn.Sequential(
        nn.Conv1d(width, _UNITS, _REACH, padding="same"),
        nn.ReLU(),
        nn.Dropout(_DROPOUT),
        nn.Conv1d(_UNITS, outputs, _REACH, padding="same"),
    )
    learn, judge = (
        [
            (torch.from_numpy(rows), torch.from_numpy((truth - mean) / deviation).nan_to_num(_IGNORED).float())
            for rows, truth in zip(chains.features, chains.truth, strict=True)
        ]
        for chains in (train, valid)
    )
    _descend(network, learn, judge)
    with torch.inference_mode():
        found = [
            torch.cat([network(torch.from_numpy(rows).T[None])[0].T for rows in chains.features]) for chains in tests
        ]
    return found if classes else [values[:, 0] * deviation + mean for values in found]


Pairs = list[tuple[Tensor, Tensor]]


def _descend(network: nn.Module, train: Pairs, valid: Pairs) -> None:
    """Train in place and leave the weights of the best epoch."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE)

    def learn() -> None:
        for rows in torch.split(torch.randperm(len(train)), _BATCH):
            optimiser.zero_grad()
            _loss(network, [train[row] for row in rows.tolist()]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()

    def judge() -> float:
        parts = [valid[start : start + _BATCH] for start in range(0, len(valid), _BATCH)]
        return sum(float(_loss(network, part)) * len(part) for part in parts) / len(valid)

    descend(network, learn, judge, _EPOCHS, _PATIENCE)


def _loss(network: nn.Module, chains: Pairs) -> Tensor:
    features = pad_sequence([rows for rows, _ in chains], batch_first=True).transpose(1, 2)
    truth = pad_sequence([values for _, values in chains], batch_first=True, padding_value=_IGNORED)
    outputs: Tensor = network(features)
    if outputs.shape[1] > 1:
        return F.cross_entropy(outputs, truth.long(), ignore_index=int(_IGNORED))
    known = truth != _IGNORED
    return F.mse_loss(outputs[:, 0][known], truth[known])
