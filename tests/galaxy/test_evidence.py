"""Show that the proof would fail: made-up jobs in which one thing is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.galaxy.evidence import Evidence, digests, problems
from tests.galaxy.outcomes import from_junit, from_planemo

WANTED = {"python": "3.11", "pytorch": "2.13.0"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    for name, version in WANTED.items():
        (tmp_path / "deps" / name).mkdir(parents=True)
        (tmp_path / "deps" / name / version).symlink_to(tmp_path / "tools")
    return tmp_path


@pytest.fixture
def honest(place: Path) -> Evidence:
    command = "PYTHONPATH='/shed/plm' python -m plmkit embed --proteins 'x.dat'"
    paths = [f'PATH="{place}/deps/{name}/{version}/bin:$PATH"; export PATH;' for name, version in WANTED.items()]
    resolved = [{"name": name, "version": version, "exact": True} for name, version in WANTED.items()]
    return Evidence("1", "plm_embed", command, resolved, " ".join([*paths, command]))


def found(evidence: Evidence, place: Path) -> list[str]:
    return problems(evidence, WANTED, place / "deps", place / "tools", Path("/shed/plm"))


def test_an_honest_job_has_no_problem(honest: Evidence, place: Path) -> None:
    assert found(honest, place) == []
    assert found(replace(honest, dependencies=[]), place) == []


def test_a_requirement_missing_from_the_path_is_noticed(honest: Evidence, place: Path) -> None:
    script = honest.script.replace("deps/pytorch", "deps/numpy")
    assert found(replace(honest, script=script), place) == ["pytorch 2.13.0 is not on its PATH"]


def test_a_job_in_galaxys_own_python_is_noticed(honest: Evidence, place: Path) -> None:
    bare = replace(honest, dependencies=[], script=honest.command)
    assert found(bare, place) == ["python 3.11 is not on its PATH", "pytorch 2.13.0 is not on its PATH"]


def test_a_link_to_another_environment_is_noticed(honest: Evidence, place: Path) -> None:
    link = place / "deps" / "pytorch" / "2.13.0"
    link.unlink()
    link.symlink_to(place)
    assert found(honest, place) == [f"pytorch 2.13.0 is not in {place / 'tools'}"]


@pytest.mark.parametrize(
    "reported",
    [
        [{"name": "python", "version": "3.11", "exact": True}],
        [{"name": "python", "version": "3.11", "exact": True}, {"name": "pytorch", "version": None, "exact": False}],
        [{"name": "python", "version": "3.11", "exact": True}, {"name": "pytorch", "version": "2.1", "exact": True}],
    ],
)
def test_an_unresolved_requirement_is_noticed(honest: Evidence, place: Path, reported: list[dict[str, object]]) -> None:
    assert found(replace(honest, dependencies=reported), place) == ["pytorch 2.13.0 was not resolved"]


def test_another_copy_of_the_code_is_noticed(honest: Evidence, place: Path) -> None:
    elsewhere = replace(
        honest,
        command=honest.command.replace("/shed/plm", "/checkout"),
        script=honest.script.replace("/shed/plm", "/checkout"),
    )
    assert found(elsewhere, place) == ["does not run the plmkit of /shed/plm"]


def test_a_job_without_a_script_is_noticed(honest: Evidence, place: Path) -> None:
    assert "its script does not hold its command" in found(replace(honest, script=""), place)


def test_a_changed_a_lost_and_an_added_file_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = digests(tmp_path)
    (tmp_path / "a.py").write_text("2")
    assert digests(tmp_path) != before
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b.json").write_text("{}")
    assert digests(tmp_path) != before


def test_lost_and_skipped_tests_count_as_failed(tmp_path: Path) -> None:
    report = {"tests": [{"id": "plm_embed-0", "data": {"status": "skip"}}]}
    assert [outcome.passed for outcome in from_planemo(report, "plm_embed", expected=2)] == [False, False]
    assert [outcome.passed for outcome in from_planemo({}, "plm_embed", expected=1)] == [False]
    assert [outcome.passed for outcome in from_junit(tmp_path / "none.xml", "unit")] == [False]


def test_an_expected_failure_without_a_job_proves_nothing() -> None:
    tests = [
        {"id": f"plm_join-{n}", "data": {"status": "success", "job": job}} for n, job in enumerate((None, {"id": 1}))
    ]
    assert [outcome.passed for outcome in from_planemo({"tests": tests}, "plm_join", expected=2)] == [False, True]
