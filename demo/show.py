"""Show what the demonstration made: each file with one line about it, then the sites it found."""

import csv
import json
from pathlib import Path

SITES_SHOWN = 20
MEANINGS = {
    "Summary": "one page on the whole analysis: results, warnings, methods, references; open it in a browser",
    "Tuned model": "the adapter and its head: predict with it again, in Galaxy, at the command line or with PEFT",
    "Report of tuning": "how the training went and whether it was worth it; open it in a browser",
    "Metrics of tuning": "the tuned model beside simple methods and the frozen model, with 95 % intervals",
    "Comparison": "the tuned model against a head on the frozen one, by a paired test",
    "Predictions and truth": "the same as a picture",
    "Sites": "every S, T and Y of two whole proteins with its probability",
    "Modified sites": "those that are called modified, for a genome browser",
}


def show(folder: Path, report: Path) -> None:
    """Name each downloaded file by its label in the workflow, list them, and print results and the likeliest sites."""
    named = {}
    for label, output in json.loads(report.read_text()).items():
        path = Path(output["path"])
        named[label] = path.rename(folder / f"{label}{path.suffix}")
    print(f"\nResults in {folder}\n")
    for label, path in named.items():
        print(f"  {path.name:<42} {MEANINGS.get(label, '')}".rstrip())
    results, *_ = named["Summary as text"].read_text().partition("\n## What to beware of")
    print("\n" + results.removeprefix("## ").replace("**", ""))
    print_table(f"The {SITES_SHOWN} likeliest sites", named["Sites"], by="probability", rows=SITES_SHOWN)
    print("\nThe embedded model is very small: these probabilities show the way; for research choose a larger one.")


def print_table(title: str, path: Path, by: str = "", rows: int | None = None) -> None:
    """Print a tabular file in columns, the highest values of the column `by` first."""
    with path.open(newline="") as lines:
        header, *records = csv.reader(lines, delimiter="\t")
    if by:
        records.sort(key=lambda record: float(record[header.index(by)]), reverse=True)
    shown = [header, *records[:rows]]
    widths = [max(len(record[column]) for record in shown) for column in range(len(header))]
    print(f"\n{title} ({path.name}, {len(records)} rows)\n")
    for record in shown:
        print("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(record, widths, strict=True)).rstrip())
