"""Tell the runs of one step over the parts of an input, such as the chunks of a proteome, as one run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plmkit.data.run_records import GivenRecord

# Commands that treat each protein for itself, and those of their counts that add up.
_ADDED = {
    "embed": ("proteins", "residues", "with_states"),
    "predict": ("proteins", "places", "far", "with_states"),
    "ptm": ("proteins", "candidates", "modified", "with_states"),
}
_SAME = ("plmkit", "command", "config", "model", "device", "libraries")


def joined(records: Sequence[GivenRecord]) -> list[tuple[GivenRecord, int]]:
    """Return the records in order, those of one step as one, each with the number of its parts."""
    parts: dict[str, list[GivenRecord]] = {}
    for record in records:
        parts.setdefault(_step_of(record), []).append(record)
    return [(_whole(many), len(many)) for many in parts.values()]


def _step_of(record: GivenRecord) -> str:
    """Return what is equal of all parts of a step, and of nothing else."""
    content = record.content
    if record.command not in _ADDED or content["metrics"]:
        return str(record.number)
    tuned = [one.get("sha256") for one in content["inputs"] if one.get("role") == "tuned model"]
    not_added = {name: count for name, count in content["counts"].items() if name not in _ADDED[record.command]}
    found = [(one.get("name"), one.get("threshold")) for one in not_added.pop("modifications", ())]
    return json.dumps([[content[key] for key in _SAME], tuned, not_added, found], sort_keys=True)


def _whole(records: Sequence[GivenRecord]) -> GivenRecord:
    first = records[0]
    if len(records) == 1:
        return first
    contents = [record.content for record in records]
    counts = [content["counts"] for content in contents]
    content = first.content | {
        "counts": counts[0] | _sums(counts, _ADDED[first.command]),
        "inputs": list({one.get("sha256"): one for content in contents for one in content["inputs"]}.values()),
        "notes": list(dict.fromkeys(note for content in contents for note in content["notes"])),
    }
    return replace(first, content=content)


def _sums(counts: Sequence[dict[str, Any]], added: Sequence[str]) -> dict[str, Any]:
    """Return the counts that add up, those of each modification too."""
    sums: dict[str, Any] = {
        name: sum(one[name] for one in counts)
        for name in added
        if all(isinstance(one.get(name), int) for one in counts)
    }
    if all("modifications" in one for one in counts):
        each = zip(*(one["modifications"] for one in counts), strict=True)
        sums["modifications"] = [same[0] | _sums(same, ("candidates", "modified")) for same in each]
    return sums
