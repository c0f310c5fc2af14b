import logging

import pytest
from tests.learning.training_material import settings

from plmkit.learning.lessons import Epoch
from plmkit.learning.telling import Teller, duration


def test_an_epoch_is_one_line_with_its_score_and_the_time_left(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Teller(settings(epochs=10, select_by="macro_f1"), examples=600).epoch(Epoch(2, 0.5, 0.25, 0.75), best=1, speed=8.0)
    assert caplog.messages == [
        "epoch 2 of at most 10: training loss 0.5000, validation loss 0.2500, macro f1 0.7500 (best: epoch 1); "
        "8.0 examples/s, at most 10 min left"
    ]


def test_within_a_long_epoch_a_line_comes_now_and_then(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    now = [0.0]
    monkeypatch.setattr("plmkit.learning.telling.time.monotonic", lambda: now[0])
    teller = Teller(settings(batch_size=5), examples=600)
    for second in range(0, 130, 10):
        now[0] = float(second)
        teller.step(1, 30, 120, speed=9.0)
    assert caplog.messages == ["epoch 1: 25 %, 9.0 examples/s, 50 s left in it"] * 2


def test_durations_are_told_in_fitting_units() -> None:
    assert [duration(seconds) for seconds in (4.4, 89, 90, 3000, 5400)] == ["4 s", "89 s", "2 min", "50 min", "1.5 h"]
