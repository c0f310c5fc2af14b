from pathlib import Path

import matplotlib.image as image
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from plmkit.output.figures import Curves, draw_perplexities, draw_training_curves, shortened, training_figure

ONE = Curves("seed 0", [0.6, 0.5, 0.4], [0.7, 0.5, 0.6], [0.5, 0.9, 0.8], "area under the ROC curve", 2)
OTHER = Curves("seed 1", [0.6, 0.4], [0.7, 0.6], [0.4, 0.6], "area under the ROC curve", 1)
NAN = float("nan")


def epochs(line: Line2D) -> list[float]:
    return list(np.asarray(line.get_xdata(), dtype=float))


def heights(line: Line2D) -> list[float]:
    return list(np.asarray(line.get_ydata(), dtype=float))


def texts(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_losses_stand_left_and_the_metric_right_with_the_kept_epoch_in_both() -> None:
    losses, scores = training_figure([ONE]).axes
    training, validation, kept = losses.get_lines()
    score, kept_too = scores.get_lines()
    assert epochs(training) == epochs(validation) == epochs(score) == [1, 2, 3]
    assert (heights(training), heights(validation)) == ([0.6, 0.5, 0.4], [0.7, 0.5, 0.6])
    assert heights(score) == [0.5, 0.9, 0.8]
    assert epochs(kept) == epochs(kept_too) == [2, 2]
    assert texts(losses) == ["training", "validation", "kept: epoch 2"]
    assert texts(scores) == ["validation", "kept: epoch 2"]
    assert losses.get_ylabel() == "loss (lower is better)"
    assert scores.get_ylabel() == "area under the ROC curve\n(higher is better)"


def test_several_runs_have_thin_curves_a_mark_each_and_one_legend() -> None:
    figure = training_figure([ONE, OTHER])
    losses, scores = figure.axes
    assert texts(losses) == ["training", "validation", "kept epoch"]
    marks = [line for line in scores.get_lines() if line.get_marker() == "D"]
    assert [(epochs(line), heights(line)) for line in marks] == [([2], [0.9]), ([1], [0.4])]
    assert scores.get_lines()[0].get_linewidth() < training_figure([ONE]).axes[1].get_lines()[0].get_linewidth()
    assert figure.get_suptitle() == "2 runs: seed 0, seed 1"


def test_only_the_first_six_of_many_runs_are_named() -> None:
    runs = [Curves(f"fold {number}", [1.0], [1.0], [1.0], "m", 1) for number in range(7)]
    assert training_figure(runs).get_suptitle() == "7 runs: fold 0, fold 1, fold 2, fold 3, fold 4, fold 5, …"


def test_an_undefined_score_leaves_a_gap_and_no_score_at_all_is_said() -> None:
    some = Curves("", [0.5, 0.4], [0.6, 0.5], [NAN, 0.3], "Matthews correlation", 2)
    none = Curves("", [0.5], [0.6], [NAN], "Matthews correlation", 1)
    drawn = heights(training_figure([some]).axes[1].get_lines()[0])
    assert np.isnan(drawn).tolist() == [True, False]
    said = [text.get_text() for text in training_figure([none]).axes[1].texts]
    assert said == ["not defined on the validation examples"]


def test_epochs_are_whole_numbers_even_if_there_is_one() -> None:
    figure = training_figure([Curves("", [0.5], [0.6], [0.7], "m", 1)])
    assert all(float(tick).is_integer() for axes in figure.axes for tick in axes.get_xticks())
    assert figure.axes[0].get_xlim() == (0.5, 1.5)


def test_the_same_numbers_give_the_same_bytes_of_a_fixed_size(tmp_path: Path) -> None:
    for name, runs in (("one", [ONE]), ("two", [ONE]), ("several", [ONE, OTHER]), ("formula", [nasty()])):
        draw_training_curves(tmp_path / name, runs)
        assert image.imread(tmp_path / name, format="png").shape[:2] == (480, 1152)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes() != (tmp_path / "several").read_bytes()


def nasty() -> Curves:
    return Curves("$x", [0.5], [0.6], [NAN], r"$\frac{1$ and a name in ほ which is far too long for the axis", 1)


def test_perplexities_keep_their_size_and_bytes(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        draw_perplexities(tmp_path / name, [0, 10], [19.0, 12.0], 10, {"letters by share": 18.0})
    assert image.imread(tmp_path / "one.png").shape[:2] == (480, 768)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_a_name_is_put_on_one_line_and_shortened() -> None:
    assert shortened("two\nwords", 9) == "two words"
    assert shortened("ten letters", 5) == "ten …"
