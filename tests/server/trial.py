"""A fresh Galaxy on a PostgreSQL of its own, a disk of its own for its jobs, and what was proved about them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from deploy.galaxy.render import ROOT, TOOLS_ENVIRONMENT, database_settings
from deploy.galaxy.server import Address, start, stop
from tests.server.histories import History, new_user
from tests.server.kinds import FILES, KINDS, TEST_DATA
from tests.server.postgresql import QUEUE, Cluster
from tests.server.processes import leftovers, wait_until_gone

STATE = ROOT / "build" / "galaxy-reliability"
JOBS = STATE / "data" / "jobs_directory"
REPORT = ROOT / "build" / "reports" / "reliability.txt"
DISK = "600m"
# what an administrator would choose too, see docs/admin/reliability.md
SETTINGS: Mapping[str, object] = {
    "outputs_to_working_directory": True,
    "enable_quotas": True,
    "cleanup_job": "always",
}


@dataclass
class Trial:
    """The server under test, and what was proved so far."""

    cluster: Cluster
    disk: bool
    address: Address
    more: Mapping[str, object] = field(default_factory=dict)
    users: int = 0
    failed: list[str] = field(default_factory=list)
    passed: int = 0

    def prove(self, claim: str, holds: bool, details: object = "") -> None:
        """Count and tell one claim; details are told when it does not hold."""
        self.passed += holds
        if not holds:
            self.failed.append(claim)
        say(
            f"  {'ok    ' if holds else 'FAILED'}  {claim}"
            + (f"\n          {details}" if details and not holds else "")
        )

    def restart(self) -> None:
        """Start the server again on what the last one left."""
        self.address = start(STATE, settings=settings(self.cluster, self.more))

    def user(self) -> tuple[History, dict[str, str]]:
        """Return the history of a new user, with every test file in it."""
        self.users += 1
        history = new_user(self.address, f"user-{self.users}")
        datasets = {name: history.upload(TEST_DATA / name, kind) for name, kind in FILES.items()}
        history.wait_for_datasets(datasets.values())
        return history, datasets

    def here(self, history: History) -> History:
        """Return the history at the server's address, which a restart changes."""
        return replace(history, url=self.address.url)


def settings(cluster: Cluster, more: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the server's settings; more: those of some steps alone."""
    return {**SETTINGS, **database_settings(cluster.url(), cluster.url(QUEUE)), **(more or {})}


def look_at_outputs(trial: Trial, history: History, jobs: Mapping[str, str]) -> None:
    """Prove that outputs are whole, as long as they must be, and the same for the same inputs."""
    digests: dict[tuple[str, str], set[str]] = {}
    files, wrong = [], []
    for job, kind in jobs.items():
        for name, dataset in history.outputs(job).items():
            path = Path(history_file(trial, dataset["id"]))
            files.append((kind, name, f"{dataset['extension']}={path}"))
            digests.setdefault((kind, name), set()).add(sha256(path.read_bytes()).hexdigest())
            wanted = KINDS[kind].lines.get(name)
            if wanted and (found := len(path.read_text().splitlines())) != wanted:
                wrong.append(f"{kind}, {name}: {found} lines in place of {wanted}")
    said = faults([argument for *_, argument in files])
    damaged = [f"{kind}, {name}: {fault}" for (kind, name, _), fault in zip(files, said, strict=True) if fault]
    trial.prove(f"{len(files)} outputs open and are whole to their end", not damaged, damaged)
    counted = sum(len(KINDS[kind].lines) for kind in jobs.values())
    trial.prove(f"{counted} tables have as many lines as their inputs demand", not wrong, wrong)
    mixed_up = [key for key, values in digests.items() if len(values) > 1]
    trial.prove(f"equal inputs gave equal bytes, in each of {len(digests)} outputs", not mixed_up, mixed_up)


def nothing_left() -> bool:
    """Tell whether neither a process nor an unfinished file of a tool is left."""
    return wait_until_gone(JOBS, 30) is not None and not leftovers(STATE / "data")


def history_file(trial: Trial, dataset: str) -> str:
    """Return where the server keeps a dataset; only its administrator is told."""
    return str(trial.address.get(f"/api/datasets/{dataset}")["file_name"])


def faults(arguments: list[str]) -> list[str]:
    """Return what is wrong with each TYPE=FILE."""
    command: list[str | Path] = [TOOLS_ENVIRONMENT / "bin" / "python", "-m", "tests.server.whole", *arguments]
    said: str = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return said.splitlines()


def tally(history: History, states: Mapping[str, str]) -> str:
    """Tell jobs that are not ok, with their last words."""
    lines = [count(states)]
    for job in [job for job, state in states.items() if state != "ok"][:5]:
        found = history.job(job)
        lines.append(f"{found['tool_id']} {found['state']}: {str(found['stderr'])[-600:]}")
    return "\n          ".join(lines)


def count(states: Mapping[str, str]) -> str:
    """Tell how many jobs are in which state."""
    found = list(states.values())
    return ", ".join(f"{found.count(state)} {state}" for state in sorted(set(found)))


@contextmanager
def small_disk() -> Iterator[bool]:
    """Give the jobs a small disk of their own in memory; False where that is not allowed."""
    stop(STATE)
    subprocess.run(["umount", JOBS], check=False, capture_output=True)
    shutil.rmtree(STATE, ignore_errors=True)
    JOBS.mkdir(parents=True)
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "plmkit-jobs", JOBS]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", JOBS], check=True)


def say(*lines: str) -> None:
    """Write lines at once, to the report too."""
    with REPORT.open("a") as report:
        for line in lines:
            sys.stdout.write(f"{line}\n")
            report.write(f"{line}\n")
    sys.stdout.flush()
