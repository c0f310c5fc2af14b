"""Work which a killed run leaves is taken up by the same run alone."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from plmkit.errors import UserError
from plmkit.output import unfinished as module
from plmkit.output.unfinished import Unfinished

IDENTITY = {"proteins": "1234", "layer": (1, 2), "window": None}


def left(output: Path, done: int, content: bytes = b"12345") -> Path:
    """Leave unfinished work as a killed run does; return its folder."""
    unfinished = Unfinished(output, IDENTITY)
    unfinished.begin()
    with unfinished.content.open("wb") as handle:
        handle.write(content)
        unfinished.note(done, handle, at_once=True)
    return unfinished.content.parent


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    folder = left(tmp_path / "v.tsv", 3)
    assert folder == tmp_path / ".v.tsv.unfinished"
    again = Unfinished(tmp_path / "v.tsv", IDENTITY)
    assert (again.done, again.content.read_bytes()) == (3, b"12345")
    again.remove()
    assert list(tmp_path.iterdir()) == []
    assert Unfinished(tmp_path / "v.tsv", IDENTITY).done == 0


def test_work_on_another_output_is_not_taken_up(tmp_path: Path) -> None:
    left(tmp_path / "v.tsv", 3)
    assert Unfinished(tmp_path / "other.tsv", {"layer": 7}).done == 0


def test_a_link_has_its_work_beside_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link.tsv").symlink_to(tmp_path / "there" / "v.tsv")
    left(tmp_path / "link.tsv", 3)
    assert Unfinished(tmp_path / "there" / "v.tsv", IDENTITY).done == 3


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"layer": (1, 3)}, "layer"),
        ({"window": 100, "proteins": "5"}, "proteins, window"),
        ({"stored": "float16"}, "stored"),
    ],
)
def test_work_of_another_run_is_refused_by_what_differs(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    folder = left(tmp_path / "v.tsv", 3)
    with pytest.raises(UserError) as refusal:
        Unfinished(tmp_path / "v.tsv", IDENTITY | changes)
    assert str(refusal.value) == (
        f"output 'v.tsv': an unfinished run with another {told} lies beside it; give the same command as then to go "
        "on, or remove the folder .v.tsv.unfinished to begin anew"
    )
    assert json.loads((folder / "progress.json").read_text())["done"] == 3


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"done": 3}', '{"identity": {}, "done": "many"}'])
def test_a_damaged_note_means_that_nothing_is_done(tmp_path: Path, damage: str) -> None:
    (left(tmp_path / "v.tsv", 3) / "progress.json").write_text(damage)
    assert Unfinished(tmp_path / "v.tsv", IDENTITY).done == 0


@pytest.mark.parametrize("lost", ["content", "progress.json"])
def test_a_missing_half_means_that_nothing_is_done(tmp_path: Path, lost: str) -> None:
    (left(tmp_path / "v.tsv", 3) / lost).unlink()
    again = Unfinished(tmp_path / "v.tsv", IDENTITY)
    assert again.done == 0
    again.begin()
    assert list(again.content.parent.iterdir()) == []


def test_a_note_comes_to_the_disk_every_few_seconds_after_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    on_disk: list[bytes] = []
    unfinished = Unfinished(tmp_path / "v", IDENTITY)
    unfinished.begin()
    monkeypatch.setattr(os, "fsync", lambda _: on_disk.append(unfinished.content.read_bytes()))
    noted = []
    with unfinished.content.open("wb") as handle:
        for done, seconds in enumerate([1, 3.9, 0.2, 4.9, 0.2, 0], start=1):
            clock.now += seconds
            handle.write(b"%d" % done)
            unfinished.note(done, handle, at_once=done == 6)
            noted.append(Unfinished(tmp_path / "v", IDENTITY).done)
    assert noted == [0, 0, 3, 3, 5, 6]
    assert on_disk == [b"123", b"12345", b"123456"]
