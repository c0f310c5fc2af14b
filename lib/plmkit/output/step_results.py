"""Say in a sentence or two what came out of a step of an analysis, from its run record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plmkit.output.metric_names import readable
from plmkit.output.telling import Record
from plmkit.output.verdict import headline_text, part_of_row
from plmkit.output.wording import named

Row = dict[str, Any]

_BY_GUESSING = {"auroc": 0.5, "spearman": 0.0}
_OF_CURVE = "training examples"  # rows of the learning curve


def stated_verdict(record: Record) -> str:
    """Return the verdict that a record keeps."""
    return str(record["verdict"]["sentence"] if "verdict" in record else record["counts"]["verdict"])


def of_predictions(record: Record) -> str:
    """Say how good predictions are, or that nobody knows."""
    counts = record["counts"]
    parts = dict.fromkeys(part_of_row(row) for row in record["metrics"])
    text = "The predictions were not compared with any truth."
    if parts:
        text = " ".join(f"On {headline_text(record['metrics'], counts['headline'], part)}." for part in parts)
        text += _beside_guessing(record)
    if counts.get("far"):
        text += f" {counts['far']:,} of {counts['proteins']:,} lie far from the training examples."
    return text


def _beside_guessing(record: Record) -> str:
    """Say of metrics whose value by guessing is known if predictions are not shown to be better."""
    guessed = _BY_GUESSING.get(record["counts"]["headline"])
    lows = [row["low"] for row in rows_of_headline(record)]
    if guessed is None or all(low is not None and low > guessed for low in lows):
        return ""
    return f" They are not shown to be better than guessing ({guessed:g})."


def of_scan(record: Record) -> str:
    """Say how many candidates are called modified."""
    counts = record["counts"]
    each = "; ".join(
        f"{one['name']}: {one['modified']:,} of {one['candidates']:,} candidates from {one['threshold']:.3g} on"
        for one in counts["modifications"]
    )
    return (
        f"{counts['modified']:,} of {counts['candidates']:,} candidate residues of {counts['proteins']:,} proteins are "
        f"called modified ({each}). Calls are predictions, not observations."
    )


def of_search(record: Record) -> str:
    """Say how many labels were transferred, and how often such labels are right; "" of neighbours alone."""
    counts = record["counts"]
    if not any(entry["role"] == "labels" for entry in record["inputs"]):
        return ""
    text = f"{counts['transferred']:,} of {counts['queries']:,} queries got a label from their neighbours"
    rows = rows_of_search(record)
    told = [f"for {_percent(row)} of the {row['examples']}" for row in rows if row["method"] == "transfer"]
    frequent = [_percent(row) for row in rows if row["method"] != "transfer"]
    if not told:
        return f"{text}; how often that is right was not asked."
    return f"{text}. It is right {', '.join(told)}; always saying the most frequent label: {', '.join(frequent)}."


def rows_of_headline(record: Record) -> list[Row]:
    """Return the rows of the metric by which methods are compared, on what a verdict is about."""
    counts = record["counts"]
    rows: Sequence[Row] = record["metrics"]
    found = [row for row in rows if row["metric"] == counts.get("headline") and _OF_CURVE not in row["method"]]
    if "shown" in counts:
        wanted = {counts["shown"], *(part for part in counts["parts"] if part.startswith("test"))}
        found = [row | {"method": named(row["method"], counts)} for row in found if part_of_row(row) in wanted]
    if record["command"] == "evaluate":
        found = [row for row in found if row["examples"].startswith("all ")]
    return found


def rows_of_all(record: Record) -> list[Row]:
    """Return every row."""
    return list(record["metrics"])


def rows_of_map(record: Record) -> list[Row]:
    """Return the measures of a map as rows like those of other steps."""
    return [{"method": "map", "examples": "all", "low": None, "high": None} | row for row in record["metrics"]]


def rows_of_search(record: Record) -> list[Row]:
    """Return the accuracy at the reliability asked for, and that of the most frequent label."""
    threshold = record["config"]["threshold"]
    return [
        row | {"metric": "accuracy", "value": row["accuracy"]}
        for row in record["metrics"]
        if row["threshold"] is None or row["threshold"] == threshold
    ]


def in_cells(row: Row) -> tuple[str, str, str, str, str]:
    """Return method, part, metric, value and interval of a row as people read them."""
    value = "not defined" if row["value"] is None else f"{row['value']:.3f}"
    interval = "" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
    return row["method"], row["examples"], readable(row["metric"]), value, interval


def _percent(row: Row) -> str:
    interval = "" if row["low"] is None else f" ({100 * row['low']:.0f} to {100 * row['high']:.0f} %)"
    return "none" if row["value"] is None else f"{100 * row['value']:.0f} %{interval}"
