"""How a proteome was divided into files and results were joined again, in sentences for a paper."""

from __future__ import annotations

from plmkit.output.telling import Record, Telling


def chunk_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm chunk divided proteins."""
    counts, told = record["counts"], (telling or Telling()).software(record)
    proteins, chunks = counts["proteins"], len(counts["chunks"])
    return f"The {proteins:,} proteins were divided into {chunks:,} chunks of like cost with {told}."


def join_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm join put results together."""
    counts, told = record["counts"], (telling or Telling()).software(record)
    return f"The results of {counts['tables']:,} chunks ({counts['rows']:,} rows) were joined with {told}."
