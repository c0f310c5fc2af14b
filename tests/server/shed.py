"""A Tool Shed of our own on this machine: start it, make its accounts and categories, upload repositories to it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import answers, call, end_process_group, free_port
from tests.server.environments import ENVIRONMENTS, environment

OWNER = "plmkit"
START_SECONDS = 600
# those of the public Tool Shed that .shed.yml names
CATEGORIES = ("Data Managers", "Machine Learning", "Proteomics", "Sequence Analysis")
PLANEMO = ENVIRONMENTS / "planemo" / "bin" / "planemo"


@dataclass(frozen=True)
class Shed:
    """A running Tool Shed, and the key of the owner of the repositories."""

    url: str
    key: str

    @property
    def host(self) -> str:
        """Return the host by which tool ids name it."""
        return self.url.removeprefix("http://")

    def revisions(self, name: str) -> list[str]:
        """Return the installable revisions of a repository, the oldest first."""
        query = f"owner={OWNER}&name={name}"
        return list(json.loads(call(f"{self.url}/api/repositories/get_ordered_installable_revisions?{query}")))

    def upload(self, checkout: Path, action: str) -> str:
        """Run planemo as a maintainer does: shed_create for new repositories, shed_update for new revisions."""
        target = ["--shed_target", self.url, "--shed_key", self.key]
        return subprocess.run(
            [PLANEMO, action, *target, checkout], check=True, cwd=ROOT, text=True, stdout=subprocess.PIPE
        ).stdout


@contextmanager
def running_shed(state: Path) -> Iterator[Shed]:
    """Run a new, empty Tool Shed for as long as the block lasts."""
    shutil.rmtree(state, ignore_errors=True)
    for folder in ("data", "repositories", "temporary", "hgweb"):
        (state / folder).mkdir(parents=True)
    port, secret = free_port(), os.urandom(16).hex()
    url = f"http://127.0.0.1:{port}"
    process = launch(state, configuration(state, url, secret), port)
    try:
        wait_until_it_answers(process, url, state / "shed.log")
        yield Shed(url, accounts(url, secret))
    finally:
        end_process_group(process.pid)


def configuration(state: Path, url: str, secret: str) -> Path:
    """Write the Tool Shed's configuration, as JSON, which YAML contains."""
    settings = {
        "database_connection": f"sqlite:///{state}/data/community.sqlite?isolation_level=IMMEDIATE",
        "data_dir": f"{state}/data",
        "hgweb_config_dir": f"{state}/hgweb",
        "file_path": f"{state}/repositories",
        "new_file_path": f"{state}/temporary",
        "whoosh_index_dir": f"{state}/data/whoosh",
        "admin_users": "admin@example.org",
        "bootstrap_admin_api_key": secret,
        "id_secret": secret,
        "tool_shed_url": url,
    }
    path = state / "tool_shed.yml"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"tool_shed": settings}, indent=2))
    return path


def launch(state: Path, settings: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start the Tool Shed in a process group of its own."""
    programs = environment("toolshed") / "bin"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # it runs Mercurial's hg
    kept |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "TOOL_SHED_CONFIG_FILE": str(settings)}
    command: list[str | Path] = [programs / "uvicorn", "--factory", "tool_shed.webapp.fast_factory:factory"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with (state / "shed.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=state, env=kept, start_new_session=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )


def wait_until_it_answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Wait until the Tool Shed answers; show the end of its log when it dies or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("\n".join([*log.read_text().splitlines()[-40:], "the Tool Shed did not start"]))
        time.sleep(0.5)


def accounts(url: str, secret: str) -> str:
    """Make the categories and the owner of the repositories; return the owner's key."""
    for name in CATEGORIES:
        call(f"{url}/api/categories", secret, {"name": name, "description": name})
    owner = {"username": OWNER, "email": f"{OWNER}@example.org", "password": os.urandom(16).hex()}
    user = json.loads(call(f"{url}/api/users", secret, owner))
    return str(json.loads(call(f"{url}/api/users/{user['id']}/api_key", secret, {})))
