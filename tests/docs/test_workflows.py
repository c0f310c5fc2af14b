"""Each published workflow is what its source says: `make workflows` writes it anew."""

import json
from pathlib import Path
from typing import Any

import pytest
from deploy.workflows.places import placed
from deploy.workflows.source import SOURCES, source_of

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in SOURCES.glob("*.yml"))


def read(name: str) -> dict[str, Any]:
    workflow: dict[str, Any] = json.loads((ROOT / "workflows" / name / f"{name}.ga").read_text(encoding="utf-8"))
    return workflow


def labels_of(workflow: dict[str, Any]) -> set[str]:
    return {step["label"] for step in workflow["steps"].values()}


def test_each_folder_has_a_source() -> None:
    assert sorted(path.parent.name for path in ROOT.glob("workflows/*/*.ga")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_its_source_says(name: str) -> None:
    source, workflow = source_of(name), read(name)
    assert {key: workflow[key] for key in ("license", "creator", "readme", "release", "tags")} == {
        key: source[key] for key in ("license", "creator", "readme", "release", "tags")
    }
    assert (workflow["name"], workflow["annotation"]) == (source["label"], source["doc"])
    assert workflow["report"]["markdown"] == source["report"]["markdown"]
    assert labels_of(workflow) == source["inputs"].keys() | source["steps"].keys()
    outputs = [one["label"] for step in workflow["steps"].values() for one in step["workflow_outputs"]]
    assert sorted(outputs) == sorted(source["outputs"])


@pytest.mark.parametrize("name", NAMES)
def test_its_parts_are_those_that_several_share(name: str) -> None:
    source, workflow = source_of(name), read(name)
    for step in workflow["steps"].values():
        if step["type"] == "subworkflow":
            part = source["steps"][step["label"]]["run"]
            assert labels_of(step["subworkflow"]) == part["inputs"].keys() | part["steps"].keys()


def test_steps_stand_right_of_what_they_read_and_not_over_each_other() -> None:
    read_first: dict[str, Any] = {"in": {"id": 0, "output_name": "output"}}
    steps = {
        number: {"input_connections": connections, "outputs": [], "workflow_outputs": []}
        for number, connections in (("0", {}), ("1", {}), ("2", read_first))
    }
    found = placed({"steps": steps})["steps"]
    assert found["2"]["position"]["left"] > found["0"]["position"]["left"] == found["1"]["position"]["left"]
    assert found["1"]["position"]["top"] > found["0"]["position"]["top"]
