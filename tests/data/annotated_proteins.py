"""Small annotated proteins, without files."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plmkit.data.chains import Chains, Letters
from plmkit.data.fasta import Protein, Proteins
from plmkit.data.site_annotations import Annotated

Told = Mapping[str, Mapping[int, bool]]


def annotated(
    sequences: Sequence[str],
    told: Mapping[str, Sequence[Mapping[int, bool]]],
    parts: Sequence[str | None] | None = None,
    site_parts: Sequence[Mapping[int, str]] = (),
) -> Annotated:
    """Proteins p0, p1 ... ; told: for each modification what is known of each protein."""
    records = tuple(Protein(f"p{row}", sequence, line=row + 1) for row, sequence in enumerate(sequences))
    return Annotated(
        proteins=Proteins(records),
        modifications=tuple(sorted(told)),
        states={name: tuple(told[name]) for name in sorted(told)},
        annotations=sum(len(one) for states in told.values() for one in states),
        rejected=(),
        parts=tuple(parts or [None] * len(sequences)),
        notes=(),
        site_parts=tuple(site_parts or [{} for _ in sequences]),
    )


def windows_of(
    sequences: Sequence[str], proteins: NDArray[np.integer], positions: NDArray[np.integer], length: int
) -> Letters:
    """The windows around residues."""
    chains = Chains.of(sequences, length // 2)
    return chains.windows(chains.places(proteins, positions), length)
