"""What the trials with real servers share: jobs of a running Galaxy, and a count of what was proved."""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import Address, call
from tests.server.histories import send_file

TEST_DATA = ROOT / "test-data"
REPORTS = ROOT / "build" / "reports"
ENDED = ("ok", "error", "deleted", "failed", "stopped")
JOB_SECONDS = 900


class Trial:
    """Counts what was proved, and keeps lines as evidence in build/reports/<name>.txt."""

    def __init__(self, name: str) -> None:
        self._failures = self._proved = 0
        REPORTS.mkdir(parents=True, exist_ok=True)
        self._path = REPORTS / f"{name}.txt"
        self._path.write_text("")

    def say(self, line: str) -> None:
        """Print a line and keep it."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        with self._path.open("a") as file:
            file.write(f"{line}\n")

    def prove(self, claim: str, holds: bool, seen: object = "") -> None:
        """Count a claim, and show what was seen."""
        self._proved += holds
        self._failures += not holds
        self.say(f"{'passed' if holds else 'FAILED'}  {claim}" + (f": {seen}" if seen != "" else ""))

    def show(self, log: Path, words: str, most: int = 5) -> None:
        """Keep the last lines of a log that hold some words; choose words that stand beside no secret."""
        lines = [line for line in log.read_text(errors="replace").splitlines() if words in line]
        for line in lines[-most:]:
            self.say(f"        {log.name}: {line[:300]}")

    def end(self) -> int:
        """Count; return the exit code."""
        self.say(f"\n{self._proved} passed, {self._failures} failed")
        return 1 if self._failures else 0

    @contextmanager
    def surviving(self, what: str) -> Iterator[None]:
        """Count a part that broke as failed, and go on with the next."""
        try:
            yield
        except Exception as error:
            self.prove(what, False, f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class Job:
    """A job that ended: what Galaxy's API tells of it."""

    facts: Mapping[str, Any]
    params: Mapping[str, str]

    @property
    def state(self) -> str:
        """How it ended."""
        return str(self.facts["state"])

    @property
    def said(self) -> str:
        """What the tool wrote."""
        return f"{self.facts.get('tool_stdout') or ''}\n{self.facts.get('tool_stderr') or ''}"

    def line(self, words: str) -> str:
        """Return the last line of what the tool wrote that holds some words."""
        return next((line for line in reversed(self.said.splitlines()) if words in line), "")


class History:
    """A history of a running Galaxy, in which datasets are uploaded and tools run."""

    def __init__(self, address: Address, name: str) -> None:
        self.address = address
        self.id = str(self._post("/api/histories", {"name": name})["id"])

    def upload(self, path: Path, extension: str) -> dict[str, str]:
        """Upload a file; return it as tools take it."""
        element = {"src": "files", "name": path.name, "ext": extension}
        target = {"destination": {"type": "hdas"}, "elements": [element]}
        fields = {"history_id": self.id, "targets": json.dumps([target])}
        answer = send_file(f"{self.address.url}/api/tools/fetch", self.address.key, fields, path)
        self.wait(str(answer["jobs"][0]["id"]))
        return {"src": "hda", "id": str(answer["outputs"][0]["id"])}

    def start(self, tool: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Start a tool; return what Galaxy answers: jobs, outputs, implicit collections."""
        content = {"history_id": self.id, "tool_id": tool, "inputs": dict(inputs)}
        return dict(self._post("/api/tools", content))

    def run(self, tool: str, inputs: Mapping[str, Any]) -> tuple[Job, dict[str, str]]:
        """Run a tool to its end; return the job, and the ids of its outputs by name."""
        answer = self.start(tool, inputs)
        outputs = {output["output_name"]: str(output["id"]) for output in answer["outputs"]}
        return self.wait(str(answer["jobs"][0]["id"])), outputs

    def collection(self, datasets: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Make a list of datasets; return it as tools take it."""
        elements = [{"name": name, **dataset} for name, dataset in datasets.items()]
        content = {"type": "dataset_collection", "collection_type": "list", "name": "parts"}
        answer = self._post(f"/api/histories/{self.id}/contents", content | {"element_identifiers": elements})
        return {"src": "hdca", "id": str(answer["id"])}

    def state(self, job: str) -> str:
        """Return the present state of a job."""
        return str(self.address.get(f"/api/jobs/{job}")["state"])

    def wait(self, job: str, until: Sequence[str] = ENDED) -> Job:
        """Wait until a job has one of some states."""
        wait_for(lambda: self.state(job) in until, f"job {job} to be one of {until}")
        facts = self.address.get(f"/api/jobs/{job}?full=true")
        params = self.address.get(f"/api/jobs/{job}/destination_params")
        return Job(facts, {str(name): str(value) for name, value in params.items()})

    def cancel(self, job: str) -> None:
        """Cancel a job."""
        call(f"{self.address.url}/api/jobs/{job}", self.address.key, method="DELETE")

    def content(self, dataset: str) -> bytes:
        """Return the bytes of a dataset."""
        path = f"/api/datasets/{dataset}/display?raw=true&to_ext=data"
        request = urllib.request.Request(self.address.url + path, headers={"x-api-key": self.address.key})
        with _opener().open(request, timeout=120) as answer:
            return bytes(answer.read())

    def _post(self, path: str, content: Mapping[str, Any]) -> Any:
        return json.loads(call(self.address.url + path, self.address.key, dict(content)))


def install_debian(*packages: str) -> None:
    """Install the Debian packages that are missing."""
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status} ", *packages]
    states = subprocess.run(query, capture_output=True, text=True).stdout.split()
    if states != ["installed"] * len(packages):
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "check": True}
        subprocess.run(["apt-get", "-q", "update"], stdout=subprocess.DEVNULL, **quiet)  # type: ignore[call-overload]
        install = ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages]
        subprocess.run(install, stdout=subprocess.DEVNULL, **quiet)  # type: ignore[call-overload]


def made_proteins(folder: Path, proteins: int, length: int) -> Path:
    """Write random proteins."""
    draw, path = random.Random(1), folder / "many.fasta"
    letters = ["".join(draw.choices("ACDEFGHIKLMNPQRSTVWY", k=length)) for _ in range(proteins)]
    path.write_text("".join(f">p{number}\n{text}\n" for number, text in enumerate(letters)))
    return path


def wait_for(true: Callable[[], bool], what: str, seconds: float = JOB_SECONDS) -> None:
    """Wait until something is true. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(1)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
