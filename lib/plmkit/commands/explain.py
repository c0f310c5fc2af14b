"""plm explain: a tuned model and proteins to the residues that its predictions rest on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plmkit.config import ExplainConfig
from plmkit.data.columns import Columns
from plmkit.data.explained import ROLE, Wanted, check_letters, limited, read_wanted
from plmkit.data.task import Task
from plmkit.errors import UserError
from plmkit.models.bundle import Bundle, open_bundle
from plmkit.models.source import ModelFiles, open_model
from plmkit.output.progress import Progress
from plmkit.output.staging import Staging, staged

if TYPE_CHECKING:
    from plmkit.learning.explanation import Explanation
    from plmkit.learning.trust import Trust

log = logging.getLogger(__name__)

_MOST_LABELS = 8
_SHUFFLED = {
    "head": "the numbers in the weights of the head shuffled; the language model below it did not learn and stays",
    "full": "the numbers in all weights of the language model and of the head shuffled",
}
_SHUFFLED_ADAPTERS = "the numbers in the weights of the adapters and of the head shuffled"


def run(config: ExplainConfig) -> None:
    """Write which residues the predictions of a tuned model rest on."""
    outputs = [config.importance, config.matrix, config.track, config.figure, config.report, config.record]
    inputs = [config.bundle, config.proteins, config.pairs, Path(config.model)]
    with staged(outputs, inputs) as staging, open_bundle(config.bundle) as bundle:
        label = _label(config, bundle.task)
        _check_options(config, bundle.task)
        trust = _trust(bundle)
        read, notes = _read(config, bundle)
        wanted, left_out = limited(read, config.most, config.longest)
        with open_model(config.model, config.model_name) as files:
            files.check_licence(config.non_commercial_use)
            bundle.check_base(files)
            _refuse_states(files, bundle)
            check_letters(wanted, files.family.letters)
            _explain(config, bundle, trust, wanted, label, len(read), notes + left_out, files, staging)


def _refuse_states(files: ModelFiles, bundle: Bundle) -> None:
    """Raise UserError for a model that was tuned with states of structures: without them it says something else."""
    if files.reads_states and bundle.with_states:
        raise UserError(
            "tuned model: it was tuned with states of structures, and plm explain reads amino acids alone; explain one "
            "tuned on amino acids alone"
        )


def _trust(bundle: Bundle) -> Trust:
    from plmkit.learning.trust import trust_of

    return trust_of(bundle)


def _label(config: ExplainConfig, task: Task) -> int | None:
    if config.label is None:
        return None
    if config.label not in task.labels:
        shown = ", ".join(task.labels[:_MOST_LABELS]) + (", …" if len(task.labels) > _MOST_LABELS else "")
        raise UserError(f"tuned model: it knows no label {config.label!r}; take one of these as --label: {shown}")
    return task.labels.index(config.label)


def _check_options(config: ExplainConfig, task: Task) -> None:
    if config.position is not None and task.unit not in ("residue", "window"):
        raise UserError(f"--position is for models of residues and windows, this one is of {task.unit}s; leave it out")
    if config.pairs is not None and task.unit != "pair":
        raise UserError(f"--pairs is for models of pairs, this one is of {task.unit}s; leave it out")


def _read(config: ExplainConfig, bundle: Bundle) -> tuple[list[Wanted], list[str]]:
    columns = Columns(
        sequence=config.sequence_column, identifier=config.identifier_column, partner=config.partner_column
    )
    length = bundle.window_length if bundle.task.unit == "window" else None
    return read_wanted(config.proteins, bundle.task, columns, config.pairs, length, config.position)


def _explain(
    config: ExplainConfig,
    bundle: Bundle,
    trust: Trust,
    wanted: list[Wanted],
    label: int | None,
    given: int,
    notes: list[str],
    files: ModelFiles,
    staging: Staging,
) -> None:
    # torch is loaded here, after every mistake of the user was answered.
    from plmkit.learning.explaining import explain, readings_of
    from plmkit.learning.importance import ExplainSettings
    from plmkit.models.device import choose_device, describe_device
    from plmkit.models.effort import Effort
    from plmkit.output.explanation_report import explanation_notes

    device = choose_device()
    effort = Effort(device)
    settings = ExplainSettings(config.method, config.steps, config.seed, config.batch_tokens)
    with Progress(readings_of(wanted, bundle.shape, settings), "readings") as progress:
        found = explain(
            files,
            bundle.folder,
            bundle.shape,
            wanted,
            settings,
            device,
            label,
            bundle.positive,
            progress.advance,
            trust.calibrated,
        )
    notes = [*files.notes(), *notes, *_known(bundle, wanted), *explanation_notes(bundle.task, found)]
    for note in notes:
        log.warning("note: %s", note)
    _write(config, bundle, found, _record(config, bundle, found, given, notes, files, describe_device(device)), staging)
    effort.tell(sum(len(each.importance) for each in found), "residues")


def _known(bundle: Bundle, wanted: list[Wanted]) -> list[str]:
    if not (known := bundle.known([tuple(sorted(item.sequences)) for item in wanted])):
        return []
    return [f"{ROLE}: {known} of {len(wanted)} were among the fine-tuning examples; others may be explained otherwise"]


def _record(
    config: ExplainConfig,
    bundle: Bundle,
    found: list[Explanation],
    given: int,
    notes: list[str],
    files: ModelFiles,
    device: str,
) -> dict[str, Any]:
    from plmkit.learning.explaining import RANDOMISED
    from plmkit.learning.importance import CHECKED
    from plmkit.output.explanation_report import row_of
    from plmkit.output.explanation_verdict import verdict
    from plmkit.output.run_record import input_entry, run_record

    inputs = [input_entry("tuned model", config.bundle, 1), input_entry(ROLE, config.proteins, given)]
    if config.pairs is not None:
        inputs.append(input_entry("pairs", config.pairs, given))
    counts = {
        "given": given,
        "explained": len(found),
        "residues": sum(len(each.importance) for each in found),
        "randomised": RANDOMISED,
        "checked": CHECKED,
        "randomised_what": _SHUFFLED.get(bundle.shape.method, _SHUFFLED_ADAPTERS),
        "verdict": verdict(bundle.task, found),
    }
    rows = [row_of(bundle.task, each) for each in found]
    return run_record("explain", config, files, inputs, device, counts, rows, notes)


def _write(
    config: ExplainConfig, bundle: Bundle, found: list[Explanation], record: dict[str, Any], staging: Staging
) -> None:
    from tempfile import TemporaryDirectory

    from plmkit.output.explanation_figures import draw_explanations
    from plmkit.output.explanation_report import write_explanation_report
    from plmkit.output.explanations import write_importance, write_importance_track, write_matrix
    from plmkit.output.run_record import write_record

    task = bundle.task
    write_importance(staging[config.importance], task, found)
    if config.matrix:
        write_matrix(staging[config.matrix], task, found)
    if config.track:
        write_importance_track(staging[config.track], found)
    if config.record:
        write_record(record, staging[config.record])
    with TemporaryDirectory(prefix="plmkit-figure-") as temporary:
        figure = staging[config.figure] if config.figure else Path(temporary) / "figure.png"
        if config.figure or config.report:
            draw_explanations(figure, task, found)
        if config.report:
            write_explanation_report(staging[config.report], record, task, found, figure)
    log.info("%s", record["counts"]["verdict"])
