"""Jobs cancelled while they run; the server, its worker and its database killed in the middle."""

import os
import signal
import time
from collections.abc import Iterable, Mapping

from deploy.galaxy.server import call
from tests.server.histories import ENDED, History
from tests.server.kinds import KINDS, LONG, TEST_DATA, Kind
from tests.server.processes import leftovers, pythons, tool_processes, wait_until_gone
from tests.server.trial import JOBS, STATE, Trial, count, look_at_outputs, nothing_left, say, tally

SECONDS_TO_DIE = 10.0


def cancelled(trial: Trial) -> None:
    """Cancel jobs while they run; nothing may go on, nothing half may stay."""
    history, datasets = trial.user()
    for kind, long in LONG.items():
        job = run_until_busy(history, long, datasets)
        outputs = history.get(f"/api/jobs/{job}")["outputs"]
        call(f"{history.url}/api/jobs/{job}", history.key, {}, "DELETE")
        seconds = wait_until_gone(JOBS, SECONDS_TO_DIE)
        trial.prove(
            f"{kind}: its processes end within {SECONDS_TO_DIE:.0f} s", seconds is not None, tool_processes(JOBS)
        )
        state = history.wait([job], {"deleted"}, 60)[job]
        trial.prove(f"{kind}: the job is deleted ({seconds or 0:.1f} s)", state == "deleted", state)
        found = [history.dataset(output["id"]) for output in outputs.values()]
        kept = [
            (one["name"], one["state"], one["file_size"]) for one in found if one["file_size"] or not one["deleted"]
        ]
        trial.prove(f"{kind}: its {len(found)} outputs are deleted and empty", not kept, kept)
    trial.prove("nothing is left on the disk", nothing_left(), leftovers(STATE / "data"))
    job = history.run(KINDS["predict"].tool, KINDS["predict"].filled(datasets))
    trial.prove("the next job runs", history.wait([job])[job] == "ok", history.job(job)["stderr"])


def killed(trial: Trial) -> None:
    """Kill the server, then its worker and its database, while jobs run and wait."""
    # after the restart; else the server would wait without end for the answer of a killed worker
    trial.more = {"metadata_strategy": "extended"}
    history, datasets = trial.user()
    long = [run_until_busy(history, LONG["finetune, LoRA"], datasets)]
    waiting = [history.run(KINDS[kind].tool, KINDS[kind].filled(datasets)) for kind in list(KINDS)[4:]]
    history.wait(waiting[:1], {"running"} | ENDED, 300)
    say(f"  killed with {count(history.states([*long, *waiting]))}")
    kill_service("galaxy")
    alive = pythons(JOBS)
    say(f"  after kill -9 of the server {len(alive)} processes of jobs live on: {', '.join(alive.values())}")
    trial.restart()
    trial.prove("the restart ends what the dead server left running", nothing_of(alive), alive)
    history = trial.here(history)
    states = history.wait([*long, *waiting], seconds=1800)
    say(f"  after the restart {count(states)}")
    trial.prove("each job ends", set(states.values()) <= ENDED, tally(history, states))
    trial.prove("jobs that waited run", list(states.values()).count("ok") >= len(waiting) - 1, tally(history, states))
    for job in [job for job, state in states.items() if state != "ok"]:
        told = messages(history, job)
        say(f"    its user reads: {' / '.join(told)}")
        trial.prove("a job that was lost says so", any("restarted" in message for message in told), told)
    look_at_outputs(
        trial, history, {job: kind for job, kind in zip(waiting, list(KINDS)[4:], strict=True) if states[job] == "ok"}
    )
    trial.prove("nothing is left of jobs that ended", nothing_left(), leftovers(STATE / "data"))
    kill_worker(trial, history, datasets)
    stop_database(trial, history, datasets)


def kill_worker(trial: Trial, history: History, datasets: Mapping[str, str]) -> None:
    """Kill celery while jobs run and an upload is under way; start it again."""
    jobs = [history.run(KINDS[kind].tool, KINDS[kind].filled(datasets)) for kind in ("predict", "project", "search")]
    kill_service("celery")
    upload = history.upload(TEST_DATA / "fragments.fasta", "fasta")
    states = history.wait(jobs, seconds=600)
    trial.prove("jobs end without the worker", set(states.values()) == {"ok"}, tally(history, states))
    trial.restart()
    history = trial.here(history)
    history.wait_for_datasets([upload], 300)
    trial.prove("an upload begun without the worker ends after its restart", True)


def stop_database(trial: Trial, history: History, datasets: Mapping[str, str]) -> None:
    """Restart PostgreSQL while jobs run; Galaxy stays up."""
    history = trial.here(history)
    jobs = [history.run(KINDS[kind].tool, KINDS[kind].filled(datasets)) for kind in list(KINDS)[:8]]
    history.wait(jobs[:1], {"running"} | ENDED, 300)
    trial.cluster.stop("fast")
    say("  PostgreSQL is stopped for ten seconds")
    time.sleep(10)
    trial.cluster.start()
    states = settle(history, jobs, 600)
    say(f"  after PostgreSQL came back {count(states)}")
    if not set(states.values()) <= ENDED:
        say("  some wait; a restart of Galaxy takes them up")
        trial.restart()
        history = trial.here(history)
        states = history.wait(jobs, seconds=900)
    trial.prove("each job ends, at the latest after a restart", set(states.values()) <= ENDED, tally(history, states))
    lost = [job for job, state in states.items() if state != "ok"]
    for job in lost:
        say(f"    its user reads: {' / '.join(messages(history, job))}")
    well = {job: kind for job, kind in zip(jobs, KINDS, strict=False) if states[job] == "ok"}
    look_at_outputs(trial, history, well)
    trial.prove("no process of a tool is left", not tool_processes(JOBS), tool_processes(JOBS))


def run_until_busy(history: History, kind: Kind, datasets: Mapping[str, str]) -> str:
    """Start a job and return it once its Python has computed for some seconds: imports are over."""
    before = set(pythons(JOBS))
    job = history.run(kind.tool, kind.filled(datasets))
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not set(pythons(JOBS)) - before:
        time.sleep(0.2)
    time.sleep(15)
    return job


def messages(history: History, job: str) -> set[str]:
    """Return what a user reads at the outputs of a job."""
    return {str(output["misc_info"]).strip() for output in history.outputs(job).values()}


def kill_service(service: str) -> None:
    """End a service and its own processes at once, as the kernel does when memory runs out; jobs have other groups."""
    pid = int((STATE / f"{service}.pid").read_text())
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def nothing_of(processes: Iterable[int]) -> bool:
    """Tell whether all of some processes are gone."""
    return not set(processes) & set(pythons(JOBS))


def settle(history: History, jobs: list[str], seconds: float) -> dict[str, str]:
    """Wait as a patient user, for whom the server may not answer for a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return history.wait(jobs, seconds=deadline - time.monotonic())
        except OSError as problem:
            if time.monotonic() > deadline:
                raise
            say(f"    the server answers {problem}")
            time.sleep(5)
