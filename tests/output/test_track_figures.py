from pathlib import Path

import matplotlib.image as image
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.text import Text

from plmkit.data.task import Task
from plmkit.output.track_figures import draw_tracks, tracks_figure

STATES = Task("residue", "classification", ("helix", "beta strand"))
THREE = Task("residue", "classification", ("H", "E", "C"))
NUMBERS = Task("residue", "regression", ('Z "score"', "pLDDT"))
NAN = float("nan")


def steps(axes: Axes) -> list[list[float]]:
    return [np.asarray(patch.get_data()[0]).tolist() for patch in axes.patches if isinstance(patch, StepPatch)]


def key(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def residues(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_xticklabels(minor=True)]


def test_the_first_proteins_are_drawn_and_the_others_counted() -> None:
    values = [np.full((length, 2), 0.5) for length in (3, 4, 5)]
    figure = tracks_figure(STATES, ["P1", "x" * 99, "P3"], ["MKV", "MKVA", "MKVAA"], values, most=2)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["P1", "x" * 79 + "…"]
    assert figure.get_suptitle() == "the first 2 of 3 proteins"
    assert tracks_figure(STATES, ["P1"], ["MKV"], values[:1]).get_suptitle() == ""


def test_of_two_classes_the_positive_one_is_a_line() -> None:
    value = np.array([[0.9, 0.1], [0.2, 0.8]])
    figure = tracks_figure(STATES, ["P1"], ["MK"], [value])
    assert (steps(figure.axes[0]), key(figure)) == ([[0.1, 0.8]], ["beta strand"])
    figure = tracks_figure(STATES, ["P1"], ["MK"], [value], positive=0)
    assert (steps(figure.axes[0]), key(figure)) == ([[0.9, 0.2]], ["helix"])


def test_up_to_eight_classes_are_stacked_to_one() -> None:
    figure = tracks_figure(THREE, ["P1"], ["MK"], [np.array([[0.5, 0.25, 0.25], [0.125, 0.5, 0.375]])])
    assert steps(figure.axes[0]) == [[0.5, 0.125], [0.75, 0.625], [1.0, 1.0]]
    assert key(figure) == ["H", "E", "C"]


def test_of_more_classes_the_seven_most_frequent_have_a_colour() -> None:
    task = Task("residue", "classification", tuple("abcdefghi"))
    value = np.eye(9)[[8, 8, 7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 0]] * 0.75
    figure = tracks_figure(task, ["P1"], ["A" * 16], [value])
    assert key(figure) == [*"cdefghi", "2 others"]
    layers = steps(figure.axes[0])
    assert layers[-2] == [0.75, 0.75, *[0.0] * 14]
    assert layers[-1] == [*[0.0] * 14, 0.75, 0.75]


def test_of_many_labels_the_eight_likeliest_are_lines() -> None:
    task = Task("residue", "multilabel", tuple("abcdefghij"))
    value = np.vstack([np.arange(10) / 10, np.full(10, NAN)])
    figure = tracks_figure(task, ["P1"], ["MK"], [value])
    assert key(figure) == list("cdefghij")
    assert figure.legends[0].get_title().get_text() == "8 of 10 labels"
    assert [layer[0] for layer in steps(figure.axes[0])] == pytest.approx(np.arange(2, 10) / 10)


def test_each_quantity_is_a_line_with_gaps() -> None:
    figure = tracks_figure(NUMBERS, ["P1"], ["MKV"], [np.array([[1.0, 4.0], [NAN, 5.0], [3.0, 6.0]])])
    first, second = steps(figure.axes[0])
    assert np.isnan(first).tolist() == [False, True, False]
    assert second == [4.0, 5.0, 6.0]
    assert (key(figure), figure.axes[0].get_ylabel()) == (['Z "score"', "pLDDT"], "value")


def test_a_protein_of_sixty_residues_shows_its_letters_a_longer_one_does_not() -> None:
    sequences = ["MKV" * 20, "MKV" * 20 + "A"]
    figure = tracks_figure(STATES, ["P1", "P2"], sequences, [np.full((len(s), 2), 0.5) for s in sequences])
    assert residues(figure.axes[0]) == list(sequences[0])
    assert residues(figure.axes[1]) == []
    assert figure.axes[0].get_xlim() == (0.5, 60.5)
    assert all(float(tick).is_integer() for tick in figure.axes[0].get_xticks())


def test_pictures_grow_with_the_rows_and_the_same_values_give_the_same_bytes(tmp_path: Path) -> None:
    odd = Task("residue", "classification", ("$a", "_b$", "ほ" * 40))
    values = [np.full((2, 3), NAN), np.full((1, 3), 1 / 3)]
    for name in ("one.png", "two.png"):
        draw_tracks(tmp_path / name, odd, ["$x$", "_y"], ["MK", "M"], values)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert image.imread(tmp_path / "one.png").shape[:2] == (615, 1500)
    figure = tracks_figure(odd, ["$x$", "_y"], ["MK", "M"], values)
    assert [text.get_text() for text in figure.axes[0].texts] == ["no prediction"]
    assert key(figure) == ["$a", "_b$", "ほ" * 21 + "…"]
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and "$" in text.get_text()]
    assert len(texts) >= 3
    assert not any(text.get_parse_math() for text in texts)
