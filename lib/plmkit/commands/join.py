"""plm join: the results of chunks to one table, GFF3, BED, bedGraph or FASTA."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from plmkit.config import JoinConfig
from plmkit.data.joined_features import joined_gff, joined_tracks
from plmkit.data.joined_rows import joined_fasta, joined_tables
from plmkit.data.joining import ROLE, Kind, Part, Tally, kind_of
from plmkit.errors import PROBLEMS_SHOWN
from plmkit.output.run_record import input_entry, run_record, write_record
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)

_JOINED: dict[Kind, Callable[[Sequence[Part], Tally], Iterator[str]]] = {
    "table": joined_tables,
    "gff3": joined_gff,
    "track": joined_tracks,
    "fasta": joined_fasta,
}


def run(config: JoinConfig) -> None:
    """Write the rows of all files beneath one header."""
    with staged([config.out, config.record], config.table) as staging:
        names = config.element_name or [""] * len(config.table)
        pairs = enumerate(zip(names, config.table, strict=True), start=1)
        parts = [Part(number, name, path) for number, (name, path) in pairs]
        _join(config, parts, staging)


def _join(config: JoinConfig, parts: Sequence[Part], staging: Staging) -> None:
    full = [part for part in parts if not part.is_empty]
    kind = kind_of(full)
    tally = Tally(parts)
    with staging[config.out].open("w", encoding="utf-8", newline="") as handle:
        handle.writelines(f"{line}\n" for line in _JOINED[kind](full, tally))
    tally.check()
    notes = _notes_on_empty([part.short for part in parts if part.is_empty], len(parts)) + tally.notes()
    for note in notes:
        log.warning("note: %s", note)
    rows = sum(tally.rows.values())
    if config.record:
        inputs = [input_entry(ROLE, part.path, tally.rows[part.number]) for part in parts]
        counts = {"kind": kind, "tables": len(parts), "empty_tables": len(parts) - len(full), "rows": rows}
        record = run_record("join", config, None, inputs, "cpu", counts, notes=notes, libraries=())
        write_record(record, staging[config.record])
    log.info("%s rows joined; files: %s", f"{rows:,}", f"{len(parts):,}")


def _notes_on_empty(empty: Sequence[str], given: int) -> list[str]:
    if not empty:
        return []
    shown = ", ".join(empty[:PROBLEMS_SHOWN]) + (" ..." if len(empty) > PROBLEMS_SHOWN else "")
    return [f"{ROLE}: {len(empty)} of {given} are empty (no bytes), nothing of them is joined: {shown}"]
