"""What the verdict says where the truth is planted: noise, families, a leak, too few examples, something to learn."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
PARTS = ("train", "train", "train", "valid", "test")
Row = tuple[str, str, str]
Verdict = Callable[..., dict[str, Any]]


@pytest.fixture
def verdict(done: Callable[..., str], tmp_path: Path) -> Verdict:
    """Tune a model on rows of sequence, label and part, compare it with everything; return the run record."""

    def tuned(rows: Sequence[Row], *options: object) -> dict[str, Any]:
        lines = ["\t".join((f"p{number}", *row)) + "\n" for number, row in enumerate(rows)]
        (tmp_path / "examples.tsv").write_text("id\tsequence\tlabel\tsplit\n" + "".join(lines))
        command = ["finetune", "--examples", tmp_path / "examples.tsv", "--baselines", "all", "--relatives", "anywhere"]
        done(*command, "--bundle", tmp_path / "b.zip", "--record", tmp_path / "run.json", *options)
        record: dict[str, Any] = json.loads((tmp_path / "run.json").read_text())
        return record

    return tuned


def sequence(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(AMINO_ACIDS, k=length))


def families(chance: random.Random) -> list[Row]:
    """Families of which each has one label by chance; every part has members of every family."""
    rows = []
    for family in range(40):
        ancestor = sequence(chance, 80)
        for part in PARTS:
            member = "".join(chance.choice(AMINO_ACIDS) if chance.random() < 0.25 else letter for letter in ancestor)
            rows.append((member, "ab"[family % 2], part))
    return rows


def charged(chance: random.Random) -> tuple[str, str]:
    """A window that is a site if the charges on both sides of its middle differ, which no single residue tells."""
    window = list(sequence(chance, 15))
    window[7] = "S"
    before, behind = chance.random() < 0.5, chance.random() < 0.5
    window[4], window[10] = chance.choice("KR" if before else "DE"), chance.choice("KR" if behind else "DE")
    return "".join(window), "site" if before != behind else "none"


def test_noise_teaches_nothing(verdict: Verdict) -> None:
    chance = random.Random(5)
    rows = [(sequence(chance, 40), chance.choice("ab"), PARTS[number % 5]) for number in range(200)]
    found = verdict(rows, "--method", "head", "--epochs", 5)
    assert found["verdict"]["finding"] == "nothing learned"
    assert "it cannot be shown that the head on the frozen model has learned anything" in found["verdict"]["sentence"]


def test_what_families_explain_a_search_explains_too_and_the_leak_is_told(verdict: Verdict) -> None:
    found = verdict(families(random.Random(5)), "--method", "head", "--epochs", 10)
    assert found["verdict"]["finding"] in ("worse", "no difference")
    assert "a search for homologues" in found["verdict"]["sentence"]
    assert "such a search may be enough" in found["verdict"]["sentence"]
    assert "40 of 40 test examples are at least 50 % identical to an example" in found["verdict"]["sentence"]
    assert found["counts"]["rivals"] == ["constant", "linear", "homologue"]


def test_too_few_examples_show_nothing_and_how_large_a_difference_they_would_show(verdict: Verdict) -> None:
    chance = random.Random(5)
    sizes = {"train": 100, "valid": 40, "test": 12}
    rows = [(*charged(chance), part) for part, size in sizes.items() for _ in range(size)]
    found = verdict(rows, "--unit", "window", "--method", "head", "--epochs", 4, "--learning-rate", 0.003)
    assert found["verdict"]["finding"] in ("nothing learned", "no difference")
    assert found["verdict"]["smallest_visible_difference"] > 0.2
    assert "With 12 examples nothing smaller than 0." in found["verdict"]["sentence"]


def test_what_only_tuning_learns_is_seen(verdict: Verdict) -> None:
    chance = random.Random(5)
    rows = [(*charged(chance), PARTS[number % 5]) for number in range(500)]
    found = verdict(rows, "--unit", "window", "--epochs", 5, "--learning-rate", 0.005)
    assert found["verdict"]["finding"] == "better"
    assert "beats the frozen model with the same head by" in found["verdict"]["sentence"]
    assert found["counts"]["rivals"] == ["constant", "linear", "homologue", "frozen"]


def test_a_learning_curve_says_whether_more_data_were_worth_it(verdict: Verdict, tmp_path: Path) -> None:
    chance = random.Random(5)
    rows = [(*charged(chance), PARTS[number % 5]) for number in range(100)]
    options = ["--unit", "window", "--method", "head", "--epochs", 2, "--report", tmp_path / "report.html"]
    curve = verdict(rows, *options, "--learning-curve", tmp_path / "curve.png")["learning_curve"]
    assert curve["sizes"] == [15, 30, 60]
    assert len(curve["values"]) == 3
    assert (tmp_path / "curve.png").read_bytes()[:4] == b"\x89PNG"
    text = (tmp_path / "report.html").read_text()
    assert "Would more data help?" in text
    assert curve["sentence"] in text
