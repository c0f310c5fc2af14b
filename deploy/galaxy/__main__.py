"""python -m deploy.galaxy start|stop|status [--state build/galaxy] [--fresh] [--gpu]: the server of `make galaxy`.

--database URL: on a PostgreSQL of yours, as in postgresql://galaxy@localhost/galaxy, instead of SQLite.
--queue URL: the queue of the worker too, in another database.
"""

import argparse
import sys
from pathlib import Path

from deploy.galaxy.render import ROOT, DeployError, database_settings
from deploy.galaxy.server import Address, start, status, stop
from deploy.galaxy.workflows import import_workflows


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("--state", type=Path, default=ROOT / "build" / "galaxy", help="folder of the server")
    parser.add_argument("--fresh", action="store_true", help="forget the histories of earlier starts")
    parser.add_argument("--gpu", action="store_true", help="this machine has a GPU that jobs may use")
    parser.add_argument("--database", help="URL of an empty or earlier PostgreSQL database; default: SQLite")
    parser.add_argument("--queue", help="URL of another PostgreSQL database for the worker's queue; default: SQLite")
    arguments = parser.parse_args()
    state = arguments.state.resolve()
    if arguments.action == "stop":
        stop(state)
        return
    if arguments.action == "start":
        settings = database_settings(arguments.database, arguments.queue) if arguments.database else {}
        address: Address | None = start(state, arguments.fresh, arguments.gpu, settings=settings)
    else:
        address = status(state)
    if address is None:
        sys.exit("no server runs; `make galaxy` starts one")
    if arguments.action == "start":
        print(f"workflows {', '.join(import_workflows(address))}")
    print(f"Galaxy    {address.url}\nuser      {address.user}\npassword  {address.password}")
    print(f"API key   {state / 'address.json'}\nlogs      {state / 'log'}\nstop      make galaxy-stop")


if __name__ == "__main__":
    try:
        main()
    except DeployError as problem:
        sys.exit(str(problem))
