"""Figures as PNG files whose bytes depend on the data alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_TRAINING = "#0072B2"  # Okabe and Ito's palette: told apart by colour-blind readers too
_VALIDATION = "#D55E00"


def draw_training_curves(
    path: Path, train_losses: Sequence[float], validation_losses: Sequence[float], best_epoch: int
) -> None:
    """Draw the losses by epoch and mark the epoch whose weights were kept."""
    figure = Figure(figsize=(6.4, 4.0), dpi=120, layout="constrained")
    axes = figure.subplots()
    epochs = range(1, len(train_losses) + 1)
    axes.plot(epochs, train_losses, color=_TRAINING, marker="o", markersize=4, label="training")
    axes.plot(epochs, validation_losses, color=_VALIDATION, marker="s", markersize=4, label="validation")
    axes.axvline(best_epoch, color="0.6", linestyle="--", linewidth=1, zorder=0, label=f"kept: epoch {best_epoch}")
    axes.set_xlabel("epoch (one pass over the training examples)")
    axes.set_ylabel("loss (cross-entropy, nats; lower is better)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, format="png", metadata={"Software": None})
