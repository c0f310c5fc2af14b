"""The tutorials name what there is: tools, labels, options, outputs, workflows, papers, pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.browser.boxes import ImportWorkflow, Look, Paste, RunTool, RunWorkflow, Upload
from tests.browser.parameters import NOTHING, Parameter
from tests.browser.pictures import Picture
from tests.docs.tutorials import (
    FOLDER,
    OF_GALAXY,
    PARSED,
    TUTORIALS,
    Form,
    citations,
    flat,
    form_of,
    front_matter,
    inputs_of_workflows,
    text_of,
)

pytestmark = pytest.mark.parametrize("name", TUTORIALS)
# bin/schema-tutorial.yaml of training-material, without what is for other kinds of pages
REQUIRED = {"layout", "title", "time_estimation", "contributors"}
OPTIONAL = {
    "level",
    "zenodo_link",
    "questions",
    "objectives",
    "key_points",
    "subtopic",
    "priority",
    "edam_ontology",
    "tags",
}
OPTIONAL |= {"requirements", "follow_up_training"}
LISTS = {"questions", "objectives", "key_points", "tags", "contributors", "edam_ontology"}
BOXES = {"agenda", "hands-on", "question", "solution", "comment", "tip", "details", "warning"}


def test_the_front_matter_is_what_the_training_network_reads(name: str) -> None:
    matter = front_matter(name)

    assert set(matter) >= REQUIRED
    assert set(matter) <= REQUIRED | OPTIONAL
    assert matter["layout"] == "tutorial_hands_on"
    assert matter.get("level") in ("Introductory", "Intermediate", "Advanced")
    assert re.fullmatch(r"(\d+[Hh])?(\d+[Mm])?(\d+[Ss])?", matter["time_estimation"])
    assert all(isinstance(text, str) for key in LISTS for text in matter.get(key, []))
    for link in [*matter.get("requirements", []), *matter.get("follow_up_training", [])]:
        assert link["type"] == "internal"
        assert link["topic_name"]


def test_each_paper_is_in_the_bibliography_and_each_entry_is_cited(name: str) -> None:
    bibliography = text_of(name, "tutorial.bib")
    entries = re.findall(r"@\w+\{(\w+),", bibliography)

    assert sorted(citations(name)) == sorted(entries)
    dois = re.findall(r"doi = \{(10\.\d{4,}/\S+)\}", bibliography)
    assert len(dois) == len(set(dois)) == len(entries)
    assert re.findall(r"url = \{https://doi\.org/(\S+)\}", bibliography) == dois


def test_boxes_are_of_known_kinds_and_closed(name: str) -> None:
    text = text_of(name)
    opened = re.findall(r"<(\w[\w-]*)-title>", text)
    closed = re.findall(r"\{: \.([\w-]+)\}", text)

    assert set(opened) <= BOXES
    assert sorted(kind.replace("-", "_") for kind in opened) == sorted(kind.replace("-", "_") for kind in closed)
    assert opened.count("question") == opened.count("solution") >= 5


def test_what_the_boxes_say_of_tools_stands_in_their_forms(name: str) -> None:
    for step in PARSED[name]:
        if isinstance(step, RunTool) and step.tool not in OF_GALAXY:
            form = form_of(step.tool)
            assert step.name == form.name, f"line {step.line}"
            for parameter in flat(step.parameters):
                check_parameter(form, parameter)


def check_parameter(form: Form, parameter: Parameter) -> None:
    where = f"line {parameter.line}: {parameter.label!r}"
    if parameter.inserts:
        assert parameter.label.removeprefix("Insert ") in form.titles, where
    elif not parameter.values:
        assert parameter.label in form.titles, where
    else:
        assert parameter.label in form.labels, where
        if parameter.label in form.options:
            chosen = {value.text for value in parameter.values} - {NOTHING}
            assert chosen <= form.options[parameter.label], where


def test_datasets_were_made_before_they_are_used(name: str) -> None:
    names: set[str] = set()
    forms: dict[str, Form | None] = {}
    for step in PARSED[name]:
        if isinstance(step, Upload):
            names |= set(step.names)
        elif isinstance(step, Paste):
            names.add(step.name)
        elif isinstance(step, Look) and step.tool:
            check_output(forms, step.tool, step.name)
        elif isinstance(step, RunTool | RunWorkflow):
            check_inputs(names, forms, step)


def check_inputs(names: set[str], forms: dict[str, Form | None], step: RunTool | RunWorkflow) -> None:
    for value in (value for parameter in flat(step.parameters) for value in parameter.values):
        if value.tool:
            check_output(forms, value.tool, value.text)
        elif value.text.endswith((".fasta", ".csv", ".tsv")):
            assert value.text in names, f"line {step.line}"
    if isinstance(step, RunTool):
        forms[step.name] = None if step.tool in OF_GALAXY else form_of(step.tool)


def check_output(forms: dict[str, Form | None], tool: str, output: str) -> None:
    assert tool in forms, f"{tool} was not run before {output!r} is asked of it"
    form = forms[tool]
    assert form is None or output in form.outputs, f"{tool} has no output {output!r}"


def test_workflows_have_the_inputs_that_boxes_fill_in(name: str) -> None:
    run = [step for step in PARSED[name] if isinstance(step, RunWorkflow)]
    imported = {step.name for step in PARSED[name] if isinstance(step, ImportWorkflow)}

    assert run
    for step in run:
        assert step.name in imported
        assert {one.label for one in step.parameters} <= inputs_of_workflows()[step.name], f"line {step.line}"


def test_pictures_are_there_and_are_asked_for(name: str) -> None:
    asked = {step.image for step in PARSED[name] if isinstance(step, Picture)}
    shown = {Path(image).name for image in re.findall(r"!\[[^\]]+\]\((\S+) \"[^\"]+\"\)", text_of(name))}

    assert shown == asked
    missing = sorted(image for image in shown if not (FOLDER / name / "images" / image).is_file())
    assert not missing, "make them by: python -m tests.browser --pictures"


def test_slides_show_pictures_of_the_tutorial(name: str) -> None:
    if not (FOLDER / name / "slides.html").exists():
        pytest.skip("no slides")
    slides = text_of(name, "slides.html")

    assert front_matter(name, "slides.html")["layout"] == "tutorial_slides"
    shown = {Path(image).name for image in re.findall(r"!\[[^\]]+\]\((\S+)\)", slides)}
    assert shown
    assert shown <= {step.image for step in PARSED[name] if isinstance(step, Picture)}


def test_the_data_library_holds_the_links_of_the_boxes(name: str) -> None:
    text = text_of(name)
    links = set(re.findall(r"^>    (https://\S+)$", text, re.MULTILINE))

    assert links
    assert links == set(re.findall(r"url: (\S+)", text_of(name, "data-library.yaml")))
