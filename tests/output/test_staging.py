from pathlib import Path

import pytest

from plmkit.errors import UserError
from plmkit.output.staging import staged


def test_outputs_appear_together_at_the_end(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("old")
    with staged([one, None, two], []) as staging:
        staging[one].write_text("new")
        staging[two].write_text("new")
        assert one.read_text() == "old"
        assert not two.exists()
    assert [path.read_text() for path in (one, two)] == ["new", "new"]
    assert sorted(tmp_path.iterdir()) == [one, two]


def test_a_fault_leaves_everything_as_it_was(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("old")

    def work() -> None:
        with staged([one, two], []) as staging:
            staging[one].write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert one.read_text() == "old"
    assert list(tmp_path.iterdir()) == [one]


def test_an_output_never_takes_the_place_of_an_input(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("input")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for output in (tmp_path / "in", tmp_path / "link", tmp_path / ".." / tmp_path.name / "in"):
        with pytest.raises(UserError, match="this is one of the inputs"), staged([output], [None, tmp_path / "in"]):
            pass
    assert (tmp_path / "in").read_text() == "input"
