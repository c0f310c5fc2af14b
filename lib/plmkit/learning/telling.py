"""Tell how a training goes: each epoch, and within long ones now and then."""

from __future__ import annotations

import logging
import time

from plmkit.learning.lessons import Epoch, TrainingSettings

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_LINES = 60.0


class Teller:
    """Writes lines to the log; speeds are examples a second."""

    def __init__(self, settings: TrainingSettings, examples: int) -> None:
        """examples: those of one epoch."""
        self._settings, self._examples = settings, examples
        self._last = time.monotonic()

    def epoch(self, done: Epoch, best: int, speed: float) -> None:
        """Tell what an epoch led to, and how much time is left at most."""
        settings = self._settings
        log.info(
            "epoch %d of at most %d: training loss %.4f, validation loss %.4f, %s %.4f (best: epoch %d); "
            "%.1f examples/s, at most %s left",
            done.number,
            settings.epochs,
            done.train_loss,
            done.validation_loss,
            settings.select_by.replace("_", " "),
            done.score,
            best,
            speed,
            duration((settings.epochs - done.number) * self._examples / speed),
        )
        self._last = time.monotonic()

    def step(self, epoch: int, step: int, steps: int, speed: float) -> None:
        """Tell how far an epoch is, once a minute."""
        if time.monotonic() - self._last < _SECONDS_BETWEEN_LINES:
            return
        left = (steps - step) * self._settings.batch_size / speed
        log.info("epoch %d: %d %%, %.1f examples/s, %s left in it", epoch, 100 * step // steps, speed, duration(left))
        self._last = time.monotonic()


def duration(seconds: float) -> str:
    """Say how long something takes."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
