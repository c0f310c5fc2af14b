import pytest
from tests.output.made_records import made_record, row

from plmkit.output.verdict import headline_text, judged_part, readable, verdict, verdict_of


def rows(value: float, low: float | None, high: float | None, part: str = "validation") -> list[dict[str, object]]:
    simple = "logistic regression"
    return [
        row("fine-tuned model", part, "auroc", 0.7 + value, 0, 1),
        row(simple, part, "auroc", 0.7, 0, 1),
        row(f"fine-tuned model minus {simple}", part, "auroc", value, low, high),
    ]


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (
            (0.2, 0.1, 0.3),
            "On the test examples the tuned model is better than a logistic regression on the residues alone: area "
            "under the ROC curve 0.900 against 0.700, a difference of +0.200 (95 % interval +0.100 to +0.300).",
        ),
        (
            (-0.2, -0.3, -0.1),
            "On the test examples the tuned model is worse than a logistic regression on the residues alone: area "
            "under the ROC curve 0.500 against 0.700, a difference of -0.200 (95 % interval -0.300 to -0.100). "
            "Use the simple method, or a larger language model, or more examples.",
        ),
        (
            (0.1, -0.1, 0.3),
            "On the test examples it cannot be shown that the tuned model is better than a logistic regression on the "
            "residues alone: area under the ROC curve 0.800 against 0.700, a difference of +0.100 (95 % interval "
            "-0.100 to +0.300).",
        ),
    ],
)
def test_the_verdict_is_better_worse_or_open(difference: tuple[float, float, float], sentence: str) -> None:
    assert verdict(rows(*difference, "test"), "auroc", "test", "logistic regression") == sentence


def test_without_an_interval_there_is_no_verdict() -> None:
    asked = "auroc", "validation", "logistic regression"
    assert verdict(rows(0.1, None, None), *asked).startswith("Too few validation examples")
    assert verdict([], *asked).startswith("Too few validation examples")
    assert verdict(rows(0.1, 0.05, 0.2), "auroc", "test", "logistic regression").startswith("Too few test examples")


def test_a_test_set_tells_most_then_the_cross_validation() -> None:
    assert judged_part(made_record(tests=["test"], folds=3)["counts"]) == "test"
    assert judged_part(made_record(folds=3)["counts"]) == "cross-validation"
    assert judged_part(made_record()["counts"]) == "validation"
    assert verdict_of(made_record(folds=3)).startswith("In cross-validation the tuned model is better than")


def test_the_headline_has_the_size_of_the_part_and_the_interval() -> None:
    found = rows(0.2, 0.1, 0.3)
    assert (
        headline_text(found, "auroc", "validation") == "validation (20): area under the ROC curve 0.90 (0.00 to 1.00)"
    )
    assert headline_text([row("fine-tuned model", "test", "mcc", None, None, None)], "mcc", "test") == (
        "test: Matthews correlation (MCC) is not defined"
    )


def test_a_metric_of_a_label_is_readable_whatever_the_label_is_called() -> None:
    assert readable("auroc of part of speech") == "area under the ROC curve of part of speech"
    assert readable("something else") == "something else"
