"""The wrappers and the commands agree: same options, same defaults, same choices, same version."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from xml.etree import ElementTree as ET

import pytest

from plmkit import __version__
from plmkit.cli import COMMANDS
from plmkit.commands.pretrain import RATES
from plmkit.data import mmseqs
from plmkit.learning.lessons import RATES as RATES_OF_METHODS
from plmkit.models.catalogue import catalogue
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.output import (
    landscape,
    metrics_table,
    neighbours,
    pretrained,
    site_examples,
    site_tables,
    sites,
    tuned_model,
)

ROOT = Path(__file__).resolve().parents[1]
DATA_MANAGER = ROOT / "data_manager" / "data_manager_plm_models.xml"
TOOLS = [*sorted((ROOT / "tools").glob("plm_*.xml")), DATA_MANAGER]
MACROS = (ROOT / "tools" / "macros.xml").read_text(encoding="utf-8")
MACROS += "".join(
    (ROOT / "tools" / name).read_text(encoding="utf-8") for name in re.findall("<import>(.+)</import>", MACROS)
)
# Options which are no choice of a Galaxy user: where records get the model from, what the machine is good at, going on
# after an interruption (each job has a new folder), what a published model is not for.
NOT_IN_FORMS = {"--model", "--model-name", "--precision", "--checkpoint", "--checkpoint-minutes", "--limits"}
# Where the files of a data manager go is Galaxy's choice.
NOT_IN_FORMS |= {"--into", "--table-entry"}
# How Galaxy calls the datasets of a collection is known.
NOT_IN_FORMS |= {"--element-name"}
# Options which follow from a choice of another kind in the form (what is trained), or from what a job is.
SAID_BY_THE_TOOL = {("plm_pretrain", "--weights"), ("plm_predict", "--track-format"), ("plm_embed", "--interrupted")}


def command_of(path: Path) -> str:
    return "install" if path == DATA_MANAGER else path.stem.removeprefix("plm_")


def text_of(path: Path) -> str:
    """Return a wrapper with the tokens and the macros that it uses put in place."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'<expand macro="(\w+)"((?: \w+="[^"]*")*)/>', expanded, text)
    for name, value in re.findall(r'<token name="(@\w+@)">(.*?)</token>', MACROS, re.DOTALL):
        text = text.replace(name, value.replace("<![CDATA[", "").replace("]]>", ""))
    return text


def expanded(use: re.Match[str]) -> str:
    """Return what a macro stands for, with the tokens that its user gives put in place."""
    found = re.search(rf'<xml name="{use[1]}".*?>(.*?)</xml>', MACROS, re.DOTALL)
    assert found, use[1]
    text = found[1]
    for name, value in re.findall(r'(\w+)="([^"]*)"', use[2]):
        text = text.replace(f"@{name.upper()}@", value)
    return text


def tool_of(path: Path) -> ET.Element:
    return ET.fromstring(text_of(path))


def options_of(command: str) -> dict[str, Field[Any]]:
    return {"--" + field.name.replace("_", "-"): field for field in fields(COMMANDS[command])}


def params_of(tool: ET.Element) -> list[tuple[str, ET.Element]]:
    inputs = tool.find("inputs")
    assert inputs is not None
    return [(param.get("argument", ""), param) for param in inputs.iter("param") if param.get("argument")]


