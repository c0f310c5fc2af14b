"""Draw predictions along residues: a row for each of the first proteins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.output.figures import HATCHES, LINES, STYLE, save_png, say, shortened
from plmkit.output.maps import PALETTE
from plmkit.output.tracks import TRUE_FROM, Values, most_probable

_GREY = "0.6"
_LINES = (*PALETTE[:7], "0.5")  # yellow, faint on white paper, gives way to grey
_AREA: Any = {
    "fill": True,
    "linewidth": 0,
    "edgecolor": "white",
    "antialiased": False,
}  # which would leave seams between neighbours
_DPI = 150
_MOST_COLOURS = 8
_MOST_LETTERS = 60
_LONGEST_TITLE, _LONGEST_LABEL = 80, 22


def draw_tracks(
    path: Path,
    task: Task,
    names: Sequence[str],
    sequences: Sequence[str],
    values: Sequence[Values],
    most: int = 6,
    positive: int = 1,
) -> None:
    """Draw what is predicted for the residues of the first proteins, one row for each.

    sequences: L letters of each protein; values: (L, C) for each; most: rows at most; positive: of two classes, the
    one that is drawn.
    """
    save_png(tracks_figure(task, names, sequences, values, most, positive), path)


@mpl.rc_context(STYLE)
def tracks_figure(
    task: Task,
    names: Sequence[str],
    sequences: Sequence[str],
    values: Sequence[Values],
    most: int = 6,
    positive: int = 1,
) -> Figure:
    """Return the figure that draw_tracks saves."""
    shown = min(most, len(names))
    figure = Figure(figsize=(10.0, 0.7 + 1.7 * shown), dpi=_DPI, layout="constrained")
    rows = figure.subplots(shown, 1, squeeze=False, sharey=True)[:, 0]
    key = _key(task, values[:shown], positive)
    for axes, name, sequence, value in zip(rows, names, sequences, values, strict=False):
        _draw_row(axes, task, key, value)
        _name_residues(axes, sequence)
        axes.set_title(shortened(name, _LONGEST_TITLE), loc="left")
        axes.set_ylabel("value" if task.kind == "regression" else "probability")
    rows[-1].set_xlabel("position of the residue")
    if shown < len(names):
        figure.suptitle(f"the first {shown} of {len(names):,} proteins")
    figure.legend(handles=key.handles(), title=key.title, loc="outside right upper", alignment="left")
    return figure


@dataclass(frozen=True)
class _Key:
    """The columns that are drawn, with names and colours. others: how many classes share one more colour, grey."""

    columns: tuple[int, ...]
    names: tuple[str, ...]
    title: str = ""
    others: int = 0
    has_areas: bool = False

    def handles(self) -> list[Line2D | Patch]:
        names = [shortened(name, _LONGEST_LABEL) for name in self.names]
        if not self.has_areas:
            return [
                Line2D([], [], color=colour, linestyle=line, label=name)
                for name, colour, line in zip(names, _LINES, LINES, strict=False)
            ]
        areas: list[Line2D | Patch] = [
            Patch(facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0, label=name)
            for name, colour, hatch in zip(names, PALETTE, HATCHES, strict=False)
        ]
        return areas + [Patch(color=_GREY, label=f"{self.others} others")] * (self.others > 0)


def _key(task: Task, values: Sequence[Values], positive: int) -> _Key:
    """Choose what is drawn: of very many, what is most prominent in these proteins."""
    count = len(task.labels)
    if task.is_binary:
        return _Key((positive,), (task.labels[positive],))
    if task.kind == "regression":
        columns = np.arange(min(count, _MOST_COLOURS))
    elif task.kind == "multilabel":
        columns = _first(np.nanmax(np.vstack([*values, np.zeros((1, count))]), axis=0), _MOST_COLOURS)
    else:
        wins = np.bincount(np.concatenate([most_probable(value) for value in values]) + 1, minlength=count + 1)[1:]
        columns = np.arange(count) if count <= _MOST_COLOURS else _first(wins, _MOST_COLOURS - 1)
    names = tuple(task.labels[column] for column in columns)
    if task.kind == "classification":
        title = "" if count <= _MOST_COLOURS else "most probable class"
        return _Key(tuple(columns.tolist()), names, title, count - len(columns), has_areas=True)
    noun = "quantities" if task.kind == "regression" else "labels"
    title = f"{len(columns)} of {count} {noun}" if len(columns) < count else ""
    return _Key(tuple(columns.tolist()), names, title)


def _first(numbers: Values | NDArray[np.integer], most: int) -> NDArray[np.int64]:
    """Return where the largest numbers stand, in the order of the columns."""
    return np.sort(np.argsort(-numbers, kind="stable")[:most])


def _draw_row(axes: Axes, task: Task, key: _Key, value: Values) -> None:
    edges = np.arange(len(value) + 1) + 0.5
    if not np.isfinite(value).any():
        say(axes, "no prediction")
    elif not key.has_areas:
        for column, colour, line in zip(key.columns, _LINES, LINES, strict=False):
            axes.stairs(value[:, column], edges, baseline=None, color=colour, linestyle=line, linewidth=1.2)
    elif not key.others:
        _stack(axes, value, edges)
    else:
        _draw_strip(axes, key, value, edges)
    if task.kind != "regression":
        axes.set_ylim(0, 1)
    if not key.has_areas and task.kind != "regression":
        axes.axhline(TRUE_FROM, color=_GREY, linestyle=":", linewidth=1, zorder=0)


def _stack(axes: Axes, value: Values, edges: Values) -> None:
    tops = np.hstack([np.zeros((len(value), 1)), np.cumsum(value, axis=1)])
    for column, colour, hatch in zip(range(value.shape[1]), PALETTE, HATCHES, strict=False):
        axes.stairs(tops[:, column + 1], edges, baseline=tops[:, column], facecolor=colour, hatch=hatch, **_AREA)


def _draw_strip(axes: Axes, key: _Key, value: Values, edges: Values) -> None:
    """Colour each residue by its most probable class, as high as this is probable."""
    classes = most_probable(value)
    heights = np.where(classes < 0, np.nan, value[np.arange(len(value)), classes])
    is_other = (classes >= 0) & ~np.isin(classes, key.columns)
    layers = [
        (classes == column, colour, hatch) for column, colour, hatch in zip(key.columns, PALETTE, HATCHES, strict=False)
    ]
    for is_here, colour, hatch in [*layers, (is_other, _GREY, "")]:
        axes.stairs(np.where(is_here, heights, 0.0), edges, facecolor=colour, hatch=hatch, **_AREA)


def _name_residues(axes: Axes, sequence: str) -> None:
    """Number the residues from 1; of a short protein, write their letters too."""
    axes.set_xlim(0.5, len(sequence) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=14, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    if len(sequence) <= _MOST_LETTERS:
        axes.xaxis.remove_overlapping_locs = False
        axes.xaxis.set_minor_locator(FixedLocator(range(1, len(sequence) + 1)))
        axes.xaxis.set_minor_formatter(FixedFormatter(list(sequence)))
        axes.tick_params(axis="x", which="minor", labelsize=8, length=2)
        axes.tick_params(axis="x", which="major", pad=14)
