"""A class does the tutorial at once: python -m tests.server.classroom [--people 40] [--cached].

Each person has an account and a history, uploads the tutorial's files and starts its workflow at the same time as all
the others, on a Galaxy with PostgreSQL and the local job runner, as it is shipped. `--cached`: a teacher has run the
workflow before, in a published history; the class copies the data from there and lets Galaxy use jobs that are done.
"""

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.error import HTTPError

from deploy.galaxy.render import ROOT, database_settings
from deploy.galaxy.server import Address, start, stop
from deploy.galaxy.workflows import import_workflows
from tests.server.common import Trial
from tests.server.histories import History, new_user
from tests.server.kinds import TEST_DATA
from tests.server.memory import proportional_memory
from tests.server.postgresql import QUEUE, Cluster, running_cluster

# ---- what the class does: the workflow of the tutorial, its files and its other inputs, by their labels ----
WORKFLOW = "PTM site classification"
FILES: Mapping[str, tuple[Path, str]] = {
    "Proteins with sites": (TEST_DATA / "human_phosphosites" / "train_windows.fasta", "fasta"),
    "Proteins to scan": (TEST_DATA / "human_phosphosites" / "scan.fasta", "fasta"),
}
VALUES: Mapping[str, object] = {"Name of the modification": "Phosphorylation"}
# -------------------------------------------------------------------------------------------------------------

STATE = ROOT / "build" / "galaxy-classroom"
SECONDS_BETWEEN_LOOKS = 5.0  # about as often as the page in a browser asks
LONGEST = 4 * 3600
DONE = {"ok", "skipped"}
BAD = {"error", "deleted", "paused", "failed", "stopped"}
JOBS_BY_STATE = "SELECT state, count(*) FROM job WHERE tool_id LIKE 'plm_%' GROUP BY state"


@dataclass
class Person:
    """Somebody in the class, and how it went; times in seconds since all began."""

    history: History
    uploaded: float = 0.0
    finished: float = 0.0
    jobs: Counter[str] = field(default_factory=Counter)
    computed: Counter[str] = field(default_factory=Counter)
    problem: str = ""


@dataclass
class Seen:
    """What was noted while the class worked; queues: how many jobs waited and ran, by the second."""

    queues: list[tuple[float, int, int]] = field(default_factory=list)
    memory: float = 0.0


