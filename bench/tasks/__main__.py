"""Measure plm finetune on published data sets: a frozen head, LoRA, LoRA in the upper layers, all weights.

python -m bench.tasks [--tasks gb1 ...] [--methods head lora "lora, 1 upper layer" full] [--seeds 1 2 3] [--epochs N]
[--share S] [--model MODEL]. It prints some rows for each data set and method; the last line is one JSON object. For
each: the headline metric on the published test set (where there is none, in a cross-validation), its mean over the
seeds (lowest to highest), the 95 % interval of the first seed, wall and CPU seconds and the peak memory of one whole
`plm finetune`, its start-up included; then what the model is compared with, how long that took, and the verdict, all
of the first seed. Subsets, where all would take too long, are those of bench/tasks/data.py. PLMKIT_DATA names the
folder of the data, which is not part of the project.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

from bench.tasks.data import SOURCES, write_table

METHODS = {
    "head": ("--method", "head"),
    "lora": ("--method", "lora"),
    "lora, 1 upper layer": ("--method", "lora", "--adapter-layers", "1"),
    "full": ("--method", "full"),
}
_TUNED = "fine-tuned model"
_TOOK = re.compile(r"^([a-z ]+): ([\d.]+) s$", re.MULTILINE)


Value = tuple[float, float, float]


@dataclass(frozen=True)
class Result:
    """One fine-tuning. tuned, rivals: value and interval of the model and of what it is compared with; rivals_s:
    seconds that these took."""

    metric: str
    tuned: Value
    rivals: dict[str, Value]
    rivals_s: float
    verdict: str
    epochs: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def finetune(table: Path, options: list[str]) -> Result:
    """Run `plm finetune` in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        metrics, record = Path(temporary) / "metrics.tsv", Path(temporary) / "run.json"
        outputs = ["--bundle", f"{temporary}/tuned.zip", "--metrics", str(metrics), "--record", str(record)]
        command = [sys.executable, "-m", "plmkit", "finetune", "--examples", str(table), *options, *outputs]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        peak, said = _watched(process)
        if process.returncode:
            raise SystemExit(said)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        recorded = json.loads(record.read_text())
        verdict = recorded["verdict"]
        with metrics.open(newline="") as handle:
            found = {
                row["method"]: (_number(row["value"]), _number(row["low"]), _number(row["high"]))
                for row in csv.DictReader(handle, delimiter="\t")
                if (row["examples"].split()[0], row["metric"]) == (verdict["part"], verdict["metric"])
            }
    names = [name for name in found if name != _TUNED and f"{_TUNED} minus {name}" in found]
    return Result(
        verdict["metric"],
        found[_TUNED],
        {name: found[name] for name in names},
        sum(float(seconds) for name, seconds in _TOOK.findall(said) if name in names),
        verdict["sentence"],
        recorded["counts"]["epochs"],
        time.monotonic() - began,
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        peak,
    )


def _number(text: str) -> float:
    return math.nan if text == "NA" else float(text)


def _watched(process: subprocess.Popen[str]) -> tuple[float, str]:
    """Return the most megabytes that a process held, and what it said."""
    peak = 0.0
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            break
        peak = max([peak, *(int(line.split()[1]) / 2**10 for line in lines if line.startswith("VmHWM:"))])
        time.sleep(0.2)
    _, said = process.communicate()
    return peak, said


def told(task: str, method: str, results: list[Result]) -> str:
    values = [result.tuned[0] for result in results]
    first = results[0]
    return (
        f"{task:14} {method:20} {first.metric:18} {mean(values):.3f} ({min(values):.3f} to {max(values):.3f})  "
        f"[{first.tuned[1]:.3f}, {first.tuned[2]:.3f}]  "
        f"{mean(r.wall_s for r in results):6.0f} s wall {mean(r.cpu_s for r in results):6.0f} s CPU "
        f"{max(r.peak_mb for r in results):6.0f} MB\n    compared in {first.rivals_s:.0f} s with "
        + ", ".join(f"{name} {value:.3f} [{low:.3f}, {high:.3f}]" for name, (value, low, high) in first.rivals.items())
        + f"\n    {first.verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=list(SOURCES), choices=list(SOURCES))
    parser.add_argument("--methods", nargs="+", default=["head", "lora", "full"], choices=list(METHODS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--model", default="embedded")
    options = parser.parse_args()
    os.environ.setdefault("GALAXY_SLOTS", "1")
    runs = []
    with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        for task in options.tasks:
            table = Path(temporary) / f"{task.replace(' ', '_')}.tsv"
            sizes = write_table(task, table, options.share)
            print(
                f"{task}: {sizes.train} to learn from, {sizes.valid} to stop by, {sizes.test} of the test set",
                flush=True,
            )
            for method in options.methods:
                common = [*SOURCES[task].options, *METHODS[method], "--model", options.model]
                results = [
                    finetune(table, [*common, "--epochs", str(options.epochs), "--seed", str(seed)])
                    for seed in options.seeds
                ]
                print(told(task, method, results), flush=True)
                runs.append(
                    {"task": task, "method": method, "sizes": asdict(sizes), "runs": [asdict(r) for r in results]}
                )
    print(json.dumps({"epochs": options.epochs, "seeds": options.seeds, "model": options.model, "results": runs}))


if __name__ == "__main__":
    main()
