"""plm evaluate: predictions of any program and the truth to metrics, or two programs to the better one."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plmkit.config import EvaluateConfig
from plmkit.config.evaluate import edges_of
from plmkit.data.judged import Asked, Judgeable, TruthAsked, read_judgeable
from plmkit.data.judged_subsets import Division, DivisionsAsked, divisions_of, read_sequences
from plmkit.data.table import read_table
from plmkit.output.staging import Staging, staged
from plmkit.slots import granted_threads

log = logging.getLogger(__name__)

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib")


def run(config: EvaluateConfig) -> None:
    """Judge predictions, and write what was asked for."""
    outputs = [config.metrics, config.report, config.figure, config.subsets_figure, config.comparison]
    outputs += [config.left_out, config.record]
    inputs = [config.predictions, config.truth, config.second, config.subsets, config.proteins, config.learned_from]
    with staged(outputs, inputs) as staging:
        examples = _read(config)
        divisions = divisions_of(examples, _divisions_asked(config))
        _evaluate(config, examples, divisions, staging)


def _read(config: EvaluateConfig) -> Judgeable:
    asked = [
        Asked(
            config.predictions,
            "predictions",
            config.identifier_column,
            config.position_column,
            config.prediction_column,
            config.threshold,
        )
    ]
    if config.second is not None:
        asked.append(
            Asked(
                config.second,
                "second predictions",
                config.second_identifier_column,
                None,
                config.second_prediction_column,
                config.second_threshold,
                options="--second-",
            )
        )
    truth = TruthAsked(
        config.truth,
        config.truth_identifier_column,
        config.label_column,
        None if config.task == "auto" else config.task,
        config.positive,
    )
    return read_judgeable(asked, truth, config.part, config.group_column)


def _divisions_asked(config: EvaluateConfig) -> DivisionsAsked:
    return DivisionsAsked(
        config.subset_column,
        config.subsets,
        config.subsets_identifier_column,
        config.length_column,
        edges_of("--length-edges", config.length_edges),
        config.similarity_column,
        edges_of("--similarity-edges", config.similarity_edges),
        config.proteins,
        config.learned_from,
    )


def _evaluate(config: EvaluateConfig, examples: Judgeable, divisions: Sequence[Division], staging: Staging) -> None:
    # scikit-learn and matplotlib are loaded here, after every mistake of the user was answered.
    from threadpoolctl import threadpool_limits

    from plmkit.learning.evaluation import evaluate
    from plmkit.output.evaluation import counts_of, rows_of, write_comparison, write_left_out
    from plmkit.output.evaluation_wording import told_of_methods, verdict
    from plmkit.output.metrics_table import write_metrics
    from plmkit.output.run_record import input_entry, run_record, write_record

    notes = [*examples.notes, *(note for division in divisions for note in division.notes)]
    for note in notes:
        log.warning("note: %s", note)
    names = [config.name, *([config.second_name] if config.second else [])]
    with threadpool_limits(granted_threads()):
        found = evaluate(examples.numbers, examples.groups, _places(divisions), config.seed)
    said = verdict(found, names, examples)
    rows = rows_of(found, names)
    write_metrics(staging[config.metrics], rows)
    if config.comparison:
        write_comparison(staging[config.comparison], found)
    if config.left_out:
        write_left_out(staging[config.left_out], examples.left_out)
    counts = dict(counts_of(found, examples.rows[:-1], len(examples.left_out)))
    counts |= {"verdict": said, "task": examples.numbers.task.kind, "labels": list(examples.numbers.task.labels)}
    counts |= told_of_methods(found, examples)
    inputs = [input_entry(role, path, records) for role, path, records in _inputs(config, examples)]
    record = run_record("evaluate", config, None, inputs, "cpu", counts, rows, notes, libraries=_LIBRARIES)
    if config.record:
        write_record(record, staging[config.record])
    _draw(config, examples, record, found, names, staging)
    log.info("%s", said)


def _places(divisions: Sequence[Division]) -> Mapping[str, Mapping[str, Any]]:
    """Return the places of each value of each division."""
    found = {}
    for division in divisions:
        of = np.array(division.of, dtype=object)
        found[division.name] = {value: np.flatnonzero(of == value) for value in division.values}
    return found


def _inputs(config: EvaluateConfig, examples: Judgeable) -> list[tuple[str, Path, int]]:
    given = [("predictions", config.predictions, examples.rows[0])]
    if config.second:
        given.append(("second predictions", config.second, examples.rows[1]))
    if config.truth:
        given.append(("truth", config.truth, examples.rows[-1]))
    if config.subsets:
        given.append(("subsets", config.subsets, len(read_table(config.subsets, "subsets").rows)))
    for role, path in (("proteins", config.proteins), ("learned-from", config.learned_from)):
        if path:
            given.append((role, path, len(read_sequences(path, role))))
    return given


def _draw(
    config: EvaluateConfig,
    examples: Judgeable,
    record: Mapping[str, Any],
    found: Any,
    names: Sequence[str],
    staging: Staging,
) -> None:
    """Draw the figures that were asked for, for themselves or in the report."""
    from plmkit.learning.evaluation import occurrences
    from plmkit.output.evaluation_figures import draw_predictions, draw_subsets
    from plmkit.output.evaluation_report import write_evaluation_report
    from plmkit.output.evaluation_wording import interval, methods_paragraph
    from plmkit.output.metric_names import readable

    numbers = examples.numbers
    with tempfile.TemporaryDirectory(prefix="plmkit-evaluate-") as temporary:
        figures = {}
        for number, (name, method) in enumerate(zip(names, numbers.methods, strict=True)):
            asked = config.figure if number == 0 else None
            if not (asked or config.report):
                continue
            path = staging[asked] if asked else Path(temporary) / f"{number}.png"
            title = f"{name}: {readable(found.headline)} {interval(found.whole.found[number][found.headline])}"
            draw_predictions(path, numbers, method, title)
            figures[f"{name}: predicted and true"] = path
        if config.subsets_figure or (config.report and (found.subsets or len(names) > 1)):
            path = staging[config.subsets_figure] if config.subsets_figure else Path(temporary) / "subsets.png"
            draw_subsets(path, found, names)
            if config.report:
                figures[f"{readable(found.headline)} with its 95 % interval"] = path
        if config.report:
            write_evaluation_report(
                staging[config.report],
                record,
                found,
                names,
                numbers.task.kind,
                dict(zip(numbers.task.labels, occurrences(numbers).tolist(), strict=True)),
                record["counts"]["verdict"],
                methods_paragraph(record),
                figures,
            )
