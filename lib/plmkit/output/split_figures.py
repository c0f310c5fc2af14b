"""Figures of a split: how near the parts come to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from plmkit.output.figures import HATCHES, STYLE, save_png, say, shortened

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito's palette
_BIN = 0.05
_MOST_PARTS = 6
_MOST_BARS = 400


@mpl.rc_context(STYLE)
def draw_identities(path: Path, identities: Mapping[str, Sequence[float]], threshold: float, known: str) -> None:
    """Draw for each part a histogram of the identities (0 to 1) of its sequences to the nearest one learned from."""
    figure = Figure(figsize=(8.4, 1.2 + 2.0 * min(len(identities), _MOST_PARTS)), dpi=120, layout="constrained")
    shown = dict(list(identities.items())[:_MOST_PARTS])
    panels: Any = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for axes, colour, (part, values) in zip(panels, _COLOURS, shown.items(), strict=False):
        _draw_part(axes, colour, part, np.asarray(values), threshold)
    panels[0].legend()
    panels[-1].set_xlabel(f"identity to the nearest {known} (over at least half of the sequence)")
    panels[-1].set_xlim(-2.5 * _BIN, 1.01)
    panels[-1].set_xticks([-1.5 * _BIN, *np.arange(0.2, 1.01, 0.1)])
    panels[-1].xaxis.set_major_formatter(lambda value, _: "none" if value < 0 else f"{value * 100:.0f} %")
    rest = len(identities) - len(shown)
    figure.suptitle(
        "How near does what is put aside come to what is learned from?" + f" (and {rest} more)" * (rest > 0)
    )
    save_png(figure, path)


def _draw_part(axes: Axes, colour: str, part: str, values: Any, threshold: float) -> None:
    axes.axvline(threshold, color="0.3", linestyle="--", linewidth=1, label=f"counts as a leak: {threshold * 100:g} %")
    if not len(values):
        say(axes, "no sequences")
        return
    found = values[values > 0]
    weights = np.full(len(found), 1 / len(values))
    axes.hist(found, bins=np.arange(0, 1 + _BIN / 2, _BIN).tolist(), weights=weights, color=colour, edgecolor="white")
    without = 1 - len(found) / len(values)
    axes.bar([-1.5 * _BIN], [without], width=_BIN, color="0.7", edgecolor="white")
    axes.set_ylabel(f"{shortened(part, 18)}\n{len(values):,} sequences")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_locator(MaxNLocator(4))


@mpl.rc_context(STYLE)
def draw_variants(path: Path, numbers: Mapping[str, Sequence[int]], axis: str, counted: str) -> None:
    """Draw how many variants of each part have each number (of mutations, or a mutated position)."""
    figure = Figure(figsize=(8.4, 4.0), dpi=120, layout="constrained")
    axes: Axes = figure.subplots()
    highest = max(max(values, default=0) for values in numbers.values())
    lowest = min(min(values, default=highest) for values in numbers.values())
    width = -(-(highest - lowest + 1) // _MOST_BARS)
    edges = (np.arange(lowest, highest + width + 1, width) - 0.5).tolist()
    colours: Any = [_COLOURS[number % len(_COLOURS)] for number in range(len(numbers))]
    labels = [shortened(part, 18) for part in numbers]
    hatches: Any = [HATCHES[number % len(HATCHES)] for number in range(len(numbers))]
    look = {"color": colours, "hatch": hatches, "edgecolor": "white", "linewidth": 0}
    axes.hist(list(numbers.values()), bins=edges, stacked=True, label=labels, **look)
    axes.set_xlabel(axis)
    axes.set_ylabel(counted)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    save_png(figure, path)
