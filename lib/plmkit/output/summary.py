"""One page on an analysis of several steps: what came out, what to beware of, the methods, the works to cite."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.data.run_record_parts import joined
from plmkit.data.run_records import ROLE, GivenRecord, GivenRecords
from plmkit.errors import UserError
from plmkit.models.manifest import allows_commercial_use
from plmkit.output.references import Work, as_text, bibliography, numbered
from plmkit.output.step_results import in_cells
from plmkit.output.steps import STEPS
from plmkit.output.telling import Telling
from plmkit.output.templates import render

_SHORT = 12  # letters of a checksum that are shown
_SOURCES = {
    "torch": "PyTorch (doi:10.48550/arXiv.1912.01703)",
    "transformers": "transformers (doi:10.18653/v1/2020.emnlp-demos.6)",
    "scikit-learn": "scikit-learn (https://www.jmlr.org/papers/v12/pedregosa11a.html)",
}
_COMMERCIAL = {True: "allowed", False: "NOT allowed: non-commercial use alone", None: "not known here"}


@dataclass(frozen=True)
class Told:
    """One step: its name with its number in the analysis, and what its run record tells.

    inputs: checksum, role and number of records of each; model: None of a step without one.
    """

    name: str
    record: GivenRecord
    methods: str
    size: str
    result: str
    metrics: tuple[tuple[str, ...], ...]
    inputs: tuple[tuple[str, str, str], ...]
    model: dict[str, Any] | None


@dataclass(frozen=True)
class Summary:
    """The page. notes: each with the steps that said it; methods: paragraphs that cite works by number."""

    steps: tuple[Told, ...]
    notes: tuple[tuple[str, str], ...]
    methods: tuple[str, ...]
    works: tuple[Work, ...]


def summarised(given: GivenRecords) -> Summary:
    """Tell every step. Raises UserError for a record from which something is missing."""
    telling = Telling()
    each = enumerate(joined(given.records), start=1)
    steps = [_told(place, record, parts, telling) for place, (record, parts) in each]
    problems = [problem for problem in steps if isinstance(problem, str)]
    if problems:
        raise UserError(f"{ROLE}, {'; '.join(problems)}")
    told = tuple(step for step in steps if isinstance(step, Told))
    methods, works = _methods(told, telling)
    return Summary(told, _notes(told, given), methods, works)


def write_page(path: Path, summary: Summary) -> None:
    """Write the page (HTML), which reads well without style sheets."""
    text = render(
        "summary.html",
        record={"command": "summarise"},
        summary=summary,
        results=_results(summary),
        models=_models(summary.steps),
        inputs=_inputs(summary.steps),
        references=[as_text(work) for work in summary.works],
        short=_SHORT,
    )
    path.write_text(text, encoding="utf-8")


def write_text(path: Path, summary: Summary) -> None:
    """Write the short form (Markdown): result, notes, methods, references."""
    text = render(
        "summary.md",
        results=[(_plain(name), _plain(result)) for name, result in _results(summary)],
        notes=[(_plain(note), _plain(steps)) for note, steps in summary.notes],
        methods=[_plain(paragraph) for paragraph in summary.methods],
        references=[_plain(as_text(work)) for work in summary.works],
    )
    path.write_text(text, encoding="utf-8")


def write_bibliography(path: Path, summary: Summary) -> None:
    """Write the works to cite (BibTeX)."""
    path.write_text(bibliography(summary.works), encoding="utf-8")


def _told(place: int, record: GivenRecord, parts: int, telling: Telling) -> Told | str:
    step, content = STEPS.get(record.command), record.content
    if step is None:
        return (
            f"number {record.number}: it is of plm {record.command}, which this plmkit does not know; summarise it "
            "with the plmkit that wrote it, or leave it out"
        )
    try:
        return Told(
            name=f"{place}. {step.name(content)}" + (f", in {parts:,} parts" if parts > 1 else ""),
            record=record,
            methods=step.methods(content, telling),
            size=step.size(content),
            result=step.result(content),
            metrics=tuple(in_cells(row) for row in step.rows(content)),
            inputs=tuple((one["sha256"], one["role"], f"{one['records']:,}") for one in content["inputs"]),
            model=_model(content["model"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return (
            f"number {record.number}: the record of plm {record.command} lacks something ({error}); it was changed, or "
            f"written by another version of plmkit ({content['plmkit']}): run the step again"
        )


def _results(summary: Summary) -> list[tuple[str, str]]:
    """Return what came out, first of all where something was measured."""
    ordered = sorted(summary.steps, key=lambda step: not step.metrics)
    return [(step.name, step.result) for step in ordered if step.result]


def _methods(steps: Sequence[Told], telling: Telling) -> tuple[tuple[str, ...], tuple[Work, ...]]:
    """Return paragraphs with numbers for the works that they cite, and these works; plmkit is the last one."""
    sources = [source for name, source in _SOURCES.items() if name in telling.programs]
    also = f"Sources of software: {', '.join(sources)}, plmkit" if sources else "Source of software: plmkit"
    paragraphs = [step.methods for step in steps]
    text, works = numbered("\n".join([*paragraphs, also]))
    versions = ", ".join(dict.fromkeys(step.record.content["plmkit"] for step in steps))
    title = f"plmkit: protein language models in Galaxy and at the command line, version {versions}"
    works.append(Work("", ("{The plmkit contributors}",), title, "", None))
    return tuple(f"{text} [{len(works)}].".split("\n")), tuple(works)


def _notes(steps: Sequence[Told], given: GivenRecords) -> tuple[tuple[str, str], ...]:
    """Return each note once, with the steps that said it."""
    said: dict[str, list[Told]] = {note: [] for note in given.notes()}
    for step in steps:
        for note in step.record.content["notes"]:
            said.setdefault(str(note), []).append(step)
    return tuple((note, _named(speakers, len(steps))) for note, speakers in said.items())


def _named(speakers: Sequence[Told], steps: int) -> str:
    """Name the steps that said a note: one by its name, several by their numbers."""
    if len(speakers) < 2:
        return speakers[0].name if speakers else "this summary"
    if len(speakers) == steps:
        return "all steps"
    numbers = [step.name.partition(".")[0] for step in speakers]
    return f"steps {', '.join(numbers[:-1])} and {numbers[-1]}"


def _model(model: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the page tells of a language model, with its licence."""
    if model is None:
        return None
    licence = model.get("licence") or ""
    return {
        "name": model["name"],
        "family": model["family"],
        "revision": model.get("revision") or "",
        "sha256": model["sha256"],
        "licence": licence or "not stated",
        "commercial": _COMMERCIAL[allows_commercial_use(licence)],
    }


def _models(steps: Sequence[Told]) -> list[dict[str, Any]]:
    """Return each language model once."""
    return list({step.model["sha256"]: step.model for step in steps if step.model}.values())


def _inputs(steps: Sequence[Told]) -> list[tuple[str, ...]]:
    """Return each file that went in once: its checksum, roles, records, and the steps that read it."""
    read = [(*entry, step.name) for step in steps for entry in step.inputs]
    found = []
    for sha256 in dict.fromkeys(entry[0] for entry in read):
        roles, records, names = zip(*(entry[1:] for entry in read if entry[0] == sha256), strict=True)
        found.append((sha256, *(_joined(values) for values in (roles, records, names))))
    return found


def _joined(values: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(values))


def _plain(text: str) -> str:
    """Return a text in which Markdown finds nothing to format; [1] stays as it is."""
    for sign in "\\`*<|#":
        text = text.replace(sign, f"\\{sign}")
    # inside a word an underscore formats nothing
    return re.sub(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])", r"\_", text).replace("](", "]\\(")
