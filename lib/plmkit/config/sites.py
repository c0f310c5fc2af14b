"""The options of plm sites."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_parts, check_seed, share
from plmkit.errors import UserError

_ALONE = "X"  # stands for any residue, and for none beyond the ends of a protein


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SitesConfig:
    """Turn annotated modification sites into examples to learn from: candidates, negatives, and a split."""

    proteins: Path
    """Proteins: FASTA, plain or with marks behind the sites (# modified, @ not), or windows with LABEL=; or a table of
    UniProt."""
    sites: Path | None = None
    """Where the sites are, if not in --proteins: a table, features of UniProt, GFF3, or a table of PhosphoSitePlus."""
    format: Literal["auto", "marked", "table", "uniprot", "gff3", "phosphosite"] = "auto"
    """How the sites are written; auto: told from the content."""
    name: str | None = None
    """What the modification is called where the input does not say it."""
    only: tuple[str, ...] = ()
    """A modification to take, as written or as plmkit calls it; may be given several times; default: all."""
    evidence: Literal["all", "experimental"] = "all"
    """experimental: of UniProt and GFF3, leave out sites that were concluded or predicted."""
    by_enzyme: bool = False
    """Keep the enzyme in the name, as in "Phosphorylation by PKA"; else it is left out."""
    protein_column: str | None = None
    """Column of the names of the proteins, by name or number; default: protein, accession or another usual name."""
    position_column: str | None = None
    """Column of the positions, which count from 1; default: position or another usual name."""
    residue_column: str | None = None
    """Column of the letter that stands at the position, which is checked; default: residue or another usual name."""
    modification_column: str | None = None
    """Column of the names of the modifications; default: modification, ptm or another usual name."""
    label_column: str | None = None
    """Column that says 1 for a modified residue and 0 for one that is not; default: label or another usual name."""
    split_column: str | None = None
    """Column that says train, valid or test of each protein; default: split or another usual name."""
    most_mismatches: float = 0.05
    """Share of sites that may fail to fit their proteins; above it the input is refused."""
    residues: tuple[str, ...] = ()
    """Candidate residues of a modification, as in "Phosphorylation=STY", once for each; default: residues at which at
    least 1 % of its sites stand."""
    sequons: bool = False
    """Take N as a candidate only in N-X-S and N-X-T, X not P; sites elsewhere are left out and counted."""
    unmarked: Literal["auto", "negative", "unknown"] = "auto"
    """What a candidate is that nothing is said of: not modified, or unknown; auto: unknown where the input tells
    residues that are not modified, else negative."""
    negatives_from: Literal["same", "all"] = "same"
    """same: such a candidate is not modified only in proteins with a site of that modification, since others were
    perhaps never studied; all: in all proteins."""
    kind: Literal["auto", "windows", "proteins"] = "auto"
    """Windows around the sites, or whole proteins with a label for each residue; auto: whichever has fewer residues to
    compute."""
    window_length: int = 33
    """Residues of a window, an odd number."""
    split: Literal["clusters", "proteins", "random", "given", "none"] = "clusters"
    """clusters: families of proteins stay whole; proteins: a protein does; random: sites of one protein are divided,
    which leaks; given: the parts of the input; none: no parts."""
    test_share: float = 0.2
    """Share for test."""
    validation_share: float = 0.1
    """Share for validation; 0: none, plm finetune then draws its own."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""
    examples: Path
    """File to write the table of examples to, which plm finetune reads."""
    mismatches: Path | None = None
    """File to write the table of sites to that do not fit their proteins."""
    summary: Path | None = None
    """File to write the table of sites, candidates and prevalence of each modification and part to."""
    figure: Path | None = None
    """File to write the figure of them to (PNG)."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        check_seed(self.seed)
        check_parts(self.test_share, self.validation_share)
        share("--most-mismatches", self.most_mismatches, above=-1.0, up_to=1.0)
        at_least("--window-length", self.window_length, 3)
        if self.window_length % 2 == 0:
            raise UserError(f"--window-length must be odd, so that the site is in the middle, not {self.window_length}")
        if self.split == "random" and self.kind == "proteins":
            raise UserError("--split random divides the sites of a protein: give --kind windows, or --split proteins")
        if self.split_column is not None and self.split != "given":
            raise UserError("--split-column is for --split given; leave one out")
        candidates_given(self.residues)

    def without_effect(self) -> set[str]:
        """Return the options which mean nothing beside the others."""
        shares = {"test_share", "validation_share"} if self.split in ("given", "none") else set()
        return shares | ({"seed"} if shares else set())


def candidates_given(texts: tuple[str, ...]) -> dict[str, str]:
    """Return the letters that are told for each modification by NAME=LETTERS. Raises UserError."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, letters = (part.strip() for part in text.rpartition("="))
        letters = letters.upper()
        if not name or not (letters.isalpha() and letters.isascii()) or _ALONE in letters:
            raise UserError(f'--residues takes a modification and letters, as in "Phosphorylation=STY", not {text!r}')
        if name in found:
            raise UserError(f"--residues names {name!r} twice; give all its letters at once")
        found[name] = "".join(sorted(set(letters)))
    return found
