"""Read annotations of modification sites in the forms the field uses, and check each against its protein."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plmkit.data.fasta import Proteins, looks_like_fasta, read_fasta
from plmkit.data.sites import Claim, Names, Rejected, SiteColumns, SiteFormat, SiteOptions, Told
from plmkit.data.sites_formats import READERS, told_format
from plmkit.data.sites_matching import Matched, match_claims, reasons_shown, refuse_mismatches
from plmkit.data.sites_parts import parts_in_headers, parts_of_proteins, parts_of_sites
from plmkit.data.sites_states import StateBook, States
from plmkit.data.sites_uniprot import read_chains
from plmkit.errors import UserError

__all__ = ["Annotated", "Rejected", "SiteColumns", "SiteFormat", "SiteOptions", "read_annotations"]

_PROTEINS, _SITES = "proteins", "sites"


@dataclass(frozen=True)
class Annotated:
    """Proteins, and what is known of their residues.

    proteins: whole chains, marks taken off, names as given. modifications: by alphabet. states: for each modification
    and each protein, positions (from 1) that are modified (True) or known not to be (False). annotations: how many
    were read for these proteins, rejected ones included. parts: of each protein the part the input tells, or None.
    site_parts: of each protein the parts of single sites (by position), where they are told; a protein whose sites
    lie in several parts has none itself.
    """

    proteins: Proteins
    modifications: tuple[str, ...]
    states: States
    annotations: int
    rejected: tuple[Rejected, ...]
    parts: tuple[str | None, ...]
    notes: tuple[str, ...]
    site_parts: tuple[Mapping[int, str], ...] = ()


def read_annotations(proteins: Path, sites: Path | None, form: SiteFormat, options: SiteOptions) -> Annotated:
    """Read proteins and what is known of their residues; sites: None where the proteins' file holds both.

    A claim belongs to the protein of the same name, else to that of the same accession (sp|P04150|GCR_HUMAN). Claims
    that contradict their protein, of isoforms that are not given, and of uncertain positions are rejected, each with
    its reason; those of other proteins are counted in a note. Raises UserError for what cannot be read, one site with
    two states, no site at all, and too many contradictions.
    """
    source, role = (proteins, _PROTEINS) if sites is None else (sites, _SITES)
    told = READERS[told_format(source, role) if form == "auto" else form](source, role, options)
    chains = _chains(proteins, told if sites in (None, proteins) else None)
    claims = _asked_for(told.claims, role, options.only)
    matched = match_claims(claims, chains, role)
    refuse_mismatches(matched, chains, role, options.most_mismatches)
    book = _book(matched, chains, role)
    states = book.states(len(chains))
    rejected = matched.rejected
    if not states:
        raise UserError(f"{role}: {_why_nothing(told, rejected)}")
    site_parts = parts_of_sites(
        ((each.protein, each.finding.position or 0, each.claim.part) for each in matched.fitting), len(chains)
    )
    notes = _notes(told.skipped, len(told.claims) - len(claims), matched, book.repeated)
    return Annotated(
        proteins=chains,
        modifications=tuple(states),
        states=states,
        annotations=len(matched.compared) + len(matched.unmatched),
        rejected=tuple(rejected),
        parts=parts_of_proteins(parts_in_headers(chains, _PROTEINS), site_parts),
        notes=(*chains.notes(_PROTEINS), *(f"{role}: {note}" for note in notes)),
        site_parts=site_parts,
    )


def _chains(path: Path, told: Told | None) -> Proteins:
    """Return the proteins that came with the sites, else those of a file of their own. Raises UserError."""
    if told is None:
        return read_fasta(path, _PROTEINS) if looks_like_fasta(path, _PROTEINS) else read_chains(path, _PROTEINS)
    if told.proteins is None:
        raise UserError(f"{_PROTEINS}: this file holds sites without the chains; give the chains as FASTA beside it")
    return told.proteins


def _asked_for(claims: Sequence[Claim], role: str, only: Sequence[str]) -> Sequence[Claim]:
    """Return the claims about the wanted modifications, under the wanted names. Raises UserError."""
    if not only:
        return claims
    wanted = {name.strip().lower() for name in only}
    heard: set[str] = set()
    chosen = []
    for claim in claims:
        names = tuple(name for name in (*claim.names.usual, *claim.names.others) if name.lower() in wanted)
        heard.update(name.lower() for name in names)
        if names:
            chosen.append(replace(claim, names=Names(names)))
    if missing := [name for name in only if name.strip().lower() not in heard]:
        there = ", ".join(sorted({claim.names.usual[0] for claim in claims})) or "none"
        raise UserError(f"{role}: no annotation is called {missing[0]!r}; the modifications are {there}")
    return chosen


def _book(matched: Matched, chains: Proteins, role: str) -> StateBook:
    """Return the states of all claims that fit, each under all names it goes by."""
    book = StateBook(role)
    for each in matched.fitting:
        claim, position = each.claim, each.finding.position or 0
        for name in claim.names.usual:
            book.add(name, each.protein, position, claim.is_modified, claim.line, chains.records[each.protein].name)
    return book


def _why_nothing(told: Told, rejected: Sequence[Rejected]) -> str:
    if rejected:
        return f"no annotation fits the proteins: {reasons_shown(rejected)}"
    if told.skipped:
        return "no annotation is left: " + ", ".join(f"{count} {what}" for what, count in told.skipped.items())
    return "there is not one annotation; write # behind modified residues, or give a table of sites"


def _notes(skipped: Counter[str], unwanted: int, matched: Matched, repeated: int) -> list[str]:
    """Say what was not taken, and why."""
    strangers = matched.strangers
    counted = (
        *((count, what) for what, count in skipped.items()),
        (unwanted, "annotations of other modifications passed over"),
        (strangers.total(), f"annotations of {len(strangers)} proteins that are not given passed over"),
        (
            len(matched.rejected),
            "annotations do not fit the proteins; the table of mismatches has each with the reason",
        ),
        (repeated, "annotations say again what another one says"),
    )
    return [f"{count} {what}" for count, what in counted if count]
