"""All that was made of annotated sites, and what of the input went into no example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plmkit.data.chains import Letters
from plmkit.data.fasta import Proteins
from plmkit.data.site_annotations import Annotated, Rejected
from plmkit.data.site_candidates import UNMODIFIED, CandidateStates
from plmkit.data.site_kinds import Choice
from plmkit.data.site_overlaps import Overlap
from plmkit.data.site_splitting import Parted
from plmkit.data.splitting_check import Checked
from plmkit.errors import UserError

Unmarked = Literal["negative", "unknown", "mixed", "told"]


@dataclass(frozen=True)
class Made:
    """Examples to be written, and how they came about.

    names: of the proteins. proteins: whole ones, None where the user gave windows, which then have window_names.
    windows: (S, L) letters round each candidate where windows are written. unmarked: what a candidate was taken for
    that nothing is said of; told: there is none.
    """

    choice: Choice
    candidates: CandidateStates
    parted: Parted
    names: tuple[str, ...]
    unmarked: Unmarked
    annotations: int
    proteins: Proteins | None = None
    windows: Letters | None = None
    window_names: tuple[str, ...] | None = None
    rejected: tuple[Rejected, ...] = ()
    checked: tuple[Checked, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    notes: tuple[str, ...] = ()


def left_out_notes(candidates: CandidateStates, proteins: Proteins) -> list[str]:
    """Say which proteins give no example."""
    count = len(proteins)
    without_candidate = count - len(np.unique(candidates.proteins))
    without_site = count - len(np.unique(candidates.proteins[candidates.are_modified]))
    without_example = count - len(np.unique(candidates.proteins[candidates.are_known]))
    notes = []
    if without_candidate:
        notes.append(f"proteins: {without_candidate:,} of {count:,} have no candidate residue")
    if without_site:
        notes.append(f"proteins: {without_site:,} of {count:,} have no site")
    if without_example:
        notes.append(
            f"proteins: {without_example:,} of {count:,} are left out, since nothing is known of their candidates "
            "(--negatives-from all takes them for not modified)"
        )
    return notes


def check_learnable(candidates: CandidateStates) -> None:
    """Raise UserError if no residue is known not to be modified: there is nothing to tell sites from."""
    if not (candidates.states == UNMODIFIED).any():
        raise UserError(
            "sites: no candidate residue is known not to be modified, so nothing can be learned; tell some, name more "
            "candidates with --residues, or give --unmarked negative"
        )


def unmarked_is(wanted: Literal["auto", "negative", "unknown"], annotated: Annotated) -> Unmarked:
    """Return what candidates without a word were taken for."""
    if wanted != "auto":
        return wanted
    told = {_tells_negatives(annotated.states[name]) for name in annotated.modifications}
    return "mixed" if len(told) > 1 else "unknown" if True in told else "negative"


def _tells_negatives(states: Sequence[Mapping[int, bool]]) -> bool:
    return any(False in of_protein.values() for of_protein in states)
