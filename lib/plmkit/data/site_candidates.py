"""Which residues can bear a modification, and what is known of each: modified, not modified, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plmkit.data.chains import PADDING, Chains, Flags, Indices, as_text, distinct_letters
from plmkit.data.site_annotations import Annotated
from plmkit.errors import UserError

MODIFIED, UNMODIFIED, UNKNOWN, NO_CANDIDATE = 1, 0, -1, -2

States = NDArray[np.int8]

_LEAST_SHARE = 0.01  # of its sites, that a residue bears by default to be a candidate
_MOSTLY, _ENOUGH = 0.8, 20  # share and number of sites at N in sequons from which on the user is told


@dataclass(frozen=True)
class CandidateRules:
    """How candidates and negatives are found.

    residues: letters by modification, where the user gave them. unmarked: what a candidate is that nothing is said of;
    auto: unknown where residues that are not modified are told, else negative. negatives_from: the proteins in which it
    is negative, those with a site of the same modification or all.
    """

    residues: Mapping[str, str]
    sequons: bool = False
    unmarked: Literal["auto", "negative", "unknown"] = "auto"
    negatives_from: Literal["same", "all"] = "same"


@dataclass(frozen=True)
class CandidateStates:
    """Residues that can bear any of the modifications (S of M), protein by protein, from the N terminus on.

    residues: the candidate letters of each modification. proteins: (S,) row of the protein of each; positions: (S,)
    from 1, or 0 where it is not known; states: (S, M) MODIFIED, UNMODIFIED, UNKNOWN, or NO_CANDIDATE for that
    modification.
    """

    modifications: tuple[str, ...]
    residues: tuple[str, ...]
    proteins: Indices
    positions: Indices
    states: States
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.proteins)

    @property
    def are_known(self) -> Flags:
        """Whether (S,) something is known of a residue, for any modification."""
        return np.asarray((self.states >= UNMODIFIED).any(axis=1))

    @property
    def are_modified(self) -> Flags:
        """Whether (S,) a residue bears any modification."""
        return np.asarray((self.states == MODIFIED).any(axis=1))

    def take(self, rows: Indices | Flags) -> CandidateStates:
        """Return some of them."""
        chosen = self.proteins[rows], self.positions[rows], self.states[rows]
        return CandidateStates(self.modifications, self.residues, *chosen, self.notes)


@dataclass(frozen=True)
class _Known:
    """What the input tells of one modification: places (K,) in the joined chains, and whether each is modified."""

    places: Indices
    modified: Flags

    def sites(self) -> Indices:
        return self.places[self.modified]


def candidate_states(annotated: Annotated, rules: CandidateRules) -> CandidateStates:
    """Return every candidate residue of every protein, and say what was left out.

    Raises UserError if nothing is modified, for a modification without a site at its candidates, or residues given for
    one that is not there.
    """
    chains = Chains.of(annotated.proteins.sequences)
    known = {name: _known(annotated, name, chains) for name in annotated.modifications}
    learnable = tuple(name for name in annotated.modifications if known[name].modified.any())
    if not learnable:
        raise UserError("sites: not one residue is modified; give sites, or look at --only, --evidence and the marks")
    _check_names(rules.residues, learnable)
    notes = [f"sites: no residue is known to bear {name}, so it is left out" for name in known if name not in learnable]
    residues, columns = [], []
    for name in learnable:
        letters = rules.residues.get(name) or _usual_residues(chains, known[name].sites())
        is_candidate = chains.are_candidates(letters, rules.sequons)
        if not is_candidate[known[name].sites()].any():
            raise UserError(
                f"sites: no site of {name} stands at a candidate ({letters}); look at --residues and --sequons, or "
                "take other modifications with --only"
            )
        columns.append(_states(annotated, chains, name, known[name], is_candidate, rules))
        residues.append(letters)
        notes += _left_out(chains, name, known[name], is_candidate, rules.sequons)
        notes += _hint_of_sequons(chains, name, known[name].sites(), rules.sequons)
    are_any = np.logical_or.reduce([column != NO_CANDIDATE for column in columns])
    states = np.stack([column[are_any] for column in columns], axis=1)
    places = np.flatnonzero(are_any)
    return CandidateStates(learnable, tuple(residues), *chains.where(places), states, tuple(notes))


def _known(annotated: Annotated, name: str, chains: Chains) -> _Known:
    told = [
        (int(start) + position - 1, is_modified)
        for start, of_protein in zip(chains.starts, annotated.states[name], strict=True)
        for position, is_modified in sorted(of_protein.items())
    ]
    places = np.array([place for place, _ in told], dtype=np.int64)
    return _Known(places, np.array([is_modified for _, is_modified in told], dtype=np.bool_))


def _check_names(given: Mapping[str, str], modifications: tuple[str, ...]) -> None:
    if strange := next((name for name in given if name not in modifications), None):
        raise UserError(f"--residues names {strange!r}; the modifications of the sites are {', '.join(modifications)}")


def _usual_residues(chains: Chains, sites: Indices) -> str:
    letters, counts = np.unique(chains.letters[sites], return_counts=True)
    return as_text(letters[counts >= _LEAST_SHARE * len(sites)]).replace(PADDING, "")


def _states(
    annotated: Annotated, chains: Chains, name: str, known: _Known, is_candidate: Flags, rules: CandidateRules
) -> States:
    """Return the state (R,) of each residue of the joined chains."""
    are_told = not known.modified.all()
    is_negative = rules.unmarked == "negative" or (rules.unmarked == "auto" and not are_told)
    studied = np.array([any(of_protein.values()) for of_protein in annotated.states[name]])
    in_studied = (studied | (rules.negatives_from == "all"))[chains.where(np.flatnonzero(is_candidate))[0]]
    states = np.full(len(is_candidate), NO_CANDIDATE, dtype=np.int8)
    states[is_candidate] = np.where(in_studied & is_negative, UNMODIFIED, UNKNOWN)
    inside = is_candidate[known.places]
    states[known.places[inside]] = np.where(known.modified[inside], MODIFIED, UNMODIFIED)
    return states


def _left_out(chains: Chains, name: str, known: _Known, is_candidate: Flags, sequons: bool) -> list[str]:
    """Say which sites stand where there is no candidate."""
    notes = []
    for wanted, what in ((True, "sites"), (False, "residues without")):
        of_kind = known.places[known.modified == wanted]
        outside = of_kind[~is_candidate[of_kind]]
        if len(outside):
            letters = ", ".join(distinct_letters(chains.letters[outside]))
            why = "N outside of sequons among them" if sequons and "N" in letters else "--residues takes them in"
            notes.append(
                f"sites: {len(outside):,} of {len(of_kind):,} {what} {'of ' * wanted}{name} are left out, since they "
                f"stand at {letters}, no candidates ({why})"
            )
    return notes


def _hint_of_sequons(chains: Chains, name: str, sites: Indices, sequons: bool) -> list[str]:
    """Tell whoever would else teach a model the sequon and nothing more."""
    at_asparagine = sites[chains.letters[sites] == ord("N")]
    inside = int(chains.in_sequon()[at_asparagine].sum())
    if sequons or len(at_asparagine) < _ENOUGH or inside < _MOSTLY * len(at_asparagine):
        return []
    return [
        f"sites: {inside:,} of {len(at_asparagine):,} sites of {name} at N stand in N-X-S or N-X-T; a model that "
        "learns this motif alone looks good, --sequons makes it learn what is more"
    ]
