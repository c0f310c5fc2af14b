"""A user without quota, and a disk without room."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.server.histories import ENDED, History
from tests.server.kinds import KINDS
from tests.server.processes import leftovers, pythons
from tests.server.trial import JOBS, STATE, Trial, nothing_left, say

FILLER = JOBS / "filler"
ROOM = 64 << 10  # bytes: for what the tool and the job's script say


def quota(trial: Trial) -> None:
    """Let a user run out of quota; jobs pause, say why, and go on when there is room."""
    history, datasets = trial.user()
    user = history.get("/api/users/current")
    amount = {"name": "small", "description": "for the trial", "operation": "=", "in_users": [user["id"]]}
    admin = History(trial.address.url, trial.address.key, "admin")
    made = admin.post("/api/quotas", {**amount, "amount": "0.2 MB"})
    job = history.run(KINDS["predict"].tool, KINDS["predict"].filled(datasets))
    state = history.wait([job], seconds=120)[job]
    messages = {str(one["misc_info"]) for one in history.outputs(job).values()}
    say(f"    its user reads: {' / '.join(messages)}")
    trial.prove("a job over the quota is paused", state == "paused", state)
    trial.prove("its outputs say why", all("quota" in message for message in messages), messages)
    admin.post(f"/api/quotas/{made['id']}", {"amount": "1 GB"}, "PUT")
    history.post(f"/api/jobs/{job}/resume", {}, "PUT")
    trial.prove("with more quota it goes on", history.wait([job], ENDED - {"paused"})[job] == "ok")


def full_disk(trial: Trial) -> None:
    """Fill the disk of the jobs beneath running tools; none may look well, or leave anything.

    What the tools say of it (tests/commands hold that) finds no room on such a disk, nor does what Galaxy writes after
    a job: its user reads "Job failed".
    """
    if not trial.disk:
        say("  not run: no file system may be mounted here")
        return
    history, datasets = trial.user()
    for kind in ("embed, residues", "finetune, LoRA", "split", "project", "sites"):
        job = history.run(KINDS[kind].tool, KINDS[kind].filled(datasets))
        # before, Galaxy itself would find no room for the job's scripts
        wait_until(lambda: bool(pythons(JOBS)))
        fill(FILLER, ROOM)
        state = history.wait([job], seconds=600)[job]
        FILLER.unlink()
        trial.prove(f"{kind}: the job is in error, not ok", state == "error", history.job(job))
    trial.prove("nothing is left", nothing_left(), leftovers(STATE / "data"))
    job = history.run(KINDS["split"].tool, KINDS["split"].filled(datasets))
    trial.prove("with room the next job runs", history.wait([job])[job] == "ok", history.job(job)["stderr"])


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait until something is so, five minutes at most."""
    deadline = time.monotonic() + 300
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)


def fill(path: Path, room: int) -> None:
    """Write a file that leaves so many bytes of its disk free."""
    free = shutil.disk_usage(path.parent).free
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - room)
