"""Prove that the Galaxy tests ran what was just built, in the environment it was built for."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from deploy.galaxy.render import DATA_MANAGER, REPOSITORY, ROOT, TOOLS_ENVIRONMENT, requirements
from deploy.galaxy.server import Address, call, status
from deploy.galaxy.workflows import import_workflow
from tests.galaxy.evidence import Evidence, digests, problems

STATE = ROOT / "build" / "galaxy-test"
TOOLS = sorted(REPOSITORY.glob("plm_*.xml"))
WRAPPERS = [*TOOLS, *sorted(DATA_MANAGER.glob("data_manager/*_models.xml"))]
PLACES = {wrapper.stem: wrapper.parent for wrapper in WRAPPERS}
EXPAND = (
    "import sys; from galaxy.util import xml_macros, xml_to_string; "
    "print(xml_to_string(xml_macros.load(sys.argv[1]).getroot()))"
)


@pytest.fixture(scope="module")
def address() -> Address:
    found = status(STATE)
    assert found is not None, "these tests look at the server of `make test`"
    return found


@pytest.fixture(scope="module")
def wanted() -> Mapping[str, str]:
    return requirements(REPOSITORY)


@pytest.fixture(scope="module")
def jobs(address: Address) -> list[Evidence]:
    scripts = [path.read_text() for path in (STATE / "data" / "jobs_directory").glob("*/*/tool_script.sh")]
    listed = [job for job in address.get("/api/jobs?limit=5000") if job["tool_id"] in PLACES]
    return [evidence(address, job["id"], scripts) for job in listed]


def evidence(address: Address, job_id: str, scripts: list[str]) -> Evidence:
    job = address.get(f"/api/jobs/{job_id}?full=true")
    command = job["command_line"] or ""
    script = next((script for script in scripts if command and command in script), "")
    return Evidence(job_id, job["tool_id"], command, job["dependencies"], script)


def test_there_are_tools() -> None:
    assert [path.stem for path in TOOLS] == sorted(path.stem for path in (ROOT / "tools").glob("plm_*.xml"))
    assert TOOLS
    assert len(WRAPPERS) == len(TOOLS) + 1


def test_each_tool_ran(jobs: list[Evidence]) -> None:
    assert {job.tool_id for job in jobs} == {path.stem for path in WRAPPERS}


def test_each_job_ran_the_built_code_in_the_tools_environment(jobs: list[Evidence], wanted: Mapping[str, str]) -> None:
    deps = STATE / "deps"
    found = {
        f"{job.tool_id} {job.job_id}": problems(job, wanted, deps, TOOLS_ENVIRONMENT, PLACES[job.tool_id])
        for job in jobs
    }
    assert found
    assert {job: sentences for job, sentences in found.items() if sentences} == {}


def test_galaxy_resolves_each_requirement_to_the_tools_environment(address: Address, wanted: Mapping[str, str]) -> None:
    for name, version in wanted.items():
        query = urlencode({"name": name, "version": version, "type": "package"})
        resolved = address.get(f"/api/dependency_resolvers/dependency?{query}")
        assert resolved["dependency_type"] == "galaxy_package", f"{name} {version}: {resolved}"
        assert Path(resolved["path"]).resolve() == TOOLS_ENVIRONMENT.resolve()


def test_galaxy_would_not_resolve_a_version_we_lack(address: Address) -> None:
    query = urlencode({"name": "pytorch", "version": "0.0.1", "type": "package"})
    assert address.get(f"/api/dependency_resolvers/dependency?{query}")["dependency_type"] is None


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.stem)
def test_the_server_loaded_the_wrapper_just_built(wrapper: Path, address: Address) -> None:
    planemo_python = ROOT / "build" / "env" / "planemo" / "bin" / "python"
    expanded = subprocess.run([planemo_python, "-c", EXPAND, wrapper], check=True, capture_output=True, text=True)
    assert address.get(f"/api/tools/{wrapper.stem}")["config_file"] == str(wrapper)
    assert address.get_text(f"/api/tools/{wrapper.stem}/raw_tool_source").split() == expanded.stdout.split()


@pytest.mark.parametrize("place", [REPOSITORY, DATA_MANAGER / "data_manager"], ids=["tools", "data manager"])
def test_the_repository_holds_the_whole_package(place: Path) -> None:
    assert digests(place / "plmkit") == digests(ROOT / "lib" / "plmkit")
    assert (place / "macros.xml").read_bytes() == (ROOT / "tools" / "macros.xml").read_bytes()


def test_the_data_manager_wrote_its_rows_and_moved_its_models(address: Address) -> None:
    table = address.get("/api/tool_data/huggingface")
    rows = {row["value"]: row for row in (dict(zip(table["columns"], row, strict=True)) for row in table["fields"])}
    for name in ("plmkit/plmkit-tiny-2", "example/untrained"):  # of its tests
        assert (Path(rows[name]["path"]) / "plmkit_model.json").is_file()
        assert Path(rows[name]["path"]).parent == STATE / "reference" / "plm_models"


@pytest.mark.parametrize("path", sorted(ROOT.glob("workflows/*/*.ga")), ids=lambda path: path.stem)
def test_a_workflow_can_be_run_by_its_form(path: Path, address: Address) -> None:
    # the page refuses a workflow that lacks a field of its tools; the API, which planemo asks, takes the default
    name = import_workflow(address, path, address.get("/api/workflows"))
    [workflow] = [one["id"] for one in address.get("/api/workflows") if one["name"] == name]
    history = json.loads(call(f"{address.url}/api/histories", address.key, {"name": "a form"}))
    query = urlencode({"style": "run", "history_id": history["id"]})
    form = address.get(f"/api/workflows/{workflow}/download?{query}")
    assert [step["messages"] for step in form["steps"] if step.get("messages")] == []
    assert not form["has_upgrade_messages"]


def test_the_repository_holds_the_wrappers_and_their_data() -> None:
    inside, outside = digests(REPOSITORY), digests(ROOT / "tools")
    assert {name: inside.get(name) for name in outside} == outside
    assert digests(REPOSITORY / "test-data") == digests(ROOT / "test-data")


def test_the_tools_environment_knows_no_plmkit_of_its_own(tmp_path: Path) -> None:
    python = TOOLS_ENVIRONMENT / "bin" / "python"
    tried = subprocess.run([python, "-I", "-c", "import plmkit"], cwd=tmp_path, capture_output=True, text=True)
    assert "No module named 'plmkit'" in tried.stderr
