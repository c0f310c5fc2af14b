"""Figures of a benchmark: a value for each seed, intervals by resampling groups, and the printed table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Groups = NDArray[np.int64]
Metric = Callable[[Values, Values], float]
Predictions = dict[str, list[Values]]

TRAINED, BEFORE, RANDOM, SIMPLE = "trained", "before training", "random weights", "simple"
RESAMPLES = 300
_COLUMNS = (
    "task",
    "metric",
    "head",
    "trained, mean ± sd of seeds [95 %]",
    "before training",
    "random weights",
    "simple method",
    "trained - random [95 %]",
    "trained - simple [95 %]",
    "from the research notes, not measured here",
)


@dataclass(frozen=True)
class Figure:
    """One value for each seed, or one alone where no seed matters; low, high: 95 % interval of their mean."""

    values: list[float]
    low: float | None = None
    high: float | None = None

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return float(np.mean(self.values))

    def __str__(self) -> str:
        text = f"{self.mean:.3f}"
        if len(self.values) > 1:
            text += f" ± {np.std(self.values, ddof=1):.3f}"
        return text if self.low is None else f"{text} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Line:
    """One line of the table. simple: what the simple method is; gains: trained minus another method, paired."""

    task: str
    metric: str
    head: str
    simple: str
    reference: str
    figures: dict[str, Figure]
    gains: dict[str, Figure] = field(default_factory=dict)


def compare(
    metric: Metric, truth: Values, predicted: Predictions, groups: Groups
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """Return the figure of each method, and how much the trained model gains over each of the others.

    predicted: for each method the predictions of each seed. All methods are judged on the same draws of groups.
    """
    draws = _draws(groups)
    whole = {kind: [metric(truth, values) for values in seeds] for kind, seeds in predicted.items()}
    drawn = {
        kind: np.array([np.mean([metric(truth[rows], values[rows]) for values in seeds]) for rows in draws])
        for kind, seeds in predicted.items()
    }
    figures = {kind: Figure(values, *_bounds(drawn[kind])) for kind, values in whole.items()}
    gains = {
        kind: Figure([figures[TRAINED].mean - figure.mean], *_bounds(drawn[TRAINED] - drawn[kind]))
        for kind, figure in figures.items()
        if kind != TRAINED
    }
    return figures, gains


def heading() -> str:
    """Return the first two lines of the markdown table."""
    return f"{_row(_COLUMNS)}\n{_row(['---'] * len(_COLUMNS))}"


def row(line: Line) -> str:
    """Return one line of the markdown table."""
    trained, *others = (line.figures.get(kind) for kind in (TRAINED, BEFORE, RANDOM, SIMPLE))
    # the interval of the trained model is printed; those of the others are in the JSON file
    plain = [str(Figure(figure.values)) if figure else "" for figure in others]
    plain[-1] += f" ({line.simple})" if others[-1] else ""
    gains = [str(line.gains.get(kind, "")) for kind in (RANDOM, SIMPLE)]
    return _row([line.task, line.metric, line.head, str(trained), *plain, *gains, line.reference])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _draws(groups: Groups) -> list[NDArray[np.int64]]:
    generator = np.random.default_rng(0)
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    rows_of = np.split(order, starts[1:])
    return [
        np.concatenate([rows_of[index] for index in generator.integers(len(rows_of), size=len(rows_of))])
        for _ in range(RESAMPLES)
    ]


def _bounds(drawn: Values) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
