"""Draw and say how much better a model becomes by learning from more examples."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from plmkit.learning.comparison import LearningCurve
from plmkit.output.figures import STYLE, save_png
from plmkit.output.metric_names import readable

_COLOUR = "#0072B2"


def curve_entry(curve: LearningCurve) -> dict[str, Any]:
    """Return what the run record says of a learning curve."""
    return {
        "part": curve.part,
        "metric": curve.metric,
        "sizes": list(curve.sizes),
        "values": [round(value.value, 6) for value in curve.values],
        "sentence": gain_sentence(curve),
    }


def gain_sentence(curve: LearningCurve) -> str:
    """Say what the second half of the training examples brought; what follows from it is said by the verdict."""
    gain = curve.gain
    if math.isnan(gain.low):
        return f"Too few {curve.part} examples to say what more training examples bring."
    difference = f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
    steps = f"From {curve.sizes[-2]:,} to {curve.sizes[-1]:,} training examples the {readable(curve.metric)}"
    if gain.low > 0:
        return f"{steps} rose by {difference}: the curve still rises."
    if gain.high < 0:
        return f"{steps} fell by {difference}: the curve falls."
    return f"{steps} changed by {difference}: it is not shown that the curve still rises."


def draw_learning_curve(path: Path, curve: LearningCurve) -> None:
    """Draw the headline metric by the number of training examples, with 95 % intervals."""
    save_png(learning_curve_figure(curve), path)


@mpl.rc_context(STYLE)
def learning_curve_figure(curve: LearningCurve) -> Figure:
    """Return the figure."""
    figure = Figure(figsize=(5.6, 3.8), dpi=120, layout="constrained")
    axes = figure.subplots()
    middle = [value.value for value in curve.values]
    below = [max(0.0, value.value - value.low) for value in curve.values]
    above = [max(0.0, value.high - value.value) for value in curve.values]
    axes.errorbar(curve.sizes, middle, yerr=(below, above), color=_COLOUR, marker="o", capsize=3, linewidth=1.5)
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(curve.sizes), [f"{size:,}" for size in curve.sizes])
    axes.minorticks_off()
    axes.set_xlabel("training examples")
    axes.set_ylabel(f"{readable(curve.metric)}, {curve.part}")
    axes.set_title("bars: 95 % intervals", loc="left", fontsize=9)
    return figure
