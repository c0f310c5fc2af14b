"""Fine-tune a model, once or several times, and judge it beside simple methods on examples it did not learn from."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.dataset import Examples, Indices
from plmkit.data.negatives import positive_class
from plmkit.data.splits import FOLD, Split
from plmkit.data.task import Task
from plmkit.learning import baselines
from plmkit.learning.judging import TUNED, Judged, Part, compare, headline, judge, judge_labels, part_of
from plmkit.learning.lessons import Trained
from plmkit.learning.metrics import Estimate
from plmkit.learning.trainer import Fitted, Plan, Trainer
from plmkit.models.device import make_repeatable
from plmkit.models.shape import Method
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]

RATES: dict[Method, float] = {
    "head": 1e-3,
    "lora": 3e-4,
    "rslora": 3e-4,
    "dora": 3e-4,
    "qlora": 3e-4,
    "ia3": 3e-3,
    "full": 1e-4,
}  # the largest step sizes, unless the user says otherwise


def head_factor(method: Method) -> float:
    """Return how many times faster a head learns than what it stands on: at least as fast as a head alone.

    Measured with LoRA and ten epochs (bench/tasks, a quarter of the data, two seeds): the head at 0.001 instead of
    0.0003 brings secondary structure from a macro-F1 of 0.635 to 0.646. Where steps are few, the head is the slow one.
    """
    return max(1.0, RATES["head"] / RATES[method])


@dataclass(frozen=True)
class Run:
    """One training: its name and what came of it."""

    name: str
    trained: Trained


@dataclass(frozen=True)
class Outcome:
    """A tuned model and how it was found.

    kept: the number of the run whose model it is. put_aside: its predictions (P, C) of all places of the examples of
    each part that it did not learn from. shown: the part that is looked at most closely, a test set if there is one.
    """

    model: TunedModel
    runs: list[Run]
    kept: int
    judged: list[Judged]
    put_aside: dict[str, Floats]
    shown: Part
    positive: int
    notes: list[str]

    @property
    def predicted(self) -> Floats:
        """The predictions (P, C) of the places that are shown."""
        return self.put_aside[self.shown.name][self.shown.kept]

    @property
    def learned_weights(self) -> int:
        """How many numbers were learned."""
        return sum(parameter.numel() for parameter in self.model.parameters())


def selected_by(task: Task) -> str:
    """Return the metric by which the best epoch is chosen, unless the user says otherwise."""
    return "mcc" if task.is_binary else headline(task)


def fine_tune(
    files: ModelFiles,
    examples: Examples,
    split: Split,
    folds: Sequence[Split],
    negative: str | None,
    plan: Plan,
    device: torch.device,
) -> Outcome:
    """Learn from the training side of the split, stop by its validation side, judge on what was put aside.

    folds: the splits of a cross-validation, which is done besides; none: it is not.
    """
    make_repeatable(plan.training.seed)
    trainer = Trainer(files, examples, plan, device)
    positive = positive_class(examples.labels, negative)
    judging = _Judging(examples, split, plan, positive)
    runs: list[Run] = []
    folded: list[tuple[Split, Floats]] = []
    best: Fitted | None = None
    kept = 0
    for name, of_run, fitted in _fits(trainer, split, folds, plan):
        runs.append(Run(name, fitted.trained))
        tested = {test: trainer.predict(fitted, chosen) for test, chosen in of_run.tests.items()}
        if of_run is not split:
            folded.append((of_run, tested[FOLD]))
            continue
        judging.add({"validation": fitted.trained.predicted} | tested)
        if best is None or fitted.score > best.score:
            best, kept = fitted, len(runs) - 1
    assert best is not None
    judged = judging.of_parts(kept, [run.name for run in runs[: plan.seeds]])
    if folded:
        judged += judging.of_folds(folded)
    notes = best.model.backbone.tokenizer.notes(trainer.rows.sequences, examples.role)
    shown = judging.parts[next(iter(split.tests), "validation")]
    return Outcome(best.model, runs, kept, judged, judging.predicted[kept], shown, positive, notes)


def help_to_tune(
    files: ModelFiles, examples: Examples, split: Split, folds: Sequence[Split], plan: Plan, device: torch.device
) -> None:
    """Train what `fine_tune` trains in the first of several processes, for nothing but to share the work."""
    make_repeatable(plan.training.seed)
    trainer = Trainer(files, examples, plan, device)
    for _ in _fits(trainer, split, folds, plan):
        pass


def _fits(trainer: Trainer, split: Split, folds: Sequence[Split], plan: Plan) -> Iterator[tuple[str, Split, Fitted]]:
    """Train a model with each seed, then one for each fold."""
    first = plan.training.seed
    for seed in range(first, first + plan.seeds):
        yield f"seed {seed}", split, trainer.fit(f"seed {seed}", seed, split.train, split.validation)
    for number, fold in enumerate(folds, start=1):
        yield f"fold {number}", fold, trainer.fit(f"fold {number}", first, fold.train, fold.validation)


class _Judging:
    """Judges models and simple methods on the same examples."""

    def __init__(self, examples: Examples, split: Split, plan: Plan, positive: int) -> None:
        self._examples, self._split, self._plan, self._positive = examples, split, plan, positive
        self._task = examples.task
        self.chosen = {"validation": split.validation, **split.tests}
        self.parts = {name: part_of(examples, name, chosen) for name, chosen in self.chosen.items()}
        self.predicted: list[dict[str, Floats]] = []

    def add(self, predicted: dict[str, Floats]) -> None:
        """Take the predictions of one more model, by part."""
        self.predicted.append(predicted)

    def of_parts(self, kept: int, names: Sequence[str]) -> list[Judged]:
        """Judge all models on all parts, the one that is kept by each label too, beside the simple methods."""
        judged = []
        for name, part in self.parts.items():
            found = self.predicted[kept][name]
            judged += self._beside_simple(TUNED, part, found, self._split.train, self.chosen[name])
            if len(self.predicted) > 1:
                each = [
                    self._judge(part, f"{TUNED}, {run}", of_run[name])
                    for run, of_run in zip(names, self.predicted, strict=True)
                ]
                judged += [*each, _spread(each)]
            judged += judge_labels(self._task, part, TUNED, found)
        return judged

    def of_folds(self, folds: Sequence[tuple[Split, Floats]]) -> list[Judged]:
        """Judge what each model of a cross-validation said of the examples it had never seen, all together."""
        chosen = np.concatenate([fold.tests[FOLD] for fold, _ in folds])
        part = part_of(self._examples, "cross-validation", chosen)
        found = np.concatenate([predicted for _, predicted in folds])
        simple = np.concatenate([self._simple(fold.train, fold.tests[FOLD]) for fold, _ in folds])
        return [
            self._judge(part, TUNED, found),
            self._judge(part, baselines.name_of_simple(self._task), simple),
            self._compared(part, found, simple),
        ]

    def _beside_simple(self, method: str, part: Part, found: Floats, train: Indices, chosen: Indices) -> list[Judged]:
        simple = self._simple(train, chosen)
        constant = baselines.constant(self._task, self._examples.truth_of(train), len(found))
        return [
            self._judge(part, method, found),
            self._judge(part, baselines.name_of_simple(self._task), simple),
            self._judge(part, baselines.name_of_constant(self._task), constant),
            self._compared(part, found, simple),
        ]

    def _simple(self, train: Indices, chosen: Indices) -> Floats:
        items = self._examples.items
        return baselines.linear_model(
            self._task,
            [items[index].sequences for index in train],
            self._examples.truth_of(train),
            [items[index].sequences for index in chosen],
            self._plan.training.loss.balanced,
        )

    def _judge(self, part: Part, method: str, found: Floats) -> Judged:
        return judge(self._task, part, method, found, self._positive)

    def _compared(self, part: Part, found: Floats, simple: Floats) -> Judged:
        names = TUNED, baselines.name_of_simple(self._task)
        return compare(self._task, part, names, found, simple, self._positive)


def _spread(of_runs: Sequence[Judged]) -> Judged:
    """Return the mean of each metric over runs, with the lowest and the highest in place of an interval."""
    values = {name: [run.found[name].value for run in of_runs] for name in of_runs[0].found}
    found = {name: Estimate(float(np.mean(each)), min(each), max(each)) for name, each in values.items()}
    return replace(of_runs[0], method=f"{TUNED}, mean (lowest to highest) of {len(of_runs)} runs", found=found)
