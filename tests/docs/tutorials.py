"""What the tutorials say, and what forms and workflows hold, to be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.browser.boxes import read_tutorial
from tests.browser.parameters import Parameter

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "tutorial"
TUTORIALS = sorted(path.parent.name for path in FOLDER.glob("*/tutorial.md"))
PARSED = {name: read_tutorial(FOLDER / name / "tutorial.md") for name in TUTORIALS}
# tools of Galaxy itself: what they are called and what their forms hold differs between its releases
OF_GALAXY = {"cat1"}


@dataclass(frozen=True)
class Form:
    """What a box can name; options: the texts of each list, by its label; outputs: ends of their names."""

    name: str
    labels: frozenset[str]
    titles: frozenset[str]
    options: dict[str, frozenset[str]]
    outputs: frozenset[str]


def text_of(name: str, file: str = "tutorial.md") -> str:
    return (FOLDER / name / file).read_text(encoding="utf-8")


def front_matter(name: str, file: str = "tutorial.md") -> dict[str, Any]:
    # its types are in no package that is installed here
    found: dict[str, Any] = import_module("yaml").safe_load(text_of(name, file).split("---\n")[1])
    return found


@cache
def form_of(tool: str) -> Form:
    """Read a wrapper and the macros that it expands."""
    root = ET.parse(ROOT / "tools" / f"{tool}.xml").getroot()
    inputs = list(_expanded(root.find("inputs") or ET.Element("inputs")))
    options = {
        str(one.get("label")): frozenset(str(option.text) for option in one.iter("option"))
        for one in inputs
        if one.get("type") == "select" and one.find("options") is None
    }
    return Form(
        name=str(root.get("name")),
        labels=frozenset(str(one.get("label")) for one in inputs if one.tag == "param"),
        titles=frozenset(str(one.get("title")) for one in inputs if one.tag in ("section", "repeat")),
        options=options,
        outputs=frozenset(str(one.get("label")).rpartition(": ")[2] for one in root.iterfind("outputs/data")),
    )


def _expanded(element: ET.Element) -> Iterator[ET.Element]:
    for one in element.iter():
        if one.tag == "expand":
            yield from _expanded(_macros()[str(one.get("macro"))])
        yield one


@cache
def _macros() -> dict[str, ET.Element]:
    root = ET.parse(ROOT / "tools" / "macros.xml").getroot()
    return {str(one.get("name")): one for one in root.iter("xml")}


@cache
def inputs_of_workflows() -> dict[str, frozenset[str]]:
    """Return the labels of the inputs of each workflow by its name."""
    read = [json.loads(path.read_text(encoding="utf-8")) for path in ROOT.glob("workflows/*/*.ga")]
    return {one["name"]: frozenset(_input_labels(one)) for one in read}


def _input_labels(workflow: dict[str, Any]) -> Iterator[str]:
    for step in workflow["steps"].values():
        if step["type"] in ("data_input", "data_collection_input", "parameter_input"):
            yield step["label"]


def flat(parameters: tuple[Parameter, ...]) -> Iterator[Parameter]:
    """Yield parameters and what is within them."""
    for parameter in parameters:
        yield parameter
        yield from flat(parameter.within)


def citations(name: str) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (FOLDER / name).iterdir() if path.suffix in (".md", ".html")]
    return set(re.findall(r"\{% cite (\w+) %\}", "".join(texts)))
