"""A real Pulsar server runs jobs of a real Galaxy, all their files sent over HTTP: python -m tests.server.pulsar.

Both run on this machine, so Pulsar is started in a mount namespace of its own in which the folders of Galaxy and the
wrappers are empty: what its jobs read was sent. That needs root.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from urllib.error import HTTPError

from deploy.galaxy.render import REPOSITORY, ROOT, TOOLS_ENVIRONMENT, link_requirements, requirements
from deploy.galaxy.server import call, end_process_group, free_port, running_server
from tests.server.common import TEST_DATA, History, Job, Trial, made_proteins, wait_for
from tests.server.environments import environment

STATE = ROOT / "build" / "galaxy-pulsar"
PULSAR = ROOT / "build" / "pulsar"
MODEL = ROOT / "lib" / "plmkit" / "models" / "embedded" / "plmkit-tiny-2"
CONFIG = ROOT / "tests" / "server" / "config" / "pulsar"
EMPTY_THERE = (STATE, ROOT / "build" / "shed", ROOT / "lib", ROOT / "tools")
ARCHIVE = PULSAR / "model.zip"
START_SECONDS = 120


def main() -> int:
    """Run all parts; return 1 when anything failed."""
    trial, port = Trial("server-pulsar"), free_port()
    values = {
        "folder": PULSAR,
        "pulsar": PULSAR,
        "port": port,
        "pulsar_url": f"http://127.0.0.1:{port}/",
        "token": secrets.token_hex(16),
        "models": PULSAR / "models",
        "galaxy_models": STATE / "models",
    }
    prepare(values)
    with running_server(STATE, CONFIG, values) as address:
        make_models()  # after the start, which empties the folder of the server
        with running_pulsar(trial, port):
            history = History(address, "pulsar")
            for part in (prove_embedding, prove_models, prove_missing_model, prove_tuning, prove_cancelling):
                with trial.surviving(part.__name__):
                    part(trial, history)
            trial.show(PULSAR / "pulsar.log", "Listening at")
    return trial.end()


def prepare(values: dict[str, object]) -> None:
    """Write Pulsar's configuration from deploy/pulsar, and link the packages which its resolver finds."""
    shutil.rmtree(PULSAR, ignore_errors=True)
    PULSAR.mkdir(parents=True)
    for template in (ROOT / "deploy" / "pulsar").iterdir():
        path = PULSAR / template.name
        path.touch(mode=0o600)
        path.write_text(Template(template.read_text()).substitute(values))
    link_requirements(requirements(REPOSITORY), TOOLS_ENVIRONMENT, PULSAR / "deps")


def make_models() -> None:
    """Put models where the rows of the data table say, on either side."""
    for folder in (PULSAR / "models" / "same", PULSAR / "models" / "there"):
        shutil.copytree(MODEL, folder)
    for folder in (STATE / "models" / "elsewhere", STATE / "models" / "missing"):
        shutil.copytree(MODEL, folder)
    with zipfile.ZipFile(ARCHIVE, "w") as written:
        for file in sorted(MODEL.iterdir()):
            written.write(file, file.name)


@contextmanager
def running_pulsar(trial: Trial, port: int) -> Iterator[None]:
    """Run the Pulsar server, without a view of Galaxy's folders."""
    hidden = " && ".join(f"mount -t tmpfs none '{folder}'" for folder in EMPTY_THERE)
    serve = [environment("pulsar") / "bin" / "pulsar-serve", PULSAR / "server.ini"]
    script = f"{hidden} && ls -A {' '.join(map(str, EMPTY_THERE))} && exec '{serve[0]}' '{serve[1]}'"
    with (PULSAR / "pulsar.log").open("wb") as log:
        command = ["unshare", "--mount", "bash", "-c", script]
        environ = os.environ | {"GUNICORN_CMD_ARGS": "--no-control-socket"}
        process = subprocess.Popen(command, cwd=PULSAR, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: process.poll() is not None or answers(port), "Pulsar to start", START_SECONDS)
        trial.prove("Pulsar runs where Galaxy's folders are empty", process.poll() is None)
        yield
    finally:
        end_process_group(process.pid)


def answers(port: int) -> bool:
    """Tell whether the Pulsar server answers, even if it is to refuse."""
    try:
        call(f"http://127.0.0.1:{port}/")
    except HTTPError:
        return True
    except OSError:
        return False
    return True