@pytest.fixture(params=TOOLS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


def test_each_command_has_one_tool() -> None:
    assert sorted(command_of(path) for path in TOOLS) == sorted(COMMANDS)


def test_the_tool_calls_the_command_of_its_name_with_known_options(path: Path) -> None:
    command = tool_of(path).findtext("command", "")
    called = re.findall(r"(?m)^(?:.*python -m plmkit|plm) (\w+)", command)
    used = set(re.findall(r"(?<!\S)(--[a-z-]+)", command))

    assert called == [command_of(path)]
    assert used <= options_of(called[0]).keys()


def test_every_option_can_be_reached_from_the_form_or_is_an_output(path: Path) -> None:
    tool = tool_of(path)
    options = options_of(command_of(path))
    made = [*tool.iter("data"), *tool.findall("outputs/collection")] if path != DATA_MANAGER else []
    outputs = {"--" + output.get("name", "").replace("_", "-") for output in made}
    reached = {argument for argument, _ in params_of(tool)} | outputs
    reached |= {option for tool_name, option in SAID_BY_THE_TOOL if tool_name == path.stem}

    assert set(options) - NOT_IN_FORMS == reached


def test_what_the_tool_says_without_asking_is_a_choice_of_the_command() -> None:
    for name, option in SAID_BY_THE_TOOL:
        command = name.removeprefix("plm_")
        said = set(re.findall(rf"{option} (\S+)", tool_of(ROOT / "tools" / f"{name}.xml").findtext("command", "")))
        field = options_of(command)[option]

        assert said
        assert said | {field.default} == set(get_args(get_type_hints(COMMANDS[command])[field.name]))


def test_defaults_and_choices_of_the_form_are_those_of_the_command(path: Path) -> None:
    command = command_of(path)
    options, types = options_of(command), get_type_hints(COMMANDS[command])
    for argument, param in params_of(tool_of(path)):
        field = options[argument]
        default = None if field.default is MISSING else field.default
        if param.get("type") in ("integer", "float"):
            value = param.get("value")
            assert (None if value is None else float(value)) == default, argument
        if argument == "--catalogue":
            assert [option.get("value") for option in param.iter("option")] == [model.name for model in catalogue()]
        elif param.get("type") == "select":
            choices = [option.get("value") for option in param.iter("option")]
            chosen = [option.get("value") for option in param.iter("option") if option.get("selected") == "true"]
            several = param.get("multiple") == "true"
            kind = get_args(types[field.name])[0] if several else types[field.name]
            assert get_origin(kind) is Literal, argument
            assert set(choices) == set(get_args(kind)), argument
            assert chosen == (list(default or ()) if several else [default]), argument
        if param.get("type") == "boolean":
            assert param.get("checked", "false") == str(default).lower(), argument


def test_every_parameter_has_a_label_and_one_sentence_of_help(path: Path) -> None:
    inputs = tool_of(path).find("inputs")
    assert inputs is not None
    for param in inputs.iter("param"):
        assert param.get("label"), ET.tostring(param)
        assert param.get("help"), ET.tostring(param)


def test_no_empty_number_has_a_slider_whose_middle_looks_like_a_value(path: Path) -> None:
    numbers = [param for _, param in params_of(tool_of(path)) if param.get("type") in ("integer", "float")]
    empty = [param for param in numbers if param.get("optional") == "true" and not param.get("value")]
    assert not [param.get("argument") for param in empty if param.get("min") and param.get("max")]


def test_paths_and_texts_of_users_stand_in_single_quotes(path: Path) -> None:
    command = tool_of(path).findtext("command", "")
    free = {
        param.get("name") or argument[2:].replace("-", "_")
        for argument, param in params_of(tool_of(path))
        if param.get("type") in ("data", "text")
    }
    for name in free | {data.get("name", "") for data in tool_of(path).iter("data")}:
        for match in re.finditer(rf"(.)\$(?:\w+\.)*{name}(?:\.extra_files_path)?\b(.)", command):
            if not command[: match.start()].rsplit("\n", 1)[-1].lstrip().startswith("#"):  # a question, no argument
                assert match[1] == match[2] == "'", match[0]


def test_each_tool_tests_a_success_and_an_exact_failure(path: Path) -> None:
    tests = list(tool_of(path).iter("test"))
    failures = [test for test in tests if test.get("expect_failure") == "true"]

    assert len(tests) - len(failures) >= 2
    assert failures
    for test in failures:
        assert test.get("expect_exit_code") == "2"
        assert test.find("assert_stderr") is not None


def test_galaxy_is_told_the_names_of_the_columns() -> None:
    headers = {
        ("plm_finetune", "metrics"): metrics_table.HEADER,
        ("plm_finetune", "history"): tuned_model.HISTORY_HEADER,
        ("plm_predict", "metrics"): metrics_table.HEADER,
        ("plm_pretrain", "metrics"): metrics_table.HEADER,
        ("plm_pretrain", "history"): pretrained.HISTORY_HEADER,
        ("plm_project", "coordinates"): landscape.COORDINATES_HEADER,
        ("plm_project", "findings"): landscape.FINDINGS_HEADER,
        ("plm_ptm", "sites"): sites.HEADER,
        ("plm_ptm", "summary"): site_tables.SUMMARY_HEADER,
        ("plm_ptm", "enrichment"): site_tables.ENRICHMENT_HEADER,
        ("plm_search", "hits"): neighbours.HITS_HEADER,
        ("plm_search", "transfers"): neighbours.TRANSFERS_HEADER,
        ("plm_search", "metrics"): neighbours.ACCURACY_HEADER,
        ("plm_sites", "mismatches"): site_examples.MISMATCHES_HEADER,
        ("plm_sites", "summary"): site_examples.SUMMARY_HEADER,
    }
    told = set()
    for path in TOOLS:
        for data in tool_of(path).iter("data"):
            for action in data.iter("action"):
                place = (path.stem, data.get("name", ""))
                assert action.get("default", "").split(",") == list(headers[place]), place
                told.add(place)
    assert told == headers.keys()


def test_wrappers_and_package_have_one_version(path: Path) -> None:
    assert f'<token name="@TOOL_VERSION@">{__version__}</token>' in MACROS
    assert tool_of(path).get("version") == f"{__version__}+galaxy0"


def test_requirements_are_the_pinned_environment() -> None:
    conda_names = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
    pins = dict(
        line.split("==")
        for line in (ROOT / "deploy" / "requirements" / "tools.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    required = re.findall(r'<requirement type="package" version="([^"]+)">([^<]+)<', MACROS)

    assert len(required) > 5
    for version, name in required:
        if name == "mmseqs2":  # release and commit; its wheel has a version of its own
            assert version.rpartition(".")[2]
            assert mmseqs.version().startswith(version.rpartition(".")[2])
        elif name != "python":
            assert pins[conda_names.get(name, name)] == version, name


def test_the_help_says_what_the_embedded_model_is_not_for() -> None:
    limits = json.loads((EMBEDDED_FOLDER / "config.json").read_text(encoding="utf-8"))["plmkit_limits"]
    for path in TOOLS:
        if "--model" in options_of(command_of(path)):
            said = " ".join(text_of(path).split())
            assert f"{EMBEDDED_FOLDER.name} {limits}" in said, path.name


def test_learning_rates_by_default_are_said_alike() -> None:
    option = (ROOT / "lib" / "plmkit" / "config" / "pretrain.py").read_text(encoding="utf-8")
    form = (ROOT / "tools" / "plm_pretrain.xml").read_text(encoding="utf-8")
    for kind, rate in RATES.items():
        words = {"none": ("from nothing", "a new model"), "all": ("all weights",) * 2, "lora": ("adapters",) * 2}[kind]
        assert f"{rate} {'' if kind == 'none' else 'for '}{words[0]}" in option
        assert f"{rate} for {words[1]}" in form


def test_learning_rates_of_the_methods_are_those_that_the_form_names() -> None:
    tool = tool_of(ROOT / "tools" / "plm_finetune.xml")
    said = next(param.get("help", "") for argument, param in params_of(tool) if argument == "--learning-rate")

    assert {float(number) for number in re.findall(r"0\.\d+", said)} == set(RATES_OF_METHODS.values())


def test_the_data_manager_says_the_licence_of_each_model() -> None:
    options = {option.get("value"): option.text for option in tool_of(DATA_MANAGER).iter("option")}
    for model in catalogue():
        assert options[model.name] == f"{model.title} ({model.licence})"


def test_no_wrapper_puts_a_token_on_the_command_line(path: Path) -> None:
    assert "HF_TOKEN" not in tool_of(path).findtext("command", "")


def test_only_the_data_manager_may_use_the_network(path: Path) -> None:
    assert ('name="HF_HUB_OFFLINE">1<' in text_of(path)) is (path != DATA_MANAGER)
