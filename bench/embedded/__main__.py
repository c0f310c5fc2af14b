"""Measure what a small language model has learned, beside the same model with random weights and one-hot residues.

`python -m bench.embedded --model FOLDER [--seeds 3] [--only gb1 disorder ...] [--train FASTA --test FASTA]` prints
tables and writes a JSON file. The model stays frozen; small heads learn from its states, with settings chosen on
validation parts; test parts are whole. To save time:
- secondary structure and localisation learn from some of their training proteins (numbers in tasks.py);
  --whole-training takes all of them
- GB1 and localisation, and the perplexity, are compared with one model with random weights instead of one a seed
- states are computed in bfloat16; it is slow on processors without it: there, give --precision float32
- long proteins are encoded in equal pieces of at most --longest residues
--train and --test (no protein of one related to the other) add the perplexity of hidden residues and the speed of
training; without them these two are left out. PLMKIT_DATA names the folder of the data, which is not part of the
project; each data set's source is said there. Intervals: 95 % bootstrap over proteins (zero-shot: positions).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch
from bench.embedded import tasks
from bench.embedded.data import DATA
from bench.embedded.features import Encoder, Models, open_models
from bench.embedded.figures import Line, heading, row
from bench.embedded.language import Guessers, perplexity, zero_shot
from bench.embedded.speed import Speed, training_speeds
from bench.embedded.tasks import Setting

from plmkit.models.backbone import load_backbone
from plmkit.models.device import choose_device, describe_device
from plmkit.models.masked import MaskedModel, load_masked_model
from plmkit.models.source import ModelFiles

SUPERVISED: dict[str, Callable[[Setting], list[Line]]] = {
    "gb1": tasks.gb1,
    "disorder": tasks.disorder,
    "structure": tasks.structure,
    "localisation": tasks.localisation,
    "dephosphorylation": tasks.dephosphorylation,
}
ZERO_SHOT, PERPLEXITY, SPEED = "zero-shot", "perplexity", "speed"
TASKS = (*SUPERVISED, ZERO_SHOT, PERPLEXITY, SPEED)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded", help='"embedded", a folder or a zip archive')
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds")
    parser.add_argument("--only", nargs="+", choices=TASKS, default=TASKS, help="default: all")
    parser.add_argument("--limit", type=int, help="proteins of each part, for a trial: figures then mean nothing")
    parser.add_argument("--whole-training", action="store_true", help="learn from all training proteins: takes longer")
    parser.add_argument("--train", type=Path, help="FASTA for residue frequencies and for the speed of training")
    parser.add_argument("--test", type=Path, help="FASTA with proteins unlike those which the model learned from")
    parser.add_argument("--longest", type=int, default=512, help="residues of a piece when states are computed")
    parser.add_argument("--guessed", type=int, default=256, help="residues of a piece for the perplexity")
    parser.add_argument("--precision", choices=["bfloat16", "float32"], default="bfloat16", help="of the states")
    parser.add_argument("--steps", type=int, default=16, help="training steps for the speed")
    parser.add_argument("--json", type=Path, default=Path("build/bench-embedded.json"), help="where figures go")
    return parser.parse_args()


def lines_of(chosen: argparse.Namespace, models: Models, device: torch.device) -> Iterator[Line]:
    """Yield the lines of each task in turn, and say how long it took."""
    supervised = [name for name in SUPERVISED if name in chosen.only]
    setting = _setting(chosen, models, device) if supervised else None
    for name in supervised:
        assert setting is not None
        with _timed(name):
            yield from SUPERVISED[name](setting)
    guessers = Guessers(_masked(models.trained, device), [_masked(files, device) for files in models.random])
    if ZERO_SHOT in chosen.only:
        with _timed(ZERO_SHOT):
            yield from zero_shot(guessers)
    if PERPLEXITY in chosen.only and chosen.train and chosen.test:
        with _timed(PERPLEXITY):
            yield from perplexity(guessers, chosen.train, chosen.test, chosen.guessed, chosen.limit)


def _setting(chosen: argparse.Namespace, models: Models, device: torch.device) -> Setting:
    precision = getattr(torch, chosen.precision)
    trained, before, *random = (
        Encoder(load_backbone(files, device), precision, chosen.longest)
        for files in (models.trained, models.before, *models.random)
    )
    return Setting(trained, before, random, list(range(1, chosen.seeds + 1)), chosen.limit, chosen.whole_training)


def _masked(files: ModelFiles, device: torch.device) -> MaskedModel:
    model = load_masked_model(files, device, torch.float32)
    model.network.eval()
    return model


@contextmanager
def _timed(task: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{task}: {time.monotonic() - began:.0f} s", file=sys.stderr)


def speed_table(speeds: Sequence[Speed]) -> str:
    """Return a markdown table."""
    rows = [
        "| training in | tokens a second | model GFLOP/s | matrix product GFLOP/s | share |",
        "| --- | --- | --- | --- | --- |",
    ]
    for speed in speeds:
        rows.append(
            f"| {speed.precision} | {speed.tokens_per_second:.0f} | {speed.flops / 1e9:.0f} | {speed.peak / 1e9:.0f} "
            f"| {speed.flops / speed.peak:.1%} |"
        )
    return "\n".join(rows)


def what_is_measured(chosen: argparse.Namespace, models: Models, device: torch.device) -> str:
    """Say what was measured."""
    said = f"{models.trained.name} ({models.trained.sha256[:12]}), {chosen.seeds} seeds, states in {chosen.precision}"
    said += f", {describe_device(device)} with {torch.get_num_threads()} threads"
    return said + (f"; LIMITED to {chosen.limit} proteins: figures mean nothing" if chosen.limit else "")


def run() -> int:
    chosen = parse()
    if not DATA.is_dir():
        print("the data is not here; name its folder by PLMKIT_DATA", file=sys.stderr)
        return 2
    began, device = time.monotonic(), choose_device()
    with open_models(chosen.model, range(1, chosen.seeds + 1)) as models:
        print(what_is_measured(chosen, models, device) + "\n")
        print(heading())
        lines = []
        for line in lines_of(chosen, models, device):
            print(row(line), flush=True)
            lines.append(line)
        speeds: list[Speed] = []
        if SPEED in chosen.only and chosen.train:
            with _timed(SPEED):
                speeds = training_speeds(models.trained, chosen.train, device, chosen.steps)
            print("\n" + speed_table(speeds))
        found = {
            "bench": "embedded",
            "model": models.trained.describe(),
            "options": {key: str(value) if isinstance(value, Path) else value for key, value in vars(chosen).items()},
            "threads": torch.get_num_threads(),
            "lines": [asdict(line) for line in lines],
            "speeds": [speed.describe() for speed in speeds],
            "seconds": time.monotonic() - began,
        }
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run())
