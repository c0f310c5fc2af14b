"""What a person writes of a workflow: sources/NAME.yml (format 2 of Galaxy), and parts/NAME.yml that several share.

README.md and CHANGELOG.md beside the .ga say the rest: its description for users, and its release.
"""

import json
import re
import uuid
from typing import Any

import yaml
from deploy.galaxy.render import ROOT, DeployError

SOURCES = ROOT / "deploy" / "workflows" / "sources"
PARTS = ROOT / "deploy" / "workflows" / "parts"
_RELEASE = re.compile(r"^## \[(\d[^]]*)\]", re.MULTILINE)
_OF_ALL = {"creator": [{"class": "Organization", "name": "plmkit"}], "license": "MIT"}
_NAMESPACE = uuid.UUID("7b1b6a3e-2f0c-5d0e-9a55-6f1f0a8f9c11")

Workflow = dict[str, Any]


def source_of(name: str) -> Workflow:
    """Return a source with its parts put in, and with what stands beside the workflow; raises DeployError."""
    source = {**_OF_ALL, **yaml.safe_load((SOURCES / f"{name}.yml").read_text())}
    folder = ROOT / "workflows" / name
    source["readme"] = (folder / "README.md").read_text()
    releases = _RELEASE.findall((folder / "CHANGELOG.md").read_text())
    if not releases:
        raise DeployError(f"workflows/{name}/CHANGELOG.md names no release, as in '## [0.1] - 2026-11-21'")
    source["release"] = releases[0]
    for step in source["steps"].values():
        if isinstance(step.get("run"), str):
            step["run"] = _part(step)
    return source


def _part(step: Workflow) -> Workflow:
    """Return the part that a step runs; what the step sets to a constant becomes the part's default.

    Galaxy 26.1 keeps a constant of such a step, but does not hand it in.
    """
    part = {**_OF_ALL, **yaml.safe_load((PARTS / f"{step['run']}.yml").read_text())}
    for name, given in list(step["in"].items()):
        if isinstance(given, dict):
            part["inputs"][name]["default"] = step["in"].pop(name)["default"]
    return part


def parts_of(source: Workflow) -> dict[str, Workflow]:
    """Return the parts of a source by their titles."""
    return {step["run"]["label"]: step["run"] for step in source["steps"].values() if "run" in step}


def tidied(workflow: Workflow, source: Workflow) -> Workflow:
    """Return a workflow without what a server adds of its own, with what it leaves out."""
    workflow.pop("version", None)
    workflow |= {name: source[name] for name in ("readme", "release") if name in source}
    for step in workflow["steps"].values():
        if step["type"] == "tool":
            step["tool_state"] = json.dumps(_unasked(json.loads(step["tool_state"])))
        if step["type"] in ("tool", "subworkflow"):
            step["inputs"] = []
    return workflow


def _unasked(state: Any) -> Any:
    """Return the state of a form that asks for nothing when it runs: a dataset that is not connected is none."""
    if not isinstance(state, dict):
        return [_unasked(one) for one in state] if isinstance(state, list) else state
    if state.get("__class__") == "RuntimeValue":
        return None
    return {name: _unasked(one) for name, one in state.items()}


def named(workflow: Workflow, name: str) -> Workflow:
    """Return a workflow whose identifiers follow from names, so that building it twice gives equal files."""
    workflow["uuid"] = _identifier(name)
    for step in workflow["steps"].values():
        at = f"{name}/{step['label']}"
        step["uuid"] = _identifier(at)
        for output in step.get("workflow_outputs", ()):
            output["uuid"] = _identifier(f"{at}/{output['output_name']}")
        if "subworkflow" in step:
            named(tidied(step["subworkflow"], {}), f"part/{step['name']}")
    return workflow


def _identifier(text: str) -> str:
    return str(uuid.UUID(bytes=uuid.uuid5(_NAMESPACE, text).bytes, version=4))  # Galaxy takes no other version
