import numpy as np
import pytest

from plmkit.data.fasta import Protein, Proteins
from plmkit.learning import metrics
from plmkit.learning.judging import judge


def proteins(names: list[str]) -> Proteins:
    return Proteins(tuple(Protein(name, "MSK") for name in names))


def test_labels_are_matched_by_name_not_by_order() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]], dtype=np.float32)
    found = judge(proteins(["a", "b", "c"]), ["no", "yes", "yes"], ("no", "yes"), "no", probabilities)
    assert found["accuracy"].value == pytest.approx(2 / 3)
    assert found["auroc"].value == 1.0


def test_windows_of_one_protein_are_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 200)
    truth = ["0"] * 50 + ["1"] * 50
    probabilities = np.tile(np.array([0.4, 0.6], dtype=np.float32), (100, 1))
    windows = [f"{'P' if n < 50 else 'Q'}%{n}%{n + 3}" for n in range(100)]
    together, alone = (
        judge(proteins(names), truth, ("0", "1"), None, probabilities)["accuracy"]
        for names in (windows, [name.replace("%", "_") for name in windows])
    )
    assert (together.low, together.high) == (0.0, 1.0)  # two proteins: both right, both wrong, or one of each
    assert 0.35 < alone.low < alone.high < 0.65
