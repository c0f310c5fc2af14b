"""plm predict: tuned models and proteins to labels, probabilities and measured values."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plmkit.config import PredictConfig
from plmkit.data.asked import Asked, read_asked
from plmkit.data.labelled import Columns
from plmkit.errors import UserError
from plmkit.models.bundle import Bundle, open_bundle
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.progress import Progress
from plmkit.output.staging import Staging, staged
from plmkit.output.tracks import track_suffix

if TYPE_CHECKING:
    from plmkit.learning.asking import Answers
    from plmkit.learning.hedging import Hedged
    from plmkit.learning.trust import Trust

log = logging.getLogger(__name__)


def run(config: PredictConfig) -> None:
    """Write what one or several tuned models say of every protein, residue, pair or window."""
    outputs = [
        config.predictions,
        config.track,
        config.track_figure,
        config.metrics,
        config.figure,
        config.record,
    ]
    inputs = [*config.bundle, config.proteins, config.pairs, config.labels, config.structure_states, Path(config.model)]
    with staged(outputs, inputs) as staging, ExitStack() as stack:
        bundles = [stack.enter_context(open_bundle(path)) for path in config.bundle]
        _check_alike(config, bundles)
        trusts = _trusts(config, bundles)
        asked = _asked(config, bundles[0])
        with open_model(config.model, config.model_name) as files:
            files.check_licence(config.non_commercial_use)
            for bundle in bundles:
                bundle.check_base(files)
            _predict(config, bundles, trusts, asked, files, staging)
    log.info("%d predicted", len(asked))


def _check_alike(config: PredictConfig, bundles: list[Bundle]) -> None:
    """Refuse models that say different things, and options that do not fit what they say."""
    task = bundles[0].task
    for number, bundle in enumerate(bundles[1:], start=2):
        if any(bundle.card == other.card for other in bundles[: number - 1]):
            raise UserError(f"tuned model {number}: it is given twice, which adds nothing; give each model once")
        if bundle.task != task:
            raise UserError(
                f"tuned model {number}: it predicts {bundle.task.describe()}, the first one {task.describe()}; "
                "give models of one task, or predict with each alone"
            )
    if task.unit != "residue" and (config.track or config.track_figure):
        raise UserError(f"--track and --track-figure are for models of residues, this one is of {task.unit}s")
    if config.track and config.track_format not in ("auto", suits := track_suffix(task)):
        raise UserError(f"--track-format {config.track_format} does not suit {task.kind}; take {suits}")
    if (task.unit == "pair") < (config.pairs is not None):
        raise UserError(f"--pairs is for models of pairs, this one is of {task.unit}s; leave it out")


def _trusts(config: PredictConfig, bundles: list[Bundle]) -> list[Trust]:
    """Return how far each model can be trusted; refuse a prevalence that none of them can be moved to."""
    from plmkit.learning.prevalence import wanted_shares
    from plmkit.learning.trust import prevalence_of, trust_of

    trusts = [trust_of(bundle) for bundle in bundles]
    if config.prevalence:
        wanted_shares(bundles[0].task, bundles[0].positive, prevalence_of(trusts), config.prevalence)
    return trusts


def _asked(config: PredictConfig, bundle: Bundle) -> Asked:
    columns = Columns(
        sequence=config.sequence_column,
        label=config.label_column,
        identifier=config.identifier_column,
        partner=config.partner_column,
    )
    length = bundle.window_length if bundle.task.unit == "window" else None
    beside = config.pairs or config.labels
    states = config.structure_states
    return read_asked(config.proteins, bundle.task, columns, beside, config.labelled, length, states)


def _predict(
    config: PredictConfig,
    bundles: list[Bundle],
    trusts: list[Trust],
    asked: Asked,
    files: ModelFiles,
    staging: Staging,
) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.asking import ask
    from plmkit.learning.hedging import hedged
    from plmkit.learning.trust import trust_notes
    from plmkit.models.device import choose_device, describe_device
    from plmkit.models.effort import Effort
    from plmkit.models.tokens import load_tokenizer
    from plmkit.output.run_record import input_entry, run_record, write_record

    device = choose_device()
    effort = Effort(device)
    sequences = [sequence for example in asked.sequences for sequence in example]
    with_states = asked.count_with_states(files.reads_states)
    notes = files.notes(with_states == len(asked)) + asked.notes(files.reads_states)
    notes += dict.fromkeys(note for b in bundles for note in b.states_notes(with_states, len(asked), "proteins"))
    notes += load_tokenizer(files).notes(sequences, "proteins")
    known = max(bundle.known(asked.sequences) for bundle in bundles)
    if asked.truth is not None and known:
        notes.append(
            f"proteins: {known} of {len(asked)} were among the fine-tuning examples; the measures are too good"
        )
    lengths = [sum(map(len, example)) for example in asked.sequences] * len(bundles)
    with Progress(lengths, "predictions") as progress:
        models = list(zip(bundles, trusts, strict=True))
        answers = ask(files, models, asked.read(files.reads_states), device, config.batch_tokens, progress.advance)
    notes += trust_notes(trusts, answers.farther, "proteins")
    said = hedged(bundles[0].task, bundles[0].positive, trusts, answers, config.level, config.prevalence)
    notes += said.notes
    for note in notes:
        log.warning("note: %s", note)
    answers = replace(answers, values=said.values)
    metrics = _write(config, bundles[0], asked, answers, said, "partly known" if known else "held-out", staging)
    if config.record:
        inputs = [input_entry("tuned model", path, 1) for path in config.bundle]
        inputs += [
            input_entry(role, path, len(asked))
            for role, path in (
                ("proteins", config.proteins),
                ("pairs", config.pairs),
                ("labels", config.labels),
                ("structure states", config.structure_states),
            )
            if path is not None
        ]
        counts = _counts(bundles, trusts, asked, answers, said)
        counts |= {"with_states": with_states} if files.reads_states else {}
        record = run_record("predict", config, files, inputs, describe_device(device), counts, metrics, notes)
        write_record(record, staging[config.record])
    effort.tell(sum(map(len, sequences)), "residues")


def _counts(bundles: list[Bundle], trusts: list[Trust], asked: Asked, answers: Answers, said: Hedged) -> dict[str, Any]:
    """Return what the run record says of the models and of their answers."""
    from plmkit.learning.judging import headline
    from plmkit.learning.trust import calibrated_by

    task = bundles[0].task
    counts: dict[str, Any] = {
        "proteins": len(asked),
        "places": len(answers.values),
        "tuned_models": len(bundles),
        "unit": task.unit,
        "task": task.kind,
        "headline": headline(task),
        "calibration": calibrated_by(trusts),
        "hedged": said.sets is not None or said.bounds is not None,
    }
    if said.domain is not None:
        counts["far"] = sum(far in ("yes", "very") for _, far in said.domain)
    return counts


def _write(
    config: PredictConfig,
    bundle: Bundle,
    asked: Asked,
    answers: Answers,
    said: Hedged,
    part: str,
    staging: Staging,
) -> list[dict[str, Any]]:
    """Write tables, tracks and figures; return the metrics."""
    from plmkit.output.predictions import Predicted, write_predictions
    from plmkit.output.track_figures import draw_tracks
    from plmkit.output.tracks import write_track

    task = bundle.task
    first = [example[0] for example in asked.sequences]
    truth = None if asked.truth is None else asked.truth.truth
    predicted = Predicted(
        asked.names, first, said.values, answers.spread, truth, sets=said.sets, bounds=said.bounds, domain=said.domain
    )
    write_predictions(staging[config.predictions], task, predicted)
    if config.track:
        write_track(staging[config.track], task, asked.names, answers.by_example)
    if config.track_figure:
        draw_tracks(
            staging[config.track_figure],
            task,
            asked.names,
            first,
            answers.by_example,
            positive=bundle.positive,
        )
    return [] if asked.truth is None else _judge(config, bundle, asked, answers, part, staging)


def _judge(
    config: PredictConfig, bundle: Bundle, asked: Asked, answers: Answers, name: str, staging: Staging
) -> list[dict[str, Any]]:
    """Write how good the predictions are; return the metrics."""
    import numpy as np

    from plmkit.learning.judging import TUNED, headline, judge, judge_labels, part_of
    from plmkit.output.judgement_figures import draw_judgement
    from plmkit.output.metrics_table import rows_of_judged, write_metrics
    from plmkit.output.verdict import headline_text

    assert asked.truth is not None
    task = bundle.task
    part = part_of(asked.truth, name, np.arange(len(asked)))
    judged = [judge(task, part, TUNED, answers.values, bundle.positive)]
    metrics = rows_of_judged(judged + judge_labels(task, part, TUNED, answers.values))
    if config.metrics:
        write_metrics(staging[config.metrics], metrics)
    if config.figure:
        text = headline_text(metrics, headline(task), name)
        draw_judgement(staging[config.figure], task, part.truth, answers.values[part.kept], bundle.positive, text)
    return metrics
