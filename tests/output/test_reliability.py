"""The figure of honesty shows what was claimed and what was right."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.lines import Line2D
from scipy.stats import binomtest

from plmkit.data.task import Task
from plmkit.learning.conformal import Conformal, fit_conformal
from plmkit.output.reliability import draw_reliability, reliability_figure, wilson

TWO = Task("window", "classification", ("no", "yes"))
NUMBERS = Task("protein", "regression", ("Tm", "pH"))
LABELS = Task("protein", "multilabel", ("rare", "frequent"))


def test_wilson_by_scipy() -> None:
    low, high = wilson(np.array([0.0, 0.3, 1.0]), np.array([5, 10, 7]))
    for found, (right, of) in zip(zip(low, high, strict=True), [(0, 5), (3, 10), (7, 7)], strict=True):
        expected = binomtest(right, of).proportion_ci(method="wilson")
        assert found == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_curves_of_two_classes() -> None:
    # ten claims of 0.75 of which 6 are right, ten of 0.15 of which 2 are, and four of 0.95 which are too few to show
    claimed = np.repeat([0.75, 0.15, 0.95], [10, 10, 4])
    truth = np.repeat([1, 0, 1, 0, 1], [6, 4, 2, 8, 4]).astype(np.float64)[:, None]
    after = np.stack([1 - claimed, claimed], axis=1)
    before = np.stack([claimed, 1 - claimed], axis=1)
    figure = reliability_figure(TWO, truth, before, after, fit_conformal(TWO, truth, after), "test")
    curve, counts, levels = figure.axes
    assert figure.get_suptitle() == "Can the predictions be trusted? Test"
    assert curve.get_title() == "probability of yes"
    drawn = next(bars for bars in curve.containers if bars.get_label() == "after calibration").get_children()[0]
    assert isinstance(drawn, Line2D)
    assert np.asarray(drawn.get_xydata()).ravel() == pytest.approx([0.15, 0.2, 0.75, 0.6])
    assert counts.get_xlabel() == "predicted probability"
    assert levels.get_title() == "sets that hold the true label"


def test_measured_numbers_have_intervals_alone_and_unknown_ones_are_left_out() -> None:
    chance = np.random.default_rng(1)
    truth = chance.normal(size=(200, 2))
    truth[::3, 1] = np.nan
    zeros = np.zeros((200, 2))
    (levels,) = reliability_figure(NUMBERS, truth, zeros, zeros, fit_conformal(NUMBERS, truth, zeros), "test").axes
    (found,) = [line for line in levels.get_lines() if str(line.get_label()).startswith("found")]
    across, share = np.asarray(found.get_xydata()).T
    assert across == pytest.approx(np.arange(0.5, 1, 0.05))
    np.testing.assert_allclose(share, across, atol=0.02)  # of what it was fitted on


@pytest.mark.parametrize(
    ("task", "truth", "predicted", "conformal"),
    [
        (LABELS, [[1, np.nan], [0, 1]], [[0.9, 0.1], [0.2, 0.6]], None),
        (NUMBERS, [[1, np.nan]], [[0.9, 0.1]], fit_conformal(NUMBERS, np.array([[1, np.nan]]), np.zeros((1, 2)))),
        (NUMBERS, np.zeros((0, 2)), np.zeros((0, 2)), None),
        (TWO, [[1]], [[0, 1]], fit_conformal(TWO, np.array([[1.0]]), np.array([[0.0, 1]]))),
    ],
)
def test_few_examples_are_drawn(
    tmp_path: Path, task: Task, truth: object, predicted: object, conformal: Conformal | None
) -> None:
    values = np.array(predicted, dtype=np.float64)
    draw_reliability(
        tmp_path / "f.png", task, np.array(truth, dtype=np.float64), values, values, conformal, "validation"
    )
    assert image.imread(tmp_path / "f.png").shape[1] >= 600
