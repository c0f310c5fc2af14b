"""Train a language model on proteins alone: hide residues, guess them, learn from the misses."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from plmkit.data.holdout import Parts
from plmkit.data.packs import Pack, shuffled_packs
from plmkit.errors import UserError
from plmkit.learning.chance import chance
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.guessing import Guessing, guess, guess_by_frequency, losses_of, masker_of, tokens_of
from plmkit.learning.masking import STANDARD, Hidden
from plmkit.learning.memory import Budget
from plmkit.learning.optimisers import make_optimisers, memory_of, rate_at, restore_memory, set_rate
from plmkit.learning.perplexity import Guesses, unigram
from plmkit.models.masked import MaskedModel

log = logging.getLogger(__name__)

TRAINED, BEFORE, FREQUENCIES = "trained model", "before training", "residue frequencies"
_GRADIENT_NORM = 1.0


@dataclass(frozen=True)
class PretrainingSettings:
    """How to learn. step_tokens: tokens of one step; batch_tokens: tokens computed at once (memory alone).

    longest: residues of a piece; muon: see `make_optimisers`; evaluations: how often the validation proteins are
    guessed, evenly spread.
    """

    steps: int
    step_tokens: int
    batch_tokens: int
    longest: int
    learning_rate: float
    warm_up: float
    mask_share: float
    evaluations: int
    muon: bool
    seed: int

    @property
    def guessing(self) -> Guessing:
        """How the validation proteins are guessed."""
        return Guessing(self.longest, self.batch_tokens, self.seed)


@dataclass(frozen=True)
class Evaluation:
    """Where training stood after a step; losses are nats for a hidden residue, training_loss since the last one."""

    step: int
    tokens: int
    training_loss: float
    validation_loss: float


@dataclass
class _Progress:
    """All that a checkpoint holds beside weights."""

    step: int = 0
    epoch: int = 0
    pack: int = 0
    tokens: int = 0
    loss: float = 0.0
    loss_steps: int = 0
    best: float = math.inf
    best_step: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Learned:
    """What a training led to. tokens_per_second: of training steps alone, judging left out."""

    evaluations: list[Evaluation]
    best_step: int
    tokens: int
    tokens_per_second: float


def pretrain(
    model: MaskedModel,
    training: Sequence[str],
    validation: Sequence[str],
    settings: PretrainingSettings,
    checkpoint: Checkpoint | None,
) -> Learned:
    """Train in place and leave the weights of the lowest validation loss.

    The learning rate rises over the warm-up and then falls in a straight line to zero; gradients are cut to
    norm 1. Every random choice depends on the seed and the step alone, so that a run which goes on from a
    checkpoint gives the weights of one that was never interrupted. Raises UserError when no loss is a number.
    """
    return _Training(model, training, validation, settings, checkpoint).run()


class _Training:
    """One training: the model, its optimiser, and how far it is."""

    def __init__(
        self,
        model: MaskedModel,
        training: Sequence[str],
        validation: Sequence[str],
        settings: PretrainingSettings,
        checkpoint: Checkpoint | None,
    ) -> None:
        self.model, self.training, self.validation = model, training, validation
        self.settings, self.checkpoint = settings, checkpoint
        self.masker = masker_of(model, settings.mask_share)
        self.guessing = settings.guessing
        self.parameters = [weight for _, weight in model.learnable()]
        self.optimisers = make_optimisers(model.learnable(), settings.learning_rate, settings.muon)
        self.budget = Budget(settings.batch_tokens)
        self.progress = _Progress()
        self.evaluations: list[Evaluation] = []
        self.best_weights = model.weights()

    def run(self) -> Learned:
        self._resume()
        if not self.evaluations:
            self._evaluate()
        due = _evaluation_steps(self.settings)
        began, first = time.monotonic(), self.progress.step
        for pack in self._packs():
            self._step(pack)
            if self.progress.step in due:
                self._evaluate()
                self._tell(began, first)
            if self.checkpoint and self.checkpoint.is_due():
                self._save(self.checkpoint)
        if not math.isfinite(self.progress.best):
            raise UserError("training: the loss is no number at any time; give a lower --learning-rate")
        self.model.set_weights(self.best_weights)
        speed = self.progress.tokens / self.progress.seconds if self.progress.seconds else 0.0
        return Learned(self.evaluations, self.progress.best_step, self.progress.tokens, speed)

    def _packs(self) -> Iterator[Pack]:
        """Yield the packs of all steps still to do, pass after pass."""
        lengths = [len(sequence) for sequence in self.training]
        progress, settings = self.progress, self.settings
        while progress.step < settings.steps:
            order = chance(settings.seed, "order", progress.epoch)
            packs = shuffled_packs(lengths, settings.longest, settings.step_tokens, order)
            for pack in packs[progress.pack :]:
                if progress.step == settings.steps:
                    return
                progress.pack += 1
                yield pack
            progress.epoch, progress.pack = progress.epoch + 1, 0

    def _step(self, pack: Pack) -> None:
        began = time.monotonic()
        settings, progress = self.settings, self.progress
        draws = chance(settings.seed, "masks", progress.step)
        torch.manual_seed(int(draws.integers(2**62)))  # dropout of adapters
        hidden = self.masker.corrupt(tokens_of(self.model, self.training, pack), draws)
        set_rate(self.optimisers, rate_at(progress.step, settings.steps, settings.warm_up))
        self.model.network.train()
        self._forget()
        if len(hidden.where):
            progress.loss += self._accumulate(hidden, pack)
            progress.loss_steps += 1
            torch.nn.utils.clip_grad_norm_(self.parameters, _GRADIENT_NORM)
            for optimiser in self.optimisers:
                optimiser.step()
        progress.step += 1
        progress.tokens += len(hidden.tokens)
        progress.seconds += time.monotonic() - began

    def _accumulate(self, hidden: Hidden, pack: Pack) -> float:
        """Add up the gradients of one step, part by part as far as memory demands; return its mean loss."""

        def compute(budget: int) -> float:
            total = 0.0
            for part, pieces in _parts(hidden, pack, budget):
                if len(part.where):
                    loss = losses_of(self.model, part, pieces).sum() / len(hidden.where)
                    loss.backward()  # type: ignore[no-untyped-call]
                    total += float(loss.detach())
            return total

        longest = max(piece.tokens for piece in pack)
        what = f"one single piece of {longest - 2} residues"
        return self.budget.spend(compute, self._forget, longest, len(hidden.tokens), what)

    def _forget(self) -> None:
        for weight in self.parameters:
            weight.grad = None

    def _evaluate(self) -> None:
        progress = self.progress
        self.model.network.eval()
        found = guess(self.model, self.validation, self.guessing).mean
        training_loss = progress.loss / progress.loss_steps if progress.loss_steps else math.nan
        progress.loss, progress.loss_steps = 0.0, 0
        self.evaluations.append(Evaluation(progress.step, progress.tokens, training_loss, found))
        if found < progress.best:
            progress.best, progress.best_step = found, progress.step
            self.best_weights = self.model.weights()

    def _tell(self, began: float, first: int) -> None:
        progress, last = self.progress, self.evaluations[-1]
        left = (time.monotonic() - began) / (progress.step - first) * (self.settings.steps - progress.step)
        log.info(
            "step %d of %d: training loss %.4f, validation perplexity %.3f, %.0f residues a second, %.0f min left",
            progress.step,
            self.settings.steps,
            last.training_loss,
            math.exp(last.validation_loss),
            progress.tokens / progress.seconds,
            left / 60,
        )

    def _save(self, checkpoint: Checkpoint) -> None:
        tensors = {f"model.{name}": weight for name, weight in self.model.weights().items()}
        tensors |= {f"best.{name}": weight for name, weight in self.best_weights.items()}
        tensors |= memory_of(self.optimisers)
        evaluations = [asdict(evaluation) for evaluation in self.evaluations]
        checkpoint.save(tensors, {"progress": asdict(self.progress), "evaluations": evaluations})

    def _resume(self) -> None:
        if self.checkpoint is None or (saved := self.checkpoint.load()) is None:
            return
        tensors, values = saved
        self.model.set_weights(_under("model.", tensors))
        self.best_weights = _under("best.", tensors)
        restore_memory(self.optimisers, tensors)
        self.progress = _Progress(**values["progress"])
        self.evaluations = [Evaluation(**found) for found in values["evaluations"]]
        log.info("going on after step %d of %d", self.progress.step, self.settings.steps)


def _parts(hidden: Hidden, pack: Pack, budget: int) -> Iterator[tuple[Hidden, Pack]]:
    """Divide a step into parts of whole pieces, at most `budget` tokens each."""
    first = start = stop = 0
    for number, piece in enumerate(pack):
        if stop > start and stop - start + piece.tokens > budget:
            yield _slice(hidden, start, stop), pack[first:number]
            first, start = number, stop
        stop += piece.tokens
    yield _slice(hidden, start, stop), pack[first:]


def _slice(hidden: Hidden, start: int, stop: int) -> Hidden:
    inside = (hidden.where >= start) & (hidden.where < stop)
    return Hidden(hidden.tokens[start:stop], hidden.where[inside] - start, hidden.truth[inside])


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _evaluation_steps(settings: PretrainingSettings) -> set[int]:
    count = min(settings.evaluations, settings.steps)
    return {round(settings.steps * number / count) for number in range(1, count + 1)}


def judge(
    model: MaskedModel, before: MaskedModel, parts: Parts, settings: PretrainingSettings
) -> dict[tuple[str, str], Guesses]:
    """Return, by method and part, how well the same hidden residues are guessed by the model and by its floors.

    before: the model as it was before training. The residues' frequencies are those of the training proteins.
    """
    frequencies = unigram(parts.training.sequences, STANDARD)
    found: dict[tuple[str, str], Guesses] = {}
    for part, proteins in (("validation", parts.validation), ("test", parts.test)):
        if proteins is not None:
            sequences, guessing = proteins.sequences, settings.guessing
            found[TRAINED, part] = guess(model, sequences, guessing)
            found[BEFORE, part] = guess(before, sequences, guessing)
            found[FREQUENCIES, part] = guess_by_frequency(model, sequences, guessing, frequencies)
    return found
