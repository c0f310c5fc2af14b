"""Memory and speed of plm embed and plm finetune for the sizes of ESM-2, as a table for those who size servers.

python -m bench.sizing [--shapes 8M 35M ...] [--threads T] [--most-gigabytes G]

Weights are random, in the shapes of facebook/esm2_*: neither memory nor speed depends on what weights say. Each
command runs alone, as a job does: a process of its own, its peak resident memory as the kernel counted it, and
processor time, which other work on the machine hardly lengthens. Starting (Python, torch, reading the weights; one
protein of ten residues) has a row of its own and is taken off before residues are divided by time. What needs more
memory than is allowed is left out of the table.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.shapes import SHAPES

PROTEINS = {"8M": 100, "35M": 100, "150M": 30, "650M": 8}
LENGTH = 350
WINDOWS, WINDOW = 60, 33
EXAMPLES = {"8M": 20, "35M": 20, "150M": 10, "650M": 10}
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
STARTED = "started"


@dataclass(frozen=True)
class Run:
    """What a command took: peak memory in GB (10^9 bytes), processor and wall time in seconds."""

    memory: float
    processor: float
    elapsed: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=list(SHAPES))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--most-gigabytes", type=float, default=8.0)
    options = parser.parse_args()
    columns = ["model", "command", "examples", "residues", "peak memory, GB", "processor, s", "elapsed, s"]
    say(f"| {' | '.join(columns)} | residues / processor s |")
    say("|---|---|---|---|---|---|---|---|")
    for shape in options.shapes:
        with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as folder:
            measure(shape, Path(folder), options.threads, options.most_gigabytes)


def measure(shape: str, folder: Path, threads: int, most_gigabytes: float) -> None:
    """Print the rows of a size."""
    # here, because a child's peak begins with that of the process which starts it: that one must stay small
    from plmkit.models.untrained import build_untrained

    width, layers, heads = SHAPES[shape]
    build_untrained(folder / "model", f"ESM-2 shape {shape}", width, layers, heads, seed=1)
    generator = random.Random(1)
    proteins = write(folder / "proteins.fasta", generator, PROTEINS[shape], LENGTH)
    labelled = write(folder / "labelled.fasta", generator, EXAMPLES[shape], LENGTH)
    windows = write(folder / "windows.fasta", generator, WINDOWS, WINDOW)
    tune: list[str | Path] = ["finetune", "--epochs", "1", "--baselines", "simple", "--relatives", "anywhere"]
    whole: list[str | Path] = [*tune, "--unit", "protein", "--examples", labelled]
    short: list[str | Path] = [*tune, "--unit", "window", "--examples", windows]
    bundle: list[str | Path] = ["--bundle", folder / "out"]
    small, large = (EXAMPLES[shape], LENGTH), (WINDOWS, WINDOW)
    tiny = write(folder / "tiny.fasta", generator, 1, 10)
    rows: list[tuple[str, tuple[int, int], list[str | Path]]] = [
        ("start", (1, 10), ["embed", "--proteins", tiny, "--vectors", folder / "out"]),
        ("embed", (PROTEINS[shape], LENGTH), ["embed", "--proteins", proteins, "--vectors", folder / "out"]),
        ("embed, residues", small, ["embed", "--format", "h5", "--proteins", labelled, "--vectors", folder / "out"]),
        ("finetune, head, windows", large, [*short, "--method", "head", *bundle]),
        ("finetune, head, proteins", small, [*whole, "--method", "head", *bundle]),
        ("finetune, LoRA, windows", large, [*short, "--method", "lora", *bundle]),
        ("finetune, LoRA, proteins", small, [*whole, "--method", "lora", *bundle]),
    ]
    start = 0.0
    for name, (count, length), command in rows:
        found = run([*command, "--model", folder / "model"], threads, most_gigabytes)
        told = f"| {shape} | {name} | {count} | {count * length:,} |"
        if found is None:
            say(f"{told} more than {most_gigabytes:g} | | | |")
        else:
            start = start or found.processor
            speed = f"{count * length / (found.processor - start):,.0f}" if found.processor > start + 1 else ""
            say(f"{told} {found.memory:.1f} | {found.processor:.0f} | {found.elapsed:.0f} | {speed} |")
        (folder / "out").unlink(missing_ok=True)


def write(path: Path, generator: random.Random, count: int, length: int) -> Path:
    """Write random sequences with two labels."""
    records = (
        f">{number} LABEL={number % 2}\n{''.join(generator.choices(RESIDUES, k=length))}\n" for number in range(count)
    )
    path.write_text("".join(records))
    return path


def run(command: list[str | Path], threads: int, most_gigabytes: float) -> Run | None:
    """Run a command of plm alone; None when it needs more memory than is allowed."""
    environment = os.environ | {"GALAXY_SLOTS": str(threads), "OMP_NUM_THREADS": str(threads)}
    begin = time.monotonic()
    # the kernel counts the peak of all ended children together: a child of its own for each command
    counting = [sys.executable, "-m", "bench.sizing", STARTED, str(most_gigabytes), *map(str, command)]
    done = subprocess.run(counting, env=environment, capture_output=True, text=True, check=False)
    elapsed = time.monotonic() - begin
    if done.returncode:
        if "more than" in done.stderr.splitlines()[-1]:
            return None
        raise RuntimeError(done.stderr)
    memory, processor = map(float, done.stdout.split())
    return Run(memory, processor, elapsed)


def watch(most_gigabytes: float, command: list[str]) -> None:
    """Run a command, end it when it grows too large, and write its peak memory in GB and its processor time."""
    process = subprocess.Popen([sys.executable, "-m", "plmkit", *command], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        time.sleep(0.2)
        if resident(process.pid) > most_gigabytes * 1e9:
            process.kill()
            process.wait()
            sys.exit(f"more than {most_gigabytes:g} GB")
    if process.returncode:
        sys.exit(process.returncode)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(f"{used.ru_maxrss * 1024 / 1e9} {used.ru_utime + used.ru_stime}\n")


def resident(pid: int) -> int:
    """Return the bytes of memory that a process takes now, 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == [STARTED]:
        watch(float(sys.argv[2]), sys.argv[3:])
    else:
        main()
