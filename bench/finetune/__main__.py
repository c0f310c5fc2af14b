"""Time plm finetune's training against the recipe of published notebooks and other peers, in one run.

python -m bench.finetune [--shapes 8M 35M ...] [--proteins N] [--repeats R] [--threads T] [--methods dora ia3 ...]
[--biotrainer PYTHON] [--quick]. It prints a table; the last line is one JSON object. --quick takes less than a minute
on one processor core, tells ratios roughly, and leaves out full fine-tuning, grouping and biotrainer.

Every way learns one number of each protein in steps of 8 proteins, from the same random weights in the shapes of ESM-2;
LoRA has rank 8 on query, key, value and attention output. The ways run in turn, several rounds, each in a process of
its own; ratios are medians over the rounds. Time is CPU seconds of the process, on a GPU wall time.

- notebook: transformers' Trainer on padded batches, as Schmirler et al. 2024 (LoRA and full)
- notebook grouped: the same with proteins of similar length together (sorted: what train_sampling_strategy
  group_by_length comes to with thousands of proteins)
- scikit-learn head: MLPRegressor on embeddings; biotrainer: its LoRA, and its head on embeddings, where the Python
  named by --biotrainer (or this one) has that package, which needs no network for it
- ours: LoRA, full, a head on embeddings (one tanh layer as wide as the model), and LoRA in the upper 2 layers, those
  beneath computed once. once: seconds of what is computed once; 10 epochs: with that, samples a second of ten epochs

Ours learns with its usual dropout and judges two proteins after the epoch; the peers do neither. Ratios are to the
notebook's LoRA, those of full fine-tuning to the notebook's. The proteins are those of `bench.embed`, cut at 1022
residues. Losses of one step, by the notebook and by ours without dropout and with the same head, are compared, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from bench.embed import GPU_FACTOR, device_with
from bench.finetune.outside import BIOTRAINER_HEAD, BIOTRAINER_LORA, biotrainer
from bench.finetune.setting import Measured, Setting, sample
from bench.finetune.ways import (
    FULL,
    GROUPED,
    HEAD,
    LORA,
    NOTEBOOK,
    NOTEBOOK_FULL,
    OWN,
    SKLEARN,
    UPPER,
    Processes,
    first_losses,
)
from bench.shapes import SHAPES

from plmkit.models.device import describe_device
from plmkit.models.untrained import build_untrained

PROTEINS = {"8M": 48, "35M": 16, "150M": 16, "650M": 8}
QUICK_PROTEINS = 16
EPOCHS = 10
TARGETS = {LORA: 3, UPPER: 8, HEAD: 1000}  # times the notebook's LoRA

Rounds = dict[str, list[Measured]]


def names_of(chosen: argparse.Namespace) -> list[str]:
    """Return all ways to run, the notebook's first."""
    peers = [NOTEBOOK, SKLEARN] if chosen.quick else [NOTEBOOK, GROUPED, NOTEBOOK_FULL, SKLEARN]
    own = [LORA, UPPER, HEAD] if chosen.quick else [LORA, UPPER, FULL, HEAD]
    outside = [BIOTRAINER_LORA, BIOTRAINER_HEAD] if chosen.biotrainer and not chosen.quick else []
    return [*peers, *outside, *own, *chosen.methods]


def rounds(names: Sequence[str], setting: Setting, chosen: argparse.Namespace) -> Rounds:
    """Measure all ways in turn, some rounds."""
    found: Rounds = {name: [] for name in names}
    outside = (BIOTRAINER_LORA, BIOTRAINER_HEAD)
    with Processes([name for name in names if name not in outside], setting) as processes:
        for _ in range(chosen.repeats):
            for name in names:
                is_outside = name in outside
                measured = biotrainer(chosen.biotrainer, name, setting) if is_outside else processes.measured(name)
                found[name].append(measured)
    return found


