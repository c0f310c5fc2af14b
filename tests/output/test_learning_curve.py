import math

import pytest

from plmkit.learning.comparison import LearningCurve
from plmkit.learning.metrics import Estimate
from plmkit.output.learning_curve import gain_sentence, learning_curve_figure


def curve(low: float, high: float) -> LearningCurve:
    values = [Estimate(value, value - 0.1, value + 0.1) for value in (0.6, 0.7, 0.8)]
    return LearningCurve("test", "auroc", [100, 200, 400], values, Estimate((low + high) / 2, low, high), [])


@pytest.mark.parametrize(
    ("low", "high", "end"),
    [
        (0.05, 0.15, "rose by +0.100 (+0.050 to +0.150): the curve still rises."),
        (-0.05, 0.15, "changed by +0.050 (-0.050 to +0.150): it is not shown that the curve still rises."),
        (-0.2, -0.1, "fell by -0.150 (-0.200 to -0.100): the curve falls."),
    ],
)
def test_the_sentence_states_what_the_second_half_of_the_data_brought_and_leaves_advice_to_the_verdict(
    low: float, high: float, end: str
) -> None:
    expected = "From 200 to 400 training examples the area under the ROC curve "
    assert gain_sentence(curve(low, high)) == expected + end


def test_a_gain_that_is_not_defined_is_not_told_as_a_number() -> None:
    assert gain_sentence(curve(math.nan, math.nan)) == (
        "Too few test examples to say what more training examples bring."
    )


def test_the_figure_shows_sizes_values_and_intervals() -> None:
    (axes,) = learning_curve_figure(curve(0.05, 0.15)).axes
    (line, *_) = axes.get_lines()
    assert line.get_xydata().tolist() == [[100, 0.6], [200, 0.7], [400, 0.8]]  # type: ignore[union-attr]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100", "200", "400"]
    assert axes.get_ylabel() == "area under the ROC curve, test"
