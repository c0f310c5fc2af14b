import numpy as np

from plmkit.data.leaks import Border, Pairs
from plmkit.data.splitting import Plan, plan_of
from plmkit.data.splitting_check import Checked
from plmkit.data.splitting_variants import CheckedVariants
from plmkit.output.split_wording import known_noun, verdict, verdict_on_variants

THREE = plan_of(0.2, 0.1, 0)
FOLDS = plan_of(0.2, 0.1, 2)


def checked(part: str, *identity: float) -> Checked:
    count = len(identity)
    none = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    rows = np.zeros(count, dtype=np.int64)
    return Checked(part, ("p",) * count, ("q",), Border(np.array(identity), np.ones(count), rows, none))


def test_the_verdict_is_about_test_sets_and_only_without_them_about_validation() -> None:
    found = [checked("valid", 0.9), checked("test", 0.2, 0.3), checked("test_hard", 0.7)]
    plan = Plan(("train", "valid", "test", "test_hard"), (0.25,) * 4)

    assert verdict(found, plan, "residue", 0.5) == (
        "The nearest training protein of any test protein is 30 % identical: no leak was found. "
        "1 of 1 test_hard proteins is at least 50 % identical to a training protein (highest 70 %)."
    )
    assert verdict(found[:1], THREE, "window", 0.5).startswith("1 of 1 validation windows is at least 50 %")


def test_of_folds_the_worst_is_told() -> None:
    found = [checked("1", 0.2), checked("2", 0.8, 0.1)]

    assert verdict(found, FOLDS, "protein", 0.5) == (
        "The worst fold: 1 of 2 fold 2 proteins is at least 50 % identical to a protein of another fold (highest 80 %)."
    )
    assert known_noun("pair", is_folds=False) == "training protein"


def test_of_variants_mutations_and_positions_are_told() -> None:
    train, test = CheckedVariants("train", 9, 0, 2, 9), CheckedVariants("test", 4, 3, 3, 4)

    assert verdict_on_variants([train, test], plan_of(0.2, 0, 0), "mutations") == (
        "Test variants have 3 mutations, training variants 0 to 2: no test variant has as few mutations as any "
        "training variant."
    )
    assert verdict_on_variants([train, test], plan_of(0.2, 0, 0), "modulo") == (
        "4 of 4 test variants are mutated at a position that is mutated in training."
    )
