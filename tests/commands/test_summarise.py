"""plm summarise: the records that commands really write, on one page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.forked import Program

from plmkit.output.steps import STEPS

TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
RECORDS = [TEST_DATA / f"summarise_{step}.json" for step in ("finetune", "predict", "project")]

Done = Callable[..., str]
Refused = Callable[..., str]


def options(*records: Path) -> list[object]:
    return [part for record in records for part in ("--record", record)]


def test_three_steps_make_one_page_a_text_and_a_bibliography(done: Done, tmp_path: Path) -> None:
    outputs = ("--report", tmp_path / "p.html", "--text", tmp_path / "t.md", "--bibliography", tmp_path / "b.bib")
    said = done("summarise", *options(*RECORDS, RECORDS[0]), *outputs)

    assert said.splitlines() == [
        "note: run records: number 4 is the same as number 1; it is counted once",
        "3 steps summarised",
    ]
    assert "Summary of an analysis in 3 steps" in (tmp_path / "p.html").read_text()
    text = (tmp_path / "t.md").read_text()
    assert text.startswith("## Result\n\n**1. Train a head on a frozen protein language model.** ")
    assert "with random weights and not trained (ESM-2 family [1])" in text
    assert (tmp_path / "b.bib").read_text().startswith("@misc{Lin2023,\n")


def test_equal_records_give_equal_pages(done: Done, tmp_path: Path) -> None:
    for name in ("one", "two"):
        done("summarise", *options(*RECORDS), "--report", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


TUNED = "--bundle tuned_charge_1.zip --proteins fragments.fasta --model untrained_model.zip"
STEPS_TO_RUN = {
    "split": "--examples fragments.tsv --label-column 4 --sequence-column peptide --identifier-column name --table o",
    "evaluate": "--predictions evaluate_predictions.tsv --truth evaluate_truth.tsv --metrics o",
    "search": "--queries search_queries.tsv --references search_references.tsv --labels search_labels.tsv --hits o",
    "embed": "--proteins fragments.fasta --model untrained_model.zip --vectors o",
    "predict": f"{TUNED} --predictions o",
    "explain": f"{TUNED} --most 1 --importance o",
    "ptm": "--bundle tuned_sites.zip --proteins fragments.fasta --sites o",
    "sites": "--proteins marked_sites.fasta --name P --examples o",
    "chunk": "--proteins fragments.fasta --out o",
    "join": "--table join_sites_1.tsv --table join_sites_3.tsv --out o",
    "pretrain": "--proteins fragments.fasta --model none --width 16 --layers 1 --heads 2 --steps 1 --trained o.zip",
}


def test_each_command_is_tried_here_or_in_the_files_of_the_tests() -> None:
    assert STEPS_TO_RUN.keys() | {"finetune", "project"} == STEPS.keys()


@pytest.mark.parametrize("command", STEPS_TO_RUN)
def test_what_a_command_writes_today_can_be_told(done: Done, tmp_path: Path, command: str) -> None:
    words = STEPS_TO_RUN[command].split()
    given = [TEST_DATA / word if (TEST_DATA / word).is_file() else word for word in words[:-1]]
    done(command, *given, tmp_path / words[-1], "--record", tmp_path / "run.json")
    done("summarise", *options(tmp_path / "run.json"), "--report", tmp_path / "page.html")
    assert f"1. {STEPS[command].title}" in (tmp_path / "page.html").read_text()


def test_it_needs_no_torch(without_torch: Program, tmp_path: Path) -> None:
    answer = without_torch("summarise", *options(*RECORDS), "--report", tmp_path / "page.html")
    assert answer.returncode == 0, answer.stderr


def test_each_mistake_names_the_record(refused: Refused, tmp_path: Path) -> None:
    newer, none = TEST_DATA / "summarise_newer.json", TEST_DATA / "summarise_none.json"
    said = refused("run records", "summarise", *options(RECORDS[0], newer, none), "--report", tmp_path / "p.html")
    assert "number 2: its schema version 99 is newer than 1" in said
    assert "number 3: this is JSON but no run record" in said


def test_none_given_is_a_missing_option(refused: Refused, tmp_path: Path) -> None:
    refused("missing option: --record", "summarise", "--report", tmp_path / "p.html")


def test_a_record_is_never_overwritten(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(RECORDS[0].read_bytes())
    refused("output 'run.json'", "summarise", *options(tmp_path / "run.json"), "--report", tmp_path / "run.json")