def run_of(name: str, found: Rounds, proteins: int) -> dict[str, Any]:
    """Return the figures of one way, seconds being those of the median round."""
    own, other = found[name], found[NOTEBOOK_FULL if name in (FULL, NOTEBOOK_FULL) else NOTEBOOK]
    seconds, once = (median(figures) for figures in zip(*((each.seconds, each.once) for each in own), strict=True))
    run: dict[str, Any] = {
        "method": name,
        "samples_per_s": rounded(1 / seconds),
        "ratio_notebook": rounded(median(slow.seconds / fast.seconds for slow, fast in zip(other, own, strict=True))),
        "peak_memory_mb": round(max(each.megabytes for each in own)),
    }
    if name in OWN:
        per_sample = once / (EPOCHS * proteins)
        run |= {
            "once_s": rounded(once),
            f"samples_per_s_{EPOCHS}_epochs": rounded(1 / (seconds + per_sample)),
            f"ratio_notebook_{EPOCHS}_epochs": rounded(
                median(
                    slow.seconds / (fast.seconds + fast.once / (EPOCHS * proteins))
                    for slow, fast in zip(other, own, strict=True)
                )
            ),
        }
    return run


def rounded(number: float) -> float:
    """Return three digits."""
    return float(f"{number:.3g}")


def compare(shape: str, chosen: argparse.Namespace) -> tuple[list[dict[str, Any]], float]:
    """Compare all ways for one shape and print it; return their figures, and by how much first losses differ."""
    device, (width, layers, heads) = device_with(chosen.threads), SHAPES[shape]
    count = chosen.proteins or PROTEINS[shape] * (1 if device.type == "cpu" else GPU_FACTOR)
    with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        folder = Path(temporary) / shape
        build_untrained(folder, f"random weights {shape}", width, layers, heads, seed=1)
        setting = Setting(folder, sample(count), chosen.threads)
        names = names_of(chosen)
        found = rounds(names, setting, chosen)
        with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as process:
            theirs, ours = process.submit(first_losses, setting).result()
    runs = []
    for name in names:
        runs.append({"shape": shape} | run_of(name, found, count))
        print(row(runs[-1]), flush=True)
    print(f"{shape:6}loss of one step: {theirs:.6f} by the notebook, {ours:.6f} by plm")
    return runs, abs(theirs - ours)


def row(run: dict[str, Any]) -> str:
    target = f"{'>= ' + str(TARGETS[run['method']]):>9}" if run["method"] in TARGETS else f"{'':9}"
    more = "".join(f"{run.get(key, ''):>12}" for key in (f"samples_per_s_{EPOCHS}_epochs", "once_s"))
    measured = f"{run['samples_per_s']:>12g}{run['ratio_notebook']:>12g}{target}{run['peak_memory_mb']:>8}{more}"
    return f"{run['shape']:6}{run['method']:24}{measured}"


def heading() -> str:
    """Return the names of the columns."""
    columns = f"{'samples/s':>12}{'x notebook':>12}{'target':>9}{'MB':>8}{f'{EPOCHS} epochs':>12}{'once, s':>12}"
    return f"{'':30}{columns}"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["8M"])
    parser.add_argument("--proteins", type=int, help="default: as many as take some minutes")
    parser.add_argument("--repeats", type=int, default=3, help="rounds, each of all ways in turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--methods", nargs="+", choices=["rslora", "dora", "ia3"], default=[], help="other adapters")
    parser.add_argument("--biotrainer", type=Path, help="a Python that has biotrainer; default: this one, if it has")
    parser.add_argument("--quick", action="store_true", help="8M alone, few proteins, one round")
    chosen = parser.parse_args()
    if chosen.biotrainer is None and importlib.util.find_spec("biotrainer"):
        chosen.biotrainer = Path(sys.executable)
    if chosen.quick:
        chosen.shapes, chosen.proteins, chosen.repeats = ["8M"], QUICK_PROTEINS, 1
    return chosen


def main() -> None:
    chosen = parse()
    print(heading(), flush=True)
    runs, differences = [], {}
    for shape in chosen.shapes:
        of_shape, differences[shape] = compare(shape, chosen)
        runs += of_shape
    device = describe_device(device_with(chosen.threads))
    print(
        json.dumps(
            {
                "bench": "finetune",
                "device": device,
                "threads": chosen.threads,
                "runs": runs,
                "loss_difference": differences,
                "targets": {"ratio_notebook": TARGETS},
            }
        )
    )


if __name__ == "__main__":
    main()
