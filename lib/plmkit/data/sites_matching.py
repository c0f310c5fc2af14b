"""Bring what is claimed together with the proteins it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from plmkit.data.fasta import Proteins
from plmkit.data.sites import Claim, Rejected
from plmkit.data.sites_checks import Finding, compare, numbering_hint, scatter_hint
from plmkit.data.sites_names import protein_names
from plmkit.errors import PROBLEMS_SHOWN, UserError


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim about one of the proteins (its number), and what became of it."""

    claim: Claim
    protein: int
    finding: Finding


@dataclass(frozen=True)
class Matched:
    """Claims about the proteins, those whose protein is not quite one of them, and how many there are of strangers."""

    compared: tuple[Compared, ...]
    unmatched: tuple[Rejected, ...]
    strangers: Counter[str]

    @property
    def fitting(self) -> list[Compared]:
        """The claims that nothing speaks against."""
        return [each for each in self.compared if not each.finding.reason]

    @property
    def rejected(self) -> list[Rejected]:
        """The others, by line."""
        unfit = [_rejected(each.claim, each.finding) for each in self.compared if each.finding.reason]
        return sorted((*unfit, *self.unmatched), key=lambda row: row.line)


def match_claims(claims: Sequence[Claim], proteins: Proteins, role: str) -> Matched:
    """Find the protein of each claim and compare. Raises UserError if no claim is about any of the proteins."""
    names = protein_names(proteins.names)
    compared, unmatched = [], []
    strangers: Counter[str] = Counter()
    for claim in claims:
        if (protein := names.find(claim.protein)) is not None:
            compared.append(Compared(claim, protein, compare(claim, proteins.records[protein].sequence)))
        elif reason := names.reason_against(claim.protein):
            unmatched.append(_rejected(claim, Finding(None, "", reason)))
        else:
            strangers[claim.protein] += 1
    if claims and not compared and not unmatched:
        raise UserError(
            f"{role}: none of the annotated proteins (such as {claims[0].protein!r}) is among the proteins (such as "
            f"{proteins.names[0]!r}); give the chains of these proteins, or the column with the same names"
        )
    return Matched(tuple(compared), tuple(unmatched), strangers)


def refuse_mismatches(matched: Matched, proteins: Proteins, role: str, most: float) -> None:
    """Raise UserError if more than a share of the claims contradict their proteins, or are numbered otherwise.

    Only claims that could be compared count: an isoform that is not given says nothing of the others.
    """
    pairs = [(each.claim, proteins.records[each.protein].sequence) for each in matched.compared]
    if hint := scatter_hint(pairs):
        raise UserError(f"{role}: {hint}; or give a column with the residues, if all is right as it is")
    wrong = [_rejected(each.claim, each.finding) for each in matched.compared if each.finding.is_mismatch]
    if len(wrong) <= most * len(pairs):
        return
    hint = numbering_hint(pairs) or "give the chains that the sites were annotated on, in the same version"
    raise UserError(
        f"{role}: {len(wrong)} of {len(pairs)} annotations ({len(wrong) / len(pairs):.1%}) do not fit the proteins, "
        f"more than {most:.1%}: {reasons_shown(wrong)}; {hint}"
    )


def reasons_shown(rejected: Sequence[Rejected]) -> str:
    """Return the first reasons, each with its line and protein, and count the rest."""
    shown = "; ".join(f"line {row.line}, {row.protein}: {row.reason}" for row in rejected[:PROBLEMS_SHOWN])
    rest = len(rejected) - PROBLEMS_SHOWN
    return shown + (f"; and {rest} more" if rest > 0 else "")


def _rejected(claim: Claim, finding: Finding) -> Rejected:
    return Rejected(
        claim.line,
        claim.protein,
        finding.position,
        claim.residue,
        finding.found,
        claim.names.usual[0],
        finding.reason,
    )
