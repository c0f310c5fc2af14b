"""The verdict says what can be shown, and what could have been seen."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from tests.data.test_judged import asked

from plmkit.data.judged import Judgeable, TruthAsked, read_judgeable
from plmkit.learning.evaluation import Evaluation, Judgement
from plmkit.learning.metrics import Estimate
from plmkit.learning.paired import Compared, PairedTest
from plmkit.output.evaluation import counts_of
from plmkit.output.evaluation_wording import interval, methods_paragraph, p_text, told_of_methods, verdict, withheld

NAMES = ("new", "old")


@pytest.fixture
def examples(tmp_path: Path) -> Judgeable:
    rows = "".join(f"n{n}\t{n % 2}\t{n / 50}\n" for n in range(50))
    return read_judgeable([asked(tmp_path, f"id\tlabel\tscore\n{rows}")], TruthAsked())


def of_two(low: float, high: float, p: float) -> Evaluation:
    middle = (low + high) / 2
    found = Compared(Estimate(0.81, 0.7, 0.9), Estimate(0.81 - middle, 0.6, 0.8), Estimate(middle, low, high))
    tests = {"auroc": PairedTest("permutation test", p, p)}
    whole = Judgement("all", 50, 50, ({}, {}), compared={"auroc": found}, tests=tests)
    return Evaluation("auroc", whole, ({}, {}), {}, {"auroc": 0.5})


def of_one(value: float, low: float, high: float) -> Evaluation:
    whole = Judgement("all", 50, 50, ({"auroc": Estimate(value, low, high)},))
    return Evaluation("auroc", whole, ({},), {}, {"auroc": 0.5})


def methods_of(evaluation: Evaluation, examples: Judgeable) -> str:
    counts = dict(counts_of(evaluation, [50], 0)) | told_of_methods(evaluation, examples)
    return methods_paragraph({"plmkit": "9.9", "counts": counts, "inputs": []})


def test_the_better_method_is_named_where_interval_and_test_agree(examples: Judgeable) -> None:
    assert verdict(of_two(0.01, 0.07, 0.003), NAMES, examples) == (
        "new is better than old: area under the ROC curve 0.810 against 0.770, a difference of +0.040 (95 % interval "
        "+0.010 to +0.070), p = 0.003, on 50 examples."
    )
    assert verdict(of_two(-0.07, -0.01, 0.0001), NAMES, examples).startswith("old is better than new: ")
    assert verdict(of_two(0.01, 0.07, 0.2), NAMES, examples).startswith("No difference can be shown")


def test_where_nothing_is_shown_it_is_said_what_could_have_been_seen(examples: Judgeable) -> None:
    said = verdict(of_two(-0.2, 0.3, 0.6), NAMES, examples)
    assert said.startswith("No difference can be shown between new and old: ")
    assert said.endswith("p = 0.60; with 50 examples nothing smaller than about 0.25 can be seen.")
    assert verdict(of_two(math.nan, math.nan, 0.6), NAMES, examples).startswith("On 50 examples the two methods cannot")


@pytest.mark.parametrize(
    ("value", "low", "high", "end"),
    [
        (0.8, 0.7, 0.9, "so the predictions are better than guessing."),
        (0.55, 0.4, 0.7, "and it cannot be shown that the predictions are better."),
        (0.2, 0.1, 0.3, "A low score seems to stand for what a high one should: look at the sign."),
        (0.8, math.nan, math.nan, "There is no interval: too few examples."),
        (math.nan, math.nan, math.nan, "is not defined: two different true labels are needed."),
    ],
)
def test_one_method_is_held_against_guessing(
    examples: Judgeable, value: float, low: float, high: float, end: str
) -> None:
    assert verdict(of_one(value, low, high), ("new",), examples).endswith(end)


def test_left_out_intervals_have_their_reason(examples: Judgeable) -> None:
    whole = replace(of_one(0.8, math.nan, math.nan).whole, without_interval=frozenset({"auroc"}))
    of_whole = replace(of_one(0.8, math.nan, math.nan), whole=whole)
    why = "too few examples of some classes, which random draws lose"
    assert verdict(of_whole, ("new",), examples).endswith(f"There is no interval: {why}.")
    pair = of_two(0, 0.1, 0.6)
    lost = replace(pair, whole=replace(pair.whole, without_interval=frozenset({"auroc"})))
    assert verdict(lost, NAMES, examples) == (
        "The two methods cannot be compared on 50 examples: area under the ROC curve 0.810 against 0.760, but there "
        f"are {why}."
    )
    rat = Judgement("rat", 12, 12, ({},), without_interval=frozenset({"mcc"}))
    assert withheld([rat, Judgement("human", 60, 60, ({},))]) == (
        f"No interval of Matthews correlation (MCC) (rat): there are {why}."
    )
    assert withheld([whole]) == f"No interval of area under the ROC curve: there are {why}."
    assert "An interval is left out where draws that lose a class" in methods_of(of_whole, examples)


def test_numbers_have_the_digits_they_bear() -> None:
    assert [p_text(p) for p in (0.0004, 0.0123, 0.0996, 0.5, math.nan)] == [
        "p < 0.001",
        "p = 0.012",
        "p = 0.10",
        "p = 0.50",
        "p is not defined",
    ]
    assert interval(Estimate(-0.001, -0.1, 0.2)) == "0.00 (-0.10 to 0.20)"
