"""Run every check and test there is: `make test`.

Style, types and layers; unit tests; lint of the realised repositories; each tool's and workflow's own tests in a
real Galaxy; the proof that those ran what was built. All of them run even after a failure; the last line counts.
"""

import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.galaxy.render import DATA_MANAGER, REPOSITORY, ROOT
from deploy.galaxy.server import Address, running_server
from tests.galaxy.outcomes import Outcome, describe_job, from_junit, from_planemo

ENVIRONMENTS = ROOT / "build" / "env"
PLANEMO = ENVIRONMENTS / "planemo" / "bin" / "planemo"
REPORTS = ROOT / "build" / "reports"
STATE = ROOT / "build" / "galaxy-test"
Command = Sequence[str | Path]
TEST_SECONDS = "600"  # a job that waits for a broken input would wait for ever
SERVER_WORKERS = 2

LINTS: dict[str, Command] = {
    "lint of the wrappers": [PLANEMO, "lint", "--fail_level", "warn", REPOSITORY],
    # the version check asks the public Tool Shed
    "lint of the data manager": [PLANEMO, "lint", "--fail_level", "warn", DATA_MANAGER / "data_manager"],
    "lint of .shed.yml": [
        *(PLANEMO, "shed_lint", "--ensure_metadata", "--fail_level", "error", "--skip", "version_bumped", ROOT)
    ],
    # folder by folder: for --iwc each has its README, CHANGELOG and .dockstore.yml
    "lint of the workflows": [
        *(PLANEMO, "workflow_lint", "--iwc"),
        *("--fail_level", "warn"),
        *sorted(ROOT.glob("workflows/*/")),
    ],
    "lint of deploy/tpv.yml": [ENVIRONMENTS / "galaxy" / "bin" / "tpv", "lint", ROOT / "deploy" / "tpv.yml"],
    "where deploy/tpv.yml sends jobs": [ENVIRONMENTS / "galaxy" / "bin" / "python", "-m", "tests.galaxy.check_tpv"],
    "tours": [ENVIRONMENTS / "galaxy" / "bin" / "python", "-m", "tests.galaxy.check_tour"],
}
PROOF: Command = [
    *(ENVIRONMENTS / "develop" / "bin" / "python", "-m", "pytest", "-o", "addopts=", "-q", "--strict-markers"),
    *("--import-mode=importlib", f"--junit-xml={REPORTS / 'proof.xml'}", ROOT / "tests" / "galaxy"),
]


def main() -> int:
    """Run everything; return 1 when anything failed."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    for report in REPORTS.iterdir():
        report.unlink()
    outcomes = run_command("check", ["make", "--no-print-directory", "check"])
    outcomes += run_pytest("unit", ["make", "--no-print-directory", "unit"])
    for name, command in LINTS.items():
        outcomes += run_command(name, command, quiet=True)
    outcomes += run_in_galaxy()
    return summarise(outcomes)


def run_in_galaxy() -> list[Outcome]:
    """Start a server, test each tool and workflow in it, and prove what ran."""
    say("== start Galaxy")
    with running_server(STATE) as address:
        say(f"== tools and workflows at {address.url}")
        wrappers = [*sorted(REPOSITORY.glob("plm_*.xml")), *sorted(DATA_MANAGER.glob("data_manager/*_models.xml"))]
        outcomes = side_by_side(test_tool, wrappers, address)
        outcomes += side_by_side(test_workflow, sorted(ROOT.glob("workflows/*/*.ga")), address)
        return outcomes + run_pytest("proof", PROOF)


def run_command(name: str, command: Command, quiet: bool = False) -> list[Outcome]:
    """Run a command that counts as one test; a quiet one speaks only when it fails."""
    say(f"== {name}")
    process = subprocess.run(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT
    )
    details = process.stdout if quiet else "see above"
    return [Outcome(name, process.returncode == 0, f"{command[0]} ended with {process.returncode}\n{details}")]


def run_pytest(name: str, command: Sequence[str | Path]) -> list[Outcome]:
    """Run pytest and count its tests; what it prints says why one failed."""
    [whole] = run_command(name, command)
    outcomes = from_junit(REPORTS / f"{name}.xml", name)
    if not whole.passed and all(outcome.passed for outcome in outcomes):
        outcomes.append(whole)
    return outcomes


def side_by_side(
    test: Callable[[Path, Address], list[Outcome]], artifacts: Sequence[Path], address: Address
) -> list[Outcome]:
    """Test tools or workflows side by side: a test mostly waits for uploads and for Galaxy's queue."""
    pool = ThreadPoolExecutor(SERVER_WORKERS)
    try:
        return [outcome for outcomes in pool.map(lambda one: test(one, address), artifacts) for outcome in outcomes]
    finally:
        pool.shutdown(cancel_futures=True)  # when interrupted, start nothing more


def test_tool(wrapper: Path, address: Address) -> list[Outcome]:
    """Run the tests written in a wrapper."""
    expected = max(1, len(ElementTree.parse(wrapper).getroot().findall("tests/test")))
    return run_planemo(wrapper, address, expected)


def test_workflow(workflow: Path, address: Address) -> list[Outcome]:
    """Run a workflow's tests; when one fails, show the jobs that did."""
    before = {job["id"] for job in address.get("/api/jobs?limit=5000")}
    outcomes = run_planemo(workflow, address, expected=1)
    if not all(outcome.passed for outcome in outcomes):
        for job in address.get("/api/jobs?limit=5000"):
            if job["id"] not in before and job["state"] not in ("ok", "skipped"):
                say(describe_job(address.get(f"/api/jobs/{job['id']}?full=true")))
    return outcomes


def run_planemo(artifact: Path, address: Address, expected: int) -> list[Outcome]:
    """Run `planemo test` on one tool or workflow (both in one call make it stumble) and tell each outcome."""
    report, begin = REPORTS / f"{artifact.stem}.json", time.monotonic()
    command: list[str | Path] = [PLANEMO, "test", *address.planemo_options(), "--test_timeout", TEST_SECONDS]
    command += ["--test_output", report.with_suffix(".html"), "--test_output_json", report, artifact]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    content = json.loads(report.read_text()) if report.exists() else {}
    outcomes = from_planemo(content, artifact.stem, expected)
    lines = [f"{'passed' if outcome.passed else 'FAILED'}  {outcome.name}" for outcome in outcomes]
    say(*lines, f"        {artifact.name} took {time.monotonic() - begin:.0f} s")
    if process.returncode != 0 and all(outcome.passed for outcome in outcomes):
        outcomes.append(Outcome(artifact.stem, False, f"planemo ended with {process.returncode}"))
    if not content:
        say(process.stdout, process.stderr)
    return outcomes


def summarise(outcomes: list[Outcome]) -> int:
    """Show why each failed test failed, then count."""
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        say(f"\n== FAILED {outcome.name}\n{outcome.details}")
    say(f"\n{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def say(*lines: str) -> None:
    """Write lines at once and together: tools are tested side by side."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
