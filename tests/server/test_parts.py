"""What the trials lean on would notice damage: made-up files and configurations in which one thing is wrong."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest
from deploy.galaxy.render import database_settings, with_settings
from tests.server.kinds import PROTEINS, SCAN, SITES, TEST_DATA, candidates, records, rows
from tests.server.processes import leftovers
from tests.server.whole import fault


def hdf5(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["a"] = [1.0] * 1000
    return path


def archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a", "b" * 1000)
    return path


def table(path: Path) -> Path:
    path.write_text("id\tscore\na\t1\nb\t2\n")
    return path


@pytest.mark.parametrize(("kind", "make"), [("h5", hdf5), ("zip", archive), ("npz", archive), ("tabular", table)])
def test_a_file_that_was_cut_off_is_noticed(tmp_path: Path, kind: str, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / "file")
    assert fault(kind, path) == ""
    path.write_bytes(path.read_bytes()[: -3 if kind == "tabular" else -200])
    assert fault(kind, path)
    path.write_bytes(b"")
    assert fault(kind, path) == "empty"


def test_what_an_ended_tool_may_leave_is_found(tmp_path: Path) -> None:
    for name in (".v.tsv.12.part", ".v.h5.unfinished/content", "tmp/plmkit-mmseqs-1/a", "v.tsv"):
        path = tmp_path / "jobs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = {str(path.relative_to(tmp_path / "jobs")) for path in leftovers(tmp_path)}
    assert found == {".v.tsv.12.part", ".v.h5.unfinished", "tmp/plmkit-mmseqs-1"}


def test_inputs_are_counted_as_by_hand() -> None:
    assert (records(PROTEINS), rows(SITES)) == (20, 208)
    p53 = (TEST_DATA / SCAN).read_text()
    sequence = "".join(line for line in p53.splitlines() if line[0] != ">")
    assert candidates(SCAN) == len([residue for residue in sequence if residue in "STY"])


def test_options_of_the_server_take_the_place_of_those_of_the_template() -> None:
    text = "galaxy:\n  database_connection: sqlite:///x\n  # why\n  brand: plmkit\n"
    url = "postgresql://galaxy@/galaxy?host=/run"
    changed = with_settings(text, {**database_settings(url), "enable_quotas": True})
    assert changed.splitlines() == [
        "galaxy:",
        "  # why",
        "  brand: plmkit",
        f'  database_connection: "{url}"',
        "  enable_quotas: true",
    ]
