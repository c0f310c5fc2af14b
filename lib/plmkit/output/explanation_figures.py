"""Draw explanations: importance along the residues, above a heat map of all substitutions; long proteins are folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator

from plmkit.data.task import Task
from plmkit.learning.explanation import LETTERS, Chain, Explanation
from plmkit.output.figures import STYLE, save_png, shortened

_FOR, _AGAINST = "#2166AC", "#B2182B"  # the ends of the heat map's colours
_COLOURS = mpl.colormaps["RdBu_r"].with_extremes(bad="0.85")
_WRAP = 100
_MOST_ROWS = 12
_LONGEST_TITLE = 70
_BY_SHARED_SCALE = 99  # per cent of the changes lie inside the colours; the others get the last colour
_WIDTH, _TRACK, _MAP = 12.0, 1.45, 1.75
_DPI = 120
# by kinship of the residues: charged, polar, special, aliphatic, aromatic
_ORDER = "DEKRHNQSTCGPAVILMFWY"


@dataclass(frozen=True)
class _Row:
    """Some neighbouring residues of a chain, which stand in one row: places from `start` to `stop`, from 0."""

    explanation: Explanation
    chain: Chain
    title: str
    start: int
    stop: int


def draw_explanations(path: Path, task: Task, explanations: Sequence[Explanation]) -> None:
    """Draw how much each residue speaks for the explained label, and the change by each substitution."""
    save_png(explanation_figure(task, explanations), path)


@mpl.rc_context(STYLE)
def explanation_figure(task: Task, explanations: Sequence[Explanation]) -> Figure:
    """Return the figure that draw_explanations saves: folded rows of residues, as many as a page holds."""
    rows = [row for explanation in explanations for row in _rows(task, explanation)]
    shown = rows[:_MOST_ROWS]
    has_maps = shown[0].chain.changes is not None
    heights = [_TRACK, _MAP] if has_maps else [_TRACK]
    size = (_WIDTH, sum(heights) * len(shown) + 0.4)
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    if left_out := _left_out(rows, explanations):
        figure.suptitle(left_out)
    axes = figure.subplots(len(shown) * len(heights), 1, squeeze=False, height_ratios=heights * len(shown))
    panels = axes.reshape(len(shown), len(heights))
    norm, width = _scale(shown), max(row.stop - row.start for row in shown)
    for (track, *maps), row in zip(panels, shown, strict=True):
        _draw_track(track, row, _unit(task), width)
        for each in maps:
            _draw_map(each, row, norm, width)
    if has_maps:
        drawn = ScalarMappable(norm, _COLOURS)
        bar = figure.colorbar(drawn, ax=panels[:3].ravel().tolist(), extend="both", fraction=0.02, pad=0.01, aspect=40)
        bar.set_label(f"change of the {_unit(task)}")
    return figure


def _rows(task: Task, explanation: Explanation) -> list[_Row]:
    rows = []
    for number, chain in enumerate(explanation.chains, start=1):
        inside = [place for place, _ in chain.rows()]
        end = inside[-1] + 1
        for start in range(inside[0], end, _WRAP):
            title = _title(task, explanation, number, len(explanation.chains))
            rows.append(_Row(explanation, chain, title, start, min(end, start + _WRAP)))
    return rows


def _title(task: Task, explanation: Explanation, number: int, chains: int) -> str:
    of = f", protein {number}" if chains > 1 else ""
    at = f", residue {explanation.position}" if explanation.position is not None else ""
    name = shortened(explanation.wanted.name, _LONGEST_TITLE)
    label = shortened(task.labels[explanation.label], 30)
    value = f"{explanation.value:.4g}" if task.kind == "regression" else f"probability {explanation.value:.3f}"
    return f"{name}{of}{at}: {label}, {value}"


def _left_out(rows: Sequence[_Row], explanations: Sequence[Explanation]) -> str | None:
    if len(rows) <= _MOST_ROWS:
        return None
    left = sum(row.stop - row.start for row in rows[_MOST_ROWS:])
    names = {id(row.explanation) for row in rows[:_MOST_ROWS]}
    hidden = len(explanations) - len(names)
    proteins = f" ({hidden} whole examples among them)" if hidden else ""
    return f"the first {_MOST_ROWS} rows; {left:,} more residues{proteins} are in the table alone"


def _scale(rows: Sequence[_Row]) -> Normalize:
    """Return one scale of colours for all rows, 0 in its middle."""
    changes = [np.abs(row.chain.changes[row.start : row.stop]) for row in rows if row.chain.changes is not None]
    known = np.concatenate([change[~np.isnan(change)] for change in changes]) if changes else np.zeros(0)
    limit = float(np.percentile(known, _BY_SHARED_SCALE)) if len(known) else 0.0
    return Normalize(-(limit or 1.0), limit or 1.0)


def _limits(explanation: Explanation) -> tuple[float, float]:
    """Return the range of the importance of a whole example, so that its rows have one scale."""
    found = explanation.importance
    low, high = min(0.0, float(found.min())), max(0.0, float(found.max()))
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin


def _unit(task: Task) -> str:
    return "value" if task.kind == "regression" else "log-odds"


def _draw_track(axes: Axes, row: _Row, unit: str, width: int) -> None:
    values = row.chain.importance[row.start : row.stop]
    first = row.chain.first + row.start
    numbers = np.arange(len(values)) + first
    axes.bar(numbers, np.nan_to_num(values), color=np.where(values > 0, _FOR, _AGAINST).tolist(), width=0.85)
    axes.axhline(0, color="0.4", linewidth=0.6)
    axes.set_ylim(_limits(row.explanation))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.set_ylabel(f"importance\n({unit})")
    if row.start == next(row.chain.rows())[0]:
        axes.set_title(row.title, loc="left")
    position = row.explanation.position
    if position is not None and position in numbers:
        axes.axvspan(position - 0.5, position + 0.5, color="0.9", zorder=0, linewidth=0)
    _number_residues(axes, row, width)
    if row.chain.changes is not None:
        axes.tick_params(axis="x", which="major", labelbottom=False)


def _number_residues(axes: Axes, row: _Row, width: int) -> None:
    """Write the letters of the residues, and their numbers beneath."""
    sequence, first = row.chain.sequence[row.start : row.stop], row.chain.first + row.start
    axes.set_xlim(first - 0.5, first + width - 0.5)
    axes.xaxis.set_major_locator(_numbers(row, width))
    axes.xaxis.remove_overlapping_locs = False
    axes.xaxis.set_minor_locator(FixedLocator(list(range(first, first + len(sequence)))))
    axes.xaxis.set_minor_formatter(FixedFormatter(list(sequence)))
    axes.tick_params(axis="x", which="minor", labelsize=7, length=0, pad=2)
    # tick marks would strike the letters through
    axes.tick_params(axis="x", which="major", length=0, pad=12)


def _numbers(row: _Row, width: int) -> FixedLocator:
    """Return where numbers stand: none beyond the last residue, though rows are as wide as the longest one."""
    first, last = row.chain.first + row.start, row.chain.first + row.stop - 1
    ticks = MaxNLocator(nbins=14, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1).tick_values(first, first + width)
    return FixedLocator([tick for tick in ticks if first <= tick <= last] or [first])


def _draw_map(axes: Axes, row: _Row, norm: Normalize, width: int) -> None:
    assert row.chain.changes is not None
    changes = row.chain.changes[row.start : row.stop][:, [LETTERS.index(letter) for letter in _ORDER]].T
    first = row.chain.first + row.start
    extent = (first - 0.5, first + changes.shape[1] - 0.5, len(_ORDER) - 0.5, -0.5)
    axes.imshow(np.ma.masked_invalid(changes), cmap=_COLOURS, norm=norm, aspect="auto", extent=extent)
    own = enumerate(row.chain.sequence[row.start : row.stop], start=first)
    marks = [(number, _ORDER.index(letter)) for number, letter in own if letter in _ORDER]
    axes.plot(*np.array(marks).reshape(-1, 2).T, marker=".", markersize=3, linestyle="none", color="black")
    axes.set_yticks(range(len(_ORDER)), list(_ORDER), fontsize=5.5)
    axes.tick_params(axis="y", length=0, pad=2)
    axes.set_ylabel("replaced by")
    axes.set_xlim(first - 0.5, first + width - 0.5)
    axes.xaxis.set_major_locator(_numbers(row, width))
