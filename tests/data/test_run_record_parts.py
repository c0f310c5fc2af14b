from typing import Any

from plmkit.data.run_record_parts import joined
from plmkit.data.run_records import GivenRecord


def scan(number: int, proteins: int, modified: int, **more: Any) -> GivenRecord:
    content = {
        "plmkit": "1",
        "command": "ptm",
        "config": {"rule": "mcc"},
        "model": None,
        "device": "cpu",
        "libraries": {},
        "counts": {
            "proteins": proteins,
            "candidates": 10 * proteins,
            "modified": modified,
            "modifications": [{"name": "P", "candidates": 10 * proteins, "modified": modified, "threshold": 0.5}],
            "rule": "mcc",
        },
        "inputs": [
            {"role": "tuned model", "sha256": "t", "records": 1},
            {"role": "proteins", "sha256": f"p{number}", "records": proteins},
        ],
        "metrics": [],
        "notes": ["small model", f"chunk {number}"],
    }
    return GivenRecord(number, f"{number}", content | more)


def test_parts_of_a_step_are_told_as_one() -> None:
    other = scan(2, 7, 7, command="split")
    (whole, parts), (kept, alone) = joined([scan(1, 3, 1), other, scan(3, 4, 2)])

    assert (parts, alone, kept) == (2, 1, other)
    assert whole.content["counts"] == {
        "proteins": 7,
        "candidates": 70,
        "modified": 3,
        "modifications": [{"name": "P", "candidates": 70, "modified": 3, "threshold": 0.5}],
        "rule": "mcc",
    }
    assert [one["sha256"] for one in whole.content["inputs"]] == ["t", "p1", "p3"]
    assert whole.content["notes"] == ["small model", "chunk 1", "chunk 3"]


def test_other_options_or_other_models_or_a_judgement_are_other_steps() -> None:
    tuned = {"inputs": [{"role": "tuned model", "sha256": "u", "records": 1}]}
    changes: list[dict[str, Any]] = [{"config": {"rule": "fpr_1"}}, tuned, {"metrics": [{"metric": "mcc"}]}]
    for change in changes:
        assert len(joined([scan(1, 3, 1), scan(2, 4, 2, **change)])) == 2
