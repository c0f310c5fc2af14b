"""Show what the demonstration made: each file with one line about it, then the sites it found."""

import csv
import json
from pathlib import Path

SITES_SHOWN = 20
MEANINGS = {
    "Tuned model": "the adapter and its head: predict with it again, in Galaxy, at the command line or with PEFT",
    "Report": "how the training went and whether it was worth it; open it in a browser",
    "Training curves": "training and validation loss of each epoch",
    "Validation metrics": "the tuned model beside two baselines, with 95 % intervals",
    "Held-out predictions": "windows of proteins that the training has not met, with probabilities",
    "Held-out metrics": "the honest test: how good those predictions are",
    "Held-out comparison": "the same as a picture: predictions against the truth",
    "Sites": "every S, T and Y of two whole proteins with its score",
    "Modified sites": "those at or above the threshold, for a genome browser",
}


def show(folder: Path, report: Path) -> None:
    """Name each downloaded file by its label in the workflow, list them, and print the tables."""
    named = {}
    for label, output in json.loads(report.read_text()).items():
        path = Path(output["path"])
        named[label] = path.rename(folder / f"{label}{path.suffix}")
    print(f"\nResults in {folder}\n")
    for label, path in named.items():
        print(f"  {path.name:<30} {MEANINGS.get(label, '')}")
    print_table("Held-out metrics", named["Held-out metrics"])
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
