"""Divide proteins into runs of neighbours which cost a language model about the same time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from plmkit.data.packs import usual_overlap, windows
from plmkit.errors import UserError

# one core took 3 to 4 minutes for them with the shape of ESM-2 35M, beside which the start of a job counts little
USUAL_RESIDUES = 500_000
MOST_CHUNKS = 1_000  # each is a dataset and a job: more would burden a server
_DIGITS = 3
_READ_AT_ONCE = 1022  # residues of ESM-2's training; of most other models nearly as many
_ATTENTION_IS_HALF = 1_200  # tokens; see `cost`


@dataclass(frozen=True)
class Chunk:
    """One run of neighbours: how many proteins and residues it has, and their cost together."""

    name: str
    proteins: int
    residues: int
    cost: int


def cost(length: int) -> int:
    """Estimate what reading a protein of so many residues costs, in residues of a very short one.

    All parts of a transformer but attention take as long for each token, wherever it stands; attention takes longer
    the more tokens there are. The number of tokens at which both take as long depends on model and machine; chunks
    need it roughly. Measured on one core, each residue of a protein of 1,000 takes 1.97 times as long as of one of 50
    with the shape of ESM-2 8M, and 1.79 times with that of 35M; here it is 1.69 times.
    Proteins longer than what is read at once are read in windows that overlap.
    """
    pieces = windows(0, length, _READ_AT_ONCE, usual_overlap(_READ_AT_ONCE))
    return round(sum(piece.tokens * (1 + piece.tokens / _ATTENTION_IS_HALF) for piece in pieces))


def how_many(role: str, lengths: Sequence[int], chunks: int | None, residues: int | None) -> tuple[int, list[str]]:
    """Return how many chunks to make, and what must be said of it.

    lengths: residues of each protein; chunks or residues: what was asked for. Raises UserError for too many.
    """
    total = sum(lengths)
    wanted = chunks or -(-total // (residues or USUAL_RESIDUES))
    notes = []
    if wanted > MOST_CHUNKS:
        if chunks or residues:
            asked = f"--chunks {chunks}" if chunks else f"--residues {residues} with {total} residues in all"
            remedy = "fewer" if chunks else f"at least {-(-total // MOST_CHUNKS)}"
            raise UserError(f"{role}: {asked} makes {wanted} chunks, more than {MOST_CHUNKS}; ask for {remedy}")
        wanted = MOST_CHUNKS
        notes.append(f"{role}: {wanted} chunks, the most there may be, of more than {USUAL_RESIDUES:,} residues")
    if wanted > len(lengths):
        notes.append(f"{role}: {len(lengths)} chunks, not {wanted}: each has one protein at least")
    return min(wanted, len(lengths)), notes


def divide(lengths: Sequence[int], count: int) -> list[Chunk]:
    """Return `count` chunks of neighbouring proteins, in their order, of costs as equal as may be; none is empty.

    Each chunk ends where its cost comes nearest to an equal share of what is left. lengths: residues of each protein.
    """
    costs = _sums([cost(length) for length in lengths])
    residues = _sums(lengths)
    digits = max(_DIGITS, len(str(count)))
    return [
        Chunk(f"chunk_{number:0{digits}}", stop - start, residues[stop] - residues[start], costs[stop] - costs[start])
        for number, (start, stop) in enumerate(pairwise(_borders(costs, count)), start=1)
    ]


def _sums(numbers: Sequence[int]) -> list[int]:
    return [0, *accumulate(numbers)]


def _borders(sums: Sequence[int], count: int) -> Iterator[int]:
    """Yield where each chunk begins, and where the last one ends; sums: costs of all proteins before each."""
    start, proteins = 0, len(sums) - 1
    yield start
    for left in range(count, 1, -1):
        aim = sums[start] + (sums[-1] - sums[start]) / left
        beyond = bisect_left(sums, aim)
        nearest = beyond - (aim - sums[beyond - 1] <= sums[beyond] - aim)
        start = min(max(nearest, start + 1), proteins - left + 1)
        yield start
    yield proteins
