"""Divide sites into training, validation and test: families of whole proteins, proteins, or sites by lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plmkit.data.chains import Indices, Letters, as_words
from plmkit.data.dataset import Example, Examples
from plmkit.data.families import COVERAGE, families
from plmkit.data.fasta import Proteins
from plmkit.data.leaks import THRESHOLD
from plmkit.data.relatives import IDENTITY
from plmkit.data.site_annotations import Annotated
from plmkit.data.site_candidates import MODIFIED, CandidateStates
from plmkit.data.splitting import Division, Plan, as_given, assigned
from plmkit.data.task import Task
from plmkit.errors import UserError

Counts = NDArray[np.float64]
How = Literal["clusters", "proteins", "random", "given", "none"]
NOWHERE = -1


@dataclass(frozen=True)
class Parted:
    """The parts of sites.

    names: of the parts in order, none where nothing is divided; of_site: (S,) number of the part of each site, NOWHERE
    for what nothing is known of. proteins, division: where proteins are not divided, those that have a part, as
    examples to be checked, and their parts; of windows that the user cut, these. notes, counts: what is to be said, and
    was counted. keeps_proteins: whether all sites of a protein have one part.
    """

    names: tuple[str, ...]
    of_site: Indices
    proteins: Examples | None = None
    division: Division | None = None
    notes: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    keeps_proteins: bool = True


def divide_sites(
    candidates: CandidateStates, proteins: Proteins, given: Sequence[str | None], how: How, plan: Plan, seed: int
) -> Parted:
    """Divide what is known; given: the part that the input tells of each protein. Of random see `divide_by_lot`.

    Sites of each modification keep their shares as far as proteins (and families) that stay whole allow. Raises
    UserError where too little is left for a part, or no part is given.
    """
    are_known = candidates.are_known
    rows = np.unique(candidates.proteins[are_known])
    examples = as_examples(proteins, rows, given)
    if how == "none":
        return Parted((), np.where(are_known, 0, NOWHERE))
    if how == "given":
        division, notes = given_parts(examples), _not_given(examples)
    else:
        division, notes = _divided(candidates, examples, rows, how, plan, seed), []
    of_protein = np.full(len(proteins), NOWHERE, dtype=np.int64)
    of_protein[rows] = _numbers(division)
    of_site = np.where(are_known, of_protein[candidates.proteins], NOWHERE)
    return Parted(division.plan.names, of_site, examples, division, tuple(notes), division.counts)


def divide_by_lot(candidates: CandidateStates, windows: Letters, plan: Plan, seed: int) -> Parted:
    """Draw the part of each site, those with equal windows (S, L) together; sites of one protein are divided."""
    known = np.flatnonzero(candidates.are_known)
    groups = np.unique(as_words(windows[known]), return_inverse=True)[1]
    states = candidates.states[known] == MODIFIED
    strata = np.where(states.any(axis=1), states.argmax(axis=1) + 1, 0)
    of_site = np.full(len(candidates), NOWHERE, dtype=np.int64)
    of_site[known] = assigned(groups, strata, plan.shares, seed)
    _check_parts(plan, of_site[known], "sites")
    warning = (
        "sites: divided at random, so test windows overlap training windows and come from the same proteins; measures "
        "on them are too good for proteins that are new to a model, take --split clusters to know these"
    )
    return Parted(plan.names, of_site, notes=(warning,), keeps_proteins=False)


def as_told(candidates: CandidateStates, annotated: Annotated) -> Parted:
    """Take the part that the input tells of each site, whatever its protein; what has none goes to training.

    A candidate that is not among the sites has the part of its protein.
    """
    told = [
        annotated.site_parts[protein].get(position, annotated.parts[protein])
        for protein, position in zip(candidates.proteins.tolist(), candidates.positions.tolist(), strict=True)
    ]
    known = candidates.are_known
    items = [Example("", ("",), "", 0, part) for part, is_known in zip(told, known.tolist(), strict=True) if is_known]
    division = given_parts(_unlabelled("sites", items))
    of_site = np.full(len(candidates), NOWHERE, dtype=np.int64)
    of_site[known] = _numbers(division)
    untold = sum(item.part is None for item in items)
    note = [f"sites: of {untold:,} residues no part is told; they are learned from (train)"] if untold else []
    return Parted(division.plan.names, of_site, notes=tuple(note), keeps_proteins=False)


def given_parts(examples: Examples) -> Division:
    """Take the parts that the input tells. Raises UserError if it tells none, or nothing to learn from."""
    if all(item.part is None for item in examples.items):
        raise UserError(
            f"{examples.role}: nothing says train, valid or test; write SET=train and so on in the headers, give "
            "the sites a column of parts (--split-column), or take another --split"
        )
    return as_given(examples)


def parted_by(candidates: CandidateStates, windows: Examples, division: Division | None) -> Parted:
    """Return the parts of windows that the user cut, in their order; division: of them, or None."""
    if division is None:
        return Parted((), np.where(candidates.are_known, 0, NOWHERE))
    of_site = np.where(candidates.are_known, _numbers(division), NOWHERE)
    return Parted(division.plan.names, of_site, windows, division, division.notes, division.counts, False)


def _numbers(division: Division) -> Indices:
    """Return the number of the part (N,) of each example; NOWHERE for what has none."""
    number = {name: order for order, name in enumerate(division.plan.names)}
    return np.array([number.get(part, NOWHERE) for part in division.parts], dtype=np.int64)


def placed(contents: Counts, shares: Sequence[float], seed: int) -> Indices:
    """Return the part (G,) of each group, so that each column of its contents (G, K) is shared out as wanted.

    All columns count alike, however large they are: rare modifications too shall stand in each part. Groups that hold
    most of anything come first, equal ones in an order drawn by the seed; each goes where it is most wanted.
    """
    held = contents / contents.sum(axis=0)
    wanted = np.repeat(np.array(shares)[:, None], held.shape[1], axis=1)
    filled, parts = np.zeros_like(wanted), np.zeros(len(held), dtype=np.int64)
    order = np.random.default_rng(seed).permutation(len(held))
    for group in order[np.argsort(-held[order].max(axis=1), kind="stable")].tolist():
        # how much the squared distances from what is wanted would grow, each as a part of what is wanted
        growth = ((2 * (filled - wanted) + held[group]) * held[group] / wanted).sum(axis=1)
        parts[group] = growth.argmin()
        filled[parts[group]] += held[group]
    return parts


def as_examples(proteins: Proteins, rows: Indices, given: Sequence[str | None]) -> Examples:
    """Return some proteins as examples, whose one label is of no meaning."""
    items = []
    for row in rows.tolist():
        record = proteins.records[row]
        items.append(Example(record.name, (record.sequence,), record.name, record.line, given[row]))
    return _unlabelled("proteins", items)


def _unlabelled(role: str, items: Sequence[Example]) -> Examples:
    """Return examples with one label, of no meaning."""
    truth, sizes = np.zeros((len(items), 1), dtype=np.float32), np.ones(len(items), dtype=np.int64)
    return Examples(role, Task("protein", "classification", ("site",)), tuple(items), truth, sizes)


def _divided(
    candidates: CandidateStates, examples: Examples, rows: Indices, how: How, plan: Plan, seed: int
) -> Division:
    sequences = [item.sequences[0] for item in examples.items]
    if how == "clusters":
        found = families(sequences, IDENTITY, COVERAGE, THRESHOLD)
        groups, counts = found.of, found.counts()
    else:
        groups, counts = np.unique(sequences, return_inverse=True)[1], ()
    parts = placed(_contents(candidates, rows, groups), plan.shares, seed)[groups]
    _check_parts(plan, parts, "proteins")
    return Division(plan, tuple(plan.names[part] for part in parts.tolist()), counts=tuple(counts))


def _contents(candidates: CandidateStates, rows: Indices, groups: Indices) -> Counts:
    """Return for each group (G,) its sites of each modification, and its proteins."""
    contents = np.zeros((int(groups.max()) + 1, len(candidates.modifications) + 1))
    np.add.at(contents[:, -1], groups, 1)
    sites, modifications = np.nonzero(candidates.states == MODIFIED)
    np.add.at(contents, (groups[np.searchsorted(rows, candidates.proteins[sites])], modifications), 1)
    return contents


def _check_parts(plan: Plan, parts: Indices, role: str) -> None:
    sizes = np.bincount(parts, minlength=len(plan.names))
    for name, size in zip(plan.names, sizes.tolist(), strict=True):
        if not size:
            raise UserError(
                f"{role}: nothing is left for the part {name}, since what belongs together cannot be divided; add "
                "unrelated proteins, or ask for other shares, or take --split proteins or none"
            )


def _not_given(examples: Examples) -> list[str]:
    count = sum(item.part is None for item in examples.items)
    return [f"proteins: of {count:,} no part is told; they are learned from (train)"] if count else []
