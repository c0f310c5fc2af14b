"""Train a tuned model on labelled examples; stop when validation no longer improves."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from plmkit.data.batches import parts_of
from plmkit.data.rows import Indices
from plmkit.errors import UserError
from plmkit.learning.chance import chance
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.lessons import LOSS, Epoch, Floats, Labelled, Trained, TrainingSettings
from plmkit.learning.losses import Criterion
from plmkit.learning.memory import Budget
from plmkit.learning.metrics import value
from plmkit.learning.optimisers import make_optimisers, memory_of, rate_at, restore_memory, set_rate
from plmkit.learning.telling import Teller
from plmkit.learning.workers import Workers
from plmkit.models.device import seed_dropout
from plmkit.models.sources import Source
from plmkit.models.tuned import TunedModel

log = logging.getLogger(__name__)

_WARM_UP = 0.1
_GRADIENT_NORM = 1.0
_BETAS = (0.9, 0.999)


@dataclass
class _Progress:
    """All that a checkpoint holds beside weights."""

    epoch: int = 1
    step: int = 0
    loss: float = 0.0
    weight: float = 0.0
    best_epoch: int = 0
    finished: bool = False
    tokens: int = 0
    examples: int = 0
    seconds: float = 0.0


def train(
    model: TunedModel,
    source: Source,
    training: Labelled,
    validation: Labelled,
    settings: TrainingSettings,
    checkpoint: Checkpoint | None = None,
    workers: Workers | None = None,
) -> Trained:
    """Train in place, leave the weights of the best epoch.

    AdamW with a linear warm-up over a tenth of the steps, then a linear descent to zero; gradients are cut to norm 1.
    Ends `patience` epochs after the best one. Every random choice depends on the seed and the step alone, so that a
    run which goes on from a checkpoint gives the same weights. Raises UserError when no loss is a number.
    """
    return _Training(model, source, training, validation, settings, checkpoint, workers or Workers()).run()


class _Training:
    """One training: the model, its optimiser, and how far it is."""

    def __init__(
        self,
        model: TunedModel,
        source: Source,
        training: Labelled,
        validation: Labelled,
        settings: TrainingSettings,
        checkpoint: Checkpoint | None,
        workers: Workers,
    ) -> None:
        self.model, self.source, self.training, self.validation = model, source, training, validation
        self.settings, self.checkpoint, self.workers = settings, checkpoint, workers
        self.device = model.backbone.device
        self.criterion = Criterion(model.task, settings.loss, torch.from_numpy(training.truth)).to(self.device)
        self.parameters = model.parameters()
        self.optimisers = _optimisers(model, settings)
        self.tokens = [sum(map(source.tokens, chains)) for chains in training.chains.tolist()]
        self.steps = math.ceil(len(training) / settings.batch_size)
        self.budget = Budget(settings.batch_tokens, self._recompute)
        self.progress = _Progress()
        self.epochs: list[Epoch] = []
        self.best_weights = model.weights()
        self.best_predicted: Floats | None = None  # not of an earlier process
        self.teller = Teller(settings, len(training))

    def run(self) -> Trained:
        self._resume()
        while not self.progress.finished:
            self._one_epoch()
            self._judge()
            self._save(at_once=self.progress.finished)
        if self.progress.best_epoch == 0:
            raise UserError("training: the loss is no number in any epoch; give a lower --learning-rate")
        self.model.set_weights(self.best_weights)
        progress = self.progress
        speed = progress.examples / progress.seconds if progress.seconds else 0.0
        predicted = self._predicted() if self.best_predicted is None else self.best_predicted
        return Trained(self.epochs, progress.best_epoch, predicted, speed)

    def _one_epoch(self) -> None:
        """Take the steps of a pass that are still to do."""
        order = chance(self.settings.seed, "order", self.progress.epoch).permutation(len(self.training))
        self.model.train()
        for step in range(self.progress.step, self.steps):
            began = time.monotonic()
            rows = order[step * self.settings.batch_size : (step + 1) * self.settings.batch_size]
            self._step(rows)
            self.progress.step = step + 1
            self.progress.examples += len(rows)
            self.progress.seconds += time.monotonic() - began
            self.teller.step(self.progress.epoch, step + 1, self.steps, self.progress.examples / self.progress.seconds)
            self._save()
        self.model.eval()

    def _step(self, rows: Indices) -> None:
        number = (self.progress.epoch - 1) * self.steps + self.progress.step
        draws = chance(self.settings.seed, "dropout", number)
        set_rate(self.optimisers, rate_at(number, self.settings.epochs * self.steps, _WARM_UP))
        examples = self.training.some(rows)
        weight = float(self._weights(examples).sum())
        self._forget()
        loss = self._accumulate(examples, [self.tokens[row] for row in rows], weight, int(draws.integers(2**62)))
        self.workers.add_up(self.parameters)
        torch.nn.utils.clip_grad_norm_(self.parameters, _GRADIENT_NORM)
        for optimiser in self.optimisers:
            optimiser.step()
        self.progress.loss += loss * weight
        self.progress.weight += weight

    def _accumulate(self, examples: Labelled, tokens: list[int], weight: float, seed: int) -> float:
        """Add up the gradients of one step, part by part as memory allows; return its mean loss."""

        def compute(budget: int) -> float:
            seed_dropout(seed + self.workers.rank, self.device)  # again, when memory was too short
            total = 0.0
            for part in parts_of([tokens[index] for index in own], budget):
                some = examples.some(np.array([own[index] for index in part]))
                loss = self._total(self.model.scores(self.source, some.chains), some) / weight
                loss.backward()  # type: ignore[no-untyped-call]
                total += float(loss.detach())
            return total

        own = self.workers.share(tokens)
        largest = max(tokens)
        what = f"{largest - 2} residues at once"
        return self.workers.total(self.budget.spend(compute, self._forget, largest, sum(tokens), what))

    def _total(self, scores: Tensor, examples: Labelled) -> Tensor:
        truth = self._truth(examples)
        return self.criterion.total(scores, truth, torch.from_numpy(examples.place_weights).to(self.device))

    def _truth(self, examples: Labelled) -> Tensor:
        truth = torch.from_numpy(examples.truth).to(self.device)
        is_measured = self.model.task.kind == "regression"
        return (truth - self.model.head.mean) / self.model.head.deviation if is_measured else truth

    def _weights(self, examples: Labelled) -> Tensor:
        places = torch.from_numpy(examples.place_weights).to(self.device)
        return self.criterion.weights(torch.from_numpy(examples.truth).to(self.device), places)

    def _forget(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    def _recompute(self) -> bool:
        """Take time instead of memory; say whether that is new."""
        is_new = not self.model.backbone.recompute
        self.model.backbone.recompute = True
        return is_new

    def _predicted(self) -> Floats:
        return self.model.predict(self.source, self.validation.chains, self.settings.batch_tokens)

    def _judge(self) -> None:
        """Judge the epoch that ends, keep its weights if it is the best, and say whether it was the last."""
        progress, settings = self.progress, self.settings
        predicted = self._predicted()
        loss = self.workers.agreed(self.mean_loss(predicted))
        task, truth = self.model.task, self.validation.truth
        known = ~np.isnan(truth).all(axis=1)
        by = settings.select_by
        score = -loss if by == LOSS else value(by, task.kind, truth[known], predicted[known], settings.positive)
        score = self.workers.agreed(score)
        self.epochs.append(Epoch(progress.epoch, progress.loss / progress.weight, loss, score))
        best = max((epoch for epoch in self.epochs if math.isfinite(epoch.validation_loss)), key=_rank, default=None)
        if best is self.epochs[-1]:
            progress.best_epoch = progress.epoch
            self.best_weights, self.best_predicted = self.model.weights(), predicted
        self.teller.epoch(self.epochs[-1], progress.best_epoch, progress.examples / progress.seconds)
        is_over = progress.epoch - progress.best_epoch >= settings.patience
        if is_over and progress.epoch < settings.epochs:
            log.info("validation has not improved for %d epochs: stopped", settings.patience)
        progress.finished = is_over or progress.epoch >= settings.epochs
        progress.epoch, progress.step, progress.loss, progress.weight = progress.epoch + 1, 0, 0.0, 0.0

    def mean_loss(self, predicted: Floats) -> float:
        """Return the mean loss of predictions of the validation examples, weighted as in training."""
        scores = self.model.head.scores_of(torch.from_numpy(predicted).to(self.device))
        weight = self._weights(self.validation).sum()
        return float(self._total(scores, self.validation) / weight)

    def _save(self, at_once: bool = False) -> None:
        if self.checkpoint is None or not (at_once or self.checkpoint.is_due()) or self.workers.rank:
            return
        self.progress.tokens = self.budget.tokens
        tensors = {f"model.{number}": weight for number, weight in enumerate(self.model.weights())}
        tensors |= {f"best.{number}": weight for number, weight in enumerate(self.best_weights)}
        tensors |= memory_of(self.optimisers)
        self.checkpoint.save(
            tensors, {"progress": asdict(self.progress), "epochs": [asdict(epoch) for epoch in self.epochs]}
        )

    def _resume(self) -> None:
        if self.checkpoint is None or (saved := self.checkpoint.load()) is None:
            return
        tensors, values = saved
        count = len(self.parameters)
        self.model.set_weights([tensors[f"model.{number}"] for number in range(count)])
        self.best_weights = [tensors[f"best.{number}"].to(self.device) for number in range(count)]
        restore_memory(self.optimisers, tensors)
        self.progress = _Progress(**values["progress"])
        self.budget.tokens = self.progress.tokens
        self.epochs = [Epoch(**epoch) for epoch in values["epochs"]]
        log.info("going on with step %d of epoch %d", self.progress.step + 1, self.progress.epoch)


def _optimisers(model: TunedModel, settings: TrainingSettings) -> list[torch.optim.Optimizer]:
    """Return AdamW for what is learned of the language model, and for the head at a rate of its own."""
    made = []
    for weights, factor in ((model.adapted(), 1.0), (list(model.head.parameters()), settings.head_factor)):
        named = [(str(number), weight) for number, weight in enumerate(weights)]
        made += make_optimisers(named, factor * settings.learning_rate, muon=False, betas=_BETAS)
    return made


def _rank(epoch: Epoch) -> tuple[float, float]:
    """Sort epochs by their score, and where that is the same (or undefined) by their loss."""
    return (-math.inf if math.isnan(epoch.score) else epoch.score, -epoch.validation_loss)
