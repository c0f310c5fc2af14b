"""Write proteins into the FASTA files of their chunks, as they were given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path

from plmkit.data.chunking import Chunk
from plmkit.errors import UserError


def write_chunks(folder: Path, lines: Iterable[str], chunks: Sequence[Chunk], role: str) -> None:
    """Write the lines of a FASTA file, each record to the file of its chunk: all files in a row hold what was given.

    Nothing but the present line is held. Raises UserError if there are other proteins than the chunks were made for.
    """
    folder.mkdir()
    for index, numbered in groupby(_numbered(lines, chunks, role), key=itemgetter(0)):
        with (folder / f"{chunks[index].name}.fasta").open("w", encoding="utf-8", newline="") as handle:
            handle.writelines(f"{line}\n" for _, line in numbered)


def _numbered(lines: Iterable[str], chunks: Sequence[Chunk], role: str) -> Iterator[tuple[int, str]]:
    """Yield each line with the index of its chunk; blank lines before the first record belong to none."""
    ends = list(accumulate(chunk.proteins for chunk in chunks))
    record = -1
    for line in lines:
        record += line.startswith(">")
        if record == ends[-1]:
            break
        if record >= 0:
            yield bisect_right(ends, record), line
    if record != ends[-1] - 1:
        raise UserError(f"{role}: the file was changed while it was read; start again")
