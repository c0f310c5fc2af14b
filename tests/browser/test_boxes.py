"""What the driver reads in the boxes of a tutorial."""

from pathlib import Path
from textwrap import dedent

import pytest
from deploy.galaxy.render import ROOT
from tests.browser.boxes import (
    Datatype,
    ImportWorkflow,
    Look,
    NewHistory,
    Paste,
    Reading,
    Rename,
    RunTool,
    RunWorkflow,
    Step,
    TutorialError,
    Upload,
    read_tutorial,
)
from tests.browser.parameters import Value
from tests.browser.pictures import Picture

SMALL = ROOT / "tests" / "browser" / "small" / "tutorial.md"
TUNE = "Fine-tune a protein language model"


def steps(path: Path) -> list[Step]:
    return [one for one in read_tutorial(path) if isinstance(one, Step)]


def box(tmp_path: Path, text: str) -> Path:
    """Write a tutorial of one box with these lines."""
    lines = [f"> {line}".rstrip() for line in dedent(text).strip("\n").splitlines()]
    path = tmp_path / "tutorial.md"
    path.write_text("\n".join(["> <hands-on-title>Do it</hands-on-title>", ">", *lines, "{: .hands_on}"]))
    return path


def test_each_kind_of_step_is_told_apart() -> None:
    kinds = [type(step) for step in steps(SMALL)]
    tools = [RunTool, Look, RunTool, Reading]
    assert kinds == [NewHistory, Upload, Paste, Rename, Datatype, *tools, ImportWorkflow, RunWorkflow, Look, Look]


def test_files_of_an_upload_are_named_as_the_links_end() -> None:
    upload = steps(SMALL)[1]
    assert isinstance(upload, Upload)
    assert upload.names == ("train_windows.fasta", "heldout_windows.fasta")
    assert upload.datatype == "fasta"


def test_a_comment_names_the_file_where_the_link_does_not(tmp_path: Path) -> None:
    text = """
        1. Import the proteins

           <!-- data: kinases.fasta -->

           ```
           https://rest.uniprot.org/uniprotkb/stream?format=fasta&query=accession:P00533
           ```

           {% snippet faqs/galaxy/datasets_import_via_link.md %}
        """
    (upload,) = steps(box(tmp_path, text))
    assert isinstance(upload, Upload)
    assert (upload.names, upload.datatype) == (("kinases.fasta",), "")
    with pytest.raises(TutorialError, match="ends in no name of a file"):
        steps(box(tmp_path, text.replace("<!-- data: kinases.fasta -->", "")))


def test_fasta_in_a_code_block_is_no_box_in_the_box() -> None:
    paste = steps(SMALL)[2]
    assert isinstance(paste, Paste)
    assert paste.text.startswith(">INS_HUMAN\nMALWM")
    assert paste.text.endswith("NYCN\n")
    assert (paste.name, paste.datatype) == ("pasted", "fasta")


def test_parameters_are_nested_as_they_are_indented() -> None:
    run = steps(SMALL)[5]
    assert isinstance(run, RunTool)
    assert (run.tool, run.name) == ("plm_finetune", TUNE)
    assert [one.label for one in run.parameters][:2] == ["Labelled sequences", "What has a label"]
    training = run.parameters[-1]
    assert (training.label, training.values, training.inserts) == ("Training", (), False)
    assert [(one.label, one.values[0].text) for one in training.within][:2] == [
        ("Epochs at most", "1"),
        ("Learning rate", ""),
    ]


def test_an_output_is_named_with_its_tool_in_either_way(tmp_path: Path) -> None:
    text = f"""
        1. {{% tool [Predict](plm_predict) %}} with the following parameters:
           - *"Tuned models"*: `tuned model` (output of **{TUNE}** {{% icon tool %}}), `mine.zip`
           - *"Proteins or windows"*: `marked (x) (output of **{TUNE}** {{% icon tool %}})`
        """
    (run,) = steps(box(tmp_path, text))
    assert isinstance(run, RunTool)
    assert run.parameters[0].values == (Value("tuned model", TUNE), Value("mine.zip"))
    assert run.parameters[1].values == (Value("marked (x)", TUNE),)


def test_a_repeat_is_asked_for_before_its_fields() -> None:
    run = steps(SMALL)[7]
    assert isinstance(run, RunTool)
    insert = run.parameters[-1].within[0]
    assert insert.inserts
    assert [one.label for one in insert.within] == ["Label and share"]


def test_a_look_names_a_dataset_and_its_tool() -> None:
    looks = [step for step in steps(SMALL) if isinstance(step, Look)]
    assert [(one.name, one.tool) for one in looks] == [("report", TUNE), ("workflow report", ""), ("Sites", "")]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1. Press the green button", "not understood"),
        ('1. {% tool [Split](plm_split) %}\n   - "Labelled sequences": `a.fasta`', 'is written *"Label"*: `value`'),
        ('1. {% tool [Split](plm_split) %}\n   - *"Labelled sequences"*: a.fasta', "no value in backticks"),
        ('1. {% tool [Split](plm_split) %}\n   - In *"Training"*: `5`', "a value too much"),
        ("1. {% tool [Split](plm_split) %} and inspect {% icon galaxy-eye %} the *report*", "two things in one step"),
        ("Nothing to do", "no numbered step"),
    ],
)
def test_what_is_not_understood_is_not_passed_over(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(TutorialError) as problem:
        steps(box(tmp_path, line))
    assert complaint in str(problem.value)
    assert str(problem.value).startswith(("line 2: ", "line 3: ", "line 4: "))


def test_a_box_without_an_end_is_refused(tmp_path: Path) -> None:
    path = box(tmp_path, "1. Look at it")
    path.write_text(path.read_text().replace("{: .hands_on}", ""))
    with pytest.raises(TutorialError, match="has no end"):
        steps(path)


def test_pictures_stand_between_the_steps() -> None:
    found = read_tutorial(SMALL)
    pictures = [one for one in found if isinstance(one, Picture)]
    assert isinstance(found[5], Picture)
    assert (found[5].image, found[5].kind) == ("upload.png", "upload")
    section = next(one for one in pictures if one.section)
    assert (section.kind, section.tool, section.section) == ("form", "plm_finetune", "Training")
    report = pictures[-1]
    assert (report.kind, report.begin, report.height) == ("workflow report", "How good is the model?", 800)


def test_a_comment_that_shows_nothing_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tutorial.md"
    path.write_text("<!-- screenshot: the moon -->\n![Moon](images/moon.png)\n")
    with pytest.raises(TutorialError, match=r"line 1: a screenshot of what\? the moon"):
        read_tutorial(path)
    path.write_text("<!-- screenshot: history -->\n\nThere is none.\n")
    with pytest.raises(TutorialError, match="no image on the line after"):
        read_tutorial(path)
