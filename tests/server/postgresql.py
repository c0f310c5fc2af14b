"""A PostgreSQL of our own, as Debian packages it: a new cluster in a new folder, reached by a socket in there."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSTALL = "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends postgresql"
NAME = "galaxy"
QUEUE = "celery"


@dataclass(frozen=True)
class Cluster:
    """A running cluster; nobody but its owner and root can reach the socket."""

    folder: Path
    programs: Path

    def url(self, database: str = NAME) -> str:
        """Return where a database is, as SQLAlchemy wants it."""
        return f"postgresql://{NAME}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=200"
        self.run("pg_ctl", "-w", "-l", self.folder / "log", "-o", options, "-D", self.folder / "data", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: fast ends all connections, as SIGTERM and a restart by systemd do; immediate is a crash."""
        self.run("pg_ctl", "-w", "-m", mode, "-D", self.folder / "data", "stop")

    def ask(self, query: str) -> str:
        """Return what psql says to a query: rows without a header, columns divided by |."""
        return self.run("psql", "-h", self.folder, "-U", NAME, "-d", NAME, "-X", "-A", "-t", "-c", query).strip()

    def check(self) -> str:
        """Read all tables and indexes; return what is wrong with them, nothing if they are sound."""
        return self.run(
            "pg_amcheck", "--install-missing", "--heapallindexed", "-h", self.folder, "-U", NAME, "-d", NAME
        ).strip()

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run a program of PostgreSQL, which refuses to be run by root."""
        command = [*unprivileged(), self.programs / program, *arguments]
        # pg_ctl leaves the server its streams: a pipe would never end
        with tempfile.TemporaryFile("w+") as output:
            code = subprocess.run(command, cwd=self.folder, stdout=output, stderr=output, check=False).returncode
            output.seek(0)
            text = output.read()
        if code:
            raise RuntimeError(f"{program} ended with {code}: {text}")
        return text


def unprivileged() -> Sequence[str]:
    """Return what to put before a command so that root runs it as the user of Debian's package."""
    if os.geteuid():
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Run a new cluster for as long as the block lasts."""
    programs = installed_programs()
    # not in the checkout, which may lie in a home that the user postgres cannot enter; a socket's path must be short
    folder = Path(tempfile.mkdtemp(prefix="plmkit-postgresql-"))
    cluster = Cluster(folder, programs)
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        cluster.run("initdb", "--auth=trust", "--encoding=UTF8", f"--username={NAME}", "-D", folder / "data")
        cluster.start()
        for database in (NAME, QUEUE):
            cluster.run("createdb", "-h", folder, "-U", NAME, database)
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop("immediate")
        shutil.rmtree(folder)


def installed_programs() -> Path:
    """Return the folder of the newest PostgreSQL here; install Debian's package where there is none."""
    if not find_programs():
        subprocess.run(INSTALL, shell=True, check=True)
    return find_programs()[-1]


def find_programs() -> list[Path]:
    """Return the folders with PostgreSQL's programs, the newest last."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return sorted((path.parent for path in found), key=lambda folder: int(folder.parent.name))
