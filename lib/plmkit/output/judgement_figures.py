"""Draw predictions against the truth as one PNG: what suits two classes, many, labels or numbers."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.output.figures import STYLE, save_png, shortened
from plmkit.output.judgement_panels import (
    LONGEST_NAME,
    MOST_CURVES,
    SMALL,
    Numbers,
    Wanted,
    confusion,
    draw_bars,
    draw_confusion,
    draw_curves,
    draw_numbers,
    draw_precision,
    draw_roc,
    most_frequent,
)

_DPI = 150
_MOST_BARS = 30
_MOST_QUANTITIES = 4
_LETTERS_AN_INCH = 12
# Inches: the side of most panels, what stands above, below, left and right of one, and the width of a colour bar.
_CURVES, _TOP, _BELOW, _LEFT, _RIGHT, _BAR = 3.4, 0.9, 0.6, 0.9, 0.9, 0.15


def draw_judgement(path: Path, task: Task, truth: Numbers, predicted: Numbers, positive: int, headline: str) -> None:
    """Draw what was predicted against what is true.

    truth: (P, K) as Task.columns says; predicted: (P, C), probabilities or quantities; places with a NaN are left out.
    positive: of two classes, the one that curves are about. headline: the title of the figure.
    """
    save_png(judgement_figure(task, truth, predicted, positive, headline), path)


@mpl.rc_context(STYLE)
def judgement_figure(task: Task, truth: Numbers, predicted: Numbers, positive: int, headline: str) -> Figure:
    """Return the figure that draw_judgement saves."""
    if task.kind == "regression":
        figure, remark = _numbers_figure(task, truth, predicted)
    elif task.kind == "multilabel":
        figure, remark = _labels_figure(_labels_wanted(task, truth, predicted))
    else:
        known = np.isfinite(truth[:, 0]) & np.isfinite(predicted).all(axis=1)
        classes, probabilities = truth[known, 0].astype(np.int64), predicted[known]
        wanted = [Wanted(name, classes == c, probabilities[:, c]) for c, name in enumerate(task.labels)]
        counts = confusion(classes, probabilities)
        figure = _two_classes_figure(wanted, counts, positive) if task.is_binary else _classes_figure(wanted, counts)
        remark = ""
    _title(figure, headline, remark)
    return figure


def _title(figure: Figure, headline: str, remark: str) -> None:
    width, height = figure.get_size_inches()
    remarks = [remark] if remark else []
    lines = textwrap.wrap(headline, int(width * _LETTERS_AN_INCH), max_lines=2 - len(remarks), placeholder=" …")
    figure.suptitle("\n".join(lines + remarks), y=1 - 0.1 / height, va="top")


def _two_classes_figure(wanted: Sequence[Wanted], counts: NDArray[np.int64], positive: int) -> Figure:
    figure = Figure(figsize=(3 * (_CURVES + _LEFT), _TOP + _CURVES + _BELOW), dpi=_DPI)
    matrix, roc, precision = (
        _panel(figure, column * (_CURVES + _LEFT) + 0.8 * _LEFT, _CURVES, _CURVES) for column in range(3)
    )
    draw_confusion(matrix, [item.name for item in wanted], counts)
    draw_roc(roc, wanted[positive])
    draw_precision(precision, wanted[positive])
    return figure


def _classes_figure(wanted: Sequence[Wanted], counts: NDArray[np.int64]) -> Figure:
    names = [shortened(item.name, LONGEST_NAME) for item in wanted]
    margin = _width_of(names) + 0.3
    side = float(np.clip(2.4 + 0.13 * len(names), _CURVES, 8.0))
    beside = margin + side + 1.4
    height = _TOP + max(side + margin + 0.2, _CURVES + _BELOW)
    figure = Figure(figsize=(beside + _CURVES + _legend_width(wanted), height), dpi=_DPI)
    matrix = _panel(figure, margin, side, side)
    bar = _panel(figure, margin + side + 0.1, _BAR, side)
    drawn = draw_confusion(matrix, [item.name for item in wanted], counts)
    figure.colorbar(drawn, cax=bar, label="share of the true class")
    draw_curves(_panel(figure, beside, _CURVES, _CURVES), wanted, "class")
    return figure


def _labels_figure(wanted: Sequence[Wanted]) -> tuple[Figure, str]:
    """Bars beside curves; the remark says how many labels have no bar."""
    shown = most_frequent(wanted, _MOST_BARS)
    names = [f"{shortened(item.name, 2 * LONGEST_NAME)} ({item.count:,})" for item in shown]
    margin = _width_of(names)
    height = 0.2 + 0.3 * len(shown)
    beside = margin + _CURVES + _LEFT
    page = (beside + _CURVES + _legend_width(wanted), _TOP + max(height, _CURVES) + _BELOW)
    figure = Figure(figsize=page, dpi=_DPI)
    draw_bars(_panel(figure, margin, _CURVES, height), shown, names)
    draw_curves(_panel(figure, beside, _CURVES, _CURVES), wanted, "label")
    return figure, f"the {len(shown)} most frequent of {len(wanted)} labels" if len(shown) < len(wanted) else ""


def _numbers_figure(task: Task, truth: Numbers, predicted: Numbers) -> tuple[Figure, str]:
    """Return a panel for each quantity; the remark says how many have none."""
    shown = min(len(task.labels), _MOST_QUANTITIES)
    across = 2 if shown == _MOST_QUANTITIES else shown
    width, height = _LEFT + _CURVES + _RIGHT, _CURVES + _TOP
    figure = Figure(figsize=(width * across, height * -(-shown // across) + _BELOW), dpi=_DPI)
    for column in range(shown):
        known = np.isfinite(truth[:, column]) & np.isfinite(predicted[:, column])
        left, top = width * (column % across) + _LEFT, height * (column // across)
        axes = _panel(figure, left, _CURVES, _CURVES, top)
        if hexagons := draw_numbers(axes, truth[known, column], predicted[known, column]):
            bar = _panel(figure, left + _CURVES + 0.1, _BAR, _CURVES, top)
            figure.colorbar(hexagons, cax=bar, format="{x:,.0f}").minorticks_off()
            bar.set_title("count")
        examples = f"{known.sum():,} {task.unit}{'' if known.sum() == 1 else 's'}"
        axes.set_title(f"{shortened(task.labels[column], 28)}\n{examples}")
    return figure, f"the first {shown} of {len(task.labels)} quantities" if shown < len(task.labels) else ""


def _panel(figure: Figure, left: float, width: float, height: float, top: float = 0.0) -> Axes:
    """Add a panel, in inches, top beneath the title: matplotlib's layouts are poor at squares of several sizes."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, 1 - (_TOP + top + height) / down, width / across, height / down))


def _width_of(names: Sequence[str], size: float = SMALL) -> float:
    """Return the inches which the longest name takes, and a little more."""
    font = FontProperties(size=size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        return 0.2 + max(text_to_path.get_text_width_height_descent(name, font, ismath=False)[0] for name in names) / 72


def _legend_width(wanted: Sequence[Wanted]) -> float:
    """Return the inches right of the panel of curves."""
    names = [shortened(item.name, LONGEST_NAME) for item in most_frequent(wanted, MOST_CURVES)]
    return max(2.8, 1.1 + _width_of(names, size=9))


def _labels_wanted(task: Task, truth: Numbers, predicted: Numbers) -> list[Wanted]:
    known = np.isfinite(truth) & np.isfinite(predicted)
    return [Wanted(name, truth[known[:, c], c] > 0, predicted[known[:, c], c]) for c, name in enumerate(task.labels)]
