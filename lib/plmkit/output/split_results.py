"""Write everything that plm split gives: table, FASTA, summary, offending pairs, figure, report, run record."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.config import SplitConfig
from plmkit.data.dataset import Examples
from plmkit.data.splitting import TRAIN, Division, Plan
from plmkit.data.splitting_check import Checked
from plmkit.data.splitting_table import Layout, headers_with
from plmkit.data.splitting_variants import CheckedVariants, Positions
from plmkit.output.run_record import input_entry, run_record, write_record
from plmkit.output.split_figures import draw_identities, draw_variants
from plmkit.output.split_tables import (
    OFFENDERS_HEADER,
    column_of,
    offender_rows,
    summary_rows,
    write_divided,
    write_summary,
)
from plmkit.output.split_wording import known_noun, methods_paragraph, verdict, verdict_on_variants, what_was_done
from plmkit.output.staging import Staging
from plmkit.output.tables import Cell, write_table
from plmkit.output.templates import render

log = logging.getLogger(__name__)

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "biopython")
_OFFENDERS_SHOWN = 10
_LABELS_SHOWN = 20


@dataclass(frozen=True)
class Found:
    """All that is to be written. checked: of sequences; variants, positions: of variants of one protein instead.

    mmseqs: the version of MMseqs2; None: it was not needed. coverage: of both sequences in clusters.
    """

    examples: Examples
    layout: Layout
    division: Division
    checked: Sequence[Checked]
    variants: Sequence[CheckedVariants]
    positions: Sequence[Positions]
    coverage: float
    mmseqs: str | None


def write_split(config: SplitConfig, staging: Staging, found: Found) -> None:
    """Write every output that was asked for."""
    layout, division = found.layout, found.division
    is_new = config.method != "given" or not layout.is_own
    name = "fold" if division.plan.is_folds else "split"
    column = column_of(layout, division)
    write_divided(staging[config.table], layout, name if is_new else None, column)
    if config.fasta:
        _write_fasta(config, staging[config.fasta], found, column)
    summary = summary_rows(found.examples, division)
    if config.summary:
        write_summary(staging[config.summary], summary)
    if config.offenders:
        write_table(staging[config.offenders], OFFENDERS_HEADER, offender_rows(found.checked, config.threshold))
    if config.figure:
        _draw(config, staging[config.figure], found)
    record = _record(config, found, summary)
    log.info("%s", record["counts"]["verdict"])
    if config.record:
        write_record(record, staging[config.record])
    if config.report:
        picture = staging[config.figure].read_bytes() if config.figure else None
        _write_report(staging[config.report], record, found, summary, picture)


def _write_fasta(config: SplitConfig, path: Path, found: Found, column: Sequence[str]) -> None:
    table, names = found.layout.table, {}
    for row, number in zip(found.examples.items, found.layout.row_of, strict=True):
        names[row.name] = column[number]
    if not found.layout.is_own:
        names |= {cells[0]: part for cells, part in zip(table.rows, column, strict=True)}
    key = "FOLD" if found.division.plan.is_folds else "SET"
    lines = headers_with(config.examples, found.examples.role, key, names, found.division.plan.aside)
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.writelines(line + "\n" for line in lines)


def _draw(config: SplitConfig, path: Path, found: Found) -> None:
    if not found.positions:
        known = known_noun(found.examples.unit, found.division.plan.is_folds)
        identities = {one.part: one.border.identity.tolist() for one in found.checked}
        draw_identities(path, identities, config.threshold, known)
        return
    numbers: dict[str, list[int]] = {}
    for part in found.division.plan.names:
        inside = [found.positions[row] for row in found.division.rows(part)]
        if config.method == "mutations":
            numbers[part] = [len(one) for one in inside]
        else:
            numbers[part] = [position for one in inside for position in sorted(one)]
    axes = ("mutated position", "variants that are mutated there")
    if config.method == "mutations":
        axes = ("mutations of a variant", "variants")
    draw_variants(path, numbers, *axes)


def _record(config: SplitConfig, found: Found, summary: Sequence[dict[str, Any]]) -> dict[str, Any]:
    examples, division = found.examples, found.division
    notes = [*examples.notes(), *division.notes, *_notes(found, summary)]
    for note in notes:
        log.warning("note: %s", note)
    read = (("examples", config.examples), ("labels", config.labels), ("parent", config.parent))
    inputs = [input_entry(role, path, 1 if role == "parent" else len(examples)) for role, path in read if path]
    plan, of_variants = division.plan, bool(found.variants)
    said = (
        verdict_on_variants(found.variants, plan, config.method)
        if of_variants
        else verdict(found.checked, plan, examples.unit, config.threshold)
    )
    counts = {
        "examples": len(examples),
        "rows": len(found.layout.table.rows),
        "unit": examples.unit,
        "task": examples.task.kind,
        "labels": list(examples.labels),
        "is_folds": plan.is_folds,
        "wanted": [{"part": part, "share": round(share, 6)} for part, share in _wanted(plan.names, plan.shares)],
        "parts": [{key: row[key] for key in ("part", "examples", "share")} for row in summary if row["label"] == "all"],
        "coverage": found.coverage,
        "mmseqs": found.mmseqs,
        "verdict": said,
        **dict(division.counts),
    }
    metrics = _of_variants(found.variants) if of_variants else _of_sequences(found.checked, config.threshold)
    return run_record("split", config, None, inputs, "cpu", counts, metrics, notes, libraries=_LIBRARIES)


def _wanted(names: Sequence[str], shares: Sequence[float]) -> Sequence[tuple[str, float]]:
    return list(zip(names, shares, strict=True))


def _of_sequences(checked: Sequence[Checked], threshold: float) -> list[dict[str, Any]]:
    return [
        {
            "part": one.part,
            "sequences": len(one.border),
            "highest_identity": round(one.border.highest, 6),
            "at_threshold": one.border.at_least(threshold),
            "without_relative": int((one.border.identity == 0).sum()),
        }
        for one in checked
    ]


def _of_variants(checked: Sequence[CheckedVariants]) -> list[dict[str, Any]]:
    return [
        {
            "part": one.part,
            "variants": one.variants,
            "fewest_mutations": one.fewest,
            "most_mutations": one.most,
            "share_a_position": one.shared,
        }
        for one in checked
    ]


def _notes(found: Found, summary: Sequence[dict[str, Any]]) -> list[str]:
    """Say what whoever uses the parts must know."""
    examples, division = found.examples, found.division
    role, notes = examples.role, []
    if left := len(found.layout.table.rows) - len(found.layout.row_of):
        notes.append(f"{role}: {left:,} rows without a label belong to no part ({division.plan.aside})")
    if examples.task.kind != "regression":
        for part in division.plan.names:
            missing = [row["label"] for row in summary if row["part"] == part and row["count"] == 0]
            if missing:
                more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                remedy = "merge labels or add examples of other families"
                if part == TRAIN:
                    remedy += "; plm finetune refuses labels that it cannot learn"
                notes.append(
                    f"{role}: nothing in {_called(part, division.plan)} has the label {missing[0]!r}{more}; {remedy}"
                )
    for name, wanted in _wanted(division.plan.names, division.plan.shares):
        share = len(division.rows(name)) / max(1, sum(part in division.plan.names for part in division.parts))
        if abs(share - wanted) > max(0.02, 0.2 * wanted):
            notes.append(
                f"{role}: {_called(name, division.plan)} has {share * 100:.0f} % of the examples where "
                f"{wanted * 100:.0f} % were wanted, since what belongs together cannot be divided"
            )
    return notes


def _called(part: str, plan: Plan) -> str:
    return f"fold {part}" if plan.is_folds else part


def _write_report(
    path: Path, record: dict[str, Any], found: Found, summary: Sequence[dict[str, Any]], picture: bytes | None
) -> None:
    offenders: list[Sequence[Cell]] = []
    for row in offender_rows(found.checked, record["config"]["threshold"]):
        if len(offenders) == _OFFENDERS_SHOWN:
            break
        offenders.append(row)
    labels = sorted(
        {row["label"] for row in summary if row["label"] != "all"},
        key=lambda label: -sum(row["count"] for row in summary if row["label"] == label),
    )
    text = render(
        "split_report.html",
        record=record,
        picture=base64.b64encode(picture).decode() if picture else None,
        done=what_was_done(record),
        methods=methods_paragraph(record),
        labels=labels[:_LABELS_SHOWN],
        left_out=max(0, len(labels) - _LABELS_SHOWN),
        cells={(row["label"], row["part"]): row for row in summary},
        offenders=offenders,
        all_offenders=sum(len(one.border.pairs.at_least(record["config"]["threshold"])) for one in found.checked),
    )
    path.write_text(text, encoding="utf-8")
