"""Draw how honest probabilities, sets and intervals are as one PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from plmkit.data.task import Task
from plmkit.learning.conformal import Conformal
from plmkit.learning.reliability import Claims, claims_of, covered
from plmkit.output.figures import STYLE, save_png, say, shortened
from plmkit.output.maps import PALETTE

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]

_BEFORE: dict[str, Any] = {"color": PALETTE[1], "marker": "s", "markerfacecolor": "white", "linestyle": "--"}
_AFTER: dict[str, Any] = {"color": PALETTE[0], "marker": "o", "linestyle": "-"}
_IDEAL: dict[str, Any] = {"color": "0.5", "linestyle": ":", "linewidth": 1, "zorder": 0}
_BINS = 10
_FEWEST = 5  # claims of a bin that is drawn
_LEVELS = np.round(np.arange(0.5, 1.0, 0.05), 2)
_DPI = 150
_Z = 1.959964
_NOUNS = {"classification": "predictions", "multilabel": "labels"}


def draw_reliability(
    path: Path,
    task: Task,
    truth: Floats,
    before: Floats,
    after: Floats,
    conformal: Conformal | None,
    part: str,
) -> None:
    """Draw the share that is right by the probability that was claimed, and how often sets hold the truth by level.

    truth: (P, K) of the places of a part, none of them unknown; before, after: (P, C) before and after calibration.
    part: where they are from, for the title.
    """
    save_png(reliability_figure(task, truth, before, after, conformal, part), path)


@mpl.rc_context(STYLE)
def reliability_figure(
    task: Task, truth: Floats, before: Floats, after: Floats, conformal: Conformal | None, part: str
) -> Figure:
    """Return the figure that draw_reliability saves."""
    has_curve, has_levels = task.kind != "regression", conformal is not None
    panels = has_curve + has_levels or 1
    figure = Figure(figsize=(4.4 * panels, 4.9), dpi=_DPI, layout="constrained")
    grid = figure.add_gridspec(2, panels, height_ratios=(4, 1))
    if has_curve:
        curve = figure.add_subplot(grid[0, 0])
        counts = figure.add_subplot(grid[1, 0], sharex=curve)
        _draw_curves(curve, counts, task, truth, before, after)
    if conformal is not None:
        _draw_levels(figure.add_subplot(grid[0:, panels - 1]), task, truth, after, conformal)
    elif not has_curve:
        say(figure.add_subplot(grid[0:, 0]), "no example")
    figure.suptitle(f"Can the predictions be trusted? {part[:1].upper()}{part[1:]}")
    return figure


def _draw_curves(axes: Axes, counts: Axes, task: Task, truth: Floats, before: Floats, after: Floats) -> None:
    drawn: list[Claims] = [claims_of(task, truth, predicted) for predicted in (before, after)]
    axes.plot([0, 1], [0, 1], label="honest", **_IDEAL)
    for claims, name, style in zip(drawn, ("before calibration", "after calibration"), (_BEFORE, _AFTER), strict=True):
        _draw_curve(axes, claims, name, style)
        line = {"color": style["color"], "linestyle": style["linestyle"]}
        counts.hist(claims.claimed, np.linspace(0, 1, 2 * _BINS + 1).tolist(), histtype="step", **line)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="share that is right", title=_title(task))
    axes.tick_params(labelbottom=False)
    axes.legend(loc="upper left", frameon=True, framealpha=0.8, edgecolor="none")
    counts.set(xlabel="predicted probability", ylabel=_NOUNS[task.kind])
    counts.ticklabel_format(axis="y", scilimits=(-3, 5))
    counts.locator_params(axis="y", nbins=3)


def _title(task: Task) -> str:
    if task.is_binary:
        return f"probability of {shortened(task.labels[1], 24)}"
    return "probability of the answer" if task.kind == "classification" else "probability of each label"


def _draw_curve(axes: Axes, claims: Claims, name: str, style: dict[str, Any]) -> None:
    """Draw the mean probability and the share that is right of bins of equal width, with Wilson's 95 % intervals."""
    bins = np.minimum((claims.claimed * _BINS).astype(np.int64), _BINS - 1)
    count = np.bincount(bins, minlength=_BINS)
    kept = count >= _FEWEST
    across = np.bincount(bins, claims.claimed, _BINS)[kept] / count[kept]
    share = np.bincount(bins, claims.is_true, _BINS)[kept] / count[kept]
    low, high = wilson(share, count[kept])
    bars = np.maximum(0, [share - low, high - share])
    axes.errorbar(across, share, yerr=bars, label=name, markersize=5, linewidth=1.3, elinewidth=0.9, capsize=2, **style)


def wilson(share: Doubles, count: NDArray[np.int64]) -> tuple[Doubles, Doubles]:
    """Return the bounds of Wilson's 95 % intervals of shares (K,). Source: Wilson 1927, doi:10.2307/2276774."""
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return middle - half, middle + half


def _draw_levels(axes: Axes, task: Task, truth: Floats, predicted: Floats, conformal: Conformal) -> None:
    """Draw how often sets or intervals hold the truth by the level that is asked for."""
    held = [covered(task, truth, predicted, conformal.thresholds(level)) for level in _LEVELS]
    known = np.isfinite(held[0])
    share = np.array([np.nanmean(one) if known.any() else np.nan for one in held])
    low, high = wilson(share, np.full(len(share), max(1, int(known.sum()))))
    axes.plot([0.48, 1], [0.48, 1], label="as asked for", **_IDEAL)
    axes.fill_between(_LEVELS, low, high, color=PALETTE[0], alpha=0.2, linewidth=0)
    axes.plot(_LEVELS, share, label="found, with 95 % interval", markersize=5, linewidth=1.3, **_AFTER)
    bottom = min(0.48, float(np.nanmin([*low, 1.0])) - 0.02)
    title = "intervals that hold the true value" if task.kind == "regression" else "sets that hold the true label"
    axes.set(xlim=(0.48, 1), ylim=(bottom, 1.02), xlabel="level asked for", ylabel="share found", title=title)
    axes.legend(loc="upper left")
