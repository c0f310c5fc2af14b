"""From what models say of candidate residues to scored sites of each modification, with what must be known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plmkit.data.candidates import Candidates
from plmkit.data.chains import Chains, Flags, Letters, are_among
from plmkit.data.fasta import Proteins
from plmkit.data.scored_sites import ScoredSites, flags_of, rounded
from plmkit.learning.domain import FAR, FEWEST_TO_TELL, VERY_FAR
from plmkit.learning.prevalence import at_prevalence
from plmkit.learning.scanning import Scanned
from plmkit.learning.trust import Trust, trust_notes
from plmkit.models.site_models import Modification, SiteModels

Shares = tuple[tuple[float, ...], tuple[float, ...]]


def scored_sites(
    models: SiteModels,
    trusts: Sequence[Trust],
    chains: Chains,
    candidates: Candidates,
    said: Scanned,
    thresholds: Sequence[float],
    moved: Shares | None = None,
) -> list[ScoredSites]:
    """Return the sites of each modification of the models.

    chains: with a flank of half a window or more. thresholds: of each modification. moved: the shares of the labels
    that probabilities stand for, and those wanted instead.
    """
    probabilities = said.probabilities if moved is None else at_prevalence(said.probabilities, *moved)
    far = _far(trusts, said, len(candidates))
    places, flank, found = candidates.places(chains), models.window_length // 2, []
    letters = chains.letters[places]
    for modification, threshold in zip(models.modifications, thresholds, strict=True):
        chosen = are_among(letters, modification.residues)
        found.append(
            ScoredSites(
                modification.name,
                candidates.take(chosen),
                rounded(probabilities[chosen, modification.column]),
                round(threshold, 6),
                flags_of(
                    far=far[0][chosen],
                    very_far=far[1][chosen],
                    near_terminus=chains.reach_beyond(places[chosen], flank) & models.reads_windows,
                    x_in_window=chains.have_unknown(places[chosen], flank),
                    other_residue=_is_other(modification, letters[chosen]),
                ),
                models.window_length,
            )
        )
    return found


def far_notes(
    models: SiteModels, trusts: Sequence[Trust], candidates: Candidates, said: Scanned, alone: bool
) -> list[str]:
    """Say whether more candidates, or proteins, lie far than were to be expected; alone: no other models are asked."""
    role, farther = "candidate residues", said.farther
    if not models.reads_windows:
        role = "proteins"
        farther = None if farther is None else farther[np.unique(candidates.proteins, return_index=True)[1]]
    names = [modification.name for modification in models.modifications]
    of_which = "" if alone else f" ({', '.join(names[:3])}{' ...' if len(names) > 3 else ''})"
    return trust_notes(trusts, farther, role + of_which)


def site_notes(proteins: Proteins, models: Sequence[SiteModels], scored: Sequence[ScoredSites]) -> list[str]:
    """Say what the user might not expect of candidates: residues never learned, proteins without any, means."""
    notes = []
    modifications = [modification for group in models for modification in group.modifications]
    reads_windows = {m.name: group.reads_windows for group in models for m in group.modifications}
    for modification in modifications:
        strange = "".join(letter for letter in modification.residues if letter not in modification.learned)
        if strange and modification.learned:
            saw, word = ("a window centred on", "on") if reads_windows[modification.name] else ("a label of", "of")
            of_which = f" for {modification.name}" if len(modifications) > 1 else ""
            notes.append(
                f"residues: the model never saw {saw} {strange}{of_which} (only {word} {modification.learned}); "
                "distrust those scores"
            )
    for group in models:
        if len(group.bundles) > 1:
            numbers = " and ".join(str(number + 1) for number in group.numbers)
            notes.append(f"tuned models {numbers} are of one task: the mean of their probabilities is told")
    for sites, modification in zip(scored, modifications, strict=True):
        without = len(proteins) - len(np.unique(sites.candidates.proteins))
        if without:
            notes.append(
                f"proteins: {without:,} of {len(proteins):,} hold no candidate residue of {sites.modification} "
                f"({modification.residues})"
            )
    return notes


def _is_other(modification: Modification, letters: Letters) -> Flags:
    if not modification.learned:
        return np.zeros(len(letters), dtype=np.bool_)
    return ~are_among(letters, modification.learned)


def _far(trusts: Sequence[Trust], said: Scanned, count: int) -> tuple[Flags, Flags]:
    """Return which candidates lie far, and which very far; none where models have too few examples to tell."""
    nowhere = np.zeros(count, dtype=np.bool_)
    known = [len(trust.domain.distances) for trust in trusts if trust.domain is not None]
    if said.farther is None or min(known, default=0) < FEWEST_TO_TELL:
        return nowhere, nowhere
    return np.asarray(said.farther >= FAR), np.asarray(said.farther >= VERY_FAR)
