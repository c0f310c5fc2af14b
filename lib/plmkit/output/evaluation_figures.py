"""Draw how good predictions are: against the truth, and the headline metric on each subset with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmkit.data.judged_words import Method, Numbers
from plmkit.learning.evaluation import Evaluation, Judgement
from plmkit.output.figures import STYLE, save_png, say, shortened
from plmkit.output.judgement_figures import judgement_figure
from plmkit.output.judgement_panels import Wanted, confusion, draw_confusion, draw_precision, draw_roc
from plmkit.output.maps import PALETTE
from plmkit.output.metric_names import readable

_DPI = 150
_LONGEST = 34
_MARKS = ("o", "s")
_ROW = 0.3  # inches; of two methods half as much more


def draw_predictions(path: Path, numbers: Numbers, method: Method, headline: str) -> None:
    """Draw what a method predicted against what is true: all that its kind of predictions allows."""
    save_png(_figure(numbers, method, headline), path)


@mpl.rc_context(STYLE)
def _figure(numbers: Numbers, method: Method, headline: str) -> Figure:
    task, truth, values = numbers.task, numbers.truth, method.values
    is_full = task.kind == "regression" or (method.has_answers and method.has_ranks)
    if is_full or task.kind == "multilabel":
        return judgement_figure(task, truth, values, numbers.positive, headline)
    classes = truth[:, 0].astype(np.int64)
    if method.has_ranks:
        return _ranks_figure(Wanted(task.labels[1], classes == 1, values[:, 1]), headline)
    return _answers_figure(task.labels, confusion(classes, values), headline)


def _ranks_figure(wanted: Wanted, headline: str) -> Figure:
    figure = Figure(figsize=(9.0, 5.2), dpi=_DPI, layout="constrained")
    roc, precision = figure.subplots(1, 2)
    draw_roc(roc, wanted)
    draw_precision(precision, wanted)
    figure.suptitle(headline)
    return figure


def _answers_figure(
    labels: Sequence[str], counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]], headline: str
) -> Figure:
    side = float(np.clip(3.4 + 0.2 * len(labels), 4.0, 9.0))
    figure = Figure(figsize=(side + 1.4, side), dpi=_DPI, layout="constrained")
    axes: Axes = figure.subplots()
    drawn = draw_confusion(axes, labels, counts)
    figure.colorbar(drawn, ax=axes, label="share of the true class", shrink=0.8)
    figure.suptitle(headline, wrap=True)
    return figure


def draw_subsets(path: Path, evaluation: Evaluation, names: Sequence[str]) -> None:
    """Draw the headline metric of all examples and of each subset, with 95 % intervals, and what guessing reaches."""
    save_png(subsets_figure(evaluation, names), path)


@mpl.rc_context(STYLE)
def subsets_figure(evaluation: Evaluation, names: Sequence[str]) -> Figure:
    """Return the figure that draw_subsets saves."""
    rows = _rows(evaluation)
    step = _ROW * (1.4 if len(names) > 1 else 1.0)
    figure = Figure(figsize=(8.0, 1.3 + step * len(rows)), dpi=_DPI, layout="constrained")
    axes: Axes = figure.subplots()
    for number, name in enumerate(names):
        shift = 0.0 if len(names) == 1 else (number - 0.5) * 0.36
        _draw_method(axes, rows, number, name, evaluation.headline, shift)
    _draw_guessing(axes, evaluation)
    for place, (_, judgement) in enumerate(rows):
        if judgement is not None and _is_empty(judgement, evaluation.headline):
            why = judgement.too_few.partition(":")[0] or "not defined"
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            axes.text(
                0.01, place, why, transform=axes.get_yaxis_transform(), va="center", fontsize=8, color="0.4", bbox=box
            )
    _finish(axes, rows, evaluation.headline, len(names))
    return figure


def _rows(evaluation: Evaluation) -> list[tuple[str, Judgement | None]]:
    """Return a title and a judgement for each line; a division's name has a line without."""
    rows: list[tuple[str, Judgement | None]] = [("all examples", evaluation.whole)]
    for division, subsets in evaluation.subsets.items():
        rows.append((f"{shortened(division, _LONGEST + 12)}:", None))
        rows += [(subset.name, subset) for subset in subsets]
    return rows


def _draw_method(
    axes: Axes, rows: Sequence[tuple[str, Judgement | None]], number: int, name: str, metric: str, shift: float
) -> None:
    places, found = [], []
    for place, (_, judgement) in enumerate(rows):
        estimate = None if judgement is None else judgement.found[number].get(metric)
        if estimate is not None and not math.isnan(estimate.value):
            places.append(place + shift)
            found.append(estimate)
    values = np.array([each.value for each in found])
    bounds = np.array([(each.low, each.high) for each in found]).reshape(-1, 2)
    at, has_interval, colour = np.array(places), ~np.isnan(bounds).any(axis=1), PALETTE[number]
    axes.hlines(at[has_interval], *bounds[has_interval].T, color=colour, linewidth=1.8)
    axes.plot(
        values[has_interval],
        at[has_interval],
        _MARKS[number],
        color=colour,
        markersize=5,
        label=shortened(name, _LONGEST),
    )
    # a filled mark without a line would look like certainty
    if not has_interval.all():
        axes.plot(
            values[~has_interval], at[~has_interval], _MARKS[number], color=colour, fillstyle="none", markersize=5
        )


def _draw_guessing(axes: Axes, evaluation: Evaluation) -> None:
    guessed = evaluation.guessing.get(evaluation.headline, math.nan)
    guessed = 0.0 if math.isnan(guessed) else guessed
    axes.axvline(
        guessed, color="0.5", linestyle="--", linewidth=1, zorder=0, label=f"guessing (all examples): {guessed:.2f}"
    )


def _is_empty(judgement: Judgement, metric: str) -> bool:
    return all(metric not in found or math.isnan(found[metric].value) for found in judgement.found)


def _finish(axes: Axes, rows: Sequence[tuple[str, Judgement | None]], metric: str, methods: int) -> None:
    titles = [
        title if judgement is None else f"{shortened(title, _LONGEST)} ({judgement.places:,})"
        for title, judgement in rows
    ]
    axes.set_yticks(range(len(rows)), titles, fontsize=9)
    for label, (_, judgement) in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if judgement is None else "normal")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    is_open = any(line.get_fillstyle() == "none" for line in axes.get_lines())
    axes.set_xlabel(f"{readable(metric)}, 95 % interval{' (open marks: too few examples for one)' * is_open}")
    axes.grid(axis="x", color="0.92")
    axes.set_axisbelow(True)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=methods + 1)
    if all(judgement is None or _is_empty(judgement, metric) for _, judgement in rows):
        say(axes, "not defined on these examples")
