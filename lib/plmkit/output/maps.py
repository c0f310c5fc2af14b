"""Draw a map of proteins as PNG and SVG whose bytes depend on the data alone."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

# Okabe and Ito's palette, told apart by colour-blind readers too; yellow, faint on white paper, comes last
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442")
_MARKERS = "os^DvPX*"
_GREY, _PALE = "#8C8C8C", "#C8C8C8"
_NUMBERS = "viridis"
_SCALE = (2, 98)
_BEYOND = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
_LONGEST_NAME = 28
_MANY = 1_500
_TOO_MANY_FOR_VECTORS = 5_000
_MOST_NUMBERS_ON_MAP = 30
_DPI = 200
_PAPER: dict[str, Any] = {"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.6, "linewidth": 0}
_STYLE: Any = {"svg.hashsalt": "plmkit", "svg.fonttype": "none"}


@dataclass(frozen=True)
class Colours:
    """What colours the map: its title and one category or number for each protein, None or NaN where it has none."""

    title: str
    categories: tuple[str | None, ...] | None = None
    numbers: tuple[float, ...] | None = None
    without: str = "no value"


@dataclass(frozen=True)
class Group:
    """The proteins which one colour stands for; its label says how many they are."""

    label: str
    rows: NDArray[np.int64]
    colour: str
    marker: str


def groups_of(categories: Sequence[str | None], without: str) -> list[Group]:
    """Return up to eight groups, largest first; more categories than eight: the smallest together as one, in grey.

    Proteins without a category come last.
    """
    counts = Counter(category for category in categories if category is not None)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    shown = names if len(names) <= len(PALETTE) else names[: len(PALETTE) - 1]
    number = {name: index for index, name in enumerate(shown)}
    other, none = len(shown), len(shown) + 1
    found = np.array([none if name is None else number.get(name, other) for name in categories])
    labels = [*map(_shortened, shown), f"other ({len(names) - len(shown)} categories)", without]
    colours = [*PALETTE[: len(shown)], _GREY, _PALE]
    markers = [*_MARKERS[: len(shown)], "o", "o"]
    groups = []
    for index, (label, colour, marker) in enumerate(zip(labels, colours, markers, strict=True)):
        if len(rows := np.flatnonzero(found == index)):
            groups.append(Group(f"{label}: {len(rows):,}", rows, colour, marker))
    return groups


def draw_map(
    png: Path,
    svg: Path | None,
    places: NDArray[np.float32],
    axes_names: tuple[str, str],
    has_scale: bool,
    colours: Colours,
    clusters: NDArray[np.int64],
    is_outlier: NDArray[np.bool_],
) -> None:
    """Draw places (N, 2), coloured, with the numbers of the clusters (from 0; below: none) and rings round outliers.

    has_scale: distances on the map can be measured; else the axes bear no numbers.
    """
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # a name in a script without letters here shows boxes
        figure = Figure(figsize=(8.6, 6.0), dpi=_DPI, layout="constrained")
        axes: Axes = figure.subplots()
        if colours.categories is not None:
            handles = _draw_categories(axes, places, groups_of(colours.categories, colours.without))
        else:
            handles = _draw_numbers(figure, axes, places, colours)
        handles += _ring_outliers(axes, places, is_outlier)
        _number_clusters(axes, places, clusters)
        _finish(axes, axes_names, has_scale)
        if handles:
            title = colours.title if colours.categories is not None else ""
            _legend(figure, handles, _shortened(title))
        figure.savefig(png, format="png", metadata={"Software": None})
        if svg is not None:
            figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})


def _draw_categories(axes: Axes, places: NDArray[np.float32], groups: Sequence[Group]) -> list[Line2D]:
    """Few proteins get a shape for each category too; of many, no category is drawn over the others."""
    if len(places) <= _MANY:
        for group in reversed(groups):
            _scatter(axes, places[group.rows], len(places), color=group.colour, marker=group.marker)
        shapes = [group.marker for group in groups]
    else:
        colours = np.full(len(places), _PALE, dtype="<U7")
        for group in groups:
            colours[group.rows] = group.colour
        order = np.random.default_rng(0).permutation(len(places))
        _scatter(axes, places[order], len(places), color=colours[order])
        shapes = ["o"] * len(groups)
    return [_handle(group.label, shape, group.colour) for group, shape in zip(groups, shapes, strict=True)]


def _handle(label: str, marker: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=colour, label=label, markersize=7, markeredgewidth=0)


def _draw_numbers(figure: Figure, axes: Axes, places: NDArray[np.float32], colours: Colours) -> list[Line2D]:
    numbers = np.array(colours.numbers)
    known = np.isfinite(numbers)
    handles = []
    if not known.all():
        _scatter(axes, places[~known], len(places), color=_PALE)
        handles = [_handle(f"{colours.without}: {(~known).sum():,}", "o", _PALE)]
    order = np.random.default_rng(0).permutation(np.flatnonzero(known))
    # a few extreme numbers would leave one colour for all others
    low, high = np.percentile(numbers[known], _SCALE)
    drawn = _scatter(axes, places[order], len(places), c=numbers[order], cmap=_NUMBERS, vmin=low, vmax=high)
    extend = _BEYOND[bool(numbers[known].min() < low), bool(numbers[known].max() > high)]
    bar = figure.colorbar(drawn, ax=axes, fraction=0.04, aspect=30, extend=extend)
    bar.set_label(_shortened(colours.title), parse_math=False)
    return handles


def _scatter(axes: Axes, places: NDArray[np.float32], total: int, **style: Any) -> PathCollection:
    edge = {"edgecolors": "white", "linewidths": 0.4} if total <= _MANY else {"linewidths": 0}
    size = float(np.clip(25_000 / total, 3, 46))
    return axes.scatter(
        places[:, 0], places[:, 1], s=size, rasterized=total > _TOO_MANY_FOR_VECTORS, **{**edge, **style}
    )


def _ring_outliers(axes: Axes, places: NDArray[np.float32], is_outlier: NDArray[np.bool_]) -> list[Line2D]:
    if not is_outlier.any():
        return []
    ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": "black", "markeredgewidth": 0.6}
    axes.plot(*places[is_outlier].T, linestyle="none", marker="o", markersize=8, **ring)
    label = f"outlier: {is_outlier.sum():,}"
    return [Line2D([], [], linestyle="none", marker="o", markersize=8, label=label, **ring)]


def _number_clusters(axes: Axes, places: NDArray[np.float32], clusters: NDArray[np.int64]) -> None:
    for cluster in range(min(clusters.max() + 1, _MOST_NUMBERS_ON_MAP)):
        x, y = np.median(places[clusters == cluster], axis=0)
        axes.text(x, y, str(cluster + 1), ha="center", va="center", weight="bold", size=9, bbox=_PAPER)


def _finish(axes: Axes, names: tuple[str, str], has_scale: bool) -> None:
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.04)
    if not has_scale:
        axes.set_xticks([])
        axes.set_yticks([])


def _legend(figure: Figure, handles: Sequence[Line2D], title: str) -> None:
    legend = figure.legend(
        handles=handles, title=title, loc="outside right upper", frameon=False, alignment="left", fontsize=9
    )
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_parse_math(False)  # a name is not a formula


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
