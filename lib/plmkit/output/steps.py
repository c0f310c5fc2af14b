"""The steps that an analysis is made of: what each command is called, and how its run record is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plmkit.output import evaluation_wording, methods, prepared_sites_wording, split_wording, step_results, wording
from plmkit.output.methods_of_files import chunk_paragraph, join_paragraph
from plmkit.output.methods_of_models import (
    explanation_paragraph,
    prediction_paragraph,
    pretraining_paragraph,
    scan_paragraph,
)
from plmkit.output.methods_of_vectors import embedding_paragraph, map_paragraph, search_paragraph
from plmkit.output.step_results import Row
from plmkit.output.telling import Record, Telling


def _nothing(record: Record) -> str:
    return ""


def _no_rows(record: Record) -> list[Row]:
    return []


@dataclass(frozen=True)
class Step:
    """How the run record of a command is told.

    title: the step in words; titles: in other words, by its method. methods: the paragraph for a paper. size: on how
    much it was done. result: what came out, "" if nothing was judged; rows: the metrics that stand for it.
    """

    title: str
    methods: Callable[[Record, Telling | None], str]
    size: Callable[[Record], str]
    result: Callable[[Record], str] = _nothing
    rows: Callable[[Record], list[Row]] = _no_rows
    titles: Mapping[str, str] = field(default_factory=dict)

    def name(self, record: Record) -> str:
        """Return the title of the step, or of its method if that has its own."""
        return self.titles.get(str(record["config"].get("method")), self.title)


def _size_of_prediction(record: Record) -> str:
    return wording.counted(record["counts"]["proteins"], record["counts"]["unit"])


STEPS = {
    "embed": Step(
        "Embed proteins",
        embedding_paragraph,
        lambda record: "{proteins:,} proteins, {residues:,} residues".format(**record["counts"]),
    ),
    "pretrain": Step(
        "Adapt a protein language model",
        pretraining_paragraph,
        lambda record: "{proteins:,} training proteins".format(**record["counts"]["training"]),
        step_results.stated_verdict,
        step_results.rows_of_all,
    ),
    "split": Step(
        "Split labelled proteins",
        split_wording.methods_paragraph,
        lambda record: wording.counted(record["counts"]["examples"], record["counts"]["unit"]),
        step_results.stated_verdict,
    ),
    "sites": Step(
        "Prepare modification sites",
        prepared_sites_wording.methods_paragraph,
        lambda record: "{proteins:,} proteins, {examples:,} examples".format(**record["counts"]),
        step_results.stated_verdict,
    ),
    "finetune": Step(
        "Fine-tune a protein language model",
        methods.methods_paragraph,
        lambda record: wording.labelled(record["counts"]),
        step_results.stated_verdict,
        step_results.rows_of_headline,
        {"head": "Train a head on a frozen protein language model"},
    ),
    "predict": Step(
        "Predict with a tuned model",
        prediction_paragraph,
        _size_of_prediction,
        step_results.of_predictions,
        step_results.rows_of_headline,
    ),
    "ptm": Step(
        "Find modification sites",
        scan_paragraph,
        lambda record: "{proteins:,} proteins, {candidates:,} candidates".format(**record["counts"]),
        step_results.of_scan,
    ),
    "evaluate": Step(
        "Evaluate predictions",
        evaluation_wording.methods_paragraph,
        lambda record: str(record["counts"]["size"]),
        step_results.stated_verdict,
        step_results.rows_of_headline,
    ),
    "explain": Step(
        "Explain predictions",
        explanation_paragraph,
        lambda record: "{explained:,} of {given:,} given".format(**record["counts"]),
        step_results.stated_verdict,
    ),
    "search": Step(
        "Search by embeddings",
        search_paragraph,
        lambda record: "{queries:,} queries, {searched_references:,} references".format(**record["counts"]),
        step_results.of_search,
        step_results.rows_of_search,
    ),
    "project": Step(
        "Draw a map of proteins",
        map_paragraph,
        lambda record: "{proteins:,} proteins".format(**record["counts"]),
        step_results.stated_verdict,
        step_results.rows_of_map,
    ),
    "chunk": Step(
        "Divide proteins into chunks",
        chunk_paragraph,
        lambda record: "{proteins:,} proteins".format(**record["counts"]),
    ),
    "join": Step(
        "Join results of chunks",
        join_paragraph,
        lambda record: "{tables:,} files, {rows:,} rows".format(**record["counts"]),
    ),
}
