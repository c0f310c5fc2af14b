import math

import pytest

from plmkit.learning.metrics import Estimate
from plmkit.learning.verdict import Compared, decide

NOT_DEFINED = Estimate(math.nan, math.nan, math.nan)
TUNED = Estimate(0.8, 0.7, 0.9)


def rival(role: str, value: float, low: float, high: float) -> Compared:
    return Compared(role, role, Estimate(value, value, value), Estimate((low + high) / 2, low, high))  # type: ignore[arg-type]


CONSTANT = rival("constant", 0.5, 0.2, 0.4)


@pytest.mark.parametrize(
    ("rivals", "finding"),
    [
        ([CONSTANT, rival("linear", 0.6, 0.1, 0.3)], "better"),
        ([CONSTANT, rival("linear", 0.6, -0.1, 0.3)], "no difference"),
        ([CONSTANT, rival("linear", 0.6, 0.1, 0.3), rival("frozen", 0.9, -0.2, -0.01)], "worse"),
        ([rival("constant", 0.5, -0.1, 0.3), rival("frozen", 0.9, -0.2, -0.01)], "nothing learned"),
        ([Compared("constant", "mean", NOT_DEFINED, NOT_DEFINED), rival("linear", 0.6, 0.1, 0.3)], "better"),
        ([Compared("constant", "mean", NOT_DEFINED, NOT_DEFINED)], "better"),
        (
            [Compared("constant", "mean", NOT_DEFINED, NOT_DEFINED), Compared("linear", "x", NOT_DEFINED, NOT_DEFINED)],
            "undefined",
        ),
    ],
)
def test_what_comparisons_show(rivals: list[Compared], finding: str) -> None:
    assert decide("test", "auroc", 50, TUNED, rivals).finding == finding


def test_a_correlation_must_lie_above_zero_to_have_learned() -> None:
    mean = Compared("constant", "mean", NOT_DEFINED, NOT_DEFINED)
    assert decide("test", "spearman", 50, Estimate(0.1, -0.1, 0.3), [mean]).finding == "nothing learned"


def test_without_a_measure_there_is_no_verdict() -> None:
    assert decide("test", "auroc", 1, NOT_DEFINED, [CONSTANT]).finding == "undefined"


def test_the_best_unbeaten_rival_decides() -> None:
    found = decide(
        "test", "auroc", 50, TUNED, [CONSTANT, rival("linear", 0.6, -0.3, 0.3), rival("frozen", 0.7, -0.1, 0.2)]
    )
    assert [one.role for one in found.unbeaten] == ["frozen", "linear"]
    assert [one.role for one in found.beaten] == ["constant"]
    assert found.visible == pytest.approx(0.15)
