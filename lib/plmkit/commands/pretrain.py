"""plm pretrain: proteins without labels to a protein language model."""

from __future__ import annotations

import json
import logging
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plmkit import __version__
from plmkit.config import PretrainConfig
from plmkit.data.fasta import read_fasta
from plmkit.data.holdout import Parts, hold_out
from plmkit.data.packs import tokens_of_a_pass
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.staging import Staging, staged

if TYPE_CHECKING:
    from plmkit.learning.checkpoint import Checkpoint
    from plmkit.learning.pretraining import PretrainingSettings

log = logging.getLogger(__name__)

RATES = {"none": 0.0015, "all": 0.0003, "lora": 0.001}
_SPREAD = 0.02  # of the first weights, as for BERT and ESM
# what may change without changing what is learned
_WITHOUT_EFFECT = ("half", "limits", "model_name", "name")


def run(config: PretrainConfig) -> None:
    """Learn, judge, and write the model with everything that tells how good it is."""
    files = [config.history, config.curves, config.metrics, config.report, config.record]
    archive = config.trained if config.trained.suffix.lower() == ".zip" else None
    folder = config.trained if archive is None else None
    inputs = [config.proteins, config.validation, config.test, Path(config.model)]
    with staged([archive, *files], inputs=inputs, folders=[folder]) as staging:
        parts = _read(config)
        with _start(config) as start:
            _pretrain(config, parts, start, staging)
    if config.checkpoint is not None:
        config.checkpoint.unlink(missing_ok=True)


def _read(config: PretrainConfig) -> Parts:
    proteins = read_fasta(config.proteins, "proteins")
    validation = read_fasta(config.validation, "validation") if config.validation else None
    test = read_fasta(config.test, "test") if config.test else None
    return hold_out(proteins, validation, test, config.validation_share, config.seed)


@contextmanager
def _start(config: PretrainConfig) -> Iterator[ModelFiles]:
    """Yield the model to begin with; random weights are written like any other model first."""
    if config.model != "none":
        with open_model(config.model, config.model_name) as files:
            files.check_licence(config.non_commercial_use)
            yield files
        return
    from plmkit.models.untrained import build_untrained

    with tempfile.TemporaryDirectory(prefix="plmkit-start-") as temporary:
        folder = Path(temporary)
        name = f"{config.name}-untrained"
        shape = (config.width, config.layers, config.heads)
        build_untrained(folder, name, *shape, config.seed, spread=_SPREAD, neighbours=True)
        with open_model(temporary, name) as files:
            yield files


def _pretrain(config: PretrainConfig, parts: Parts, start: ModelFiles, staging: Staging) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.pretraining import judge, pretrain
    from plmkit.models.device import choose_device, choose_precision, describe_device, make_repeatable
    from plmkit.models.effort import Effort
    from plmkit.models.masked import load_masked_model
    from plmkit.output.metrics_table import metric_rows
    from plmkit.output.pretrained import verdict, write_results
    from plmkit.output.run_record import input_entry, run_record

    device = choose_device()
    effort = Effort(device)
    make_repeatable(config.seed)
    precision = choose_precision(device, config.precision)
    model = load_masked_model(start, device, precision)
    if config.weights == "lora":
        model.add_lora(config.rank, config.alpha, config.adapter_dropout)
    settings = _settings(config, parts)
    notes = [] if config.model == "none" else start.notes()
    notes += parts.notes(settings.longest)
    notes += model.tokenizer.unknown_notes(parts.training.sequences, "proteins")
    for note in notes:
        log.warning("note: %s", note)
    learned = pretrain(
        model, parts.training.sequences, parts.validation.sequences, settings, _checkpoint(config, parts, start)
    )
    judged = judge(model, load_masked_model(start, device, precision), parts, settings)
    sizes = {"validation": len(parts.validation), "test": len(parts.test or ())}
    metrics = [
        row
        for (method, part), guesses in judged.items()
        for row in metric_rows(method, part, sizes[part], {"perplexity": guesses.estimate()})
    ]
    inputs = [
        input_entry(role, path, len(part))
        for role, path, part in (
            ("proteins", config.proteins, parts.given),
            ("validation", config.validation, parts.validation),
            ("test", config.test, parts.test),
        )
        if path is not None and part is not None
    ]
    learnable = sum(weight.numel() for _, weight in model.learnable())
    counts = parts.counts() | {
        "steps": settings.steps,
        "best_step": learned.best_step,
        "tokens": learned.tokens,
        "learned_weights": learnable,
        "precision": str(precision).removeprefix("torch."),
        "learning_rate": settings.learning_rate,
        "from_nothing": config.model == "none",
        "verdict": verdict(judged),
    }
    log.info("%.0f residues a second", learned.tokens_per_second)
    record = run_record("pretrain", config, start, inputs, describe_device(device), counts, metrics, notes)
    write_results(config, staging, model, learned, judged, record)
    effort.tell()


def _settings(config: PretrainConfig, parts: Parts) -> PretrainingSettings:
    from plmkit.learning.pretraining import PretrainingSettings

    lengths = [len(sequence) for sequence in parts.training.sequences]
    tokens = tokens_of_a_pass(lengths, config.longest)
    steps = config.steps or max(1, math.ceil(config.epochs * tokens / config.step_tokens))
    kind = "none" if config.model == "none" else config.weights
    return PretrainingSettings(
        steps=steps,
        step_tokens=config.step_tokens,
        batch_tokens=config.batch_tokens,
        longest=config.longest,
        learning_rate=config.learning_rate or RATES[kind],
        warm_up=config.warm_up,
        mask_share=config.mask_share,
        evaluations=config.evaluations,
        muon=config.optimiser == "muon" or (config.optimiser == "auto" and kind == "none"),
        seed=config.seed,
    )


def _checkpoint(config: PretrainConfig, parts: Parts, start: ModelFiles) -> Checkpoint | None:
    """Return the checkpoint with all that the learned weights depend on."""
    from plmkit.learning.checkpoint import Checkpoint
    from plmkit.output.run_record import library_versions, settings

    if config.checkpoint is None:
        return None
    options = {key: value for key, value in settings(config).items() if key not in _WITHOUT_EFFECT}
    identity: dict[str, Any] = options | {
        "model": start.sha256,
        "proteins": parts.digest(),
        "plmkit": __version__,
        "torch": library_versions()["torch"],
    }
    return Checkpoint(config.checkpoint, json.loads(json.dumps(identity)), config.checkpoint_minutes)
