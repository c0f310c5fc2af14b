"""Is anything lost on a busy server? python -m tests.server.reliability [STEP ...]

A fresh Galaxy on a PostgreSQL of its own (Debian's package, installed when missing), then: many jobs at once; jobs
cancelled while they run; the server, its worker and its database killed in the middle; quota and disk full; the
same request many times. Prints what it proves, counts at the end, and returns 1 when anything failed. The folder
of the jobs is a file system in memory of its own where that is allowed (root), so that it can be filled.
"""

import signal
import sys
import time
from collections.abc import Callable, Mapping

from deploy.galaxy.server import start, stop
from tests.server.crowd import mixed, repeated
from tests.server.full import full_disk, quota
from tests.server.killing import cancelled, killed
from tests.server.postgresql import running_cluster
from tests.server.trial import REPORT, STATE, Trial, say, settings, small_disk

STEPS: Mapping[str, Callable[[Trial], None]] = {
    "cancelled": cancelled,
    "quota": quota,
    "full_disk": full_disk,
    "repeated": repeated,
    "mixed": mixed,
    "killed": killed,
}


def main() -> int:
    """Run the named steps, or all of them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all is stopped
    chosen = sys.argv[1:] or list(STEPS)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("")
    with running_cluster() as cluster, small_disk() as disk:
        say(
            f"PostgreSQL {cluster.ask('show server_version')}, Galaxy at its start, disk of the jobs of its own: {disk}"
        )
        try:
            trial = Trial(cluster, disk, start(STATE, settings=settings(cluster)))
            for name in chosen:
                begin = time.monotonic()
                say(f"== {name}")
                STEPS[name](trial)
                say(f"  took {time.monotonic() - begin:.0f} s")
            sound(trial)
        finally:
            stop(STATE)
    say(f"{trial.passed} proved, {len(trial.failed)} failed", *trial.failed)
    return 1 if trial.failed else 0


def sound(trial: Trial) -> None:
    """Look at the database at the end."""
    stuck = trial.cluster.ask(
        "select id, state, tool_id from job where state in ('new','queued','running','upload','waiting')"
    )
    trial.prove("no job is stuck in the database", not stuck, stuck)
    found = trial.cluster.check()
    trial.prove("PostgreSQL finds its tables and indexes sound", not found, found)


if __name__ == "__main__":
    sys.exit(main())
