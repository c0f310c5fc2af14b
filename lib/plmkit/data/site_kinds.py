"""Whether to learn from windows around sites or from whole proteins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from plmkit.data.fasta import Proteins
from plmkit.data.site_candidates import CandidateStates

Kind = Literal["windows", "proteins"]

_CALLED: dict[Kind, str] = {"windows": "Windows", "proteins": "Whole proteins"}


@dataclass(frozen=True)
class Choice:
    """The kind of examples, and why in a sentence."""

    kind: Kind
    reason: str


def choose_kind(
    wanted: Literal["auto", "windows", "proteins"],
    candidates: CandidateStates,
    proteins: Proteins,
    length: int,
    divided: bool,
) -> Choice:
    """Return the kind that is wanted, or of both the one with fewer residues to compute.

    A whole protein is computed once for all its residues and modifications, a window for each. length: residues of a
    window; divided: whether sites of one protein go to several parts, which whole proteins cannot.
    """
    if wanted != "auto":
        return Choice(wanted, f"{_CALLED[wanted]}, as --kind asks.")
    if divided:
        return Choice("windows", "Windows, since the split divides the sites of a protein.")
    known = candidates.are_known
    rows = np.unique(candidates.proteins[known]).tolist()
    residues = sum(len(proteins.records[row].sequence) for row in rows)
    in_windows = int(known.sum()) * length
    what = f"windows of {length} around the {int(known.sum()):,} labelled residues have {in_windows:,} residues"
    against = f"the whole proteins ({len(rows):,}) {residues:,}"
    if in_windows < residues:
        return Choice("windows", f"Windows, since few residues have a label: {what}, {against}.")
    return Choice(
        "proteins",
        f"Whole proteins, since {what}, {against}: one pass over each protein gives all its sites and modifications at "
        "once, and the model sees the whole chain.",
    )
