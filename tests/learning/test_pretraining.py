"""Training learns, keeps the best weights, and goes on exactly where it was."""

import dataclasses
import logging
import random
from pathlib import Path

import pytest
import torch
from torch.nn import CrossEntropyLoss
from transformers import EsmForMaskedLM

from plmkit.data.fasta import Protein, Proteins
from plmkit.data.holdout import hold_out
from plmkit.data.packs import all_packs
from plmkit.errors import UserError
from plmkit.learning import pretraining
from plmkit.learning.chance import chance
from plmkit.learning.checkpoint import Checkpoint
from plmkit.learning.guessing import Guessing, guess, guess_by_frequency, masker_of, tokens_of
from plmkit.learning.perplexity import unigram
from plmkit.learning.pretraining import BEFORE, FREQUENCIES, TRAINED, PretrainingSettings, judge, pretrain
from plmkit.models.masked import MaskedModel, load_masked_model
from plmkit.models.source import open_model
from plmkit.models.untrained import build_untrained

CPU = torch.device("cpu")
SETTINGS = PretrainingSettings(
    steps=12,
    step_tokens=300,
    batch_tokens=300,
    longest=40,
    learning_rate=0.01,
    warm_up=0.1,
    mask_share=0.15,
    evaluations=3,
    muon=True,
    seed=5,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model with random weights."""
    path = tmp_path_factory.mktemp("start") / "start"
    build_untrained(path, "start", width=32, layers=2, heads=2, seed=6, spread=0.05)
    return path


def loaded(folder: Path, adapters: bool = False) -> MaskedModel:
    with open_model(str(folder), None) as files:
        model = load_masked_model(files, CPU, torch.float32)
    if adapters:
        torch.manual_seed(1)
        model.add_lora(4, 8, 0.2)
    return model


def repeats(count: int, seed: int) -> list[str]:
    """Proteins in which each residue tells its neighbour: turns of one order, from anywhere in it."""
    generator = random.Random(seed)
    order = "MKTAYIWQRC"
    return [(order * 6)[(start := generator.randrange(10)) : start + generator.randrange(20, 50)] for _ in range(count)]


def test_what_neighbours_tell_is_learned(folder: Path) -> None:
    training, validation = repeats(200, 1), repeats(20, 2)
    model = loaded(folder)
    settings = dataclasses.replace(SETTINGS, steps=150, step_tokens=1000, batch_tokens=1000, learning_rate=0.005)
    learned = pretrain(model, training, validation, settings, None)
    guessing = settings.guessing
    by_frequency = guess_by_frequency(model, validation, guessing, unigram(training, "ACDEFGHIKLMNPQRSTVWY"))
    assert by_frequency.perplexity == pytest.approx(10, rel=0.05)
    assert guess(model, validation, guessing).perplexity < 3
    assert [found.step for found in learned.evaluations] == [0, 50, 100, 150]
    assert learned.evaluations[0].validation_loss > learned.evaluations[-1].validation_loss


def test_the_loss_is_that_of_the_unmodified_model(folder: Path) -> None:
    model, stock = loaded(folder), EsmForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    proteins = repeats(7, 3)
    guessing = Guessing(longest=30, batch_tokens=100, seed=9)
    found = guess(model, proteins, guessing)
    masker, draws = masker_of(model, 0.15), chance(9, "judged", 0)
    expected = [0.0] * len(proteins)
    for pack in all_packs([len(protein) for protein in proteins], 30, 10**6):
        hidden = masker.cover(tokens_of(model, proteins, pack), draws)
        labels = torch.full((len(hidden.tokens),), -100)
        labels[torch.from_numpy(hidden.where)] = torch.from_numpy(hidden.truth)
        stop = 0
        for piece in pack:
            start, stop = stop, stop + piece.tokens
            with torch.inference_mode():
                logits = stock(input_ids=torch.from_numpy(hidden.tokens[start:stop])[None]).logits[0]
                expected[piece.protein] += float(CrossEntropyLoss(reduction="sum")(logits, labels[start:stop]))
    assert found.losses.tolist() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("adapters", [False, True])
def test_interrupted_twice_the_weights_are_the_same(
    monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path, adapters: bool
) -> None:
    training, validation = repeats(40, 1), repeats(5, 2)
    settings = dataclasses.replace(SETTINGS, muon=not adapters)
    whole = loaded(folder, adapters)
    straight = pretrain(whole, training, validation, settings, None)

    step = pretraining._Training._step
    for stop in (4, 9):

        def interrupted(self: pretraining._Training, pack: object, stop: int = stop) -> None:
            if self.progress.step == stop:
                raise KeyboardInterrupt
            step(self, pack)  # type: ignore[arg-type]

        monkeypatch.setattr(pretraining._Training, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pretrain(loaded(folder, adapters), training, validation, settings, Checkpoint(tmp_path / "c", {}, 0))
    monkeypatch.setattr(pretraining._Training, "_step", step)
    resumed = loaded(folder, adapters)
    learned = pretrain(resumed, training, validation, settings, Checkpoint(tmp_path / "c", {}, 0))
    assert [dataclasses.astuple(e)[2:] for e in learned.evaluations[1:]] == [
        dataclasses.astuple(e)[2:] for e in straight.evaluations[1:]
    ]
    assert learned.tokens == straight.tokens
    for name, weight in whole.weights().items():
        assert torch.equal(weight, resumed.weights()[name]), name


def test_the_best_weights_are_kept(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    model = loaded(folder)
    seen = []

    def worse_from_the_second_on(model: MaskedModel, *_: object) -> object:
        seen.append(model.weights())
        return dataclasses.make_dataclass("Found", ["mean"])([3.0, 2.0, 2.5, 4.0][len(seen) - 1])

    monkeypatch.setattr(pretraining, "guess", worse_from_the_second_on)
    learned = pretrain(model, repeats(40, 1), repeats(5, 2), SETTINGS, None)
    assert learned.best_step == 4
    assert all(torch.equal(weight, seen[1][name]) for name, weight in model.weights().items())


def test_parts_of_a_step_add_up(folder: Path) -> None:
    training, validation = repeats(40, 1), repeats(5, 2)
    losses = [
        pretrain(loaded(folder), training, validation, dataclasses.replace(SETTINGS, batch_tokens=budget), None)
        .evaluations[-1]
        .validation_loss
        for budget in (300, 60)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_a_rate_too_high_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(pretraining, "guess", lambda *_: dataclasses.make_dataclass("Found", ["mean"])(float("nan")))
    with pytest.raises(UserError, match="lower --learning-rate"):
        pretrain(loaded(folder), repeats(4, 1), repeats(2, 2), SETTINGS, None)


def test_each_part_is_judged_by_the_same_residues(folder: Path) -> None:
    def proteins(sequences: list[str], prefix: str) -> Proteins:
        return Proteins(tuple(Protein(f"{prefix}{n}", sequence) for n, sequence in enumerate(sequences)))

    parts = hold_out(proteins(repeats(9, 1), "t"), proteins(["MKTAY" * 9], "v"), proteins(["MKTAW" * 9], "x"), 0.1, 1)
    found = judge(loaded(folder), loaded(folder), parts, SETTINGS)
    assert set(found) == {(m, p) for m in (TRAINED, BEFORE, FREQUENCIES) for p in ("validation", "test")}
    for part in ("validation", "test"):
        assert len({tuple(found[method, part].counts) for method in (TRAINED, BEFORE, FREQUENCIES)}) == 1


def test_progress_tells_speed_and_time_left(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        pretrain(loaded(folder), repeats(40, 1), repeats(5, 2), SETTINGS, None)
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("step ")]
    assert [line.split(":")[0] for line in lines] == ["step 4 of 12", "step 8 of 12", "step 12 of 12"]
    assert all("residues a second" in line and "min left" in line for line in lines)
