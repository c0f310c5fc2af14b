"""A SLURM cluster of this one machine as a destination of a real Galaxy: python -m tests.server.slurm.

Debian's slurmctld, slurmd and munge, as root; no accounting database. Galaxy uses SLURM's commands. Proved: jobs with
what TPV asks for, a job cancelled, jobs killed by SLURM's limits of memory and time, and a proteome in four parts
mapped over the cluster.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from string import Template

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import free_port, running_server
from tests.server.common import TEST_DATA, History, Trial, install_debian, made_proteins, wait_for

STATE = ROOT / "build" / "galaxy-slurm"
CLUSTER = ROOT / "build" / "slurm"
CONFIG = ROOT / "tests" / "server" / "config"
LOG = STATE / "log" / "galaxy.log"
PARTS = 4
# Galaxy takes a job that squeue does not show for finished, with exit code 0 where none was written: one that SLURM
# ended must be shown. One out of memory must not: its exit code, 137, is known, and answered with more memory.
SHOWN = (
    "PENDING,RUNNING,COMPLETING,CONFIGURING,SUSPENDED,TIMEOUT,CANCELLED,FAILED,NODE_FAIL,BOOT_FAIL,DEADLINE,PREEMPTED"
)
SQUEUE_OF_LIVING = ("squeue", "--noheader", "--states=PENDING,RUNNING,COMPLETING", "--format=%A")


def main() -> int:
    """Run all parts; return 1 when anything failed."""
    trial = Trial("server-slurm")
    install_debian("slurmctld", "slurmd", "slurm-client", "slurm-wlm-basic-plugins", "munge")
    with running_cluster(trial), running_server(STATE, CONFIG / "slurm") as address:
        history = History(address, "slurm")
        for part in (prove_jobs, prove_mistake, prove_mapping, prove_memory_limit, prove_cancelling, prove_time_limit):
            with trial.surviving(part.__name__):
                part(trial, history)
    return trial.end()


@contextmanager
def running_cluster(trial: Trial) -> Iterator[None]:
    """Run munge, the controller and the node for as long as the block lasts."""
    shutil.rmtree(CLUSTER, ignore_errors=True)
    for folder in ("state", "spool"):
        (CLUSTER / folder).mkdir(parents=True)
    # a socket's path must be short
    with tempfile.TemporaryDirectory(prefix="munge-") as munge:
        write_configuration(Path(munge))
        # Galaxy, started later, calls sbatch and squeue with these
        os.environ |= {"SLURM_CONF": str(CLUSTER / "slurm.conf"), "SQUEUE_STATES": SHOWN}
        try:
            start_munge(Path(munge))
            subprocess.run(["slurmctld", "-c"], check=True)
            subprocess.run(["slurmd"], check=True)
            wait_for(lambda: "idle" in answer_of("sinfo", "-h", "-o", "%t"), "the node", 60)
            trial.prove("SLURM runs on this machine", True, answer_of("sinfo", "-h", "-o", "%N %t %c %m %G"))
            yield
        finally:
            subprocess.run(["scancel", "--user", "root"], check=False)
            for name in (CLUSTER / "slurmd.pid", CLUSTER / "slurmctld.pid", Path(munge) / "munged.pid"):
                with suppress(OSError, ValueError):
                    os.kill(int(name.read_text()), signal.SIGTERM)
            wait_for(lambda: not (CLUSTER / "slurmctld.pid").exists(), "SLURM to end", 60)


def write_configuration(munge: Path) -> None:
    """Fill the files of config/cluster in."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    values = {
        "host": socket.gethostname().partition(".")[0],
        "controller_port": free_port(),
        "node_port": free_port(),
        "folder": CLUSTER,
        "munge": munge,
        "cores": os.cpu_count(),
        "memory": memory * 3 // 4,
    }
    for template in (CONFIG / "cluster").iterdir():
        (CLUSTER / template.name).write_text(Template(template.read_text()).substitute(values))


def start_munge(folder: Path) -> None:
    """Start the service by which SLURM's parts know each other, with a key of its own."""
    folder.chmod(0o755)
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(128))
    files = {"key-file": key, "socket": folder / "munge.socket", "pid-file": folder / "munged.pid"}
    files |= {"log-file": folder / "munged.log", "seed-file": folder / "munged.seed"}
    options = [f"--{name}={path}" for name, path in files.items()]
    subprocess.run(["munged", "--num-threads=2", *options], check=True)


def prove_jobs(trial: Trial, history: History) -> None:
    """Jobs run with the cores, the memory and the GPU that TPV asked for."""
    proteins = history.upload(TEST_DATA / "human_phosphosites" / "scan.fasta", "fasta")
    for installed, wanted in (("", "slurm"), ("plmkit/tiny-from-table", "slurm_gpu")):
        given = {"proteins": proteins} | ({"installed": installed} if installed else {})
        job, _ = history.run("plm_embed", given)
        said = job.line("took ") or job.said[-500:]
        trial.prove(f"embed runs on SLURM at {wanted}", job.state == "ok", said)
        trial.prove("there", job.params.get("trial_destination") == wanted, job.params.get("trial_destination"))
        asked = answer_of("scontrol", "show", "job", str(job.facts["external_id"]))
        trial.prove("SLURM was asked for memory", "mem=768M" in asked, words_with(asked, "TRES", "TresPerNode"))
        trial.prove("and for a GPU" if installed else "and for no GPU", ("gpu" in asked) == bool(installed))


