"""Long runs tell how far they are: a line for each tenth in a log, a bar on a terminal."""

import io
import logging
import sys
from types import SimpleNamespace

import pytest

from plmkit.output import progress as module
from plmkit.output.progress import Progress


class Clock:
    """A time that passes as it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=made.monotonic))
    return made


def advance(lengths: list[int], clock: Clock, steps: list[int], seconds: float, done: int = 0) -> None:
    with Progress(lengths, done=done) as progress:
        for step in steps:
            clock.now += seconds
            progress.advance(step)


def test_speed_and_time_left_by_hand(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    advance([1000, 3000, 2000, 4000], clock, [2, 1, 1], seconds=20)
    assert caplog.messages == [
        "40 %: 2 of 4 proteins, 0.1 proteins/s, 200 residues/s, 30 s left",
        "60 %: 3 of 4 proteins, 0.1 proteins/s, 150 residues/s, 27 s left",
        "100 %: 4 of 4 proteins, 0.1 proteins/s, 167 residues/s, 0 s left",
    ]


def test_speed_leaves_out_what_an_earlier_run_did(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    advance([5000, 1000, 2000, 2000], clock, [1, 1, 1], seconds=2, done=1)
    assert caplog.messages == [
        "60 %: 2 of 4 proteins, 0.5 proteins/s, 500 residues/s, 8 s left",
        "80 %: 3 of 4 proteins, 0.5 proteins/s, 750 residues/s, 3 s left",
        "100 %: 4 of 4 proteins, 0.5 proteins/s, 833 residues/s, 0 s left",
    ]


@pytest.mark.parametrize(
    ("seconds", "left"), [(6, "54 s"), (6.6, "59 s"), (7, "1 min"), (66, "10 min"), (396, "59 min"), (800, "2.0 h")]
)
def test_time_left_is_told_in_fitting_units(
    clock: Clock, caplog: pytest.LogCaptureFixture, seconds: float, left: str
) -> None:
    caplog.set_level(logging.INFO)
    advance([10] * 100, clock, [10], seconds)  # nine times as long is left
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith(f" residues/s, {left} left")


def test_each_tenth_has_one_line_at_most(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    advance([7] * 1234, clock, [1] * 1234, seconds=0.1)
    assert [line.partition(":")[0] for line in caplog.messages] == [f"{10 * tenth} %" for tenth in range(1, 11)]
    assert "124 of 1,234 proteins, 10.0 proteins/s, 70 residues/s, 2 min left" in caplog.messages[0]


def test_nothing_done_yet_says_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    advance([10] * 100, clock, [9], seconds=1)
    assert caplog.messages == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_and_no_lines(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    advance([1000] * 40, clock, [10, 10, 10], seconds=1, done=10)
    assert caplog.messages == []
    last = terminal.getvalue().split("\r")[-1]
    assert "100%" in last
    assert "40.0k/40.0k" in last
    assert "residues/s" in last
