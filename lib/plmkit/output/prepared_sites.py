"""Write everything that plm sites gives: examples, mismatches, summary, figure, report, run record."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plmkit.config import SitesConfig
from plmkit.data.leaks import THRESHOLD
from plmkit.data.site_counts import ALL, LEFT_OUT, Count, counts_of
from plmkit.data.site_examples import Made
from plmkit.data.site_splitting import NOWHERE
from plmkit.output.prepared_sites_figure import draw_counts
from plmkit.output.prepared_sites_wording import methods_paragraph, overlap_sentence, verdict, what_was_done
from plmkit.output.run_record import input_entry, run_record, write_record
from plmkit.output.site_examples import write_counts, write_mismatches, write_proteins, write_windows
from plmkit.output.split_wording import verdict as border_verdict
from plmkit.output.staging import Staging
from plmkit.output.templates import render

log = logging.getLogger(__name__)

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "biopython")
_MISMATCHES_SHOWN = 10
_SHOWN = 20
_MANY = 1_000_000


def write_results(config: SitesConfig, staging: Staging, made: Made, mmseqs: str | None) -> None:
    """Write every output that was asked for; mmseqs: the version of MMseqs2, None where it was not needed."""
    written = _write_examples(staging[config.examples], made)
    counts = counts_of(made.candidates, made.parted.of_site, made.parted.names, made.parted.keeps_proteins)
    if config.mismatches:
        write_mismatches(staging[config.mismatches], made.rejected)
    if config.summary:
        write_counts(staging[config.summary], counts)
    if config.figure:
        draw_counts(staging[config.figure], counts)
    record = _record(config, made, counts, written, mmseqs)
    log.info("%s", made.choice.reason)
    log.info("%s", record["counts"]["verdict"])
    if config.record:
        write_record(record, staging[config.record])
    if config.report:
        picture = staging[config.figure].read_bytes() if config.figure else None
        _write_report(staging[config.report], record, made, counts, picture)


def _write_examples(path: Path, made: Made) -> int:
    """Write the table; return how many examples it has."""
    parted, inside = made.parted, made.parted.of_site != NOWHERE
    if made.windows is not None:
        rows = np.flatnonzero(inside)
        parts = [parted.names[part] for part in parted.of_site[rows].tolist()] if parted.names else None
        names = None if made.window_names is None else [made.window_names[row] for row in rows.tolist()]
        write_windows(path, made.candidates.take(rows), made.windows[rows], parts, made.names, names)
        return len(rows)
    assert made.proteins is not None
    rows, first = np.unique(made.candidates.proteins[inside], return_index=True)
    parts = [parted.names[part] for part in parted.of_site[inside][first].tolist()] if parted.names else None
    write_proteins(path, made.candidates, made.proteins, rows, parts)
    return len(rows)


def _record(
    config: SitesConfig, made: Made, counts: Sequence[Count], written: int, mmseqs: str | None
) -> dict[str, Any]:
    notes = [*made.notes, *_notes(counts, written)]
    for note in notes:
        log.warning("note: %s", note)
    records = made.annotations if made.proteins is None else len(made.proteins)
    read = (("proteins", config.proteins, records), ("sites", config.sites, made.annotations))
    inputs = [input_entry(role, path, size) for role, path, size in read if path]
    units = "window" if made.proteins is None else "protein"
    division = made.parted.division
    border = border_verdict(made.checked, division.plan, units, THRESHOLD) if made.checked and division else ""
    whole = [row for row in counts if row.part == ALL]
    told = {
        "examples": written,
        "proteins": len(made.names),
        "annotations": made.annotations,
        "mismatches": len(made.rejected),
        "kind": made.choice.kind,
        "reason": made.choice.reason,
        "windows_given": made.proteins is None,
        "window_length": None if made.windows is None else int(made.windows.shape[1]),
        "unmarked": made.unmarked,
        "modifications": [
            {
                "name": row.modification,
                "residues": row.residues,
                "proteins": row.proteins,
                "modified": row.modified,
                "unmodified": row.unmodified,
                "unknown": row.unknown,
            }
            for row in whole
        ],
        "parts": list(made.parted.names),
        "mmseqs": mmseqs,
        "verdict": verdict(border, overlap_sentence(made.overlaps)),
        **dict(made.parted.counts),
    }
    return run_record("sites", config, None, inputs, "cpu", told, _border(made), notes, libraries=_LIBRARIES)


def _border(made: Made) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for one in made.checked:
        rows.setdefault(one.part, {"part": one.part}).update(
            sequences=len(one.border),
            highest_identity=round(one.border.highest, 6),
            at_threshold=one.border.at_least(THRESHOLD),
        )
    for overlap in made.overlaps:
        rows.setdefault(overlap.part, {"part": overlap.part}).update(
            windows=overlap.windows,
            overlapping=overlap.overlapping,
            identical=overlap.identical,
            proteins=overlap.proteins,
            shared_proteins=overlap.shared_proteins,
        )
    return list(rows.values())


def _notes(counts: Sequence[Count], written: int) -> list[str]:
    """Say what whoever learns from the examples must know."""
    notes = []
    for row in counts:
        if row.part in (ALL, LEFT_OUT):
            if row.part == ALL and not row.unmodified:
                notes.append(
                    f"sites: no residue is known not to bear {row.modification}, so nothing can be learned of it; tell "
                    "some, or give --unmarked negative"
                )
        elif not row.modified:
            notes.append(f"sites: the part {row.part} has no site of {row.modification}; it cannot be judged there")
    if written > _MANY:
        notes.append(
            f"sites: {written:,} windows are many; --kind proteins computes each protein once, and --negatives of plm "
            "finetune learns from fewer"
        )
    return notes


def _write_report(
    path: Path, record: dict[str, Any], made: Made, counts: Sequence[Count], picture: bytes | None
) -> None:
    whole = sorted((row for row in counts if row.part == ALL), key=lambda row: -row.modified)
    shown = [row.modification for row in whole[:_SHOWN]]
    text = render(
        "prepared_sites.html",
        record=record,
        picture=base64.b64encode(picture).decode() if picture else None,
        done=what_was_done(record),
        methods=methods_paragraph(record),
        tables=[(name, [row for row in counts if row.modification == name]) for name in shown],
        left_out=len(whole) - len(shown),
        overlapping=bool(made.overlaps),
        identities=bool(made.checked),
        mismatches=made.rejected[:_MISMATCHES_SHOWN],
    )
    path.write_text(text, encoding="utf-8")
