"""The panels of figures which compare predictions with the truth: each is drawn on axes it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from plmkit.output.figures import LINES, say, shortened
from plmkit.output.maps import PALETTE

Numbers = NDArray[np.floating] | NDArray[np.integer]

LONGEST_NAME = 18
MOST_CURVES = 8
SMALL = 8
_BLUE, _GREY, _PALE = PALETTE[0], "0.5", "0.8"
_LINES = (*PALETTE[:7], _GREY)  # yellow, faint on white paper, gives way to grey
_MOST_CLASSES_WITH_COUNTS = 12
_MOST_POINTS = 3_000
_LETTERS_IN_A_ROW = 36
_MOST_NAMES = 60


@dataclass(frozen=True)
class Wanted:
    """One class or label against the rest: which examples have it (N,), and the probabilities of it (N,)."""

    name: str
    is_true: NDArray[np.bool_]
    scores: Numbers

    @property
    def count(self) -> int:
        """How many examples have it."""
        return int(self.is_true.sum())

    @property
    def share(self) -> float:
        """The share of the examples which have it; what guessing reaches."""
        return self.count / max(1, len(self.is_true))

    @property
    def average_precision(self) -> float:
        """The mean precision over all examples that have it; NaN where none has."""
        return float(average_precision_score(self.is_true, self.scores)) if self.count else float("nan")


def most_frequent(wanted: Sequence[Wanted], most: int) -> list[Wanted]:
    """Return those which most examples have."""
    return sorted(wanted, key=lambda item: -item.count)[:most]


def confusion(classes: NDArray[np.int64], probabilities: Numbers) -> NDArray[np.int64]:
    """Count examples by true class (row) and most probable class (column): (C, C)."""
    width = probabilities.shape[1]
    cells = classes * width + probabilities.argmax(axis=1)
    return np.bincount(cells, minlength=width * width).reshape(width, width)


def draw_confusion(axes: Axes, names: Sequence[str], counts: NDArray[np.int64]) -> AxesImage:
    """Colour by the share of the true class; a class without examples stays grey."""
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    colours = mpl.colormaps["Blues"].with_extremes(bad="0.93")
    drawn = axes.imshow(np.ma.masked_invalid(shares), cmap=colours, vmin=0, vmax=1)
    if len(names) <= _MOST_CLASSES_WITH_COUNTS:
        _write_counts(axes, counts, shares)
    _name_classes(axes, names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.spines[:].set_visible(False)
    return drawn


def _write_counts(axes: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    """Two classes: the share stands beneath the count."""
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        text = f"{count:,}\n{100 * share:.1f} %" if len(counts) == 2 and np.isfinite(share) else f"{count:,}"
        colour = "white" if share > 0.6 else "black"
        size = 11 if len(counts) == 2 else SMALL
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size)


def _name_classes(axes: Axes, names: Sequence[str]) -> None:
    """Name as many classes as there is room for."""
    step = -(-len(names) // _MOST_NAMES)
    numbers = range(0, len(names), step)
    labels = [shortened(names[number], LONGEST_NAME) for number in numbers]
    if len(names) == 2:
        axes.set_xticks(numbers, labels)
        axes.set_yticks(numbers, labels, rotation=90 if max(map(len, labels)) > 3 else 0, va="center")
    else:
        axes.set_yticks(numbers, labels)
        if max(map(len, labels)) * len(names) <= _LETTERS_IN_A_ROW:
            axes.set_xticks(numbers, labels)
        elif len(names) <= _MOST_CLASSES_WITH_COUNTS:
            axes.set_xticks(numbers, labels, rotation=45, rotation_mode="anchor", ha="right")
        else:
            axes.set_xticks(numbers, labels, rotation=90)
    axes.tick_params(labelsize=SMALL)
    if step > 1:
        axes.set_title(f"{len(names)} classes, one in {step} is named")


def draw_roc(axes: Axes, wanted: Wanted) -> None:
    """Draw the true positive rate by the false positive rate."""
    _square(axes, "false positive rate", "true positive rate")
    if not 0 < wanted.count < len(wanted.is_true):
        say(axes, "no ROC curve:\nonly one class occurs")
        return
    false, true, _ = roc_curve(wanted.is_true, wanted.scores)
    area = roc_auc_score(wanted.is_true, wanted.scores)
    curve = axes.plot(false, true, color=_BLUE, label=f"AUROC {area:.3f}", zorder=2)
    guess = axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="guessing: 0.5", zorder=1)
    axes.legend(handles=[*curve, *guess], loc="lower right")
    axes.set_title(f"positive: {shortened(wanted.name, 2 * LONGEST_NAME)}")


def draw_precision(axes: Axes, wanted: Wanted) -> None:
    """Draw precision by recall, and the share which guessing reaches."""
    _square(axes, "recall", "precision")
    if not wanted.count:
        say(axes, "no precision-recall curve:\nno positive example")
        return
    precision, recall, _ = precision_recall_curve(wanted.is_true, wanted.scores, drop_intermediate=True)
    label = f"average precision {wanted.average_precision:.3f}"
    curve = axes.plot(recall, precision, color=_BLUE, drawstyle="steps-post", label=label, zorder=2)
    floor = axes.axhline(
        wanted.share, color=_GREY, linestyle="--", linewidth=1, label=f"guessing: {wanted.share:.3f}", zorder=1
    )
    axes.legend(handles=[*curve, floor], loc="lower left" if wanted.share > 0.3 else "best")
    axes.set_title(f"positive: {wanted.count:,} of {len(wanted.is_true):,}")


def draw_curves(axes: Axes, wanted: Sequence[Wanted], noun: str) -> None:
    """Draw precision by recall of the most frequent, each against the rest."""
    _square(axes, "recall", "precision")
    shown = [item for item in most_frequent(wanted, MOST_CURVES) if item.count]
    if not shown:
        say(axes, "no precision-recall curve:\nno example")
        return
    handles: list[Line2D] = []
    for item, colour, line in zip(shown, _LINES, LINES, strict=False):
        precision, recall, _ = precision_recall_curve(item.is_true, item.scores, drop_intermediate=True)
        # the number stands first: matplotlib hides what begins with "_"
        label = f"{item.average_precision:.2f}  {shortened(item.name, LONGEST_NAME)}"
        handles += axes.plot(recall, precision, color=colour, linestyle=line, drawstyle="steps-post", label=label)
    title = f"average precision of each {noun}"
    if len(shown) < len(wanted):
        title = f"average precision, {len(shown)} of {len(wanted)} {noun}{'es' if noun == 'class' else 's'}"
    axes.legend(handles=handles, title=title, loc="upper left", bbox_to_anchor=(1.02, 1.02), alignment="left")


def draw_bars(axes: Axes, wanted: Sequence[Wanted], names: Sequence[str]) -> None:
    """Average precision above the share of each label, which guessing reaches; most frequent on top."""
    rows = np.arange(len(wanted))
    found = [item.average_precision for item in wanted]
    axes.barh(rows - 0.2, np.nan_to_num(found), height=0.4, color=_BLUE, label="average precision")
    axes.barh(rows + 0.2, [item.share for item in wanted], height=0.4, color=_PALE, label="share (guessing)")
    for row in np.flatnonzero(np.isnan(found)):
        axes.text(0.01, row - 0.2, "no example", va="center", fontsize=SMALL)
    axes.set_yticks(rows, names, fontsize=SMALL)
    axes.set_ylim(len(wanted) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xlabel("average precision")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def _square(axes: Axes, across: str, up: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=across, ylabel=up)
    axes.set_box_aspect(1)


def draw_numbers(axes: Axes, truth: Numbers, predicted: Numbers) -> PolyCollection | None:
    """Points near the line are right; of very many points, their density."""
    low, high = _limits(np.concatenate([truth, predicted]))
    hexagons = None
    if len(truth) <= _MOST_POINTS:
        size = float(np.clip(8_000 / max(1, len(truth)), 5, 30))
        axes.scatter(truth, predicted, s=size, color=_BLUE, alpha=0.5, linewidths=0)
    else:
        extent = (low, high, low, high)
        hexagons = axes.hexbin(truth, predicted, gridsize=45, extent=extent, mincnt=1, cmap="viridis")
        hexagons.set_norm(LogNorm(1, max(10.0, float(np.max(np.asarray(hexagons.get_array()))))))
    line = axes.plot([low, high], [low, high], color=_GREY, linestyle="--", linewidth=1, label="predicted = true")
    axes.legend(handles=line, loc="upper left", frameon=True, framealpha=0.5, edgecolor="none")
    axes.set(xlim=(low, high), ylim=(low, high), xlabel="true", ylabel="predicted")
    axes.set_aspect("equal", adjustable="box")
    axes.locator_params(nbins=5)
    axes.ticklabel_format(scilimits=(-3, 5))
    if not len(truth):
        say(axes, "no example")
    return hexagons


def _limits(numbers: Numbers) -> tuple[float, float]:
    """Return the range of the numbers and a little more on both sides."""
    if not len(numbers):
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    beyond = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
    return low - beyond, high + beyond
