"""Find the protein that an annotation means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# sp|P04150|GCR_HUMAN as UniProt's FASTA has it
_IN_HEADER = re.compile(r"[a-z]{2}\|([^|]+)\|")
# https://www.uniprot.org/help/accession_numbers
_ISOFORM = re.compile(
    r"(?P<canonical>[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})-(?P<number>\d+)"
)


@dataclass(frozen=True)
class ProteinNames:
    """The proteins of an input by their names, and by their accessions; None: two share the accession."""

    exact: dict[str, int]
    by_accession: dict[str, int | None]

    def find(self, name: str) -> int | None:
        """Return the number of the protein with this name or accession, None if there is none."""
        if (found := self.exact.get(name)) is not None:
            return found
        return self.by_accession.get(accession_of(name))

    def reason_against(self, name: str) -> str:
        """Say why a name that is not found is not simply that of another protein; "": it is."""
        accession = accession_of(name)
        if accession in self.by_accession:
            return f"two of the proteins have the accession {accession}"
        isoform = _ISOFORM.fullmatch(accession)
        if isoform is None or isoform["canonical"] not in self.by_accession:
            return ""
        return (
            f"isoform {isoform['number']} of {isoform['canonical']} is not among the proteins, and its positions may "
            f"not be those of {isoform['canonical']}"
        )


def accession_of(name: str) -> str:
    """Return the accession within sp|P04150|GCR_HUMAN; of any other name the name itself."""
    match = _IN_HEADER.match(name)
    return match[1] if match else name


def protein_names(names: Sequence[str]) -> ProteinNames:
    """Order the names of proteins for looking them up."""
    by_accession: dict[str, int | None] = {}
    for number, name in enumerate(names):
        accession = accession_of(name)
        by_accession[accession] = None if accession in by_accession else number
    return ProteinNames({name: number for number, name in enumerate(names)}, by_accession)
