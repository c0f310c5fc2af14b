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
        (0.05, 0.15, "rose by +0.100 (+0.050 to +0.150): twice the data would be worth it."),
        (-0.05, 0.15, "changed by +0.050 (-0.050 to +0.150): it is not shown that more data would help."),
        (-0.2, -0.1, "fell by -0.150 (-0.200 to -0.100): more of such data would not help; look at their labels."),
    ],
)
def test_the_second_half_of_the_data_tells_what_more_would_bring(low: float, high: float, end: str) -> None:
    expected = "From 200 to 400 training examples the area under the ROC curve "
    assert gain_sentence(curve(low, high)) == expected + end


def test_the_figure_shows_sizes_values_and_intervals() -> None:
    (axes,) = learning_curve_figure(curve(0.05, 0.15)).axes
    (line, *_) = axes.get_lines()
    assert line.get_xydata().tolist() == [[100, 0.6], [200, 0.7], [400, 0.8]]  # type: ignore[union-attr]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100", "200", "400"]
    assert axes.get_ylabel() == "area under the ROC curve, test"
