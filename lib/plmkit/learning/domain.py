"""How far from its training examples a model is asked: beyond them, nobody knows how good it is.

What the head sees of an example is a vector; its distance to the nearest training example is compared with the same
distances of validation examples, which are what all measures of the model were taken from. Other distances (cosine, the
tenth nearest, Mahalanobis after Lee et al. 2018, doi:10.48550/arXiv.1807.03888) were tried and tell no more of averages
over a protein: docs/formats.md says what none of them sees.

Source: Sun et al. 2022, Out-of-distribution detection with deep nearest neighbors, doi:10.48550/arXiv.2204.06507.

Axes: N training examples, V validation examples, Q examples asked about, W numbers of a vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from plmkit.learning.neighbours import nearest

Floats = NDArray[np.floating]
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]

DOMAIN_FILE = "domain.safetensors"
MOST_KEPT = 2000
FAR, VERY_FAR = 0.95, 0.99
FEWEST_TO_TELL = 19  # validation examples: beyond all of them is where one in twenty like them lies
_KEYS = {"mean": 1, "deviation": 1, "vectors": 2, "distances": 1}
_LARGEST = 1000.0  # of a standardised number: fits into float16


@dataclass(frozen=True)
class Domain:
    """Where the training examples lie.

    mean, deviation: (W,) of the training vectors; vectors: (N, W) some of them, standardised, float16; distances: (V,)
    rising, from validation examples to the nearest of these.
    """

    mean: Singles
    deviation: Singles
    vectors: NDArray[np.float16]
    distances: Singles

    def shares(self, asked: Floats) -> Doubles:
        """Return for vectors (Q, W) the share of validation examples that lie nearer to the training examples, (Q,).

        The one asked about counts among them, as in a conformal p-value: of those like them at most one in twenty has
        0.95 or more, however few they are.
        """
        found = _nearest(_standardised(asked, self.mean, self.deviation), self.vectors)
        return np.asarray(np.searchsorted(self.distances, found) / (len(self.distances) + 1), dtype=np.float64)

    def save(self, path: Path) -> None:
        """Write it as safetensors."""
        save_file({name: np.ascontiguousarray(getattr(self, name)) for name in _KEYS}, path)

    @classmethod
    def load(cls, path: Path) -> Domain:
        """Read what `save` wrote; raises ValueError for anything else."""
        try:
            found = load_file(path)
        except (SafetensorError, OSError) as error:
            raise ValueError(str(error)) from None
        if found.keys() != _KEYS.keys() or any(found[name].ndim != axes for name, axes in _KEYS.items()):
            raise ValueError("arrays of other names or shapes")
        width = found["vectors"].shape[1]
        is_whole: bool = all(len(array) > 0 and bool(np.isfinite(array).all()) for array in found.values())
        if not is_whole or found["mean"].shape != (width,) or found["deviation"].shape != (width,):
            raise ValueError("arrays of unequal width, or empty ones")
        if (found["deviation"] <= 0).any() or (np.diff(found["distances"]) < 0).any():
            raise ValueError("deviations that are not above zero, or distances that do not rise")
        return cls(found["mean"], found["deviation"], found["vectors"], found["distances"])


def fit_domain(training: Floats, validation: Floats) -> Domain:
    """Return where training vectors (N, W) lie, and how far from them validation vectors (V, W); at most 2,000 kept.

    Give a random choice of the training examples when there are more: those beyond 2,000 are left out.
    """
    mean = training.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviation = training.std(axis=0, dtype=np.float64).astype(np.float32)
    deviation = np.where(deviation > 1e-6 * np.maximum(1e-6, np.abs(mean)), deviation, 1).astype(np.float32)
    kept = _standardised(training[:MOST_KEPT], mean, deviation).astype(np.float16)
    distances = _nearest(_standardised(validation, mean, deviation), kept)
    return Domain(mean, deviation, kept, np.sort(distances))


def flag(share: float) -> str:
    """Say how far that is: no, yes (beyond 95 % of the validation examples), very (beyond 99 %)."""
    return "very" if share >= VERY_FAR else "yes" if share >= FAR else "no"


def _standardised(vectors: Floats, mean: Singles, deviation: Singles) -> Singles:
    return np.asarray(np.clip((vectors - mean) / deviation, -_LARGEST, _LARGEST), dtype=np.float32)


def _nearest(asked: Singles, kept: NDArray[np.float16]) -> Singles:
    found = nearest(asked, kept.astype(np.float32), 1, "euclidean")
    # rounded: the same protein asked again, computed beside others, is at the same distance
    return np.asarray(np.round(found.distances[:, 0], 4), dtype=np.float32)
