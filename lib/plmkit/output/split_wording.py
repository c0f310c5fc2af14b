"""Say what a split is: the verdict on its border, what was done, and the paragraph on methods for a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plmkit.data.leaks import sentence
from plmkit.data.splitting import ASIDE, TRAIN, VALID, Plan
from plmkit.data.splitting_check import Checked
from plmkit.data.splitting_variants import CheckedVariants
from plmkit.output.telling import Telling

MMSEQS = "MMseqs2 (Steinegger & Söding 2017, doi:10.1038/nbt.3988)"
_NOUNS = {"protein": "protein", "residue": "protein", "pair": "protein", "window": "window"}
_PLURALS = {"protein": "proteins", "residue": "proteins", "pair": "pairs", "window": "windows"}
Record = Mapping[str, Any]


def verdict(checked: Sequence[Checked], plan: Plan, unit: str, threshold: float) -> str:
    """Say in a sentence how near the test parts come; of folds the nearest one; without a test part validation."""
    noun = _NOUNS[unit]
    if plan.is_folds:
        worst = max(checked, key=lambda one: (one.border.at_least(threshold), one.border.highest))
        return "The worst fold: " + sentence(
            worst.border, threshold, f"fold {worst.part} {noun}", known_noun(unit, True)
        )
    tests = [one for one in checked if one.part not in (VALID, ASIDE)] or list(checked)
    return " ".join(
        sentence(one.border, threshold, f"{_adjective(one.part)} {noun}", known_noun(unit, False)) for one in tests
    )


def verdict_on_variants(checked: Sequence[CheckedVariants], plan: Plan, method: str) -> str:
    """Say in a sentence what the variants that are put aside ask of a model."""
    of = {one.part: one for one in checked}
    if method == "mutations":
        test, train = of[plan.names[-1]], of[TRAIN]
        return (
            f"Test variants have {_range(test)} mutations, training variants {_range(train)}: no test variant has as "
            "few mutations as any training variant."
        )
    aside = [one for one in checked if plan.is_folds or one.part not in (TRAIN, VALID)]
    shared, variants = sum(one.shared for one in aside), sum(one.variants for one in aside)
    other = "another fold" if plan.is_folds else "training"
    what = "variant" if plan.is_folds else "test variant"
    if not shared:
        return f"No {what} is mutated at a position that is mutated in {other}: no leak was found."
    return f"{shared:,} of {variants:,} {what}s are mutated at a position that is mutated in {other}."


def what_was_done(record: Record) -> str:
    """Say in plain words how the parts were made."""
    counts, method = record["counts"], record["config"]["method"]
    units = _PLURALS[counts["unit"]]
    kept = "The proportions of labels were kept as far as that allows."
    aside = "A variant whose mutations lie in different parts is in none of them."
    if method == "clusters" and counts["unit"] == "pair":
        return f"{_families(record)} Each family went to one part; a pair whose proteins belong to two is in none."
    if method == "clusters":
        return f"{_families(record)} Each family went to one part as a whole. {kept}"
    texts = {
        "group": f"Each group went to one part as a whole, as did {units} with the same sequence. {kept}",
        "random": f"The {units} were drawn by lot, those with the same sequence together. {kept}",
        "mutations": (
            f"Variants with at most {counts.get('most_mutations_to_learn_from')} mutations are learned from, the "
            "others are tested on; validation was drawn from the former."
        ),
        "modulo": (
            "Each mutated position went to a part by the remainder of its number, divided by "
            f"{len(counts['wanted']) if counts['is_folds'] else 10}. {aside}"
        ),
        "contiguous": f"The mutated positions were cut into one stretch for each part. {aside}",
        "given": "The parts are those that the input tells; nothing was changed.",
    }
    return texts[method]


def methods_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return what was done in the terms of the field, with the sources to cite; telling: what was said before it."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    parts = ", ".join(f"{row['part']} {row['examples']:,}" for row in counts["parts"])
    checked = (
        " The border was checked by searching each sequence that was put aside among those learned from with "
        f"{MMSEQS}, sensitivity 7.5, E-value below 0.001, counting alignments that cover at least half of it: "
        f"{counts['verdict']}"
        if record["metrics"] and config["method"] not in ("mutations", "modulo", "contiguous")
        else f" {counts['verdict']}"
    )
    sources = {
        "modulo": " (as in ProteinGym, Notin et al. 2023, doi:10.1101/2023.12.07.570727)",
        "contiguous": " (as in ProteinGym, Notin et al. 2023, doi:10.1101/2023.12.07.570727)",
        "mutations": " (as in FLIP, Dallago et al. 2021, doi:10.1101/2021.11.09.467890)",
    }
    units = "variants" if config["method"] in ("mutations", "modulo", "contiguous") else _PLURALS[counts["unit"]]
    verb = "were already divided, and checked" if config["method"] == "given" else "were divided"
    return (
        f"{counts['examples']:,} {units} {verb} with {telling.software(record)}"
        f"{sources.get(config['method'], '')}: {parts}. {what_was_done(record)}{checked}"
    )


def known_noun(unit: str, is_folds: bool) -> str:
    """Return what a sequence that is learned from is called."""
    return f"{_NOUNS[unit]} of another fold" if is_folds else f"training {_NOUNS[unit]}"


def _families(record: Record) -> str:
    config, counts = record["config"], record["counts"]
    joined = (
        ""
        if config["quick"]
        else (
            f", then joined where any of their members are at least {config['threshold'] * 100:g} % identical "
            f"over half of either ({counts['clusters']:,} clusters, {counts['families']:,} families)"
        )
    )
    return (
        f"Families are clusters by {MMSEQS}, cascaded clustering at {config['identity'] * 100:g} % identity over "
        f"{counts['coverage'] * 100:g} % of both sequences{joined}."
    )


def _adjective(part: str) -> str:
    return "validation" if part == VALID else part


def _range(checked: CheckedVariants) -> str:
    return str(checked.most) if checked.fewest == checked.most else f"{checked.fewest} to {checked.most}"
