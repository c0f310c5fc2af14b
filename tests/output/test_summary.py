"""One page of a whole analysis: nothing is lost, nothing is said twice, and each user mistake is named."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.output.made_records import made_record
from tests.output.made_steps import MODEL, embedding, explanation, landscape, predictions, pretraining, scan, search

from plmkit.data.run_records import GivenRecord, GivenRecords
from plmkit.errors import UserError
from plmkit.output.summary import summarised, write_bibliography, write_page, write_text

ESM = "The protein language model big (ESM-2 family [1])"


def given(*records: dict[str, Any], repeated: tuple[tuple[int, int], ...] = ()) -> GivenRecords:
    read = [json.loads(json.dumps(record)) for record in records]
    return GivenRecords(tuple(GivenRecord(n, f"{n:064d}", record) for n, record in enumerate(read, start=1)), repeated)


def whole() -> GivenRecords:
    tuned = made_record() | {"model": MODEL, "notes": ["model: small", "examples: few"]}
    notes = {"notes": ["model: small"]}
    others = [embedding() | notes, predictions(), scan(), explanation(), pretraining(), search(), landscape()]
    return given(tuned, *others, repeated=((9, 1),))


def page(path: Path, records: GivenRecords) -> str:
    write_page(path / "page.html", summarised(records))
    return (path / "page.html").read_text(encoding="utf-8")


def text(path: Path, records: GivenRecords) -> str:
    write_text(path / "text.md", summarised(records))
    return (path / "text.md").read_text(encoding="utf-8")


def test_results_come_first_and_notes_next(tmp_path: Path) -> None:
    said = page(tmp_path, whole())
    places = [said.index(f"<h2>{title}") for title in ("Result", "What to beware of", "Steps", "Metrics", "Methods")]
    assert places == sorted(places)
    assert "<strong>1. Fine-tune a protein language model.</strong> LoRA beats everything." in said
    assert "<strong>2. Embed proteins" not in said  # it judged nothing


def test_equal_notes_stand_once_with_the_steps_that_said_them() -> None:
    assert summarised(whole()).notes == (
        ("run records: number 9 is the same as number 1; it is counted once", "this summary"),
        ("model: small", "steps 1 and 2"),
        ("examples: few", "1. Fine-tune a protein language model"),
    )
    both = embedding() | {"notes": ["x"]}
    assert summarised(given(both, both | {"device": "gpu"})).notes == (("x", "all steps"),)
    assert summarised(given(both, both)).notes == (("x", "1. Embed proteins, in 2 parts"),)


def test_what_one_step_said_the_next_does_not_repeat() -> None:
    methods = " ".join(summarised(whole()).methods)
    assert methods.startswith(f"{ESM} was fine-tuned with plmkit 9.9 (torch 1, transformers 2, peft 3) to predict")
    assert (
        methods.count("plmkit 9.9") == methods.count("torch 1") == methods.count("The protein language model big") == 1
    )
    assert "big embedded 1,200 proteins (300,000 residues) with plmkit." in methods


def test_works_are_numbered_in_their_order_and_all_are_listed(tmp_path: Path) -> None:
    summary = summarised(whole())
    said = text(tmp_path, whole())
    write_bibliography(tmp_path / "works.bib", summary)
    assert "doi:" not in said.partition("## References")[0]
    assert f"{len(summary.works)}. The plmkit contributors. plmkit: protein language models" in said
    assert said.count("https://doi.org/10.1126/science.ade2574") == 1
    assert (tmp_path / "works.bib").read_text(encoding="utf-8").count("@misc{") == len(summary.works)


def test_licences_that_forbid_commercial_use_are_marked(tmp_path: Path) -> None:
    ankh = MODEL | {"name": "Ankh", "family": "ankh", "sha256": "1", "licence": "CC-BY-NC-SA-4.0"}
    said = page(tmp_path, given(embedding(), embedding() | {"model": ankh}))
    assert "<td>MIT</td><td>allowed</td>" in said
    assert "<td>CC-BY-NC-SA-4.0</td><td>NOT allowed: non-commercial use alone</td>" in said


def test_an_input_of_several_steps_stands_once(tmp_path: Path) -> None:
    proteins = [{"role": "proteins", "sha256": "feedbeef", "records": 1200}]
    said = page(tmp_path, given(embedding() | {"inputs": proteins}, embedding(format="h5") | {"inputs": proteins}))
    assert "<td>proteins</td><td>feedbeef</td><td>1,200</td><td>1. Embed proteins; 2. Embed proteins</td>" in said


def test_names_of_users_format_nothing(tmp_path: Path) -> None:
    wild = embedding() | {"notes": ["proteins: <script>alert(1)</script> *p_1* [a](b) _x_ | #1"]}
    assert "<script>" not in page(tmp_path, given(wild))
    assert r"proteins: \<script>alert(1)\</script> \*p_1\* [a]\(b) \_x\_ \| \#1" in text(tmp_path, given(wild))


def test_the_page_is_sound_html(tmp_path: Path) -> None:
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "img", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checker().feed(page(tmp_path, whole()))
    assert open_tags == []


def test_a_record_that_lacks_something_and_an_unknown_step_are_named() -> None:
    broken, unknown = embedding(), embedding() | {"command": "dance"}
    del broken["counts"]["width"]
    with pytest.raises(UserError) as error:
        summarised(given(embedding(), broken, unknown))
    assert str(error.value) == (
        "run records, number 2: the record of plm embed lacks something ('width'); it was changed, or written by "
        "another version of plmkit (9.9): run the step again; number 3: it is of plm dance, which this plmkit does not "
        "know; summarise it with the plmkit that wrote it, or leave it out"
    )
