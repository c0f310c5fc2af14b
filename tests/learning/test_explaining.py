"""Explanations of every kind of tuned model, compared with its predictions of one variant at a time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit
from tests.models.tuned_models import CPU, fresh, moved_by_chance, reloaded, said, shape

from plmkit.data.explained import Wanted
from plmkit.data.task import Kind, Unit
from plmkit.learning import importance
from plmkit.learning.explaining import explain, readings_of
from plmkit.learning.explanation import LETTERS, Explanation
from plmkit.learning.importance import ExplainSettings, Method, hiding_reader
from plmkit.learning.substitution import HIDDEN
from plmkit.models.shape import HeadPooling, Shape
from plmkit.models.shape import Method as Tuning
from plmkit.models.source import open_model

WANTED = Wanted("p", ("MKTAYI",), 1)
PAIR = Wanted("p", ("MKT", "WQRC"), 1)


def tuned(small: Path, folder: Path, wanted: Shape) -> Path:
    folder.mkdir()
    moved_by_chance(fresh(small, wanted)).save(folder)
    return folder


def explained(
    small: Path, folder: Path, wanted: Shape, item: Wanted, method: Method, label: int | None = None, steps: int = 1024
) -> Explanation:
    settings = ExplainSettings(method, steps)
    done: list[int] = []
    with open_model(str(small), None) as files:
        (found,) = explain(files, folder, wanted, [item], settings, CPU, label, advance=done.append)
    assert sum(done) == len(readings_of([item], wanted, settings))
    return found


def number(wanted: Shape, values: np.ndarray, label: int) -> float:
    return float(values[label] if wanted.task.kind == "regression" else logit(np.float64(values[label])))


@pytest.mark.parametrize("kind", ["classification", "multilabel", "regression"])
@pytest.mark.parametrize(
    ("unit", "tuning"), [("protein", "lora"), ("residue", "head"), ("pair", "head"), ("window", "full")]
)
def test_changes_are_those_of_predictions_one_by_one(
    small: Path, tmp_path: Path, kind: Kind, unit: Unit, tuning: Tuning
) -> None:
    wanted = shape(kind, unit, tuning)
    folder = tuned(small, tmp_path / "tuned", wanted)
    item = PAIR if unit == "pair" else WANTED
    found = explained(small, folder, wanted, item, "substitution", label=1)
    model = reloaded(small, folder, wanted)
    place = (found.position or 1) - 1
    before = number(wanted, said(model, [item.sequences])[place], 1)
    assert found.score == pytest.approx(before, abs=1e-4)
    for chain, at, to in ((0, 2, "W"), (len(item.sequences) - 1, 3, "A")):
        changed = list(item.sequences)
        changed[chain] = changed[chain][:at] + to + changed[chain][at + 1 :]
        after = number(wanted, said(model, [tuple(changed)])[place], 1)
        changes = found.chains[chain].changes
        assert changes is not None
        if item.sequences[chain][at] != to:
            assert changes[at, LETTERS.index(to)] == pytest.approx(after - before, abs=1e-4)
        assert found.chains[chain].importance[at] == pytest.approx(-np.nanmean(changes[at]), abs=1e-9)


@pytest.mark.parametrize("method", ["substitution", "gradients"])
@pytest.mark.parametrize("tuning", ["lora", "rslora", "dora", "ia3", "full", "head"])
def test_every_kind_of_tuning_can_be_explained(small: Path, tmp_path: Path, tuning: Tuning, method: Method) -> None:
    wanted = shape(method=tuning)
    found = explained(small, tuned(small, tmp_path / "tuned", wanted), wanted, WANTED, method)
    (chain,) = found.chains
    assert chain.importance.shape == (6,)
    assert chain.randomised.shape == (5, 6)
    assert len({tuple(row) for row in chain.randomised.round(9).tolist()}) == 5
    assert found.is_predicted


@pytest.mark.parametrize("pooling", ["mean", "max", "cls", "centre", "attention"])
def test_attributions_add_up(small: Path, tmp_path: Path, pooling: HeadPooling) -> None:
    # a maximum has kinks, which only narrow intervals hold
    steps = 512 if pooling == "max" else 256
    wanted = shape(method="lora", pooling=pooling)
    found = explained(small, tuned(small, tmp_path / "tuned", wanted), wanted, WANTED, "gradients", steps=steps)
    assert found.residual == pytest.approx(0, abs=0.01 * found.reach)
    assert found.reach > 0.01


@pytest.mark.parametrize("unit", ["pair", "residue"])
def test_attributions_of_pairs_and_residues_add_up_too(small: Path, tmp_path: Path, unit: Unit) -> None:
    wanted = shape("regression", unit, "head")
    item = PAIR if unit == "pair" else Wanted("p", WANTED.sequences, 1, position=3)
    found = explained(small, tuned(small, tmp_path / "tuned", wanted), wanted, item, "gradients", steps=256)
    assert found.residual == pytest.approx(0, abs=0.01 * found.reach)
    assert found.position == (None if unit == "pair" else 3)


def test_heads_share_readings_and_randomised_adapters_need_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "CHECKED", 3)
    settings = ExplainSettings("substitution")
    once, checked = 1 + 6 * 19, 1 + 3 * 19
    assert readings_of([WANTED], shape(method="head"), settings) == [8] * once
    assert readings_of([WANTED], shape(method="lora"), settings) == [8] * (once + checked)


def test_randomised_models_are_asked_of_some_residues(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importance, "CHECKED", 3)
    wanted = shape(method="lora")
    found = explained(small, tuned(small, tmp_path / "tuned", wanted), wanted, WANTED, "substitution")
    assert not np.isnan(found.chains[0].importance).any()
    assert (~np.isnan(found.chains[0].randomised)).sum(axis=1).tolist() == [3] * 5
    assert found.checked == 3


def test_nothing_is_told_of_unknown_residues(small: Path, tmp_path: Path) -> None:
    wanted = shape(method="head")
    folder = tuned(small, tmp_path / "tuned", wanted)
    found = explained(small, folder, wanted, Wanted("p", ("MXKTX",), 1), "masking")
    assert np.isnan(found.chains[0].importance).tolist() == [False, True, False, False, True]


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("method", ["substitution", "masking", "gradients"])
@pytest.mark.parametrize("unit", ["protein", "pair"])
def test_what_is_told_after_the_strongest_changes_is_what_is_predicted_of_them(
    small: Path, tmp_path: Path, kind: Kind, method: Method, unit: Unit
) -> None:
    wanted = shape(kind, unit, "head")
    folder = tuned(small, tmp_path / "tuned", wanted)
    item = PAIR if unit == "pair" else WANTED
    found = explained(small, folder, wanted, item, method, label=1)
    model = reloaded(small, folder, wanted)
    hiding = replace(model, reader=hiding_reader(model))
    importance = [chain.importance for chain in found.chains]
    for change, is_raising in ((found.strongest, False), (found.raising, True)):
        assert change is not None
        changed = list(item.sequences)
        letters = changed[change.chain]
        changed[change.chain] = letters[: change.place] + (change.to or HIDDEN) + letters[change.place + 1 :]
        values = said(hiding if change.to is None else model, [tuple(changed)])[0]
        assert change.value == pytest.approx(float(values[1]), abs=1e-5)
        assert (change.to is None) == (method != "substitution")
        if change.to is None:
            most = min if is_raising else max
            assert importance[change.chain][change.place] == most(float(most(each)) for each in importance)
    if kind == "regression":
        assert found.spread == pytest.approx(float(model.head.deviation[1]))
    else:
        assert found.spread is None
