"""Measure fine-tuning on published dephosphorylation sites, beside a one-hot logistic regression on the same split.

`python bench/dephosphorylation.py [--seeds 1 2 3] [--model MODEL]` prints a table; its last line is one JSON object.
The data (Chaudhari et al. 2021, doi:10.3389/fcell.2021.662983) is not part of the project: PLMKIT_DATA names the folder
that holds dephosphorylation/dtl_dephos_Y.tsv.gz and dtl_dephos_ST.tsv.gz. The Y set is that of the Galaxy training
"Fine-tuning Protein Language Model". Intervals: 95 % bootstrap over proteins.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gzip
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from plmkit.cli import main
from plmkit.data.dataset import Examples
from plmkit.data.examples import read_examples
from plmkit.data.labelled import Columns
from plmkit.learning.baselines import linear_model
from plmkit.learning.judging import judge, part_of
from plmkit.learning.metrics import METRICS as METRICS_OF_KINDS

METRICS = METRICS_OF_KINDS["classification"]
DATA = (
    Path(os.environ.get("PLMKIT_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "dephosphorylation"
)
FLANK = 16


def write_windows(residues: str, split: str, path: Path) -> Examples:
    """Write one side of a published split as FASTA with LABEL= and read it back."""
    with gzip.open(DATA / f"dtl_dephos_{residues}.tsv.gz", "rt", encoding="utf-8") as handle, path.open("w") as sink:
        for row in csv.DictReader(handle, delimiter="\t"):
            if row["split"] == split:
                site = int(row["position"])
                name = f"{row['accession']}%{site - FLANK}%{site}"
                sink.write(f">{name} LABEL={row['label']}\n{row['window33']}\n")
    return read_examples(path, "examples", "window", "classification", Columns(), None)


def quietly(arguments: list[str]) -> None:
    """Run a plm command; show what it said only when it fails."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = main(arguments)
    if code:
        raise SystemExit(said.getvalue())


def tuned(folder: Path, seed: int, model: str, options: list[str]) -> dict[str, dict[str, float]]:
    """Fine-tune and predict through the command line; return each metric on the held-out windows."""
    bundle, metrics = folder / f"{seed}.zip", folder / f"{seed}.tsv"
    base = ["--model", model]
    quietly(
        [
            "finetune",
            "--examples",
            str(folder / "train.fasta"),
            "--unit",
            "window",
            "--seed",
            str(seed),
            "--bundle",
            str(bundle),
            *base,
            *options,
        ]
    )
    quietly(
        [
            "predict",
            "--bundle",
            str(bundle),
            "--proteins",
            str(folder / "test.fasta"),
            "--labelled",
            "--predictions",
            str(folder / "p.tsv"),
            "--metrics",
            str(metrics),
            *base,
        ]
    )
    with metrics.open() as handle:
        return {
            row["metric"]: {key: float(row[key]) for key in ("value", "low", "high")}
            for row in csv.DictReader(handle, delimiter="\t")
        }


def baseline(train: Examples, test: Examples) -> dict[str, dict[str, float]]:
    """Return the metrics of a one-hot logistic regression that learned from all training windows."""
    sequences = [[item.sequences for item in side.items] for side in (train, test)]
    probabilities = linear_model(train.task, sequences[0], train.truth, sequences[1])
    part = part_of(test, "test", np.arange(len(test)))
    found = judge(test.task, part, "one-hot logistic regression", probabilities, positive=1).found
    return {name: {"value": e.value, "low": e.low, "high": e.high} for name, e in found.items()}


def cell(found: dict[str, float]) -> str:
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def measure(residues: str, seeds: list[int], model: str, options: list[str]) -> dict[str, Any]:
    """Measure one data set, print its rows, return its figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        train = write_windows(residues, "train", folder / "train.fasta")
        test = write_windows(residues, "test", folder / "test.fasta")
        simple = baseline(train, test)
        runs = [tuned(folder, seed, model, options) for seed in seeds]
    print(f"\n{residues}: {len(train)} training windows, {len(test)} test windows")
    print(f"{'method':32}" + "".join(f"{name:>26}" for name in METRICS))
    rows = [
        ("one-hot logistic regression", simple),
        *((f"LoRA, seed {s}", r) for s, r in zip(seeds, runs, strict=True)),
    ]
    for method, found in rows:
        print(f"{method:32}" + "".join(f"{cell(found[name]):>26}" for name in METRICS))
    means = {name: float(np.mean([run[name]["value"] for run in runs])) for name in METRICS}
    print(f"{'LoRA, mean of the seeds':32}" + "".join(f"{means[name]:>8.3f}{'':18}" for name in METRICS))
    return {"data": residues, "logistic_regression": simple, "lora": runs, "lora_mean": means}


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--data", nargs="+", default=["Y", "ST"])
    chosen, options = parser.parse_known_args()
    if not DATA.is_dir():
        print("the data is not here; name its folder by PLMKIT_DATA", file=sys.stderr)
        return 2
    results = [measure(residues, chosen.seeds, chosen.model, options) for residues in chosen.data]
    print(json.dumps({"bench": "dephosphorylation", "model": chosen.model, "options": options, "results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(run())
