"""Time biotrainer (1.4) by its own functions. It runs in a Python of its own, and imports nothing of ours.

As JSON on stdin it is told the kind, "head" (on embeddings that are given) or "lora" (padded batches, mean states),
what to learn from, and with which settings; what it prints as JSON are the fields of `Measured`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from biotrainer.datasets import get_dataset, get_embeddings_collate_function  # type: ignore[import-not-found,unused-ignore]
from biotrainer.embedders import PeftEmbeddingService  # type: ignore[import-not-found,unused-ignore]
from biotrainer.embedders.huggingface import ESM2  # type: ignore[import-not-found,unused-ignore]
from biotrainer.input_files import BiotrainerSequenceRecord  # type: ignore[import-not-found,unused-ignore]
from biotrainer.losses import get_loss  # type: ignore[import-not-found,unused-ignore]
from biotrainer.models import FineTuningModel, get_model  # type: ignore[import-not-found,unused-ignore]
from biotrainer.optimizers import get_optimizer  # type: ignore[import-not-found,unused-ignore]
from biotrainer.protocols import Protocol  # type: ignore[import-not-found,unused-ignore]
from biotrainer.solvers import get_solver  # type: ignore[import-not-found,unused-ignore]
from biotrainer.utilities.data_classes import (  # type: ignore[import-not-found,unused-ignore]
    EmbeddingDatasetSample,
    SequenceDatasetSample,
)
from torch.utils.data import DataLoader
from transformers import EsmModel, EsmTokenizer

PROTOCOL = Protocol.sequence_to_value
VALIDATION = 2


def samples_of(asked: dict[str, Any]) -> list[Any]:
    """Return proteins, or vectors of chance in the place of their embeddings."""
    labels = torch.randn(asked["examples"])
    if asked["kind"] == "head":
        vectors = torch.randn(asked["examples"], asked["width"])
        return [
            EmbeddingDatasetSample(str(number), vector, label)
            for number, (vector, label) in enumerate(zip(vectors, labels, strict=True))
        ]
    return [
        SequenceDatasetSample(str(number), BiotrainerSequenceRecord(seq_id=str(number), seq=sequence), label)
        for number, (sequence, label) in enumerate(zip(asked["sequences"], labels, strict=True))
    ]


def network_of(asked: dict[str, Any], device: torch.device) -> Any:
    head = get_model(PROTOCOL, "FNN", n_classes=1, n_features=asked["width"])
    if asked["kind"] == "head":
        return head
    model = EsmModel.from_pretrained(asked["folder"]).to(device)
    tokenizer = EsmTokenizer.from_pretrained(asked["folder"])
    embedder = ESM2("esm2", model=model, tokenizer=tokenizer, use_half_precision=False, device=device)
    service = PeftEmbeddingService(embedder, finetuning_config=asked["lora"])
    return FineTuningModel(service, head, get_embeddings_collate_function(PROTOCOL), PROTOCOL, device)


def loader(samples: list[Any], asked: dict[str, Any]) -> DataLoader[Any]:
    is_head = asked["kind"] == "head"
    dataset = get_dataset(samples, finetuning=not is_head, random_masking=False, mask_token=None, class_str2int=None)
    collate = get_embeddings_collate_function(PROTOCOL) if is_head else sequences_together
    return DataLoader(dataset, batch_size=asked["batch"], shuffle=True, collate_fn=collate)


def sequences_together(batch: list[Any]) -> tuple[list[Any], ...]:
    """As biotrainer's TrainingFactory does."""
    names, sequences, labels = (list(column) for column in zip(*batch, strict=True))
    return names, sequences, labels, [len(sequence) for sequence in sequences]


def train(network: Any, samples: list[Any], asked: dict[str, Any], device: torch.device) -> None:
    optimizer = get_optimizer(PROTOCOL, "adam", model_parameters=network.parameters(), learning_rate=asked["rate"])
    solver = get_solver(
        PROTOCOL,
        "bench",
        network=network,
        optimizer=optimizer,
        loss_function=get_loss(PROTOCOL, "mean_squared_error", device=device),
        device=device,
        number_of_epochs=1,
        patience=1,
        epsilon=0.001,
    )
    solver.train(loader(samples, asked), loader(samples[:VALIDATION], asked))


def clock(device: torch.device) -> float:
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def megabytes(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    (held,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(held.split()[1]) / 2**10


def main() -> None:
    asked = json.load(sys.stdin)
    torch.set_num_threads(asked["threads"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with contextlib.redirect_stdout(sys.stderr):  # it says what it does
        samples, network = samples_of(asked), network_of(asked, device)
        train(network, samples[-asked["batch"] :], asked, device)
        began = clock(device)
        train(network, samples, asked, device)
        seconds = clock(device) - began
    print(json.dumps({"seconds": seconds / len(samples), "once": 0.0, "megabytes": megabytes(device)}))


if __name__ == "__main__":
    main()
