"""Figures as PNG files whose bytes depend on the data alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_TRAINING = "#0072B2"  # Okabe and Ito's palette: told apart by colour-blind readers too
_VALIDATION = "#D55E00"
_MARK: dict[str, Any] = {"color": "0.6", "linestyle": "--", "linewidth": 1, "zorder": 0}


def draw_training_curves(
    path: Path, train_losses: Sequence[float], validation_losses: Sequence[float], best_epoch: int
) -> None:
    """Draw the losses by epoch and mark the epoch whose weights were kept."""
    epochs = range(1, len(train_losses) + 1)
    figure, axes = _figure()
    axes.plot(epochs, train_losses, color=_TRAINING, marker="o", markersize=4, label="training")
    axes.plot(epochs, validation_losses, color=_VALIDATION, marker="s", markersize=4, label="validation")
    axes.axvline(best_epoch, label=f"kept: epoch {best_epoch}", **_MARK)
    axes.set_xlabel("epoch (one pass over the training examples)")
    axes.set_ylabel("loss (cross-entropy, nats; lower is better)")
    _save(figure, axes, path)


def draw_perplexities(
    path: Path, steps: Sequence[int], perplexities: Sequence[float], best_step: int, floors: Mapping[str, float]
) -> None:
    """Draw the perplexity of the validation proteins by step, the step whose weights were kept, and floors by name."""
    figure, axes = _figure()
    axes.plot(steps, perplexities, color=_VALIDATION, marker="s", markersize=4, label="validation proteins")
    for style, (name, floor) in zip((":", "-."), floors.items(), strict=False):
        axes.axhline(floor, color="0.3", linestyle=style, linewidth=1, zorder=0, label=f"{name}: {floor:.2f}")
    axes.axvline(best_step, label=f"kept: step {best_step:,}", **_MARK)
    # Random weights begin far above what is of interest.
    top = max([*floors.values(), *(value for value in perplexities if value <= 1.1 * max(floors.values()))])
    axes.set_ylim(top=1.02 * top)
    axes.set_xlabel("training step")
    axes.set_ylabel("perplexity of hidden residues (lower is better)")
    _save(figure, axes, path)


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 4.0), dpi=120, layout="constrained")
    return figure, figure.subplots()


def _save(figure: Figure, axes: Axes, path: Path) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, format="png", metadata={"Software": None})
