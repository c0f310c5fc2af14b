"""python -m deploy.workflows [NAME ...]: write workflows/*/*.ga from their sources, by the Galaxy of `make galaxy`.

A source says what a person decides; Galaxy adds the state of each tool's form, so that the files are those which its
editor would save. Run it again when a form or a version has changed.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import Address, call, status
from deploy.workflows.places import placed
from deploy.workflows.source import SOURCES, Workflow, named, parts_of, source_of, tidied


def main() -> None:
    """Write the workflows that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="folder below workflows/; default: all")
    parser.add_argument("--state", type=Path, default=ROOT / "build" / "galaxy", help="folder of the server")
    arguments = parser.parse_args()
    address = status(arguments.state.resolve())
    if address is None:
        sys.exit("no server runs; `make galaxy` starts one")
    for name in arguments.names or sorted(path.stem for path in SOURCES.glob("*.yml")):
        path = ROOT / "workflows" / name / f"{name}.ga"
        path.write_text(json.dumps(built(name, address), indent=4) + "\n")
        print(path.relative_to(ROOT))


def built(name: str, address: Address) -> Workflow:
    """Return a workflow as Galaxy's editor saves it; the same at each call."""
    source = source_of(name)
    parts = {part: completed(source, address) for part, source in parts_of(source).items()}
    workflow = completed(source, address)
    for step in workflow["steps"].values():
        if step["type"] == "subworkflow":
            step["subworkflow"] = parts[step["name"]]
    return named(tidied(placed(workflow), source), name)


def completed(source: dict[str, Any], address: Address) -> Workflow:
    """Return what Galaxy makes of a source: every option of each form has its value."""
    url = f"{address.url}/api/workflows"
    made = json.loads(call(url, address.key, {"workflow": source}))["id"]
    try:
        call(f"{url}/{made}/refactor", address.key, {"actions": [{"action_type": "fill_defaults"}]}, method="PUT")
        without = address.get(f"/api/workflows/{made}/download?style=editor")["upgrade_messages"]
        workflow = address.get(f"/api/workflows/{made}/download?format=json-download")
        for number, options in without.items():
            if workflow["steps"][number]["type"] == "tool":
                choose_nothing(workflow["steps"][number], options)
        return placed(workflow)
    finally:
        call(f"{url}/{made}", address.key, method="DELETE")


def choose_nothing(step: Workflow, options: Iterable[str]) -> None:
    """Say of options without a default, such as columns of a table, that nothing is selected."""
    state = json.loads(step["tool_state"])
    for option in options:
        *sections, name = option.split("|")
        section = state
        for one in sections:
            section = section[one]
        section[name] = None
    step["tool_state"] = json.dumps(state)


if __name__ == "__main__":
    main()
