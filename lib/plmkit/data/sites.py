"""What annotations of modification sites consist of, and what may be said about how to read them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from plmkit.data.fasta import Proteins

SiteFormat = Literal["auto", "marked", "table", "uniprot", "gff3", "phosphosite"]
Evidence = Literal["all", "experimental"]

# What a modification is called where neither the input nor the user names it.
UNNAMED = "modified"


@dataclass(frozen=True)
class SiteColumns:
    """Which columns of a table of sites hold what; names or numbers from 1. None: a usual name, if it is there."""

    protein: str | None = None
    position: str | None = None
    residue: str | None = None
    modification: str | None = None
    label: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class SiteOptions:
    """How annotations are read.

    unmarked: what a residue of a marked FASTA that bears no mark is; readers record only what is written.
    name: what the modification is called where the input does not say it. only: the modifications to take, by any of
    their names (see `plmkit.data.modifications`); none: all. evidence: of UniProt and GFF3, "experimental" leaves out
    what was concluded or predicted. by_enzyme: "Phosphoserine; by PKA" is a "Phosphorylation by PKA" too.
    most_mismatches: the largest share of annotations that do not fit their protein which is let pass.
    """

    unmarked: Literal["negative", "unknown"] = "negative"
    name: str | None = None
    only: tuple[str, ...] = ()
    evidence: Evidence = "all"
    by_enzyme: bool = False
    most_mismatches: float = 0.05
    columns: SiteColumns = SiteColumns()


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a modification: those it goes by, and others by which it may be asked for."""

    usual: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says of one residue.

    protein: its name as written. position: from 1, as text, for "?5" is refused with its reason. residue: the letter
    the source tells, "" if it tells none. is_modified: False for a residue that is known not to be. part: where the
    site belongs, if the source says it. window: the residues around it as the source knows them, "" if it does not.
    """

    line: int
    protein: str
    position: str
    residue: str
    names: Names
    is_modified: bool = True
    part: str | None = None
    window: str = ""


@dataclass(frozen=True)
class Rejected:
    """An annotation that does not fit its protein: one row of the table of mismatches.

    position: None where it is not known. residue: what the source says stands there, "" if nothing; found: what does.
    """

    line: int
    protein: str
    position: int | None
    residue: str
    found: str
    modification: str
    reason: str


@dataclass(frozen=True)
class Told:
    """All that one input tells; proteins: the chains, where it holds them; skipped: what was passed over, counted."""

    claims: tuple[Claim, ...]
    proteins: Proteins | None = None
    skipped: Counter[str] = field(default_factory=Counter)
