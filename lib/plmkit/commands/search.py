"""plm search: two sets of embeddings to nearest neighbours, and the labels these give."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plmkit.config import SearchConfig
from plmkit.data.labels import Labels, read_labels
from plmkit.data.search_sets import SearchSets, check_not_zero, check_records, check_widths, only_labelled
from plmkit.data.vectors import Vectors, read_vectors
from plmkit.errors import OutOfMemoryError
from plmkit.learning.candidates import Integers
from plmkit.learning.neighbours import nearest
from plmkit.learning.transfer import Transfer, accuracies, most_frequent, share_with, transfers
from plmkit.output.neighbours import accuracy_rows, write_accuracies, write_hits, write_transfers
from plmkit.output.run_record import input_entry, run_record, write_record
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)

Answers = Sequence[Sequence[Transfer]]
Rows = list[dict[str, Any]]

_LIBRARIES = ("numpy", "pyarrow")
# To leave each out in turn is the square of the references: of more than these, so many are drawn.
LEFT_OUT_AT_MOST = 10_000


def run(config: SearchConfig) -> None:
    """Write the neighbours of all queries, and what their labels say."""
    outputs = [config.hits, config.transfers, config.metrics, config.record]
    inputs = [config.queries, config.references, config.labels, config.truth]
    with staged(outputs, [*inputs, config.queries_record, config.references_record]) as staging:
        sets, notes = _read(config)
        try:
            _search(config, sets, notes, staging)
        except MemoryError:
            raise OutOfMemoryError(
                "references: the search does not fit into memory; give the job more, or search in parts of them"
            ) from None


def _read(config: SearchConfig) -> tuple[SearchSets, list[str]]:
    queries = read_vectors(config.queries, "queries")
    references = read_vectors(config.references, "references")
    check_widths(queries, references)
    if config.distance == "cosine":
        check_not_zero(queries, "queries")
        check_not_zero(references, "references")
    notes = [check_records(queries, references, config.queries_record, config.references_record)]
    labels = _labels(config, config.labels, "labels", references, "references")
    truth = _labels(config, config.truth, "truth", queries, "queries")
    given = len(references)
    if labels:
        notes += labels.notes("references")
        references = only_labelled(references, labels)
    if truth:
        notes += truth.notes("queries")
    return SearchSets(queries, references, labels, truth, given), notes


def _labels(config: SearchConfig, path: Path | None, role: str, vectors: Vectors, owners: str) -> Labels | None:
    if path is None:
        return None
    return read_labels(path, role, vectors.names, owners, config.identifier_column, config.label_column)


def _search(config: SearchConfig, sets: SearchSets, notes: list[str], staging: Staging) -> None:
    queries, references = sets.queries, sets.references
    own, said = sets.own_references(config.same_name)
    repeated = sets.repeated()
    notes += said + sets.notes_on_repeated(*repeated)
    for note in notes:
        log.warning("note: %s", note)
    tell = _progress(len(queries), "searched")
    found = nearest(queries.values, references.values, config.neighbours, config.distance, own, tell)
    write_hits(staging[config.hits], queries.names, references.names, sets.labelled, found, config.distance)
    answers = transfers(found, config.distance, sets.labelled, config.voters) if sets.labels else []
    if config.transfers:
        names = (queries.names, references.names)
        write_transfers(staging[config.transfers], *names, found, answers, config.threshold)
    metrics = _judge_queries(config, sets, answers)
    if config.metrics:
        metrics += _judge_references(config, sets)
        write_accuracies(staging[config.metrics], metrics)
    if config.record:
        transferred = sum(bool(answer) and answer[0].reliability >= config.threshold for answer in answers)
        counts = _counts(sets, own, repeated) | {"transferred": transferred}
        inputs = _inputs(config, sets)
        record = run_record("search", config, None, inputs, "cpu", counts, metrics, notes, libraries=_LIBRARIES)
        write_record(record, staging[config.record])
    # no part of the record: it depends on the processor's rounding, the result does not
    again = f", {found.searched_again} of them twice" if found.searched_again else ""
    log.info("%d queries searched among %d references%s", len(queries), len(references), again)


def _counts(sets: SearchSets, own: Integers, repeated: tuple[int, int]) -> dict[str, int]:
    return {
        "queries": len(sets.queries),
        "references": sets.given,
        "searched_references": len(sets.references),
        "width": sets.queries.values.shape[1],
        "kept_from_themselves": int((own >= 0).sum()),
        "repeated_references": repeated[0],
        "queries_like_a_reference": repeated[1],
    }


def _judge_queries(config: SearchConfig, sets: SearchSets, answers: Answers) -> Rows:
    """Return how often the transfer is right for the queries whose label is known."""
    if sets.labels is None or sets.truth is None:
        return []
    truth = [sets.truth.of[sets.queries.names[row]] for row in sets.judged]
    found = accuracies([answers[row] for row in sets.judged], truth, config.threshold)
    return accuracy_rows("queries", found, share_with(most_frequent(sets.labels.of), truth), len(truth))


def _judge_references(config: SearchConfig, sets: SearchSets) -> Rows:
    """Return how often references get their own label from the others: what is to be expected of their like."""
    values, labelled = sets.references.values, sets.labelled
    if sets.labels is None or len(values) < 2:
        return []
    chosen = np.arange(len(values))
    if len(values) > LEFT_OUT_AT_MOST:
        chosen = np.sort(np.random.default_rng(0).choice(len(values), LEFT_OUT_AT_MOST, replace=False))
    tell = _progress(len(chosen), "of the references left out in turn")
    found = nearest(values[chosen], values, config.voters, config.distance, own=chosen, tell=tell)
    truth = [labelled[row] for row in chosen]
    right = accuracies(transfers(found, config.distance, labelled, config.voters), truth, config.threshold)
    frequent = share_with(most_frequent(sets.labels.of), truth)
    return accuracy_rows("references, each left out in turn", right, frequent, len(truth))


def _progress(count: int, what: str) -> Callable[[float], None]:
    """Return what logs a line for each tenth of the work."""
    began, told = time.monotonic(), 0

    def tell(share: float) -> None:
        nonlocal told
        if int(share * 10) > told:
            told = int(share * 10)
            seconds = max(time.monotonic() - began, 1e-3)
            speed, left = share * count / seconds, seconds / share - seconds
            log.info("%d %% %s, %.0f queries/s, %.0f s left", told * 10, what, speed, left)

    return tell


def _inputs(config: SearchConfig, sets: SearchSets) -> Rows:
    entries = [
        input_entry("queries", config.queries, len(sets.queries)),
        input_entry("references", config.references, sets.given),
    ]
    for labels, path in ((sets.labels, config.labels), (sets.truth, config.truth)):
        if labels and path:
            entries.append(input_entry(labels.role, path, sum(map(len, labels.of.values()))))
    return entries
