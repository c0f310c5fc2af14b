"""Many jobs at once, and the same job many times."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.server.kinds import KINDS
from tests.server.processes import Usage, leftovers, resident, tool_processes, watched
from tests.server.trial import JOBS, STATE, Trial, look_at_outputs, nothing_left, say, tally

JOB_COUNT = 50


def mixed(trial: Trial) -> None:
    """Queue many jobs of all kinds at once; all must be well, whole, and equal where inputs are equal."""
    history, datasets = trial.user()
    begin = time.monotonic()
    with watched(JOBS) as seen, largest_memory() as memory:
        kinds = [list(KINDS)[number % len(KINDS)] for number in range(JOB_COUNT)]
        jobs = {history.run(KINDS[kind].tool, KINDS[kind].filled(datasets)): kind for kind in kinds}
        say(f"  {len(jobs)} jobs queued in {time.monotonic() - begin:.0f} s")
        states = history.wait(jobs, seconds=3600)
    say(
        f"  all ended after {time.monotonic() - begin:.0f} s; services and jobs together at most {max(memory):,.0f} MiB"
    )
    trial.prove(
        f"{len(jobs)} jobs of {len(KINDS)} kinds end ok", set(states.values()) == {"ok"}, tally(history, states)
    )
    look_at_outputs(trial, history, jobs)
    trial.prove("no process and no hidden file is left", nothing_left(), leftovers(STATE / "data"))
    table_of_usage(seen.values())


def repeated(trial: Trial) -> None:
    """Ask for the same ten times at once, then once more with Galaxy's memory of earlier jobs."""
    history, datasets = trial.user()
    kind = KINDS["predict"]
    jobs = [history.run(kind.tool, kind.filled(datasets)) for _ in range(10)]
    states = history.wait(jobs)
    trial.prove("ten equal requests at once end ok", set(states.values()) == {"ok"}, tally(history, states))
    begin = time.monotonic()
    again = history.run(kind.tool, kind.filled(datasets), reuse=True)
    state = history.wait([again])[again]
    copied = bool(history.job(again).get("copied_from_job_id"))
    say(f"    with the job cache: {state} after {time.monotonic() - begin:.1f} s, copied from a job: {copied}")
    trial.prove("a repeated request is answered from the job cache", state == "ok" and copied, history.job(again))
    look_at_outputs(trial, history, dict.fromkeys([*jobs, again], "predict"))


def table_of_usage(seen: Iterable[Usage]) -> None:
    """Tell what jobs of each tool took."""
    commands: dict[str, list[Usage]] = {}
    for usage in seen:
        commands.setdefault(usage.command, []).append(usage)
    say("  | tool | jobs | peak memory, MiB | processor, s | elapsed, s |", "  |---|---|---|---|---|")
    for command, found in sorted(commands.items()):
        processor = sum(usage.processor for usage in found) / len(found)
        elapsed = sum(usage.elapsed for usage in found) / len(found)
        peak = max(usage.memory for usage in found)
        say(f"  | {command} | {len(found)} | {peak:,.0f} | {processor:.1f} | {elapsed:.1f} |")


@contextmanager
def largest_memory() -> Iterator[list[float]]:
    """Note how much memory the services and the jobs take together, in MiB, every second."""

    noted, ended = [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(1):
            pids = [int((STATE / f"{service}.pid").read_text()) for service in ("galaxy", "celery")]
            found = 0.0
            for pid in [*pids, *tool_processes(JOBS)]:
                try:
                    found += resident(pid)
                except OSError:
                    continue
            noted.append(found)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield noted
    finally:
        ended.set()
        thread.join()
