"""Figures of an evaluation show each subset in its line, and say where nothing can be said."""

import math
from dataclasses import replace

import numpy as np

from plmkit.data.judged_words import Method, Numbers
from plmkit.data.task import Task
from plmkit.learning.evaluation import evaluate
from plmkit.output.evaluation_figures import _figure, subsets_figure

TASK = Task("protein", "classification", ("no", "yes"))
TRUTH = (np.arange(40)[:, None] % 2).astype(np.float64)
SHARE = np.clip(TRUTH[:, 0] * 0.4 + np.linspace(0, 0.6, 40), 0, 1)
METHOD = Method(np.column_stack([1 - SHARE, SHARE]), are_probabilities=True)


def test_each_subset_has_a_line_with_its_interval() -> None:
    numbers = Numbers(TASK, 1, TRUTH, (METHOD, METHOD), ())
    places = {"human": np.arange(30), "rat": np.arange(30, 35)}
    found = evaluate(numbers, np.arange(40), {"organism": places}, 0)
    axes = subsets_figure(found, ["new", "old"]).axes[0]

    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "all examples (40)",
        "organism:",
        "human (30)",
        "rat (5)",
    ]
    assert [text.get_text() for text in axes.texts] == ["too few"]
    points = [line for line in axes.get_lines() if line.get_marker() in ("o", "s")]
    expected = [found.whole.found[0]["auroc"].value, found.subsets["organism"][0].found[0]["auroc"].value]
    assert all(np.allclose(line.get_xdata(), expected) for line in points)
    assert not math.isnan(expected[1])


def test_a_value_without_an_interval_has_an_open_mark() -> None:
    truth = np.array([0.0] * 11 + [1.0] + [0.0, 1.0] * 30)[:, None]
    answered = Method(np.eye(2)[np.where(np.arange(72) < 12, 0, truth[:, 0]).astype(int)], has_ranks=False)
    numbers = Numbers(Task("protein", "classification", ("no", "yes")), 1, truth, (answered,), ())
    found = evaluate(numbers, np.arange(72), {"organism": {"small": np.arange(12), "large": np.arange(12, 72)}}, 0)
    assert found.headline == "mcc"
    small, large = (replace(each, found=({"mcc": each.found[0]["macro_f1"]},)) for each in found.subsets["organism"])
    axes = subsets_figure(replace(found, subsets={"organism": [small, large]}), ["new"]).axes[0]
    marks = {
        line.get_fillstyle(): np.asarray(line.get_ydata()).tolist()
        for line in axes.get_lines()
        if line.get_marker() == "o"
    }
    assert marks == {"full": [0, 3], "none": [2]}
    assert "open marks: too few examples for one" in axes.get_xlabel()


def test_scores_without_answers_have_curves_and_answers_without_scores_a_matrix() -> None:
    ranked = Method(METHOD.values, has_answers=False)
    answered = Method(np.eye(2)[METHOD.values.argmax(axis=1)], has_ranks=False)
    numbers = Numbers(TASK, 1, TRUTH, (ranked,), ())
    assert [axes.get_xlabel() for axes in _figure(numbers, ranked, "title").axes] == ["false positive rate", "recall"]
    assert _figure(numbers, answered, "title").axes[0].get_xlabel() == "predicted"
    assert len(_figure(numbers, METHOD, "title").axes) == 3
