"""Which residues are more, or less, frequent around sites called modified than around the other candidates.

Two samples are compared at each position by Fisher's exact test. It tells what a model goes by, not what is so: the
calls are the model's own. Sites of related proteins are no independent draws, so p values are too small where families
are large.

Sources: Vacic et al. 2006 (Two Sample Logo), doi:10.1093/bioinformatics/btl151; Colaert et al. 2009 (iceLogo),
doi:10.1038/nmeth1109-786.

Axes: L positions of a window, A the 20 amino acids.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from plmkit.data.chains import Chains, Indices
from plmkit.data.scored_sites import ScoredSites
from plmkit.learning.paired import holm

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
FLANK = 7
FEWEST = 10  # sites on either side
SIGNIFICANT = 0.05
_AT_ONCE = 100_000

Doubles = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Motif:
    """Residues around the sites of one modification.

    called: sites called modified; others: the other candidates. counts: (2, L, A) of called and of others; totals:
    (2, L) with any of the 20 amino acids there, less at the ends of proteins. p: (L, A), two-sided; corrected: by Holm
    for all that was tested. Both are NaN where nothing could be tested.
    """

    modification: str
    called: int
    others: int
    counts: Counts
    totals: Counts
    p: Doubles
    corrected: Doubles

    @property
    def is_tested(self) -> bool:
        """Whether there were enough sites of both kinds."""
        return min(self.called, self.others) >= FEWEST

    @property
    def shares(self) -> Doubles:
        """The share (2, L, A) of each residue at each position; NaN where there is none."""
        totals = self.totals[:, :, None].astype(np.float64)
        found = np.full(self.counts.shape, np.nan)
        np.divide(self.counts, totals, out=found, where=totals > 0)
        return found

    @property
    def difference(self) -> Doubles:
        """Share among called minus that among others, (L, A)."""
        shares = self.shares
        return np.asarray(shares[0] - shares[1])

    @property
    def log_odds(self) -> Doubles:
        """Binary logarithm of the odds ratio, (L, A), with one half added to each count (Haldane and Anscombe)."""
        inside, outside = self.counts + 0.5, self.totals[:, :, None] - self.counts + 0.5
        return np.asarray(np.log2(inside[0] * outside[1] / (inside[1] * outside[0])))


def motif_of(sites: ScoredSites, chains: Chains) -> Motif:
    """Compare the surroundings of the sites called modified with those of the other candidates.

    chains: with a flank of FLANK or more.
    """
    counts = np.zeros((2, 2 * FLANK + 1, len(AMINO_ACIDS)), dtype=np.int64)
    is_modified = sites.is_modified
    for row, chosen in enumerate((is_modified, ~is_modified)):
        places = sites.candidates.take(chosen).places(chains)
        for start in range(0, len(places), _AT_ONCE):
            counts[row] += _count(chains, places[start : start + _AT_ONCE])
    totals, called = counts.sum(axis=2), int(is_modified.sum())
    nothing = np.full(counts.shape[1:], np.nan)
    motif = Motif(sites.modification, called, len(sites) - called, counts, totals, nothing, nothing)
    if not motif.is_tested:
        return motif
    p = fisher(counts, totals)
    corrected = np.array(holm(p.ravel().tolist())).reshape(p.shape)
    return Motif(sites.modification, called, len(sites) - called, counts, totals, p, corrected)


def fisher(counts: Counts, totals: Counts) -> Doubles:
    """Return the two-sided p (L, A) of Fisher's exact test, the smaller tail doubled; NaN where a residue is absent.

    Source: Fisher 1935; doubling as in Agresti 1992, doi:10.1214/ss/1177011454.
    """
    everywhere = counts.sum(axis=0)
    total = np.broadcast_to(totals.sum(axis=0)[:, None], everywhere.shape)
    drawn = np.broadcast_to(totals[0][:, None], everywhere.shape)
    is_tested = (everywhere > 0) & (everywhere < total) & (totals.min(axis=0)[:, None] > 0)
    found = np.full(everywhere.shape, np.nan)
    k, population, good, draws = (array[is_tested] for array in (counts[0], total, everywhere, drawn))
    upper, lower = hypergeom.sf(k - 1, population, good, draws), hypergeom.cdf(k, population, good, draws)
    found[is_tested] = np.minimum(1.0, 2 * np.minimum(upper, lower))
    return found


def _count(chains: Chains, places: Indices) -> Counts:
    """Return how often each amino acid stands at each position, (L, A)."""
    windows = chains.windows(places, 2 * FLANK + 1)
    letters = list(AMINO_ACIDS.encode("ascii"))
    return np.stack([np.bincount(column, minlength=256)[letters] for column in windows.T])
