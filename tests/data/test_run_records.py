import json
from pathlib import Path
from typing import Any

import pytest

from plmkit.data.run_records import read_run_records
from plmkit.errors import UserError


def record(**more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "config": {},
        "model": None,
        "inputs": [],
        "libraries": {},
        "counts": {},
        "metrics": [],
        "notes": [],
    }
    return {"schema_version": 1, "plmkit": "1.0", "command": "embed", "device": "cpu"} | empty | more


def written(folder: Path, *contents: object) -> list[Path]:
    paths = [folder / f"{number}.dat" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return paths


def test_records_keep_their_order_and_one_given_twice_is_counted_once(tmp_path: Path) -> None:
    indented = json.dumps(record(command="split"), indent=4)
    given = read_run_records(written(tmp_path, record(command="split"), record(), indented), newest=1)

    assert [(found.number, found.command) for found in given.records] == [(1, "split"), (2, "embed")]
    assert given.repeated == ((3, 1),)
    assert given.notes() == ["run records: number 3 is the same as number 1; it is counted once"]


def test_steps_of_different_versions_are_said(tmp_path: Path) -> None:
    given = read_run_records(written(tmp_path, record(), record(plmkit="2.0")), newest=1)
    assert given.notes() == ["run records: the steps were done with different versions of plmkit (1.0, 2.0)"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id\tlabel\n", "this is no run record; give the JSON file that plm wrote"),
        ("[" * 100_000, "this is no run record; give the JSON file that plm wrote"),
        ([1, 2], "this is JSON but no run record; give the JSON file that plm wrote"),
        ({"schema_version": "1"}, "this is JSON but no run record; give the JSON file that plm wrote"),
        (record(notes="none"), "the run record lacks 'notes'; give the JSON file as plm wrote it"),
        (
            record(schema_version=2),
            "its schema version 2 is newer than 1, which this plmkit reads; summarise it with the plmkit that wrote it",
        ),
        ("", "the file is empty; give a file with at least one record"),
    ],
)
def test_what_is_no_record_is_named_by_its_number(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(UserError) as error:
        read_run_records(written(tmp_path, record(), content), newest=1)
    assert str(error.value) == f"run records, number 2: {said}"


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"number 1: .*; number 3: .*; and 1 more such problems$"):
        read_run_records(written(tmp_path, "x", record(), *"xxxxx"), newest=1)
