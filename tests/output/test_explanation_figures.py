from pathlib import Path

import numpy as np
from tests.output.made_explanations import PAIRS, TASK, made

from plmkit.learning.explanation import Explanation
from plmkit.output.explanation_figures import draw_explanations, explanation_figure


def long(length: int, has_changes: bool = True) -> Explanation:
    return made(list(np.linspace(-1, 2, length)), "ACDEFGHIKL" * (length // 10), has_changes=has_changes)


def test_long_proteins_are_folded_and_every_residue_is_drawn_once() -> None:
    figure = explanation_figure(TASK, [long(250)])
    tracks = figure.axes[0:6:2]
    assert [len(axes.patches) for axes in tracks] == [100, 100, 50]
    assert [axes.get_xlim() for axes in tracks] == [(0.5, 100.5), (100.5, 200.5), (200.5, 300.5)]
    assert [axes.get_title(loc="left") for axes in tracks] == ["p 1: motif, probability 0.881", "", ""]
    assert figure._suptitle is None  # type: ignore[attr-defined]


def test_what_does_not_fit_is_said() -> None:
    figure = explanation_figure(TASK, [long(1000, has_changes=False), long(500, has_changes=False), long(10)])
    assert figure.get_suptitle() == (
        "the first 12 rows; 310 more residues (1 whole examples among them) are in the table alone"
    )


def test_both_proteins_of_a_pair_are_drawn_with_what_is_there_marked() -> None:
    figure = explanation_figure(PAIRS, [made(chains=2)])
    assert [axes.get_title(loc="left")[:14] for axes in figure.axes[0:4:2]] == ["p 1, protein 1", "p 1, protein 2"]
    (marks,) = figure.axes[1].lines
    np.testing.assert_array_equal(marks.get_xdata(), [2, 3, 4, 5, 6])


def test_equal_explanations_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        draw_explanations(tmp_path / name, TASK, [made()])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_number_stands_beyond_the_last_residue() -> None:
    figure = explanation_figure(TASK, [long(40), long(20)])
    for axes, last in zip(figure.axes, (40, 40, 20, 20), strict=False):
        assert 1 <= min(axes.get_xticks()) <= max(axes.get_xticks()) <= last
    assert max(figure.axes[0].get_xticks()) == 40
