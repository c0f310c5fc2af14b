"""Judge tuned models and their rivals on the same examples, and compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plmkit.data.dataset import Examples
from plmkit.data.splits import FOLD, Split
from plmkit.learning.judging import TUNED, Judged, Part, compare, headline, judge, judge_labels, part_of
from plmkit.learning.metrics import Estimate
from plmkit.learning.rivals import Rival, answers_of
from plmkit.learning.verdict import Compared, Verdict, decide

Floats = NDArray[np.floating]

CROSSED = "cross-validation"


@dataclass(frozen=True)
class Smaller:
    """A model that learned from some of the training examples, and what it says of each part, (P, C)."""

    name: str
    examples: int
    predicted: Mapping[str, Floats]


@dataclass(frozen=True)
class LearningCurve:
    """How good models are that learned from more and more examples, on one part. gain: from half of them to all."""

    part: str
    metric: str
    sizes: Sequence[int]
    values: Sequence[Estimate]
    gain: Estimate
    judged: Sequence[Judged]


class Comparison:
    """Tuned models and rivals, on the parts of one split.

    rivals learn from the same training examples. positive: the class that average precision is of.
    """

    def __init__(self, examples: Examples, split: Split, rivals: Sequence[Rival], positive: int) -> None:
        self._task, self._examples, self._positive = examples.task, examples, positive
        self._rivals, self._split = rivals, split
        self._chosen = {"validation": split.validation, **split.tests}
        self._answers = answers_of(rivals, split, self._chosen)
        self.parts = {name: part_of(examples, name, chosen) for name, chosen in self._chosen.items()}
        self.verdicts: dict[str, Verdict] = {}

    def of_parts(self, kept: int, runs: Sequence[str], predicted: Sequence[Mapping[str, Floats]]) -> list[Judged]:
        """Judge all models on all parts, the one that is kept by each label too, beside the rivals.

        predicted: what the model of each run says of each part, (P, C); kept: the number of the run that is kept.
        """
        judged = []
        for name, part in self.parts.items():
            found = predicted[kept][name]
            judged += self._beside_rivals(part, found, {rival: said[name] for rival, said in self._answers.items()})
            if len(predicted) > 1:
                each = [
                    self._judge(part, f"{TUNED}, {run}", of_run[name])
                    for run, of_run in zip(runs, predicted, strict=True)
                ]
                judged += [*each, _spread(each)]
            judged += judge_labels(self._task, part, TUNED, found)
            judged += self._labels_of_linear_model(part)
        return judged

    def of_folds(self, folds: Sequence[tuple[Split, Floats]]) -> list[Judged]:
        """Judge what each model of a cross-validation said of the examples it had never seen, all together."""
        chosen = np.concatenate([fold.tests[FOLD] for fold, _ in folds])
        answers = [answers_of(self._rivals, fold, fold.tests) for fold, _ in folds]
        together = {
            rival.name: np.concatenate([of_fold[rival.name][FOLD] for of_fold in answers]) for rival in self._rivals
        }
        found = np.concatenate([predicted for _, predicted in folds])
        return self._beside_rivals(part_of(self._examples, CROSSED, chosen), found, together)

    def of_shares(self, name: str, smaller: Sequence[Smaller], whole: Mapping[str, Floats]) -> LearningCurve:
        """Judge models that learned from fewer examples, beside one with the same seed that learned from all."""
        part, metric = self.parts[name], headline(self._task)
        judged = [self._judge(part, f"{TUNED}, {one.name}", one.predicted[name]) for one in smaller]
        half, full = smaller[-1], f"{TUNED}, all training examples"
        names = full, f"with {half.name}"
        gain = compare(self._task, part, names, whole[name], half.predicted[name], self._positive)
        values = [one.found[metric] for one in [*judged, self._judge(part, full, whole[name])]]
        sizes = [*(one.examples for one in smaller), len(self._split.train)]
        return LearningCurve(name, metric, sizes, values, gain.found[metric], [*judged, gain])

    def _beside_rivals(self, part: Part, found: Floats, answers: Mapping[str, Floats]) -> list[Judged]:
        metric = headline(self._task)
        tuned = self._judge(part, TUNED, found)
        others = {rival.name: self._judge(part, rival.name, answers[rival.name]) for rival in self._rivals}
        differences = {rival.name: self._difference(part, rival.name, found, answers) for rival in self._rivals}
        compared = [
            Compared(rival.role, rival.name, others[rival.name].found[metric], differences[rival.name].found[metric])
            for rival in self._rivals
        ]
        groups = part.number_of_groups
        verdict = decide(part.name, metric, part.examples, tuned.found[metric], compared, groups)
        self.verdicts[part.name] = verdict
        return [tuned, *others.values(), *differences.values()]

    def _labels_of_linear_model(self, part: Part) -> list[Judged]:
        """Judge the linear model by each label too: what one label gains may be lost in the mean of all."""
        judged: list[Judged] = []
        for rival in self._rivals:
            if rival.role == "linear":
                judged += judge_labels(self._task, part, rival.name, self._answers[rival.name][part.name])
        return judged

    def _difference(self, part: Part, name: str, found: Floats, answers: Mapping[str, Floats]) -> Judged:
        return compare(self._task, part, (TUNED, name), found, answers[name], self._positive, len(self._rivals))

    def _judge(self, part: Part, method: str, found: Floats) -> Judged:
        return judge(self._task, part, method, found, self._positive)


def _spread(of_runs: Sequence[Judged]) -> Judged:
    """Return the mean of each metric over runs, with the lowest and the highest in place of an interval."""
    values = {name: [run.found[name].value for run in of_runs] for name in of_runs[0].found}
    found = {name: Estimate(float(np.mean(each)), min(each), max(each)) for name, each in values.items()}
    return replace(of_runs[0], method=f"{TUNED}, mean (lowest to highest) of {len(of_runs)} runs", found=found)
