"""plm split: labelled sequences to training, validation and test, or folds, and a check of the border between them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from plmkit.commands.given import columns_of, given_examples
from plmkit.config import SplitConfig
from plmkit.data import mmseqs
from plmkit.data.dataset import Examples
from plmkit.data.families import COVERAGE, COVERAGE_OF_WINDOWS, Families, families
from plmkit.data.rows import rows_of
from plmkit.data.splitting import (
    Division,
    Plan,
    as_given,
    divide_at_random,
    divide_by_families,
    divide_by_groups,
    plan_of,
)
from plmkit.data.splitting_check import check
from plmkit.data.splitting_pairs import divide_pairs
from plmkit.data.splitting_table import Layout, check_new_column, mutant_column, read_layout
from plmkit.data.splitting_variants import (
    Positions,
    check_variants,
    divide_by_number,
    divide_by_position,
    positions_compared,
    positions_told,
)
from plmkit.errors import UserError
from plmkit.output.staging import Staging, staged

log = logging.getLogger(__name__)


def run(config: SplitConfig) -> None:
    """Divide, look across the border, and write what was found."""
    outputs = [
        config.table,
        config.fasta,
        config.summary,
        config.offenders,
        config.figure,
        config.report,
        config.record,
    ]
    with staged(outputs, [config.examples, config.labels, config.parent]) as staging:
        examples, layout = _read(config)
        _split(config, examples, layout, staging)


def _read(config: SplitConfig) -> tuple[Examples, Layout]:
    examples = given_examples(config)
    layout = read_layout(config.examples, config.labels, columns_of(config), examples)
    if config.method != "given":
        check_new_column(layout, "fold" if config.folds else "split")
    if config.fasta and (not layout.is_fasta or config.unit == "pair"):
        raise UserError(
            "examples: --fasta is for FASTA with a label for each record; leave it out, the table tells all"
        )
    if config.method == "group" and not examples.proteins_are_known:
        raise UserError(
            "examples: --method group needs groups; name their column with --group-column, or name windows "
            "protein%start%site"
        )
    return examples, layout


def _split(config: SplitConfig, examples: Examples, layout: Layout, staging: Staging) -> None:
    plan = plan_of(config.test_share, config.validation_share, config.folds)
    coverage = config.coverage or (COVERAGE_OF_WINDOWS if config.unit == "window" else COVERAGE)
    positions: Sequence[Positions] = ()
    version = None
    if config.method in ("mutations", "modulo", "contiguous"):
        positions = _positions(config, examples, layout)
        division = _divided_variants(config, examples, positions, plan)
    else:
        version = mmseqs.version()  # asked first: without the program nothing can be checked
        division = _divided(config, examples, plan, coverage)

    # figures are loaded here, after every mistake of the user was answered
    from plmkit.output.split_results import Found, write_split

    checked = [] if positions else check(examples, division)
    variants = check_variants(positions, division) if positions else []
    found = Found(examples, layout, division, checked, variants, positions, coverage, version)
    write_split(config, staging, found)


def _divided(config: SplitConfig, examples: Examples, plan: Plan, coverage: float) -> Division:
    if config.method == "given":
        return as_given(examples)
    if config.method == "random":
        return divide_at_random(examples, plan, config.seed)
    if config.method == "group":
        return divide_by_groups(examples, plan, config.seed)
    if config.unit == "pair":
        rows = rows_of([item.sequences for item in examples.items])
        return divide_pairs(examples, rows, _families(config, rows.sequences, coverage), plan, config.seed)
    sequences = [item.sequences[0] for item in examples.items]
    return divide_by_families(examples, _families(config, sequences, coverage), plan, config.seed)


def _families(config: SplitConfig, sequences: Sequence[str], coverage: float) -> Families:
    found = families(sequences, config.identity, coverage, None if config.quick else config.threshold)
    log.info("%s sequences in %s clusters", f"{len(sequences):,}", f"{found.clusters:,}")
    return found


def _positions(config: SplitConfig, examples: Examples, layout: Layout) -> list[Positions]:
    if config.parent is not None:
        return positions_compared(examples, config.parent)
    column = mutant_column(layout, config.mutant_column)
    if column is None:
        raise UserError(
            f"examples: --method {config.method} needs to know the mutations; give the protein that all variants come "
            "from as --parent, or a column of mutations as --mutant-column"
        )
    return positions_told(layout.cells_of(column), layout.lines(), layout.table.role)


def _divided_variants(config: SplitConfig, examples: Examples, positions: Sequence[Positions], plan: Plan) -> Division:
    if config.method == "mutations":
        return divide_by_number(examples, positions, plan, config.most_mutations, config.seed)
    return divide_by_position(examples, positions, plan, config.method == "contiguous", config.seed)
