from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from plmkit.output import split_figures
from plmkit.output.split_figures import draw_identities, draw_variants


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    figures: list[Figure] = []
    monkeypatch.setattr(split_figures, "save_png", lambda figure, path: figures.append(figure))
    return figures


def test_bars_are_shares_and_what_has_no_relative_stands_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = drawn(monkeypatch)

    draw_identities(Path("x.png"), {"valid": [], "test": [0, 0, 0.32, 0.98]}, 0.5, "training protein")

    empty, axes = figures[0].axes
    assert [text.get_text() for text in empty.texts] == ["no sequences"]
    heights = {round(bar.get_x(), 2): bar.get_height() for bars in axes.containers for bar in bars if bar.get_height()}
    assert heights == {-0.1: 0.5, 0.3: 0.25, 0.95: 0.25}
    assert "training protein" in axes.get_xlabel()


def test_variants_are_counted_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = drawn(monkeypatch)

    draw_variants(Path("x.png"), {"train": [1, 1, 2], "test": [3]}, "mutations of a variant", "variants")

    axes = figures[0].axes[0]
    heights = [patch.get_height() for container in axes.containers for patch in container]
    assert np.reshape(heights, (2, 3)).tolist() == [[2, 1, 0], [0, 0, 1]]
