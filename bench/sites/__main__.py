"""Measure models of modification sites on published data: windows and whole proteins, published and grouped splits.

python -m bench.sites [--tasks tutorial ...] [--methods head lora] [--seeds 1 2 3] [--epochs N]. The tasks:

tutorial: the windows of the Galaxy training, by its published protocol (LoRA of rank 4 on query, key, value and output,
    rate 0.0003, 20 epochs, mean of the residues), on its split; tutorial folds: the same in five folds by protein.
published: dephosphorylation of S and T in windows, the published split, which divides proteins; windows, proteins: in
    five folds by protein, as windows and as whole proteins.
together, each: thirteen modifications on proteins divided by clusters of 30 % identity, one model of whole proteins for
    all of them, and a model of whole proteins for each; at most so many proteins of each as TOGETHER says.
sequons: N-glycosylation with N-X-S/T alone as candidates, beside what the motif alone gives among all N.

Each row: AUROC, average precision and MCC of the model and of the linear model on one-hot windows, with 95 % intervals,
on the test set, or over the folds; the share of modified ones; wall seconds of one whole `plm finetune`. The last line
is one JSON object. PLMKIT_DATA names the folder of the data, which is not part of the project.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.sites.data import Sizes, dephosphorylation, modifications, motif_auroc, read_back, tutorial_windows

METHODS = {
    "head": ("--method", "head"),
    "lora": ("--method", "lora"),
    "lora, 1 upper layer": ("--method", "lora", "--adapter-layers", "1"),
}
TOGETHER = Sizes(150, 25, 100)
THIRTEEN = (
    "Phosphorylation_ST",
    "Phosphorylation_Y",
    "Acetylation_K",
    "Ubiquitination_K",
    "SUMOylation_K",
    "Methylation_K",
    "Methylation_R",
    "Palmitoylation_C",
    "Glycosylation_N",
    "Glycosylation_ST",
    "Hydroxylation_K",
    "Hydroxylation_P",
    "Pyroglutamylation_Q",
)
_METRICS = ("auroc", "average_precision", "mcc", "prevalence")
_OF = " of "
_MODEL, _LINEAR = "fine-tuned model", "logistic regression"
_PROTOCOL = ("--unit", "window", "--rank", "4", "--alpha", "8", "--learning-rate", "0.0003", "--pooling", "mean")

Value = tuple[float, float, float]


@dataclass(frozen=True)
class Prepared:
    """A table for `plm finetune`, its options, and what is to be said of it."""

    name: str
    examples: Path
    options: tuple[str, ...]
    said: str = ""


@dataclass(frozen=True)
class Result:
    """One row: what is judged, metrics (value, low, high) of the model and of the linear one, and wall seconds."""

    task: str
    method: str
    seed: int
    part: str
    model: dict[str, Value]
    linear: dict[str, Value]
    wall_s: float


def _tutorial(folder: Path) -> Iterator[Prepared]:
    tutorial_windows(folder / "windows.fasta")
    yield Prepared("tutorial", folder / "windows.fasta", (*_PROTOCOL, "--relatives", "anywhere"))


def _tutorial_folds(folder: Path) -> Iterator[Prepared]:
    windows = folder / "together.fasta"
    tutorial_windows(windows)
    windows.write_text(windows.read_text().replace(" SET=train", "").replace(" SET=test", ""))
    yield Prepared("tutorial folds", windows, (*_PROTOCOL, "--folds", "5"))


def _dephosphorylation(name: str, kind: str, split: str, *options: str) -> Callable[[Path], Iterator[Prepared]]:
    def prepare(folder: Path) -> Iterator[Prepared]:
        proteins, sites = folder / "proteins.fasta", folder / "sites.tsv"
        dephosphorylation(proteins, sites, "ST")
        said = _sites(folder, proteins, sites, "--name", "Dephosphorylation", "--kind", kind, "--split", split)
        unit = "window" if kind == "windows" else "residue"
        yield Prepared(name, folder / "examples.tsv", ("--unit", unit, *options), said)

    return prepare


def _together(folder: Path) -> Iterator[Prepared]:
    yield _modifications("together", folder, THIRTEEN)


def _each(folder: Path) -> Iterator[Prepared]:
    for modification in THIRTEEN:
        yield _modifications(f"each: {modification}", folder, (modification,))


def _sequons(folder: Path) -> Iterator[Prepared]:
    prepared = _modifications("sequons", folder, ("Glycosylation_N",), "--sequons")
    auroc, count = motif_auroc(*read_back(folder / "proteins.fasta", folder / "sites.tsv", "test"))
    motif = f"the motif alone among all {count:,} N of the test proteins: AUROC {auroc:.3f}"
    yield Prepared(prepared.name, prepared.examples, prepared.options, motif)


def _modifications(name: str, folder: Path, wanted: Sequence[str], *options: str) -> Prepared:
    proteins, sites = folder / "proteins.fasta", folder / "sites.tsv"
    counts = modifications(proteins, sites, wanted, TOGETHER)
    _sites(folder, proteins, sites, "--kind", "proteins", "--split", "given", *options)
    return Prepared(name, folder / "examples.tsv", ("--unit", "residue"), f"proteins: {counts}")


TASKS: dict[str, Callable[[Path], Iterator[Prepared]]] = {
    "tutorial": _tutorial,
    "tutorial folds": _tutorial_folds,
    "published": _dephosphorylation("published", "windows", "given", "--relatives", "anywhere"),
    "windows": _dephosphorylation("windows", "windows", "none", "--folds", "5"),
    "proteins": _dephosphorylation("proteins", "proteins", "none", "--folds", "5"),
    "together": _together,
    "each": _each,
    "sequons": _sequons,
}


def _sites(folder: Path, proteins: Path, sites: Path, *options: str) -> str:
    """Run `plm sites`; return what it says last."""
    given = ["--proteins", str(proteins), "--sites", str(sites), "--examples", str(folder / "examples.tsv")]
    return _plm(["sites", *given, *options]).strip().splitlines()[-1]


def _plm(arguments: list[str]) -> str:
    done = subprocess.run([sys.executable, "-m", "plmkit", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stderr


def measured(prepared: Prepared, method: str, seed: int, epochs: int, folder: Path) -> list[Result]:
    """Run `plm finetune`; return a row for the test set, or the folds, and for each modification if there are more."""
    metrics = folder / "metrics.tsv"
    began = time.monotonic()
    outputs = ["--bundle", str(folder / "tuned.zip"), "--metrics", str(metrics)]
    learning = [*METHODS[method], "--epochs", str(epochs), "--seed", str(seed), "--baselines", "simple"]
    _plm(["finetune", "--examples", str(prepared.examples), *prepared.options, *learning, *outputs])
    seconds = time.monotonic() - began
    found: dict[str, dict[str, dict[str, Value]]] = {}
    with metrics.open(newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            value, low, high = (float("nan" if row[key] == "NA" else row[key]) for key in ("value", "low", "high"))
            found.setdefault(row["examples"], {}).setdefault(row["method"], {})[row["metric"]] = (value, low, high)
    parts = [part for part in found if part.startswith(("test", "cross"))] or list(found)
    results = []
    for part in parts:
        tuned, one_hot = found[part].get(_MODEL, {}), found[part].get(_LINEAR, {})
        for label in dict.fromkeys(metric.partition(_OF)[2] for metric in tuned):
            name = f"{prepared.name} {label}".strip()
            results.append(Result(name, method, seed, part, _of(tuned, label), _of(one_hot, label), seconds))
    return results


def _of(found: dict[str, Value], label: str) -> dict[str, Value]:
    """Return what is said of a label, or of all together; metrics of one label are called "auroc of label"."""
    ending = _OF + label if label else ""
    return {metric: found[metric + ending] for metric in _METRICS if metric + ending in found}


def told(result: Result) -> str:
    """Return one row of what is printed."""

    def text(of: dict[str, Value]) -> str:
        return "  ".join(f"{name} {value:.3f} [{low:.3f}, {high:.3f}]" for name, (value, low, high) in of.items())

    return (
        f"{result.task:34} {result.method:20} seed {result.seed} {result.part:24} {result.wall_s:5.0f} s\n"
        f"    model   {text(result.model)}\n    one-hot {text(result.linear)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--methods", nargs="+", default=["head"], choices=list(METHODS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    os.environ.setdefault("GALAXY_SLOTS", "1")
    results = []
    for task in options.tasks:
        with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
            for prepared in TASKS[task](Path(temporary)):
                print(f"{prepared.name}: {prepared.said}", flush=True)
                for method in options.methods:
                    for seed in options.seeds:
                        for result in measured(prepared, method, seed, options.epochs, Path(temporary)):
                            print(told(result), flush=True)
                            results.append(asdict(result))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