def prove_mistake(trial: Trial, history: History) -> None:
    """A mistake of the user keeps its exit code and its line."""
    table = history.upload(TEST_DATA / "one_label.fasta", "fasta")
    job, _ = history.run("plm_finetune", {"examples": table, "unit": "window"})
    trial.prove("a user's mistake ends with exit code 2", job.facts["exit_code"] == 2, job.line("plm: error"))


def prove_mapping(trial: Trial, history: History) -> None:
    """A proteome in parts, mapped over the cluster, gives what it gives in one."""
    path = made_proteins(CLUSTER, proteins=200, length=120)
    whole, parts = path.read_text(), CLUSTER / "parts"
    records = [f">{record}" for record in whole.split(">")[1:]]
    parts.mkdir()
    uploaded = {}
    for number in range(PARTS):
        part = parts / f"part_{number}.fasta"
        part.write_text("".join(records[number * 50 : number * 50 + 50]))
        uploaded[part.stem] = history.upload(part, "fasta")
    collection = history.collection(uploaded)
    mapped = history.start("plm_embed", {"proteins": {"batch": True, "values": [collection]}})
    jobs = [history.wait(str(job["id"])) for job in mapped["jobs"]]
    trial.prove(f"{PARTS} jobs of one tool run", [job.state for job in jobs] == ["ok"] * PARTS, len(jobs))
    places = {job.params.get("trial_destination") for job in jobs}
    trial.prove("on the cluster", places == {"slurm"}, [job.facts["external_id"] for job in jobs])
    _, outputs = history.run("plm_embed", {"proteins": history.upload(path, "fasta")})
    once = table(history.content(outputs["vectors"]))
    elements = history.address.get(f"/api/dataset_collections/{collection_of(mapped, 'vectors')}")["elements"]
    found = [row for element in elements for row in table(history.content(element["object"]["id"]))]
    ordered = [row[0] for row in found] == [row[0] for row in once]
    trial.prove("each protein has one row, in the order of the parts", ordered and len(found) == 200, len(found))
    pairs = [pair for x, y in zip(once, found, strict=True) for pair in zip(x[1:], y[1:], strict=True)]
    worst = max(abs(float(a) - float(b)) for a, b in pairs)
    trial.prove("the same vectors as in one run, to 1e-5", worst < 1e-5, f"largest difference {worst:g}")


def prove_memory_limit(trial: Trial, history: History) -> None:
    """SLURM kills a job above its memory; Galaxy takes that for want of memory and tries the next class."""
    many = history.upload(made_proteins(CLUSTER, proteins=400, length=300), "fasta")
    job, _ = history.run("plm_embed", {"proteins": many, "advanced|batch_tokens": "1000000"})
    memory = job.params.get("plm_memory")
    trial.prove("a job killed for its memory ends well in a larger class", job.state == "ok", job.line("took "))
    trial.prove("larger", memory not in (None, "4"), f"plm_memory {memory}")
    trial.show(LOG, "will be resubmitted")
    trial.show(CLUSTER / "slurmd.log", "oom-kill")


def prove_cancelling(trial: Trial, history: History) -> None:
    """A cancelled job leaves the queue."""
    number, job = long_job(history)
    trial.prove("a long job runs", number in answer_of(*SQUEUE_OF_LIVING).split(), f"SLURM job {number}")
    history.cancel(job)
    wait_for(lambda: number not in answer_of(*SQUEUE_OF_LIVING).split(), "it to leave the queue", 120)
    state = words_with(answer_of("scontrol", "show", "job", number), "JobState")
    trial.prove("cancelled in Galaxy, it is cancelled in SLURM", "CANCELLED" in state, state)
    trial.prove("and stays so in Galaxy", history.state(job) in ("deleted", "deleting"), history.state(job))


def prove_time_limit(trial: Trial, history: History) -> None:
    """A job that SLURM ends for its time is a failed job, not one that waits for ever."""
    number, job = long_job(history)
    ended = history.wait(job)
    state = words_with(answer_of("scontrol", "show", "job", number), "JobState")
    trial.prove("SLURM ended a job for its time", "TIMEOUT" in state, state)
    trial.prove("Galaxy tells that it failed", ended.state == "error", f"{ended.state}; {ended.said.strip()[-200:]}")


def long_job(history: History) -> tuple[str, str]:
    """Start a job of several minutes, wait until it runs; return its number in SLURM, and its id in Galaxy."""
    many = history.upload(made_proteins(CLUSTER, proteins=12000, length=400), "fasta")
    job = str(history.start("plm_embed", {"proteins": many})["jobs"][0]["id"])
    wait_for(lambda: history.state(job) in ("running", "ok", "error"), "a job to run")
    return str(history.address.get(f"/api/jobs/{job}?full=true")["external_id"]), job


def collection_of(answer: dict[str, object], output: str) -> str:
    """Return the id of the collection that mapping a tool made of one of its outputs."""
    collections = answer["implicit_collections"]
    assert isinstance(collections, list)
    return str(next(found["id"] for found in collections if found["output_name"] == output))


def table(content: bytes) -> list[list[str]]:
    """Return the rows of a table without its header."""
    return [line.split("\t") for line in content.decode().splitlines()[1:]]


def answer_of(*command: str) -> str:
    """Return what a command of SLURM writes."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def words_with(text: str, *names: str) -> str:
    """Return the words of SLURM's answer that begin with some names."""
    return " ".join(word for word in text.split() if word.startswith(names))


if __name__ == "__main__":
    sys.exit(main())
