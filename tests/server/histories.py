"""What a user does in a Galaxy, through its API: upload, run tools, wait, look at what came of it."""

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from deploy.galaxy.server import Address, call

ENDED = frozenset({"ok", "error", "deleted", "deleted_new", "paused", "failed", "skipped", "stopped"})


@dataclass
class History:
    """A history of a user; key: the user's API key."""

    url: str
    key: str
    name: str

    @cached_property
    def id(self) -> str:
        """Return its id; it is made at first use."""
        return str(self.post("/api/histories", {"name": self.name})["id"])

    def get(self, path: str) -> Any:
        """Return what the API answers at a path."""
        return json.loads(call(self.url + path, self.key))

    def post(self, path: str, data: dict[str, Any], method: str = "POST") -> Any:
        """Return what the API answers to data."""
        return json.loads(call(self.url + path, self.key, data, method) or "null")

    def upload(self, path: Path, kind: str) -> str:
        """Upload a file; return the id of the dataset, which may still be on its way."""
        target = {
            "destination": {"type": "hdas"},
            "elements": [{"src": "files", "ext": kind, "name": path.name, "dbkey": "?"}],
        }
        fields = {"history_id": self.id, "targets": json.dumps([target])}
        answer = send_file(f"{self.url}/api/tools/fetch", self.key, fields, path)
        return str(answer["outputs"][0]["id"])

    def run(self, tool: str, inputs: Mapping[str, Any], reuse: bool = False) -> str:
        """Start a tool; return the id of its job. Inputs: by name, a name inside a section after a |."""
        request = {"history_id": self.id, "tool_id": tool, "inputs": dict(inputs), "use_cached_job": reuse}
        return str(self.post("/api/tools", request)["jobs"][0]["id"])

    def job(self, identifier: str) -> dict[str, Any]:
        """Return all that the server tells about a job."""
        return dict(self.get(f"/api/jobs/{identifier}?full=true"))

    def states(self, jobs: Iterable[str]) -> dict[str, str]:
        """Return the state of each job."""
        return {job: str(self.get(f"/api/jobs/{job}")["state"]) for job in jobs}

    def wait(self, jobs: Iterable[str], states: Iterable[str] = ENDED, seconds: float = 1800) -> dict[str, str]:
        """Wait until each job is in one of some states, or time is over; return the states."""
        waiting, reached, deadline = list(jobs), dict[str, str](), time.monotonic() + seconds
        while waiting and time.monotonic() < deadline:
            time.sleep(0.5)
            reached |= self.states(waiting)
            waiting = [job for job in waiting if reached[job] not in states]
        return reached

    def wait_for_datasets(self, datasets: Iterable[str], seconds: float = 600) -> None:
        """Wait until uploads are there."""
        deadline = time.monotonic() + seconds
        for dataset in datasets:
            while (state := self.dataset(dataset)["state"]) != "ok":
                if state == "error" or time.monotonic() > deadline:
                    raise RuntimeError(f"an upload is in state {state}: {self.dataset(dataset).get('misc_info')}")
                time.sleep(0.5)

    def dataset(self, identifier: str) -> dict[str, Any]:
        """Return all that the server tells about a dataset."""
        return dict(self.get(f"/api/datasets/{identifier}"))

    def outputs(self, job: str) -> dict[str, dict[str, Any]]:
        """Return the datasets of a job by their names in the tool."""
        found = self.get(f"/api/jobs/{job}")["outputs"]
        return {name: self.dataset(output["id"]) for name, output in found.items()}


def new_user(address: Address, name: str) -> History:
    """Return the first history of a new user."""
    account = {"username": name, "email": f"{name}@example.org", "password": uuid.uuid4().hex}
    user = json.loads(call(f"{address.url}/api/users", address.key, account))
    key = json.loads(call(f"{address.url}/api/users/{user['id']}/api_key", address.key, {}))
    return History(address.url, str(key), name)


def send_file(url: str, key: str, fields: Mapping[str, str], path: Path) -> Any:
    """Send a form with a file."""
    border = uuid.uuid4().hex
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{border}\r\nContent-Disposition: form-data; name="files_0|file_data"; filename="{path.name}"\r\n\r\n'
    )
    body = "".join(parts).encode() + path.read_bytes() + f"\r\n--{border}--\r\n".encode()
    headers = {"x-api-key": key, "content-type": f"multipart/form-data; boundary={border}"}
    with build_opener(ProxyHandler({})).open(Request(url, body, headers), timeout=120) as answer:
        return json.loads(answer.read())
