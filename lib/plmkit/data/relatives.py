"""Find examples that are relatives, so that no split divides them and no interval takes them for independent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from plmkit.data import mmseqs
from plmkit.data.dataset import Examples
from plmkit.data.families import COVERAGE, COVERAGE_OF_WINDOWS, families
from plmkit.data.leaks import THRESHOLD, border
from plmkit.data.splits import Split

IDENTITY = 0.3
_LEAST_CLUSTERS, _LARGEST = 20, 0.5


def with_relatives(examples: Examples) -> Examples:
    """Return the examples with the families of their sequences: clusters of 30 % identity over 80 % (of windows 50 %).

    Clusters with members that are 50 % identical count as one family.

    Without them, and with a remark that says why: pairs, of which each protein may have relatives of its own; variants
    of few proteins, where clusters leave nothing to divide; where MMseqs2 is missing.
    """
    if examples.unit == "pair":
        return examples
    if not mmseqs.is_installed():
        return _without(
            examples,
            "MMseqs2 is not installed here, so proteins that resemble each other may stand on both sides of a split "
            "and the measures be too good",
        )
    sequences = [item.sequences[0] for item in examples.items]
    coverage = COVERAGE_OF_WINDOWS if examples.unit == "window" else COVERAGE
    found = families(sequences, IDENTITY, coverage, THRESHOLD).of
    sizes = np.bincount(found)
    if len(sizes) < min(_LEAST_CLUSTERS, len(examples) / 2) or sizes.max() > _LARGEST * len(examples):
        return _without(
            examples,
            f"{sizes.max():,} of {len(examples):,} sequences are relatives of each other, variants of one protein "
            "perhaps; they stand on both sides of the split, so the measures hold for more such variants alone",
        )
    return replace(examples, clusters=found)


def without_relatives(examples: Examples, why: str) -> Examples:
    """Return the examples without clusters, which do not let them be divided; why: what stood against it."""
    return _without(replace(examples, clusters=None), f"relatives stand on both sides of the split ({why})")


def borders(examples: Examples, split: Split) -> dict[str, dict[str, Any]]:
    """Return for each part how near its examples come to the training ones; nothing where MMseqs2 is missing.

    Identity is 0 to 1, to the nearest training sequence; `near` counts those from the threshold on. Of a pair the
    protein that comes nearer counts.
    """
    if not mmseqs.is_installed():
        return {}
    found = {}
    for name, chosen in {"validation": split.validation, **split.tests}.items():
        asked, known = (
            [sequence for index in side for sequence in examples.items[index].sequences]
            for side in (chosen, split.train)
        )
        identity = border(asked, known).identity.reshape(len(chosen), -1).max(axis=1)
        found[name] = {
            "examples": len(chosen),
            "highest": round(float(identity.max()), 3),
            "median": round(float(np.median(identity)), 3),
            "near": int((identity >= THRESHOLD).sum()),
            "threshold": THRESHOLD,
        }
    return found


def _without(examples: Examples, why: str) -> Examples:
    return replace(examples, remarks=(*examples.remarks, f"{examples.role}: {why}"))
