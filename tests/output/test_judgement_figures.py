from pathlib import Path

import matplotlib.image as image
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from plmkit.data.task import Task
from plmkit.output.judgement_figures import draw_judgement, judgement_figure
from plmkit.output.judgement_panels import Numbers

BINARY = Task("window", "classification", ("no", "yes"))
THREE = Task("protein", "classification", ("helix", "strand", "coil"))
LABELS = Task("protein", "multilabel", ("rare", "frequent", "absent"))
NAN = float("nan")
# positives have the ranks 1 and 3 of four: precision 1/1 and 2/3, average precision 5/6; of 4 pairs 3 stand right
TRUTH = np.array([[1], [0], [1], [0]])
PREDICTED = np.array([[0.1, 0.9], [0.3, 0.7], [0.6, 0.4], [0.8, 0.2]])


def said(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]


def ticks(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_xticklabels()]


def random_classes(examples: int, classes: int) -> tuple[Numbers, Numbers]:
    generator = np.random.default_rng(0)
    return generator.integers(classes, size=(examples, 1)), generator.dirichlet(np.ones(classes), examples)


def test_two_classes_have_counts_a_roc_curve_and_a_precision_recall_curve() -> None:
    figure = judgement_figure(BINARY, TRUTH, PREDICTED, 1, "AUROC 0.75")
    matrix, roc, precision = figure.axes
    assert figure.get_suptitle() == "AUROC 0.75"
    assert said(matrix) == ["1\n50.0 %", "1\n50.0 %", "1\n50.0 %", "1\n50.0 %"]
    assert ticks(matrix) == ["no", "yes"]
    assert legend(roc) == ["AUROC 0.750", "guessing: 0.5"]
    assert roc.get_lines()[0].get_xydata() == pytest.approx(
        np.array([[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]), abs=1e-9
    )
    assert legend(precision) == ["average precision 0.833", "guessing: 0.500"]
    assert precision.get_lines()[1].get_ydata() == pytest.approx([0.5, 0.5])
    assert (roc.get_title(), precision.get_title()) == ("positive: yes", "positive: 2 of 4")


def test_the_curves_are_about_the_positive_class() -> None:
    _, roc, precision = judgement_figure(BINARY, TRUTH[:3], PREDICTED[:3], 0, "").axes
    # the one negative has rank 2 of 3 by the probability of "no"
    assert (legend(roc)[0], legend(precision)[0]) == ("AUROC 0.500", "average precision 0.500")
    assert (roc.get_title(), precision.get_title()) == ("positive: no", "positive: 1 of 3")


def test_a_class_without_examples_is_said() -> None:
    matrix, roc, precision = judgement_figure(BINARY, np.zeros((2, 1)), np.full((2, 2), 0.5), 1, "").axes
    assert said(matrix) == ["2\n100.0 %", "0\n0.0 %", "0", "0"]
    assert said(roc) == ["no ROC curve:\nonly one class occurs"]
    assert said(precision) == ["no precision-recall curve:\nno positive example"]


def test_many_classes_have_counts_and_curves_against_the_rest_most_frequent_first() -> None:
    truth = np.array([[0], [0], [1], [NAN]])
    predicted = np.array([[0.8, 0.1, 0.1], [0.2, 0.3, 0.5], [0.1, 0.6, 0.3], [1, 0, 0]])
    matrix, _, curves = judgement_figure(THREE, truth, predicted, 0, "").axes
    assert said(matrix) == ["1", "0", "1", "0", "1", "0", "0", "0", "0"]
    assert np.ma.asarray(matrix.images[0].get_array()).tolist() == [
        [0.5, 0.0, 0.5],
        [0.0, 1.0, 0.0],
        [None, None, None],
    ]
    assert legend(curves) == ["1.00  helix", "1.00  strand"]
    assert curves.get_legend().get_title().get_text() == "average precision, 2 of 3 classes"  # type: ignore[union-attr]


def test_more_than_twelve_classes_have_no_numbers_and_eight_curves() -> None:
    names = tuple(f"_$class_{number} with a long name" for number in range(13))
    matrix, _, curves = judgement_figure(Task("protein", "classification", names), *random_classes(400, 13), 0, "").axes
    assert said(matrix) == []
    assert ticks(matrix) == [f"_$class_{number} with a{'' if number > 9 else ' '}…" for number in range(13)]
    assert all(len(name) <= 18 for name in ticks(matrix))
    assert len(curves.get_lines()) == len(legend(curves)) == 8


def test_labels_have_bars_most_frequent_first_beside_their_share() -> None:
    truth = np.array([[1, 1, 0], [0, 1, 0], [0, 0, NAN], [0, NAN, 0]])
    predicted = np.array([[0.3, 0.9, 0.5], [0.2, 0.2, 0.5], [0.5, 0.4, 0.5], [0.1, 0.99, 0.5]])
    figure = judgement_figure(LABELS, truth, predicted, 0, "")
    bars, curves = figure.axes
    widths = [bar.get_width() for bar in bars.patches]  # type: ignore[attr-defined]
    # frequent: ranks 1 and 3 of the 3 known; rare: rank 2 of 4
    assert widths == pytest.approx([5 / 6, 1 / 2, 0, 2 / 3, 1 / 4, 0])
    assert [text.get_text() for text in bars.get_yticklabels()] == ["frequent (2)", "rare (1)", "absent (0)"]
    assert said(bars) == ["no example"]
    assert legend(curves) == ["0.83  frequent", "0.50  rare"]
    assert figure.get_suptitle() == ""


def test_at_most_thirty_labels_have_bars_and_the_title_says_so() -> None:
    truth = np.tril(np.ones((40, 40)))
    task = Task("protein", "multilabel", tuple(f"label {number}" for number in range(40)))
    figure = judgement_figure(task, truth, np.full((40, 40), 0.5), 0, "macro")
    assert figure.get_suptitle() == "macro\nthe 30 most frequent of 40 labels"
    assert len(figure.axes[0].get_yticks()) == 30
    assert figure.axes[0].get_yticklabels()[29].get_text() == "label 29 (11)"


def test_quantities_are_points_about_a_line_with_equal_limits() -> None:
    truth = np.array([[1.0], [2.0], [NAN]])
    figure = judgement_figure(Task("residue", "regression", ("Tm",)), truth, np.array([[2.0], [5.0], [9.0]]), 0, "r")
    (axes,) = figure.axes
    (points,) = (drawn for drawn in axes.collections if isinstance(drawn, PathCollection))
    assert np.asarray(points.get_offsets()).tolist() == [[1.0, 2.0], [2.0, 5.0]]
    assert axes.get_xlim() == axes.get_ylim() == pytest.approx((0.84, 5.16))
    assert axes.get_title() == "Tm\n2 residues"
    assert legend(axes) == ["predicted = true"]


def test_very_many_points_become_counts() -> None:
    numbers = np.random.default_rng(0).normal(size=(3001, 1))
    axes, bar = judgement_figure(Task("pair", "regression", ("y",)), numbers, numbers, 0, "").axes
    (hexagons,) = (drawn for drawn in axes.collections if isinstance(drawn, PolyCollection))
    assert np.asarray(hexagons.get_array()).sum() == 3001
    assert bar.get_title() == "count"


def test_four_quantities_are_drawn_and_the_rest_is_said() -> None:
    numbers = np.arange(12.0).reshape(2, 6)
    figure = judgement_figure(Task("protein", "regression", tuple("abcdef")), numbers, numbers, 0, "mean 1.00")
    assert [axes.get_title() for axes in figure.axes] == [f"{name}\n2 proteins" for name in "abcd"]
    assert figure.get_suptitle() == "mean 1.00\nthe first 4 of 6 quantities"


def cases() -> list[tuple[Task, Numbers, Numbers]]:
    """What could make matplotlib or scikit-learn warn or fail."""
    odd = (r"$\frac{1$", "_hidden", "ほ" * 40)
    one = np.zeros((1, 1))
    return [
        (Task("protein", "classification", odd[:2]), one, np.array([[0.5, 0.5]])),
        (Task("protein", "classification", odd[:2]), one[:0], np.empty((0, 2))),
        (Task("protein", "classification", odd), one, np.full((1, 3), 1 / 3)),
        (Task("protein", "classification", odd), one[:0], np.empty((0, 3))),
        (Task("residue", "classification", tuple(map(str, range(130)))), *random_classes(500, 130)),
        (Task("protein", "multilabel", odd), np.full((2, 3), NAN), np.full((2, 3), 0.5)),
        (Task("protein", "multilabel", odd), np.ones((1, 3)), np.ones((1, 3))),
        (Task("protein", "regression", odd), np.array([[1, NAN, 0]]), np.array([[1, 2, 0]])),
        (Task("protein", "regression", odd[:1]), np.zeros((4000, 1)), np.zeros((4000, 1))),
        (Task("protein", "regression", odd[:2]), np.array([[1e9, 1e-9], [2e9, 2e-9]]), np.full((2, 2), 1e9)),
    ]


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case[0].kind}-{len(case[0].labels)}-{len(case[1])}")
def test_odd_cases_are_drawn_alike_twice_and_nothing_is_cut_off(
    tmp_path: Path, case: tuple[Task, Numbers, Numbers]
) -> None:
    for name in ("one.png", "two.png"):
        draw_judgement(tmp_path / name, *case, 0, "$\\headline_")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    pixels = image.imread(tmp_path / "one.png")[..., :3]
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (edges > 0.99).all()


def texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def test_no_text_is_smaller_than_eight_points_and_none_is_a_formula() -> None:
    for task, truth, predicted in cases():
        figure = judgement_figure(task, truth, predicted, 0, "$headline$")
        assert min(float(text.get_fontsize()) for text in texts(figure)) >= 8
        assert not any(text.get_parse_math() for text in texts(figure) if "$" in text.get_text())


def test_a_long_headline_is_cut_after_two_lines() -> None:
    lines = judgement_figure(BINARY, TRUTH, PREDICTED, 1, "word " * 100).get_suptitle().split("\n")
    assert len(lines) == 2
    assert lines[1].endswith("word …")


def test_the_sizes_of_the_pictures() -> None:
    figures = [judgement_figure(*case, 0, "headline") for case in cases()]
    assert figures[0].get_size_inches() == pytest.approx([12.9, 4.9])
    assert all(max(figure.get_size_inches()) < 18 for figure in figures)
