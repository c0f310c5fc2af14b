"""Figures as PNG files whose bytes depend on the data alone."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

# How all figures with several panels look; a name is not a formula.
STYLE: Any = {
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "figure.titlesize": 11,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
    "legend.frameon": False,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
}
# What tells series apart where colours do not: printed in grey, or seen by colour-blind readers.
LINES: Any = ("-", "--", "-.", ":", (0, (6, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)))
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++", "ooo", "---")
_TRAINING = "#0072B2"  # Okabe and Ito's palette: told apart by colour-blind readers too
_VALIDATION = "#D55E00"
_MARK: dict[str, Any] = {"color": "0.6", "linestyle": "--", "linewidth": 1, "zorder": 0}
_KEPT: dict[str, Any] = {"color": "black", "marker": "D", "markersize": 5, "linestyle": "none", "zorder": 3}
_ALONE: dict[str, Any] = {"markersize": 4, "linewidth": 1.5}
_ONE_OF_SEVERAL: dict[str, Any] = {"markersize": 2, "linewidth": 0.8}
_OVER_CURVES: dict[str, Any] = {"frameon": True, "framealpha": 0.8, "edgecolor": "none"}
_MOST_NAMES = 6


@dataclass(frozen=True)
class Curves:
    """What one run measured at each epoch, first to last; name: its seed or fold; NaN: not defined.

    metric: the readable name of the scores, of which higher ones are better; best_epoch, from 1: whose weights were
    kept.
    """

    name: str
    train_losses: Sequence[float]
    validation_losses: Sequence[float]
    scores: Sequence[float]
    metric: str
    best_epoch: int


def draw_training_curves(path: Path, runs: Sequence[Curves]) -> None:
    """Draw losses, and the validation metric beside them, by epoch, and mark the epochs whose weights were kept."""
    save_png(training_figure(runs), path)


@mpl.rc_context(STYLE)
def training_figure(runs: Sequence[Curves]) -> Figure:
    """Return the figure of one run, or of several with a thin line for each."""
    figure = Figure(figsize=(9.6, 4.0), dpi=120, layout="constrained")
    losses, scores = figure.subplots(1, 2, sharex=True)
    style = _ALONE if len(runs) == 1 else _ONE_OF_SEVERAL
    for run in runs:
        epochs = range(1, len(run.train_losses) + 1)
        losses.plot(epochs, run.train_losses, color=_TRAINING, marker="o", **style)
        losses.plot(epochs, run.validation_losses, color=_VALIDATION, marker="s", **style)
        scores.plot(epochs, run.scores, color=_VALIDATION, marker="s", **style)
        _mark_kept(losses, run, run.validation_losses, len(runs))
        _mark_kept(scores, run, run.scores, len(runs))
    _finish_training(losses, scores, runs, style)
    if len(runs) > 1:
        names = [shortened(run.name, 18) for run in runs[:_MOST_NAMES]] + ["…"] * (len(runs) > _MOST_NAMES)
        figure.suptitle(f"{len(runs)} runs: {', '.join(names)}")
    return figure


def _mark_kept(axes: Axes, run: Curves, heights: Sequence[float], runs: int) -> None:
    """One run: a line down the panel; of several, which would hide each other, a mark on the curve."""
    if runs == 1:
        axes.axvline(run.best_epoch, **_MARK)
    else:
        axes.plot([run.best_epoch], [heights[run.best_epoch - 1]], **_KEPT)


def _finish_training(losses: Axes, scores: Axes, runs: Sequence[Curves], style: Mapping[str, Any]) -> None:
    kept = Line2D([], [], label=f"kept: epoch {runs[0].best_epoch}", **_MARK)
    if len(runs) > 1:
        kept = Line2D([], [], label="kept epoch", **_KEPT)
    training = Line2D([], [], color=_TRAINING, marker="o", label="training", **style)
    validation = Line2D([], [], color=_VALIDATION, marker="s", label="validation", **style)
    losses.legend(handles=[training, validation, kept], **_OVER_CURVES)
    scores.legend(handles=[validation, kept], **_OVER_CURVES)
    losses.set_ylabel("loss (lower is better)")
    scores.set_ylabel(f"{shortened(runs[0].metric, 36)}\n(higher is better)")
    for axes in (losses, scores):
        axes.set_xlabel("epoch (one pass over the training examples)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    losses.set_xlim(0.5, max(len(run.train_losses) for run in runs) + 0.5)
    if all(math.isnan(score) for run in runs for score in run.scores):
        scores.set_yticks([])
        say(scores, "not defined on the validation examples")


def draw_perplexities(
    path: Path, steps: Sequence[int], perplexities: Sequence[float], best_step: int, floors: Mapping[str, float]
) -> None:
    """Draw the perplexity of the validation proteins by step, the step whose weights were kept, and floors by name."""
    figure = Figure(figsize=(6.4, 4.0), dpi=120, layout="constrained")
    axes: Axes = figure.subplots()
    axes.plot(steps, perplexities, color=_VALIDATION, marker="s", markersize=4, label="validation proteins")
    for style, (name, floor) in zip((":", "-."), floors.items(), strict=False):
        axes.axhline(floor, color="0.3", linestyle=style, linewidth=1, zorder=0, label=f"{name}: {floor:.2f}")
    axes.axvline(best_step, label=f"kept: step {best_step:,}", **_MARK)
    # Random weights begin far above what is of interest.
    top = max([*floors.values(), *(value for value in perplexities if value <= 1.1 * max(floors.values()))])
    axes.set_ylim(top=1.02 * top)
    axes.set_xlabel("training step")
    axes.set_ylabel("perplexity of hidden residues (lower is better)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    save_png(figure, path)


def save_png(figure: Figure, path: Path) -> None:
    """Write the figure without date and version."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # a name in a script without letters here shows boxes
        figure.savefig(path, format="png", metadata={"Software": None})


def say(axes: Axes, text: str) -> None:
    """Write in the middle of a panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="0.3", wrap=True)


def shortened(name: str, longest: int) -> str:
    """Return a name on one line, its end left out when it has more letters than longest."""
    line = " ".join(name.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
