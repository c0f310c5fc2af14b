"""Jobs of both kinds on a real Galaxy with TPV, and a job that runs out of memory: python -m tests.server.destinations.

Two local destinations, of which one is called a GPU. Memory is limited for real: the job's shell sets a limit of
address space by the memory class, so that the tool itself halves its batches, ends with exit code 3, and succeeds
with the next class.
"""

import sys
import tempfile
from pathlib import Path

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import running_server
from tests.server.common import TEST_DATA, History, Trial, made_proteins

STATE = ROOT / "build" / "galaxy-destinations"
INSTALLED = "plmkit/tiny-from-table"


def main() -> int:
    """Run all parts; return 1 when anything failed."""
    trial = Trial("server-destinations")
    with running_server(STATE, ROOT / "tests" / "server" / "config" / "destinations") as address:
        history = History(address, "destinations")
        with trial.surviving("jobs of both kinds"):
            prove_kinds(trial, history)
        with trial.surviving("out of memory"):
            prove_out_of_memory(trial, history)
    return trial.end()


def prove_kinds(trial: Trial, history: History) -> None:
    """A large model or a large input goes to the GPU; the embedded model, and tools without a model, never."""
    proteins = history.upload(TEST_DATA / "human_phosphosites" / "scan.fasta", "fasta")
    labelled = history.upload(TEST_DATA / "human_phosphosites" / "train_windows.fasta", "fasta")
    asked: list[tuple[str, str, dict[str, object], str]] = [
        ("the embedded model and a small input", "plm_embed", {"proteins": proteins}, "cpu"),
        ("an installed model", "plm_embed", {"proteins": proteins, "installed": INSTALLED}, "gpu"),
        ("a tool without a model", "plm_split", {"examples": labelled, "unit": "window"}, "cpu"),
    ]
    for name, tool, inputs, wanted in asked:
        job, _ = history.run(tool, inputs)
        found = job.params.get("trial_destination")
        trial.prove(f"{name} runs at the destination {wanted}", found == wanted, f"{found}, state {job.state}")
        trial.prove("it ends well", job.state == "ok", job.said.strip()[-200:])
        if tool == "plm_embed":
            trial.prove("it says what it took", "most memory" in job.said, job.line("took "))


def prove_out_of_memory(trial: Trial, history: History) -> None:
    """A job ends with exit code 3 for want of memory and succeeds in the next class; the next job begins small."""
    with tempfile.TemporaryDirectory() as folder:
        many = history.upload(made_proteins(Path(folder), proteins=120, length=300), "fasta")
    log = STATE / "log" / "galaxy.log"
    before = resubmissions(log)
    job, _ = history.run("plm_embed", {"proteins": many, "advanced|batch_tokens": "36240"})
    trial.prove("a job too large for its class ends well in the next", job.state == "ok", job.line("took "))
    trial.prove("it was resubmitted for want of memory", resubmissions(log) == before + 1)
    trial.show(log, "will be resubmitted")
    trial.prove("in the next class", job.params.get("plm_memory") == "8", f"plm_memory {job.params.get('plm_memory')}")
    first, _ = history.run("plm_embed", {"proteins": history.upload(TEST_DATA / "harmless.fasta", "fasta")})
    memory = first.params.get("plm_memory")
    trial.prove("the next job begins in the smallest class again", memory == "4", f"plm_memory {memory}")


def resubmissions(log: Path) -> int:
    """Count the jobs that were resubmitted for want of memory."""
    return log.read_text(errors="replace").count("because it exceeded the amount of allocated memory")


if __name__ == "__main__":
    sys.exit(main())
