"""The line that says what a run took."""

import re
import resource

import pytest
import torch

from plmkit.models.effort import Effort

_LINE = re.compile(
    r"took (?P<seconds>[0-9,.]+) s on cpu \((?P<threads>\d+) threads?\)"
    r"(: (?P<amount>[0-9,]+) residues, (?P<speed>[0-9,.]+) residues/s)?; most memory (?P<memory>[0-9,]+) MB"
)


def test_time_speed_and_memory_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 104.0])
    monkeypatch.setattr("plmkit.models.effort.time.monotonic", lambda: next(moments))
    told = _LINE.fullmatch(Effort(torch.device("cpu")).line(2000, "residues"))
    assert told is not None
    assert told["seconds"] == "4.0"
    assert (told["amount"], told["speed"]) == ("2,000", "500.0")
    assert int(told["threads"]) == torch.get_num_threads()


def test_memory_is_that_of_the_system() -> None:
    """A hundred million bytes that were written to are part of the peak."""
    held = bytearray(100_000_000)
    held[::4096] = b"1" * len(held[::4096])
    told = _LINE.fullmatch(Effort(torch.device("cpu")).line())
    assert told is not None
    assert told["speed"] is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    assert int(told["memory"].replace(",", "")) > 100
    assert int(told["memory"].replace(",", "")) >= int(peak)
