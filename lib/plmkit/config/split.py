"""The options of plm split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_parts, check_seed, share
from plmkit.config.examples import ExampleOptions
from plmkit.errors import UserError

_OF_VARIANTS = ("mutations", "modulo", "contiguous")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SplitConfig(ExampleOptions):
    """Divide labelled sequences into training, validation and test, or into folds, and check that nothing leaks."""

    table: Path
    """File to write your table to, with one more column: split, or fold."""
    fasta: Path | None = None
    """File to write your FASTA to, with SET= (or FOLD=) in each header."""
    summary: Path | None = None
    """File to write the table of sizes and labels of each part to."""
    offenders: Path | None = None
    """File to write the table of sequences to which resemble a training sequence at --threshold or above."""
    figure: Path | None = None
    """File to write the histogram of the identities to nearest training sequences to (PNG)."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    method: Literal["clusters", "group", "mutations", "modulo", "contiguous", "random", "given"] = "clusters"
    """clusters: families stay whole (pairs: no protein on two sides); group: a column's groups do; mutations, modulo,
    contiguous: of variants; random: leaks; given: only check the parts that the table has."""
    test_share: float = 0.2
    """Share of the examples for test."""
    validation_share: float = 0.1
    """Share of the examples for validation; 0: none, plm finetune then draws its own."""
    folds: int = 0
    """So many folds of equal size instead of training, validation and test; 0: none."""
    identity: float = 0.3
    """Share of equal residues from which on two sequences are of one cluster."""
    coverage: float | None = None
    """Share of both sequences that has to take part in the alignment; default: 0.8, of windows 0.5."""
    quick: bool = False
    """Do not join clusters whose members resemble each other at --threshold: faster, and leaks."""
    most_mutations: int | None = None
    """For --method mutations: learn from variants with so many or fewer; default: what comes nearest to the shares."""
    parent: Path | None = None
    """FASTA with the one protein that all variants come from; not needed with a column of mutations."""
    mutant_column: str | None = None
    """Column with the mutations of each variant, such as A24G:K30R; default: the column "mutant" if there is one."""
    threshold: float = 0.5
    """Identity with a training sequence from which on a sequence that is put aside counts as a leak."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        check_seed(self.seed)
        check_parts(self.test_share, self.validation_share)
        share("--identity", self.identity, above=0.0, up_to=1.0)
        share("--threshold", self.threshold, above=0.0, up_to=1.0)
        if self.coverage is not None:
            share("--coverage", self.coverage, above=0.0, up_to=1.0)
        at_least("--most-mutations", self.most_mutations, 0)
        if self.folds == 1 or self.folds < 0:
            raise UserError(f"--folds must be 0 or at least 2, not {self.folds}")
        self._check_together()
        self._check_variants()

    def _check_together(self) -> None:
        if self.folds and self.method in ("mutations", "given"):
            raise UserError(f"--folds does not go with --method {self.method}; leave one out")
        if self.split_column is not None and self.method != "given":
            raise UserError("--split-column is for --method given, which checks these parts; leave it out")
        if self.partner_column is not None and self.unit != "pair":
            raise UserError("--partner-column is for pairs: give --unit pair, or leave it out")
        if self.mask_column is not None and self.unit != "residue":
            raise UserError("--mask-column is for labels of residues: give --unit residue, or leave it out")

    def _check_variants(self) -> None:
        if self.method in _OF_VARIANTS and self.unit != "protein":
            raise UserError(f"--method {self.method} is for variants of one protein: give --unit protein")
        for option, value in (("--parent", self.parent), ("--mutant-column", self.mutant_column)):
            if value is not None and self.method not in _OF_VARIANTS:
                raise UserError(f"{option} is for --method mutations, modulo or contiguous; leave it out")
        if self.parent is not None and self.mutant_column is not None:
            raise UserError("--parent and --mutant-column both tell the mutations; leave one out")
        if self.most_mutations is not None and self.method != "mutations":
            raise UserError("--most-mutations is for --method mutations; leave it out")

    def without_effect(self) -> set[str]:
        """Return the options which mean nothing beside the others."""
        clusters = set() if self.method == "clusters" else {"identity", "coverage", "quick"}
        shares = {"test_share", "validation_share"} if self.folds or self.method == "given" else set()
        if self.method == "mutations" and self.most_mutations is not None:
            shares = {"test_share"}
        seed = {"seed"} if self.method == "given" or (self.folds and self.method in _OF_VARIANTS) else set()
        return clusters | shares | seed
