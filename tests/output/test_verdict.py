import math

import pytest
from tests.output.made_records import row

from plmkit.learning.metrics import Estimate
from plmkit.learning.verdict import Compared, decide
from plmkit.output.verdict import headline_text, nearness, sentence, verdict_entry


def estimate(value: float, half: float = 0.05) -> Estimate:
    return Estimate(value, value - half, value + half)


CONSTANT = Compared("constant", "most frequent label", estimate(0.5, 0), estimate(0.3))
LINEAR = Compared("linear", "logistic regression", estimate(0.7), estimate(0.1))
FROZEN = Compared("frozen", "frozen model", estimate(0.74), estimate(0.06, 0.04))


def said(*compared: Compared, tuned: float = 0.8, part: str = "test", method: str = "lora") -> str:
    return sentence(decide(part, "auroc", 50, estimate(tuned), compared), method)


def test_the_verdict_names_what_is_beaten_and_by_how_much() -> None:
    assert said(CONSTANT, LINEAR, FROZEN) == (
        "On the test examples LoRA (area under the ROC curve 0.800) beats the frozen model with the same head by 0.060 "
        "(0.020 to 0.100) and a logistic regression on the residues alone by 0.100 (0.050 to 0.150)."
    )


def test_what_is_not_shown_to_be_worse_is_to_be_used() -> None:
    open_ = Compared("frozen", "frozen model", estimate(0.79), estimate(0.01, 0.04))
    linear = Compared("linear", "logistic regression", estimate(0.7), estimate(0.1, 0.2))
    assert said(CONSTANT, linear, open_) == (
        "On the test examples no difference between LoRA and the frozen model with the same head can be shown (area "
        "under the ROC curve 0.800 against 0.790; +0.010, -0.030 to +0.050): use the frozen model (--method head), or "
        "add data. Nor is it shown to beat a logistic regression on the residues alone. With 50 examples nothing "
        "smaller than 0.04 can be seen."
    )


@pytest.mark.parametrize(
    ("gain", "advice"),
    [
        (None, "use the frozen model (--method head), or add data. Nor"),
        (Estimate(math.nan, math.nan, math.nan), "use the frozen model (--method head), or add data. Nor"),
        (
            Estimate(0.1, 0.05, 0.15),
            "use the frozen model (--method head), or add data, since the learning curve still rises. Nor",
        ),
        (Estimate(0.1, -0.05, 0.15), "use the frozen model (--method head). Nor"),
        (Estimate(-0.1, -0.15, -0.05), "use the frozen model (--method head). Nor"),
    ],
)
def test_more_data_are_advised_unless_the_learning_curve_says_otherwise(gain: Estimate | None, advice: str) -> None:
    open_ = Compared("frozen", "frozen model", estimate(0.79), estimate(0.01, 0.04))
    linear = Compared("linear", "logistic regression", estimate(0.7), estimate(0.1, 0.2))
    verdict = decide("test", "auroc", 50, estimate(0.8), [CONSTANT, linear, open_])
    assert advice in sentence(verdict, "lora", gain)


def test_too_few_examples_are_said_with_what_was_trained() -> None:
    verdict = decide("test", "auroc", 2, Estimate(math.nan, math.nan, math.nan), [CONSTANT])
    assert sentence(verdict, "head") == ("Too few test examples to compare the head on the frozen model with anything.")


def test_a_homologue_search_that_is_as_good_is_enough() -> None:
    search = Compared("homologue", "nearest homologues", estimate(0.81), estimate(-0.01, 0.04))
    assert "no difference between LoRA and a search for homologues can be shown" in said(CONSTANT, search, FROZEN)
    assert "such a search may be enough" in said(CONSTANT, search, FROZEN)


def test_relatives_are_not_taken_for_independent_examples() -> None:
    open_ = Compared("frozen", "frozen model", estimate(0.79), estimate(0.01, 0.04))
    found = sentence(decide("test", "auroc", 50, estimate(0.8), [CONSTANT, open_], groups=9), "lora")
    assert found.endswith(" With 50 examples of 9 groups of relatives nothing smaller than 0.04 can be seen.")


def test_what_is_better_is_said() -> None:
    frozen = Compared("frozen", "frozen model", estimate(0.85), estimate(-0.05, 0.02))
    assert said(CONSTANT, frozen, part="cross-validation", method="full") == (
        "In cross-validation the frozen model with the same head beats full fine-tuning (area under the ROC curve "
        "0.800) by 0.050 (0.030 to 0.070): use the frozen model (--method head)."
    )


def test_nothing_learned_is_said_before_all_else() -> None:
    constant = Compared("constant", "most frequent label", estimate(0.5, 0), estimate(0.02, 0.25))
    assert said(constant, FROZEN, tuned=0.52) == (
        "On the test examples it cannot be shown that LoRA has learned anything: area under the ROC curve 0.520, "
        "higher than by guessing by 0.020 (-0.230 to 0.270), interval widened for 2 comparisons. With 50 examples "
        "nothing smaller than 0.25 can be seen."
    )


@pytest.mark.parametrize(("near", "is_said"), [(0, False), (4, False), (5, True)])
def test_relatives_across_the_border_make_the_figures_too_good(near: int, is_said: bool) -> None:
    border = {"test": {"examples": 100, "near": near, "threshold": 0.5, "highest": 0.987, "median": 0.0}}
    expected = (
        " But 5 of 100 test examples are at least 50 % identical to an example that was learned from (up to 98 %): for "
        "proteins without such near relatives these figures are too good."
    )
    assert nearness("test", border) == (expected if is_said else "")
    assert nearness("validation", border) == ""


def test_the_record_says_what_could_have_been_seen() -> None:
    verdict = decide("test", "auroc", 50, estimate(0.8), [CONSTANT, LINEAR])
    counts = {"method": "lora", "border": {}}
    assert verdict_entry(verdict, counts)["smallest_visible_difference"] is None
    open_ = Compared("linear", "logistic regression", estimate(0.79), Estimate(0.01, -0.2, 0.3))
    entry = verdict_entry(decide("test", "auroc", 50, estimate(0.8), [CONSTANT, open_]), counts)
    assert (entry["finding"], entry["smallest_visible_difference"]) == ("no difference", 0.25)


def test_the_headline_has_the_size_of_the_part_and_the_interval() -> None:
    found = [row("fine-tuned model", "validation", "auroc", 0.9, 0, 1)]
    assert (
        headline_text(found, "auroc", "validation") == "validation (20): area under the ROC curve 0.90 (0.00 to 1.00)"
    )
    assert headline_text([row("fine-tuned model", "test", "mcc", None, None, None)], "mcc", "test") == (
        "test: Matthews correlation (MCC) is not defined"
    )
