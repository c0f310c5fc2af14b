"""plm chunk: a proteome to FASTA files that cost a model about the same."""

from __future__ import annotations

import logging
from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plmkit.config import ChunkConfig
from plmkit.data.chunking import Chunk, divide, how_many
from plmkit.data.fasta import each_protein
from plmkit.data.opening import text_lines
from plmkit.data.residues import clean_residues
from plmkit.output.chunks import write_chunks
from plmkit.output.run_record import input_entry, run_record, write_record
from plmkit.output.staging import staged

log = logging.getLogger(__name__)

_ROLE = "proteins"
_PADDING = "-_"  # of windows, which plm predict reads


def run(config: ChunkConfig) -> None:
    """Check all proteins, then write each to its chunk."""
    with staged([config.record], [config.proteins], folders=[config.out]) as staging:
        lengths = _lengths(config.proteins)
        count, notes = how_many(_ROLE, lengths, config.chunks, config.residues)
        for note in notes:
            log.warning("note: %s", note)
        chunks = divide(lengths, count)
        write_chunks(staging[config.out], text_lines(config.proteins, _ROLE), chunks, _ROLE)
        if config.record:
            inputs = [input_entry(_ROLE, config.proteins, len(lengths))]
            counts = _counts(chunks)
            record = run_record("chunk", config, None, inputs, "cpu", counts, notes=notes, libraries=("biopython",))
            write_record(record, staging[config.record])
    log.info("%s", _told(chunks))


def _lengths(path: Path) -> Sequence[int]:
    """Return the residues of each protein; what the tools would refuse is refused here, before there are many jobs."""
    return array("q", (len(protein.sequence) for protein in each_protein(path, _ROLE, Counter(), _checked)))


def _checked(sequence: str, done: Counter[str]) -> str:
    core = sequence.lstrip(_PADDING)
    return clean_residues(core.rstrip(_PADDING), done, offset=len(sequence) - len(core))


def _counts(chunks: Sequence[Chunk]) -> dict[str, Any]:
    return {
        "proteins": sum(chunk.proteins for chunk in chunks),
        "residues": sum(chunk.residues for chunk in chunks),
        "chunks": [
            {"name": chunk.name, "proteins": chunk.proteins, "residues": chunk.residues, "cost": chunk.cost}
            for chunk in chunks
        ],
    }


def _told(chunks: Sequence[Chunk]) -> str:
    proteins, residues = (sum(numbers) for numbers in zip(*((c.proteins, c.residues) for c in chunks), strict=True))
    costs = [chunk.cost for chunk in chunks]
    said = f"{proteins:,} proteins of {residues:,} residues in {len(chunks):,} chunk{'' if len(chunks) == 1 else 's'}"
    longest = max(costs) * len(costs) / sum(costs)
    return f"{said}; the costliest takes about {longest:.2f} times as long as the mean"
