"""Install repositories from a Tool Shed into Galaxy by its API, as an administrator does, and test the tools."""

import json
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.galaxy.server import Address
from tests.server.environments import ENVIRONMENTS
from tests.server.shed import OWNER, Shed

MINUTES = 60.0
TESTER = ENVIRONMENTS / "planemo" / "bin" / "galaxy-tool-test"


@dataclass(frozen=True)
class Installed:
    """A repository that Galaxy has installed: its id there, its folder on disk."""

    identifier: str
    name: str
    revision: str
    status: str
    folder: Path


def ask(galaxy: Address, path: str, data: dict[str, Any] | None, method: str) -> Any:
    """Ask Galaxy's API for what takes longer than a look: an installation downloads and reads whole repositories."""
    body = None if data is None else json.dumps(data).encode()
    headers = {"x-api-key": galaxy.key, "content-type": "application/json"}
    request = urllib.request.Request(galaxy.url + path, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=15 * MINUTES) as answer:
        return json.loads(answer.read())


def content_type(galaxy: Address, path: str) -> str:
    """Return as what Galaxy hands a browser a page: it shows HTML that it does not trust as plain text."""
    request = urllib.request.Request(galaxy.url + path, headers={"x-api-key": galaxy.key})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=15 * MINUTES) as answer:
        return str(answer.headers.get_content_type())


def install(galaxy: Address, state: Path, shed: Shed, name: str, revision: str) -> Installed:
    """Install a revision of a repository into a section of its own."""
    wish = {
        "tool_shed_url": f"{shed.url}/",
        "name": name,
        "owner": OWNER,
        "changeset_revision": revision,
        "install_repository_dependencies": True,
        "install_resolver_dependencies": False,
        "install_tool_dependencies": False,
        "new_tool_panel_section_label": "Protein language models",
    }
    ask(galaxy, "/api/tool_shed_repositories", wish, "POST")
    [found] = [
        repository
        for repository in repositories(galaxy, state)
        if (repository.name, repository.revision) == (name, revision)
    ]
    return found


def repositories(galaxy: Address, state: Path) -> list[Installed]:
    """Return what is installed from Tool Sheds in the Galaxy whose files live in `state`."""
    listed = galaxy.get("/api/tool_shed_repositories?uninstalled=false&deleted=false")
    return [
        Installed(entry["id"], entry["name"], revision, entry["status"], folder)
        for entry in listed
        for revision in [entry["installed_changeset_revision"]]
        for folder in (state / "data" / "shed_tools").glob(
            f"*/repos/{OWNER}/{entry['name']}/{revision}/{entry['name']}"
        )
    ]


def installed_tools(galaxy: Address, shed: Shed) -> list[str]:
    """Return the ids of the tools in Galaxy's menu that came from the Tool Shed."""
    tools = galaxy.get("/api/tools?in_panel=false")
    return [tool["id"] for tool in tools if tool["id"].startswith(f"{shed.host}/repos/")]


def uninstall(galaxy: Address, repository: Installed) -> None:
    """Remove a repository, its files too."""
    ask(galaxy, f"/api/tool_shed_repositories/{repository.identifier}?remove_from_disk=true", None, "DELETE")


def tests_to_run(galaxy: Address, tool: str, every: bool) -> list[tuple[int, str]]:
    """Return number and kind of the tests to run: all, or the first that succeeds and the first that fails."""
    kinds = ["failure" if test["expect_failure"] else "success" for test in galaxy.get(f"/api/tools/{tool}/test_data")]
    numbered = list(enumerate(kinds))
    return numbered if every else [(kinds.index(kind), kind) for kind in ("success", "failure") if kind in kinds]


def run_tests(galaxy: Address, tool: str, index: int, report: Path) -> tuple[bool, str]:
    """Run one test of an installed tool; tell whether it passed, and what was seen."""
    report.unlink(missing_ok=True)
    version = tool.rpartition("/")[2]
    command: list[str | Path] = [
        TESTER,
        "-u",
        galaxy.url,
        "-k",
        galaxy.key,
        "-a",
        galaxy.key,
        "-t",
        tool,
        "--tool-version",
        version,
    ]
    command += ["-i", str(index), "--with-reference-data", "--no-history-cleanup", "-j", str(report)]
    process = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tests = json.loads(report.read_text())["tests"] if report.exists() else []
    states = [test["data"]["status"] for test in tests]
    return states == ["success"], "\n".join([f"states {states}", process.stdout[-3000:], json.dumps(tests)[:3000]])
