"""plm finetune: labelled sequences to a tuned model."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plmkit.commands.given import columns_of, given_examples
from plmkit.config import FinetuneConfig
from plmkit.data.dataset import Examples
from plmkit.data.examples import check_without_states, read_more_examples
from plmkit.data.negatives import negative_label, usual_negative_label, with_fewer_negatives
from plmkit.data.relatives import with_relatives, without_relatives
from plmkit.data.remarks import data_notes
from plmkit.data.splits import Split, cross_validation, split_examples
from plmkit.errors import UserError
from plmkit.learning.metrics import HIGHER_IS_BETTER, METRICS
from plmkit.models.bundle import Bundle, open_bundle
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)


def run(config: FinetuneConfig) -> None:
    """Learn, judge, and write the tuned model with everything that tells how good it is."""
    outputs = [
        config.bundle,
        config.metrics,
        config.predictions,
        config.history,
        config.curves,
        config.figure,
        config.learning_curve,
        config.report,
        config.record,
    ]
    inputs = [config.examples, config.labels, config.structure_states, config.start, Path(config.model)]
    with staged(outputs, inputs) as staging, _given(config) as given:
        _finetune(config, given, staging)


@dataclass(frozen=True)
class _Given:
    """What the user gave, read and checked. start: a tuned model to go on from."""

    examples: Examples
    negative: str | None
    split: Split
    folds: Sequence[Split]
    start: Bundle | None
    files: ModelFiles


@contextmanager
def _given(config: FinetuneConfig) -> Iterator[_Given]:
    with _start(config) as start:
        examples = _examples(config, start)
        negative = _negative(config, examples, start)
        examples, split, folds = _divided(config, examples)
        if config.negatives is not None:
            split, *folds = _with_fewer_negatives(config.negatives, examples, [split, *folds], negative, config.seed)
        with open_model(config.model, config.model_name) as files:
            files.check_licence(config.non_commercial_use)
            files.check_pooling([config.pooling])
            if start is not None:
                start.check_base(files)
            if not files.reads_states:
                check_without_states(examples)
            yield _Given(examples, negative, split, folds, start, files)


def _divided(config: FinetuneConfig, examples: Examples) -> tuple[Examples, Split, list[Split]]:
    """Divide the examples, relatives on one side if that can be."""

    def divide(examples: Examples) -> tuple[Examples, Split, list[Split]]:
        split = split_examples(examples, config.validation_share, config.seed)
        folds = cross_validation(examples, split, config.folds, config.validation_share, config.seed)
        return examples, split, folds

    alone = divide(examples)  # tells every mistake of the user
    if config.relatives == "anywhere" or (related := with_relatives(examples)).clusters is None:
        return alone if config.relatives == "anywhere" else (related, *alone[1:])
    try:
        return divide(related)
    except UserError:
        return (without_relatives(examples, "kept together they would leave a label on one side only"), *alone[1:])


def _with_fewer_negatives(
    ratio: float, examples: Examples, splits: Sequence[Split], negative: str | None, seed: int
) -> list[Split]:
    """Leave out negatives of the training side of each split; raises UserError where that makes no sense."""
    if examples.unit == "residue":
        raise UserError(
            "--negatives is for windows, proteins and pairs: of a protein all residues are learned from at once; "
            "leave it out, --class-weights balanced lets rare labels of residues count as much"
        )
    if not examples.task.is_binary:
        weights = (
            "" if examples.task.kind == "regression" else ", --class-weights balanced lets rare ones count as much"
        )
        raise UserError(
            f"--negatives is for two classes, these labels are a {examples.task.describe()}; leave it out{weights}"
        )
    if negative is None:
        raise UserError(
            f"examples: which of the labels {' and '.join(map(repr, examples.labels))} is the negative one that "
            "--negatives is about? Name it with --negative-label"
        )
    return [with_fewer_negatives(examples, split, negative, ratio, seed) for split in splits]


@contextmanager
def _start(config: FinetuneConfig) -> Iterator[Bundle | None]:
    if config.start is None:
        yield None
        return
    with open_bundle(config.start) as bundle:
        if bundle.task.unit != config.unit:
            raise UserError(f"tuned model: it was tuned with --unit {bundle.task.unit}; give the same to go on")
        yield bundle


def _examples(config: FinetuneConfig, start: Bundle | None) -> Examples:
    if start is not None:
        length = start.window_length if start.task.unit == "window" else None
        columns, states = columns_of(config), config.structure_states
        examples = read_more_examples(config.examples, "examples", start.task, columns, config.labels, length, states)
    else:
        examples = given_examples(config, config.structure_states)
    _check_options(config, examples)
    return examples


def _check_options(config: FinetuneConfig, examples: Examples) -> None:
    """Refuse a loss or a score that does not fit the labels."""
    kind = examples.task.kind
    measured = {"mse", "huber", "mae"}
    if config.loss != "auto" and (config.loss in measured) != (kind == "regression"):
        raise UserError(f"--loss {config.loss} does not fit {kind}; leave it out, or give the right --task")
    if config.label_smoothing and kind == "regression":
        raise UserError("--label-smoothing is for classes, not for measured numbers; leave it out")
    fitting = [metric for metric in METRICS[kind] if HIGHER_IS_BETTER[metric]]
    if config.select_by not in (*fitting, "auto", "loss"):
        raise UserError(f"--select-by {config.select_by} does not fit {kind}; take one of {', '.join(sorted(fitting))}")


def _negative(config: FinetuneConfig, examples: Examples, start: Bundle | None) -> str | None:
    if start is not None:
        found: str | None = start.card["task"]["negative_label"]
        return found
    if examples.task.kind != "classification":
        return None
    if config.unit == "window" or config.negative_label:
        return negative_label(examples.labels, config.negative_label, "examples")
    return usual_negative_label(examples.labels)


def _finetune(config: FinetuneConfig, given: _Given, staging: Staging) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.commands.planning import make_plan
    from plmkit.learning.finetuning import fine_tune
    from plmkit.learning.rivals import all_rivals, simple_rivals
    from plmkit.learning.workers import together
    from plmkit.models.device import choose_device, describe_device, usable_gpus
    from plmkit.models.effort import Effort
    from plmkit.output.finetuning_counts import finetuning_counts
    from plmkit.output.learning_curve import curve_entry
    from plmkit.output.metrics_table import rows_of_judged
    from plmkit.output.run_record import input_entry, run_record
    from plmkit.output.thresholds import threshold_rows
    from plmkit.output.trust_wording import trust_entry
    from plmkit.output.tuned_model import Places, write_results
    from plmkit.output.verdict import verdict_entry

    examples, split, folds, negative = given.examples, given.split, given.folds, given.negative
    device = choose_device()
    effort = Effort(device)
    plan = make_plan(config, examples, negative, given.start, given.files, device)
    with together(1 if plan.shape.method == "head" else usable_gpus(), help_along, config):
        rivals = simple_rivals(examples, plan)
        if config.baselines == "all":
            rivals = all_rivals(given.files, examples, plan, device)
        outcome = fine_tune(given.files, examples, split, folds, negative, plan, rivals, device)
    reads_states = given.files.reads_states
    with_states = examples.count_with_states(reads_states)
    notes = given.files.notes(with_states == len(examples)) + examples.notes(reads_states)
    if given.start is not None:
        notes += given.start.states_notes(with_states, len(examples), "examples")
    notes += outcome.notes + data_notes(examples, split)
    for note in notes:
        log.warning("note: %s", note)
    read = (
        ("examples", config.examples),
        ("labels", config.labels),
        ("structure states", config.structure_states),
        ("tuned model", config.start),
    )
    inputs = [input_entry(role, path, len(examples)) for role, path in read if path is not None]
    counts = finetuning_counts(examples, split, folds, outcome, negative, plan, rivals)
    metrics = rows_of_judged(outcome.judged)
    record = run_record("finetune", config, given.files, inputs, describe_device(device), counts, metrics, notes)
    record["verdict"] = verdict_entry(outcome.verdict, counts, outcome.curve.gain if outcome.curve else None)
    record["trust"] = trust_entry(outcome)
    thresholds, predicted = outcome.trust.thresholds, outcome.put_aside
    record["thresholds"] = threshold_rows(thresholds, outcome.positive, predicted, examples, split)
    if outcome.curve:
        record["learning_curve"] = curve_entry(outcome.curve)
    paths = {name: getattr(config, name) for name in Places.__dataclass_fields__}
    places = Places(**{name: path and staging[path] for name, path in paths.items()})
    write_results(places, outcome, examples, split, negative, record)
    effort.tell(len(examples), "examples")


def help_along(config: FinetuneConfig) -> None:
    """Be one of several processes that train the same model; the first of them writes it."""
    from plmkit.commands.planning import make_plan
    from plmkit.learning.finetuning import help_to_tune
    from plmkit.models.device import choose_device

    with _given(config) as given:
        device = choose_device()
        plan = make_plan(config, given.examples, given.negative, given.start, given.files, device)
        help_to_tune(given.files, given.examples, given.split, given.folds, plan, device)
