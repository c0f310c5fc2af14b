"""Start and stop a real Galaxy on this machine, with the wrappers of build/shed/plm."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.galaxy.render import (
    NOTHING,
    REPOSITORY,
    ROOT,
    TOOLS_ENVIRONMENT,
    DeployError,
    Values,
    link_requirements,
    render_configuration,
    requirements,
)

GALAXY_ENVIRONMENT = ROOT / "build" / "env" / "galaxy"
USER = "admin@example.org"
START_SECONDS = 600

# gravity would start exactly these two, but refuses to do so for root
SERVICES = {
    "galaxy": [
        *("gunicorn", "galaxy.webapps.galaxy.fast_factory:factory()", "--timeout", "300", "--workers", "1"),
        *("--worker-class", "galaxy.webapps.galaxy.workers.Worker", "--no-control-socket"),
        *("--config", "python:galaxy.web_stack.gunicorn_config", "--bind"),
    ],
    "celery": [
        *("celery", "--app", "galaxy.celery", "worker", "--concurrency", "1", "--pool", "threads"),
        *("--loglevel", "INFO", "--queues", "celery,galaxy.internal,galaxy.external"),
    ],
}


@dataclass(frozen=True)
class Address:
    """Where a running server is and how to enter it."""

    url: str
    user: str
    password: str
    key: str

    def get(self, path: str) -> Any:
        """Return what the server's API answers at a path."""
        return json.loads(self.get_text(path))

    def get_text(self, path: str) -> str:
        """Return what the server's API answers at a path, as it comes."""
        return call(self.url + path, self.key)

    def planemo_options(self) -> list[str]:
        """Return what makes planemo use this server. It tests what the server has loaded, not the named file."""
        engine = ["--engine", "external_galaxy", "--galaxy_url", self.url, "--no_shed_install"]
        return [*engine, "--galaxy_admin_key", self.key, "--galaxy_user_key", self.key]


def start(
    state: Path,
    fresh: bool = False,
    gpu: bool = False,
    overlay: Path | None = None,
    values: Values = NOTHING,
    settings: Values = NOTHING,
) -> Address:
    """Start a server, after stopping the one that ran in the same folder: it would know older wrappers.

    overlay: templates that take the place of those in config/ or join them; values: what else they name; settings:
    options of galaxy.yml by name, in place of those of the template.
    """
    stop(state)
    if fresh:
        shutil.rmtree(state, ignore_errors=True)
    for folder in ("data", "log", "tool-data"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(state / "deps", ignore_errors=True)
    link_requirements(requirements(REPOSITORY), TOOLS_ENVIRONMENT, state / "deps")
    bind, secret = f"127.0.0.1:{free_port()}", remembered_secret(state)
    url = f"http://{bind}"
    render_configuration(state, url, USER, secret, gpu, overlay, values, settings)
    try:
        launch(state, "galaxy", [*SERVICES["galaxy"], bind])
        launch(state, "celery", SERVICES["celery"])
        wait_until(state, "galaxy", lambda: answers(url))
        wait_until(state, "celery", lambda: " ready." in (state / "log" / "celery.log").read_text())
        address = Address(url, USER, secret, api_key(url, secret))
    except BaseException:
        stop(state)
        raise
    path = state / "address.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(address), indent=2) + "\n")
    return address


def stop(state: Path) -> None:
    """Stop the server of a folder, with every job it started."""
    for service in SERVICES:
        pid_file = state / f"{service}.pid"
        if pid_file.exists() and is_ours(pid := int(pid_file.read_text()), service):
            end_process_group(pid)
        pid_file.unlink(missing_ok=True)
    end_jobs(state / "data" / "jobs_directory")
    (state / "address.json").unlink(missing_ok=True)


def status(state: Path) -> Address | None:
    """Return the address of the server of a folder, or None when none answers."""
    path = state / "address.json"
    if not path.exists():
        return None
    address = Address(**json.loads(path.read_text()))
    return address if answers(address.url) else None


@contextmanager
def running_server(state: Path, overlay: Path | None = None, values: Values = NOTHING) -> Iterator[Address]:
    """Run a fresh server for as long as the block lasts; overlay and values: see `start`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the block's end is reached
    address = start(state, fresh=True, overlay=overlay, values=values)
    try:
        yield address
    finally:
        stop(state)


def launch(state: Path, service: str, command: list[str]) -> None:
    """Start a service in a process group of its own, and remember its process id."""
    programs = GALAXY_ENVIRONMENT / "bin"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(GALAXY_ENVIRONMENT),
        "GALAXY_CONFIG_FILE": str(state / "config" / "galaxy.yml"),
        "PYTHONWARNINGS": "ignore",
    }
    with (state / "log" / f"{service}.log").open("wb") as log:
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
        program = [str(programs / command[0]), *command[1:]]
        process = subprocess.Popen(program, cwd=state, env=environment, start_new_session=True, **streams)
    (state / f"{service}.pid").write_text(str(process.pid))


def is_ours(pid: int, service: str) -> bool:
    """Tell whether a remembered process still runs: after a reboot its id may be another program's."""
    try:
        return SERVICES[service][0].encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def end_process_group(pid: int) -> None:
    """Ask a service to end, and end its whole group after ten seconds."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def end_jobs(folder: Path) -> None:
    """End what a killed server left running: jobs have process groups of their own and outlive it.

    A restarted Galaxy calls such jobs killed and would not take their results. They have ten seconds to clear up.
    """
    for how in (signal.SIGTERM, signal.SIGKILL):
        for pid in processes_in(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        deadline = time.monotonic() + 10
        while list(processes_in(folder)) and time.monotonic() < deadline:
            time.sleep(0.1)


def processes_in(folder: Path) -> Iterator[int]:
    """Yield the processes whose working folder lies in a folder."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((process / "cwd").readlink()).startswith(f"{folder}{os.sep}"):
                yield int(process.name)


def wait_until(state: Path, service: str, ready: Callable[[], bool]) -> None:
    """Wait until a service is ready; show the end of its log when it dies or takes too long."""
    pid, deadline = int((state / f"{service}.pid").read_text()), time.monotonic() + START_SECONDS
    while not ready():
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not is_ours(pid, service) or time.monotonic() > deadline:
            log = (state / "log" / f"{service}.log").read_text().splitlines()
            raise DeployError("\n".join([*log[-40:], f"{service} did not start; its log ends above"]))
        time.sleep(0.5)


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def remembered_secret(state: Path) -> str:
    """Return the server's password and signing key, made once: they must outlive a restart, as its histories do."""
    path = state / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(16))
    return path.read_text()


def answers(url: str) -> bool:
    """Tell whether a server answers."""
    try:
        return bool(call(f"{url}/api/version"))
    except OSError:
        return False


def api_key(url: str, secret: str) -> str:
    """Return the administrator's API key; make the account where it is new."""
    users = [user for user in json.loads(call(f"{url}/api/users", secret)) if user["email"] == USER]
    account = {"username": "admin", "email": USER, "password": secret}
    user = users[0] if users else json.loads(call(f"{url}/api/users", secret, account))
    return str(json.loads(call(f"{url}/api/users/{user['id']}/api_key", secret, {})))


def call(url: str, key: str = "", data: dict[str, Any] | None = None, method: str | None = None) -> str:
    """Ask the server's API: GET without data, POST with, if no other method is named."""
    body = None if data is None else json.dumps(data).encode()
    headers = {"x-api-key": key, "content-type": "application/json"}
    # loopback only, so a proxy of the machine must not see it
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, body, headers, method=method), timeout=60) as answer:
        return bytes(answer.read()).decode()