def main() -> int:
    """Parse the command line and hold the class."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=3, help="default: 3, enough to see that it works")
    parser.add_argument("--cached", action="store_true", help="jobs that a teacher has run are used again")
    arguments = parser.parse_args()
    trial = Trial("classroom-cached" if arguments.cached else "classroom")
    with running_cluster() as cluster:
        settings = database_settings(cluster.url(), cluster.url(QUEUE))
        address = start(STATE, fresh=True, settings=settings)
        try:
            import_workflows(address)
            hold(trial, cluster, address, arguments.people, arguments.cached)
        finally:
            stop(STATE)
    return trial.end()


def hold(trial: Trial, cluster: Cluster, address: Address, count: int, cached: bool) -> None:
    """Let all people work at once; prove that each has each result, made once; tell how long it took."""
    teacher = prepared(trial, address) if cached else None
    people = [Person(new_user(address, f"person-{number}")) for number in range(1, count + 1)]
    before = jobs_by_state(cluster)
    trial.say(f"{count} people begin")
    begin = time.monotonic()
    with noted(cluster, begin) as seen, ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda person: work(person, teacher, begin), people))
    tell(trial, people, seen)
    failed = [f"{person.history.name}: {person.problem}" for person in people if person.problem]
    trial.prove(f"all {count} people have all of their results", not failed, "; ".join(failed)[:2000])
    kinds = Counter(tuple(sorted(person.jobs.items())) for person in people)
    trial.prove("everybody had the same jobs", len(kinds) == 1, dict(kinds))
    made = sum(jobs_by_state(cluster).values()) - sum(before.values())
    wanted = sum(sum(person.jobs.values()) for person in people)
    trial.prove("no job was done twice, none was lost", made == wanted, f"{made} jobs of the tools for {wanted} steps")
    if cached:
        computed = sum((person.computed for person in people), Counter[str]())
        said = f"{wanted - computed.total()} of {wanted} jobs were taken; computed anew: {dict(computed) or 'none'}"
        trial.prove("every training was taken from the teacher's", not computed["plm_finetune"], said)


def prepared(trial: Trial, address: Address) -> dict[str, str]:
    """Run the workflow as a teacher and publish the history; return its datasets by the labels of the inputs."""
    teacher = Person(new_user(address, "teacher"))
    begin = time.monotonic()
    datasets = work(teacher, None, begin)
    teacher.history.post(f"/api/histories/{teacher.history.id}", {"published": True, "importable": True}, "PUT")
    trial.prove("the teacher's run ends well", not teacher.problem, teacher.problem)
    trial.say(f"the teacher alone took {teacher.finished:.0f} s")
    return datasets


def work(person: Person, teacher: Mapping[str, str] | None, begin: float) -> dict[str, str]:
    """Upload, or copy from the teacher; start the workflow and wait for its end; return the datasets by label."""
    try:
        datasets = gathered(person.history, teacher)
        person.uploaded = time.monotonic() - begin
        invocation = invoked(person.history, datasets, teacher is not None)
        follow(person, invocation)
        person.finished = time.monotonic() - begin
        return datasets
    except Exception as problem:  # one person's bad luck must not end the lesson; it is told at the end
        said = problem.read().decode()[:300] if isinstance(problem, HTTPError) else ""
        person.problem = f"{type(problem).__name__}: {problem} {said}"
        return {}


def gathered(history: History, teacher: Mapping[str, str] | None) -> dict[str, str]:
    """Bring the files into a history; return the datasets by label."""
    if teacher is not None:
        return {label: copied(history, dataset) for label, dataset in teacher.items()}
    datasets = {label: history.upload(path, kind) for label, (path, kind) in FILES.items()}
    history.wait_for_datasets(datasets.values(), LONGEST)
    return datasets


def copied(history: History, dataset: str) -> str:
    """Copy a dataset of a published history."""
    content = {"type": "dataset", "source": "hda", "content": dataset}
    return str(history.post(f"/api/histories/{history.id}/contents", content)["id"])


def invoked(history: History, datasets: Mapping[str, str], cached: bool) -> str:
    """Start the workflow; return the id of its invocation."""
    workflows = history.get("/api/workflows?show_published=true")
    [workflow] = [one["id"] for one in workflows if one["name"] == WORKFLOW]
    inputs: dict[str, Any] = {label: {"src": "hda", "id": dataset} for label, dataset in datasets.items()}
    request = {
        "history_id": history.id,
        "inputs": inputs | dict(VALUES),
        "inputs_by": "name",
        "use_cached_job": cached,
        "allow_tool_state_corrections": True,  # that no form needs any is proved elsewhere
    }
    return str(history.post(f"/api/workflows/{workflow}/invocations", request)["id"])


def follow(person: Person, invocation: str) -> None:
    """Wait until every step has its jobs and every job is done. Raises RuntimeError, TimeoutError."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        state = person.history.get(f"/api/invocations/{invocation}")["state"]
        jobs = person.history.get(f"/api/jobs?history_id={person.history.id}&limit=500")
        ours = [job for job in jobs if job["tool_id"].startswith("plm_")]
        if bad := [job for job in ours if job["state"] in BAD]:
            told = person.history.job(bad[0]["id"])
            raise RuntimeError(f"{told['tool_id']} is {told['state']}: {str(told['stderr'])[-300:]}")
        if state in ("cancelled", "failed"):
            raise RuntimeError(f"the workflow is {state}")
        if state in ("scheduled", "completed") and all(job["state"] in DONE for job in ours):
            person.jobs = Counter(job["tool_id"] for job in ours)
            own = [job for job in ours if not person.history.job(job["id"]).get("copied_from_job_id")]
            person.computed = Counter(job["tool_id"] for job in own)
            return
    raise TimeoutError(f"not finished after {LONGEST} s")


def tell(trial: Trial, people: Sequence[Person], seen: Seen) -> None:
    """Tell times, queues and memory."""
    uploaded = sorted(person.uploaded for person in people if person.uploaded)
    finished = sorted(person.finished for person in people if person.finished)
    for words, times in (("files there", uploaded), ("finished", finished)):
        if times:
            trial.say(f"{words:12}  first {times[0]:.0f} s  median {median(times):.0f} s  last {times[-1]:.0f} s")
    waiting = max((waiting for _, waiting, _ in seen.queues), default=0)
    running = max((running for *_, running in seen.queues), default=0)
    trial.say(f"at most {waiting} jobs waited and {running} ran; all processes held at most {seen.memory:,.0f} MiB")
    for second, waiting, running in seen.queues[:: max(1, len(seen.queues) // 10)]:
        trial.say(f"    after {second:6.0f} s  {waiting:4} waited  {running:2} ran")


@contextmanager
def noted(cluster: Cluster, begin: float) -> Iterator[Seen]:
    """Note the queue and the memory of the server, its database and its jobs, for as long as the block lasts."""
    seen, ended = Seen(), threading.Event()

    def look() -> None:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            states = jobs_by_state(cluster)
            running = states.pop("running", 0)
            waiting = sum(count for state, count in states.items() if state not in DONE | BAD)
            seen.queues.append((time.monotonic() - begin, waiting, running))
            seen.memory = max(seen.memory, proportional_memory([STATE, cluster.folder]))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def jobs_by_state(cluster: Cluster) -> dict[str, int]:
    """Count the jobs of the tools, asking the database, so that the server is not disturbed."""
    rows = [row.split("|") for row in cluster.ask(JOBS_BY_STATE).splitlines()]
    return {state: int(count) for state, count in rows}


if __name__ == "__main__":
    sys.exit(main())
