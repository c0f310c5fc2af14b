"""Put the published workflows of this checkout into a running Galaxy, in place of those of an earlier start."""

import json
from pathlib import Path

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import Address, call


def import_workflows(address: Address) -> list[str]:
    """Import every workflow of workflows/ and publish it; return their names."""
    known = address.get("/api/workflows")
    return [import_workflow(address, path, known) for path in sorted(ROOT.glob("workflows/*/*.ga"))]


def import_workflow(address: Address, path: Path, known: list[dict[str, str]]) -> str:
    """Import one workflow; an earlier one of its name goes."""
    workflow = json.loads(path.read_text())
    for earlier in known:
        if earlier["name"] == workflow["name"]:
            call(f"{address.url}/api/workflows/{earlier['id']}", address.key, method="DELETE")
    content = {"workflow": workflow, "publish": True, "importable": True}
    call(f"{address.url}/api/workflows", address.key, content)
    return str(workflow["name"])