def prove_embedding(trial: Trial, history: History) -> None:
    """Embedding with the embedded model, which is part of the package that is sent."""
    proteins = history.upload(TEST_DATA / "human_phosphosites" / "scan.fasta", "fasta")
    job, outputs = history.run("plm_embed", {"proteins": proteins})
    vectors = history.content(outputs["vectors"]).decode().splitlines()
    trial.prove("embed runs on Pulsar", job.state == "ok", job.line("took ") or job.said[-500:])
    trial.prove("its vectors came back", len(vectors) == 3, f"{len(vectors)} lines")
    prove_staging(trial, job)


def prove_staging(trial: Trial, job: Job) -> None:
    """The command names Pulsar's folder alone, and the package lies there."""
    command = str(job.facts["command_line"])
    trial.prove("the job ran the copy of the package that was sent", f"{PULSAR}/staging/" in command, command[:200])
    trial.prove("its command names no folder of Galaxy", not any(str(folder) in command for folder in EMPTY_THERE))


def prove_models(trial: Trial, history: History) -> None:
    """Models of the data table, at the same path and at another one; one that is not there; one from the history."""
    proteins = history.upload(TEST_DATA / "human_phosphosites" / "scan.fasta", "fasta")
    archive = {"advanced|archive": history.upload(ARCHIVE, "zip")}
    places = {"same": "models/same", "elsewhere": "models/there", "from the history": "staging/"}
    for name, place in places.items():
        chosen = archive if name == "from the history" else {"installed": f"trial/{name}"}
        job, outputs = history.run("plm_embed", {"proteins": proteins} | chosen)
        given = str(job.facts["command_line"]).partition("--model '")[2].partition("'")[0]
        read = f"{job.state}, --model {given}"
        trial.prove(f"a model: {name}", job.state == "ok" and f"{PULSAR}/{place}" in given, read)
        if job.state != "ok":
            trial.say(job.said[-600:])
        elif name != "from the history":
            record = json.loads(history.content(outputs["record"]))
            trial.prove("the record names it as users chose it", record["model"]["name"] == f"trial/{name}")


def prove_missing_model(trial: Trial, history: History) -> None:
    """A model that only Galaxy has is a mistake of one line."""
    proteins = history.upload(TEST_DATA / "human_phosphosites" / "scan.fasta", "fasta")
    job, _ = history.run("plm_embed", {"proteins": proteins, "installed": "trial/missing"})
    trial.prove(
        "a model that is not on the node: one line, exit code 2", job.facts["exit_code"] == 2, job.line("plm: ")
    )


def prove_tuning(trial: Trial, history: History) -> None:
    """Fine-tuning: many outputs, figures among them, come back."""
    examples = history.upload(TEST_DATA / "human_phosphosites" / "train_windows.fasta", "fasta")
    few = {"examples": examples, "unit": "window", "training|epochs": "1", "training|baselines": "simple"}
    job, outputs = history.run("plm_finetune", few)
    trial.prove("finetune runs on Pulsar", job.state == "ok", job.line("took ") or job.said[-800:])
    begins = {"bundle": b"PK", "figure": b"\x89PNG", "curves": b"\x89PNG", "report": b"<!", "record": b"{"}
    for name, start in begins.items():
        content = history.content(outputs[name])
        trial.prove(f"its {name} came back", content.startswith(start), f"{len(content):,} bytes")


def prove_cancelling(trial: Trial, history: History) -> None:
    """A job that is cancelled ends on Pulsar too."""
    many = history.upload(made_proteins(PULSAR, proteins=4000, length=400), "fasta")
    job = str(history.start("plm_embed", {"proteins": many})["jobs"][0]["id"])
    wait_for(lambda: history.state(job) in ("running", "ok", "error"), "a job to run on Pulsar")
    wait_for(lambda: bool(processes()), "its process", 120)
    trial.prove("a long job runs on Pulsar", bool(processes()), f"process {processes()}")
    history.cancel(job)
    wait_for(lambda: not processes(), "the cancelled process to end", 120)
    trial.prove("cancelled, it ends there", not processes(), f"state {history.state(job)}")


def processes() -> list[int]:
    """Return the ids of the plm processes that work in Pulsar's staging folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"plmkit" in words and any(str(PULSAR / "staging").encode() in word for word in words):
            found.append(int(path.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main())
