"""What training makes small: a loss for each kind of label, with weights of examples and of rare labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from plmkit.data.task import Task

LossName = Literal["auto", "cross-entropy", "focal", "mse", "huber", "mae"]

FITTING: dict[str, tuple[LossName, ...]] = {
    "classification": ("cross-entropy", "focal"),
    "multilabel": ("cross-entropy", "focal"),
    "regression": ("mse", "huber", "mae"),
}  # the first is the usual one
_FOCUS = 2.0
_MOST_WEIGHT = 100.0


@dataclass(frozen=True)
class LossSettings:
    """Which loss. smoothing: share of certainty taken from the true label; balanced: rare labels count as much."""

    name: LossName = "auto"
    smoothing: float = 0.0
    balanced: bool = False


class Criterion:
    """A loss for the labels of a task.

    Sources: focal loss Lin et al. 2017, doi:10.1109/ICCV.2017.324 (gamma 2); label smoothing Szegedy et al. 2016,
    doi:10.1109/CVPR.2016.308; Huber 1964, doi:10.1214/aoms/1177703732 (bend at one standard deviation).
    """

    def __init__(self, task: Task, settings: LossSettings, training: Tensor) -> None:
        """training: the truth (P, K) of the places to learn from, by which labels are rare or not."""
        self._task, self._smoothing = task, settings.smoothing
        self._name = FITTING[task.kind][0] if settings.name == "auto" else settings.name
        self.label_weights = _label_weights(task, settings.balanced, training)

    def to(self, device: torch.device) -> Criterion:
        """Move the weights of the labels to a device."""
        self.label_weights = self.label_weights.to(device)
        return self

    def weights(self, truth: Tensor, places: Tensor) -> Tensor:
        """Return how much each known label counts, (P, K); zero where nothing is known. places: (P,) weights."""
        known = (~truth.isnan()).float() * places[:, None]
        if self._task.kind == "classification":
            return known * self.label_weights[truth[:, 0].nan_to_num(0.0).long()][:, None]
        if self._task.kind == "multilabel":
            return known * torch.where(truth == 1, self.label_weights, 1.0)
        return known

    def total(self, scores: Tensor, truth: Tensor, places: Tensor) -> Tensor:
        """Return the sum of the weighted losses of scores (P, C); divided by the sum of the weights it is the mean."""
        return (self._losses(scores.float(), truth.nan_to_num(0.0)) * self.weights(truth, places)).sum()

    def _losses(self, scores: Tensor, truth: Tensor) -> Tensor:
        """Return the loss of each place and label (P, K)."""
        if self._task.kind == "classification":
            return self._of_classes(scores, truth[:, 0].long())[:, None]
        if self._task.kind == "multilabel":
            return self._of_labels(scores, truth)
        if self._name == "mae":
            return (scores - truth).abs()
        if self._name == "huber":
            return F.huber_loss(scores, truth, reduction="none")
        return (scores - truth) ** 2

    def _of_classes(self, scores: Tensor, truth: Tensor) -> Tensor:
        losses = F.cross_entropy(scores, truth, reduction="none", label_smoothing=self._smoothing)
        if self._name != "focal":
            return losses
        right = scores.softmax(dim=-1).gather(1, truth[:, None])[:, 0]
        return losses * (1 - right) ** _FOCUS

    def _of_labels(self, scores: Tensor, truth: Tensor) -> Tensor:
        smoothed = truth * (1 - self._smoothing) + self._smoothing / 2
        losses = F.binary_cross_entropy_with_logits(scores, smoothed, reduction="none")
        if self._name != "focal":
            return losses
        found = scores.sigmoid()
        return losses * torch.where(truth == 1, 1 - found, found) ** _FOCUS


def _label_weights(task: Task, balanced: bool, training: Tensor) -> Tensor:
    """Return the weight of each class, or of each label where it is true: all classes (yes and no) count the same."""
    if task.kind == "regression" or not balanced:
        return torch.ones(len(task.labels))
    if task.kind == "classification":
        counts = torch.bincount(training[:, 0][~training[:, 0].isnan()].long(), minlength=len(task.labels))
        return counts.sum() / (len(task.labels) * counts.clamp_min(1)).float()
    true, false = (training == 1).sum(dim=0), (training == 0).sum(dim=0)
    return (false / true.clamp_min(1)).float().clamp(1 / _MOST_WEIGHT, _MOST_WEIGHT)
