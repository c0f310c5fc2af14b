from pathlib import Path

import matplotlib.image as image
import numpy as np

from plmkit.output.figures import draw_training_curves

ORANGE = np.array([0xD5, 0x5E, 0x00]) / 255


def height_of_last_point(path: Path) -> float:
    """Return where on the page, 0 at its foot to 1 at its top, the validation curve ends."""
    pixels = image.imread(path)[..., :3]
    rows, columns = np.nonzero(np.abs(pixels - ORANGE).max(axis=2) < 0.02)
    return 1 - float(rows[columns > columns.max() - 4].mean() / len(pixels))


def test_a_falling_validation_loss_is_drawn_falling(tmp_path: Path) -> None:
    flat = [0.6, 0.6, 0.6, 0.6]
    draw_training_curves(tmp_path / "falling.png", flat, [1.0, 0.7, 0.4, 0.1], best_epoch=4)
    draw_training_curves(tmp_path / "rising.png", flat, [0.1, 0.4, 0.7, 1.0], best_epoch=1)
    assert height_of_last_point(tmp_path / "falling.png") < 0.3
    assert height_of_last_point(tmp_path / "rising.png") > 0.8


def test_the_same_numbers_give_the_same_bytes_and_one_epoch_is_enough(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        draw_training_curves(tmp_path / name, [0.5], [0.6], best_epoch=1)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
