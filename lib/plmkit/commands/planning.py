"""From the options of plm finetune to a plan of trainings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import torch

from plmkit import __version__
from plmkit.config import FinetuneConfig
from plmkit.data.dataset import Examples
from plmkit.data.negatives import positive_class
from plmkit.data.opening import sha256_of
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.finetuning import selected_by
from plmkit.learning.lessons import RATES, TrainingSettings, head_factor, usual_budget
from plmkit.learning.losses import LossSettings
from plmkit.learning.trainer import Plan, nowhere
from plmkit.models.bundle import Bundle
from plmkit.models.device import choose_precision, describe_device
from plmkit.models.shape import AdapterMethod, AdapterSettings, Shape, default_pooling
from plmkit.models.source import ModelFiles
from plmkit.output.run_record import library_versions, settings

# what may change without changing what is learned
_WITHOUT_EFFECT = ("model_name",)


def make_plan(
    config: FinetuneConfig,
    examples: Examples,
    negative: str | None,
    start: Bundle | None,
    files: ModelFiles,
    device: torch.device,
) -> Plan:
    """Return what is done with the examples. start: a tuned model to go on from."""
    shape = _shape(config, examples) if start is None else start.shape
    training = TrainingSettings(
        epochs=config.epochs,
        patience=config.patience,
        learning_rate=config.learning_rate or RATES[shape.method],
        batch_size=config.batch_size,
        batch_tokens=config.batch_tokens or usual_budget(files, device),
        select_by=_selected_by(config, examples),
        seed=config.seed,
        positive=positive_class(examples.labels, negative),
        head_factor=head_factor(shape.method) if start is None else 1.0,
        loss=LossSettings(config.loss, config.label_smoothing, config.class_weights == "balanced"),
    )
    return Plan(
        shape=shape,
        head_dropout=config.head_dropout,
        training=training,
        precision=choose_precision(device, config.precision),
        seeds=config.seeds,
        start=None if start is None else start.folder,
        recompute=config.recompute,
        learning_curve=config.learning_curve is not None,
        checkpoint=_checkpoints(config, files, device),
    )


def _selected_by(config: FinetuneConfig, examples: Examples) -> str:
    """Return the score that chooses the epoch; where negatives are left out, one of ranks alone.

    While it learns, the model takes positives to be as frequent as among what it learns from.
    """
    if config.select_by != "auto":
        return config.select_by
    return selected_by(examples.task) if config.negatives is None else "average_precision"


def _shape(config: FinetuneConfig, examples: Examples) -> Shape:
    adapter = None
    if config.method in get_args(AdapterMethod):
        adapter = AdapterSettings(
            config.method,  # type: ignore[arg-type]
            config.rank,
            config.alpha,
            config.adapter_dropout,
            config.adapter_layers,
        )
    pooling = default_pooling(examples.task) if config.pooling == "auto" else config.pooling
    return Shape(examples.task, config.method, pooling, adapter)


def _checkpoints(config: FinetuneConfig, files: ModelFiles, device: torch.device) -> Callable[[str], Checkpoint | None]:
    """Return what opens the checkpoint of a run, with all that the learned weights depend on."""
    folder = config.checkpoint
    if folder is None:
        return nowhere
    folder.mkdir(exist_ok=True)
    options = {key: value for key, value in settings(config).items() if key not in _WITHOUT_EFFECT}
    inputs = {
        role: sha256_of(path)
        for role, path in (
            ("examples", config.examples),
            ("labels", config.labels),
            ("structure states", config.structure_states),
            ("start", config.start),
        )
        if path is not None
    }
    identity: dict[str, Any] = (
        options
        | inputs
        | {
            "model": files.sha256,
            "plmkit": __version__,
            "torch": library_versions()["torch"],
            "device": describe_device(device),
        }
    )

    def open_checkpoint(name: str) -> Checkpoint:
        path = folder / f"{name.replace(' ', '-')}.safetensors"
        return Checkpoint(path, json.loads(json.dumps(identity | {"run": name})), config.checkpoint_minutes)

    return open_checkpoint
