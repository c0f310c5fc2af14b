"""Fine-tune a model, once or several times, and judge it beside simple methods on examples it did not learn from."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from plmkit.data.dataset import Examples
from plmkit.data.negatives import positive_class
from plmkit.data.splits import FOLD, Split
from plmkit.data.task import Task
from plmkit.learning.comparison import CROSSED, Comparison, LearningCurve, Smaller
from plmkit.learning.judging import Judged, Part, headline
from plmkit.learning.lessons import Trained
from plmkit.learning.rivals import Rival
from plmkit.learning.rounds import Purpose, Round, rounds_of
from plmkit.learning.trainer import Fitted, Plan, Trainer
from plmkit.learning.trust import Trust
from plmkit.learning.trusting import calibrated_parts, learn_trust
from plmkit.learning.verdict import Verdict
from plmkit.models.device import make_repeatable
from plmkit.models.source import ModelFiles
from plmkit.models.tuned import TunedModel

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Run:
    """One training: its name, what it was for, and what came of it."""

    name: str
    of: Purpose
    trained: Trained


@dataclass(frozen=True)
class Outcome:
    """A tuned model and how it was found.

    kept: the number of the run whose model it is. put_aside: its predictions (P, C) of all places of the examples of
    each part that it did not learn from. verdict: of the part that tells most: the first test set, else the
    cross-validation, else the validation. shown: the part that is looked at most closely, a test set if there is one.
    curve: on that part, if wanted. uncalibrated: put_aside, as the head gives it.
    """

    model: TunedModel
    runs: list[Run]
    kept: int
    judged: list[Judged]
    verdict: Verdict
    curve: LearningCurve | None
    put_aside: dict[str, Floats]
    shown: Part
    positive: int
    notes: list[str]
    trust: Trust
    uncalibrated: dict[str, Floats]

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
    rivals: Sequence[Rival],
    device: torch.device,
) -> Outcome:
    """Learn from the training side of the split, stop by its validation side, judge on what was put aside.

    folds: the splits of a cross-validation, which is done besides; none: it is not. rivals: what the model is compared
    with.
    """
    make_repeatable(plan.training.seed)
    trainer = Trainer(files, examples, plan, device)
    positive = positive_class(examples.labels, negative)
    comparison = Comparison(examples, split, rivals, positive)
    found = _Found()
    for round_ in _rounds(examples, split, folds, plan):
        found.add(round_, trainer)
    assert found.best is not None
    balanced = plan.training.loss.balanced
    trust = learn_trust(trainer, found.best, examples, split, balanced, positive)
    uncalibrated = found.of_seeds[found.kept]
    found.of_seeds = [calibrated_parts(examples, split, said, balanced) for said in found.of_seeds]
    judged = comparison.of_parts(found.kept, found.seeds, found.of_seeds)
    if found.of_folds:
        judged += comparison.of_folds(found.of_folds)
    shown = comparison.parts[next(iter(split.tests), "validation")]
    verdict = comparison.verdicts[CROSSED if folds and not split.tests else shown.name]
    put_aside = found.of_seeds[found.kept]
    curve = comparison.of_shares(shown.name, found.of_shares, found.of_seeds[0]) if found.of_shares else None
    if curve:
        judged += curve.judged
    model = found.best.model
    notes = model.backbone.tokenizer.notes(trainer.rows.sequences, examples.role)
    runs, kept = found.runs, found.kept
    return Outcome(model, runs, kept, judged, verdict, curve, put_aside, shown, positive, notes, trust, uncalibrated)


def help_to_tune(
    files: ModelFiles, examples: Examples, split: Split, folds: Sequence[Split], plan: Plan, device: torch.device
) -> None:
    """Train what `fine_tune` trains in the first of several processes, for nothing but to share the work."""
    make_repeatable(plan.training.seed)
    trainer = Trainer(files, examples, plan, device)
    for round_ in _rounds(examples, split, folds, plan):
        trainer.fit(round_)


def _rounds(examples: Examples, split: Split, folds: Sequence[Split], plan: Plan) -> list[Round]:
    return rounds_of(examples, split, folds, plan.training.seed, plan.seeds, plan.learning_curve)


@dataclass
class _Found:
    """What the trainings led to: predictions (P, C) by part for each seed, for each fold, and for each size."""

    runs: list[Run] = field(default_factory=list)
    best: Fitted | None = None
    kept: int = 0
    of_seeds: list[dict[str, Floats]] = field(default_factory=list)
    of_folds: list[tuple[Split, Floats]] = field(default_factory=list)
    of_shares: list[Smaller] = field(default_factory=list)

    @property
    def seeds(self) -> list[str]:
        """The names of the runs of the seeds."""
        return [run.name for run in self.runs[: len(self.of_seeds)]]

    def add(self, round_: Round, trainer: Trainer) -> None:
        """Train, predict what was put aside, and keep the model if it is the best so far."""
        fitted = trainer.fit(round_)
        self.runs.append(Run(round_.name, round_.of, fitted.trained))
        said = {test: trainer.predict(fitted, chosen) for test, chosen in round_.split.tests.items()}
        if round_.of == "fold":
            self.of_folds.append((round_.split, said[FOLD]))
            return
        said = {"validation": fitted.trained.predicted} | said
        if round_.of == "share":
            self.of_shares.append(Smaller(round_.name, len(round_.split.train), said))
            return
        self.of_seeds.append(said)
        if self.best is None or fitted.score > self.best.score:
            self.best, self.kept = fitted, len(self.runs) - 1
