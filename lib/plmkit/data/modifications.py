"""The names of modifications: what UniProt, PhosphoSitePlus and PSI-MOD call them."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from plmkit.data.modification_terms import PSI_MOD, SUFFIXES, WRITTEN
from plmkit.data.sites import Names

_AMINO_ACIDS = {
    "alanine": "A",
    "arginine": "R",
    "asparagine": "N",
    "aspartate": "D",
    "aspartic acid": "D",
    "citrulline": "R",
    "cysteine": "C",
    "glutamate": "E",
    "glutamic acid": "E",
    "glutamine": "Q",
    "glycine": "G",
    "histidine": "H",
    "isoleucine": "I",
    "leucine": "L",
    "lysine": "K",
    "methionine": "M",
    "phenylalanine": "F",
    "proline": "P",
    "serine": "S",
    "threonine": "T",
    "tryptophan": "W",
    "tyrosine": "Y",
    "valine": "V",
}
_THREE_LETTERS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V",
}  # fmt: skip
# Longest first, so that isoleucine is not found as leucine.
_WORD = re.compile("|".join(sorted(_AMINO_ACIDS, key=len, reverse=True)), re.IGNORECASE)
_ORIGIN = re.compile(rf"\(({'|'.join(_THREE_LETTERS)})(?:-[A-Z][a-z][a-z])?\)")
_BY = re.compile(r"by (?P<enzymes>.+)")
_BETWEEN = re.compile(r",\s*(?:and\s+|or\s+)?|\s+and/or\s+|\s+and\s+|\s+or\s+")
# Names of what came of another residue than the one they name.
_MISLEADING = re.compile(
    r"hydroxyphenylalanine|glutamyl|ceramide|adduct|poly\(beta|\]amide|^d-|^l-allo-", re.IGNORECASE
)
_PYROGLUTAMATE = "pyrrolidone carboxylic acid"
_RESIDUES_BEHIND = re.compile(r"(?:_[A-Z]+)+$")
_ENZYME_BEHIND = re.compile(r"[ _]by[ _].+$")


@cache
def names_of_note(note: str, by_enzyme: bool) -> Names:
    """Return the names of a modification that UniProt describes, such as "N6-acetyllysine; by EP300; alternate".

    by_enzyme: it goes by the name with each enzyme too ("Acetylation by EP300").
    """
    written, *remarks = (piece.strip() for piece in note.split(";"))
    known = next((names for pattern, names in WRITTEN if re.fullmatch(pattern, written, re.IGNORECASE)), (written,))
    enzymes = tuple(f"{known[0]} by {enzyme}" for enzyme in _enzymes(remarks))
    others = dict.fromkeys((*known[1:], written))
    others.pop(known[0], None)
    if by_enzyme:
        return Names((known[0], *enzymes), tuple(others))
    return Names((known[0],), (*others, *enzymes))


def _enzymes(remarks: list[str]) -> list[str]:
    found = [match["enzymes"] for remark in remarks if (match := _BY.fullmatch(remark))]
    return list(dict.fromkeys(name for text in found for name in _BETWEEN.split(text) if name))


@cache
def names_of_suffix(suffix: str) -> Names:
    """Return the names of a modification that PhosphoSitePlus writes behind a residue, such as p or ac."""
    names = SUFFIXES.get(suffix.lower())
    return Names((suffix,)) if names is None else Names(names[:1], (*names[1:], suffix))


@cache
def residue_of_note(note: str) -> str:
    """Return the letter of the residue that UniProt's description implies, "" if it implies none.

    "Phosphoserine" is S; of "3-oxoalanine (Cys)" the sequence holds what stands in brackets.
    """
    written = note.partition(";")[0].strip()
    if origin := _ORIGIN.search(written):
        return _THREE_LETTERS[origin[1]]
    if written.lower() == _PYROGLUTAMATE:
        return "Q"
    words = [] if _MISLEADING.search(written) else _WORD.findall(written)
    return _AMINO_ACIDS[words[-1].lower()] if words else ""


def letter_of(residue: str) -> str | None:
    """Return the letter of a residue written as S, Ser or serine; None for anything else."""
    if len(residue) == 1 and residue.isascii() and residue.isalpha():
        return residue.upper()
    return _THREE_LETTERS.get(residue.capitalize()) or _AMINO_ACIDS.get(residue.lower())


@cache
def psi_mod(name: str, residue: str) -> str | None:
    """Return the PSI-MOD identifier of a modification of a residue (its letter), None if there is none known here.

    name: a usual name, also with residues ("Phosphorylation_ST") and an enzyme behind it, or UniProt's description.
    Identifiers: PSI-MOD 1.031.6 (Montecchi-Palazzi et al. 2008, PubMed 18688235).
    """
    letter = residue.upper()
    usual = _RESIDUES_BEHIND.sub("", _ENZYME_BEHIND.sub("", name))
    described = names_of_note(usual, by_enzyme=False)
    found = [PSI_MOD.get(word.lower(), {}) for word in (usual, *described.others, *described.usual)]
    # What is known of this very residue goes before what holds for any, such as "glycosylated residue".
    specific = (terms[letter] for terms in found if letter and letter in terms)
    general = (terms[""] for terms in (found[0], found[-1], *found) if "" in terms)
    return next(chain(specific, general), None)
