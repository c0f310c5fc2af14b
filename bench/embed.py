"""Time plm embed's engine against the unmodified transformers model, used in three ways, in one run.

python -m bench.embed [--shapes 8M 35M ...] [--proteins N] [--repeats R] [--threads T] [--quick]. It prints a table; the
last line is one JSON object. --quick takes less than a minute on one processor core and tells the ratios roughly.

Every way gives the mean vector of each protein, with the same random weights in the shapes of ESM-2. They run in turn,
several times; ratios are medians over the rounds. Time is CPU seconds of the process, on a GPU wall time.

- documented: padded batches of 8 proteins in their order with an attention mask, as transformers' documentation does
- one by one: no padding, no mask
- token batches: sorted by length, at most 4096 tokens with the padding, as extract.py of ESM does
- flash attention: our engine in bfloat16 with that package's attention; on a GPU, where flash_attn is installed

The proteins are a sample of UniProt: PLMKIT_DATA names the folder that holds corpus_uniprot/corpus_uniprot.fasta.gz,
which is not part of the project; without it random sequences of similar lengths are taken. The share of the peak
counts the operations of the model (not those on padding) and compares them with the fastest product of two matrices.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from unittest import mock

import numpy as np
import torch
from bench.embedded.data import DATA
from bench.shapes import SHAPES
from Bio.SeqIO.FastaIO import SimpleFastaParser
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from plmkit.models import fused
from plmkit.models.backbone import load_backbone
from plmkit.models.device import choose_device, cpu_has_bfloat16, describe_device
from plmkit.models.encoding import Reading, encode, protein_vectors
from plmkit.models.fused import Reader
from plmkit.models.source import open_model
from plmkit.models.tokens import Tokenizer
from plmkit.models.untrained import build_untrained

PROTEINS = {"8M": 64, "35M": 24, "150M": 16, "650M": 8}
GPU_FACTOR = 64
LONGEST = 2000
READING = Reading(window=LONGEST, overlap=0)
DOCUMENTED, ONE_BY_ONE, TOKEN_BATCHES, FLASH = "documented", "one by one", "token batches", "flash attention"
DOCUMENTED_BATCH, BATCH_TOKENS = 8, 4096
CHECKED = 8
PEAK_SIZE = 1024

Way = Callable[[Sequence[str]], Tensor]
Seconds = dict[str, list[float]]


@dataclass(frozen=True)
class Peer:
    """The unmodified model of transformers."""

    network: nn.Module
    tokenizer: Tokenizer
    device: torch.device

    @torch.inference_mode()
    def states(self, sequences: Sequence[str]) -> list[Tensor]:
        """Return the states (L, D) of the residues of each protein, computed in one batch; one alone is not masked."""
        rows = [torch.from_numpy(self.tokenizer.encode(sequence)) for sequence in sequences]
        tokens = pad_sequence(rows, batch_first=True, padding_value=1).to(self.device)
        mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True).to(self.device)
        found = self.network(input_ids=tokens, attention_mask=mask if len(rows) > 1 else None).last_hidden_state
        return [states[1 : len(row) - 1] for states, row in zip(found, rows, strict=True)]

    def vectors(self, batches: Iterator[list[str]]) -> Tensor:
        """Return the mean vectors of the proteins of all batches."""
        return torch.stack([states.mean(dim=0) for batch in batches for states in self.states(batch)]).cpu()

    def documented(self, sequences: Sequence[str]) -> Tensor:
        return self.vectors(
            list(sequences[row : row + DOCUMENTED_BATCH]) for row in range(0, len(sequences), DOCUMENTED_BATCH)
        )

    def one_by_one(self, sequences: Sequence[str]) -> Tensor:
        return self.vectors([sequence] for sequence in sequences)

    def token_batches(self, sequences: Sequence[str]) -> Tensor:
        return self.vectors(batches_of_tokens(sequences))


def peers(peer: Peer) -> dict[str, Way]:
    return {DOCUMENTED: peer.documented, ONE_BY_ONE: peer.one_by_one, TOKEN_BATCHES: peer.token_batches}


def batches_of_tokens(sequences: Sequence[str]) -> Iterator[list[str]]:
    """Yield what extract.py of ESM computes at once."""
    batch: list[str] = []
    for sequence in sorted(sequences, key=len):
        if batch and (len(batch) + 1) * (len(sequence) + 2) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(sequence)
    yield batch


def ours(reader: Reader) -> Way:
    return lambda sequences: torch.from_numpy(protein_vectors(reader, sequences, "mean", READING))


def with_flash_attention(way: Way) -> Way:
    def run(sequences: Sequence[str]) -> Tensor:
        with mock.patch.object(fused, "attend", flash_attention):
            return way(sequences)

    return run


def flash_attention(query: Tensor, key: Tensor, value: Tensor, lengths: Sequence[int]) -> Tensor:
    from flash_attn import flash_attn_varlen_func  # type: ignore[import-not-found,unused-ignore]

    borders = torch.tensor([0, *np.cumsum(lengths)], dtype=torch.int32, device=query.device)
    longest = max(lengths)
    mixed: Tensor = flash_attn_varlen_func(
        query.contiguous(), key.contiguous(), value.contiguous(), borders, borders, longest, longest, softmax_scale=1.0
    )
    return mixed


def proteins(count: int) -> list[str]:
    """Return so many proteins, the same ones each time."""
    chance = np.random.default_rng(1)
    path = DATA / "corpus_uniprot" / "corpus_uniprot.fasta.gz"
    if not path.is_file():
        lengths = np.exp(chance.normal(np.log(300), 0.6, count)).astype(int).clip(30, LONGEST)
        return ["".join(chance.choice(list("ACDEFGHIKLMNPQRSTVWY"), length)) for length in lengths]
    with gzip.open(path, "rt", encoding="ascii") as handle:
        sequences = [sequence for _, sequence in SimpleFastaParser(handle) if len(sequence) <= LONGEST]
    return [sequences[number] for number in chance.choice(len(sequences), count, replace=False)]


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """Return CPU seconds, or on a GPU seconds until it has finished."""
    if device.type == "cpu":
        began = time.process_time()
        work()
        return time.process_time() - began
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


def timed(ways: dict[str, Way], sequences: Sequence[str], repeats: int, device: torch.device) -> Seconds:
    """Run all ways in turn, some rounds; the first proteins alone warm them up."""
    for way in ways.values():
        way(sequences[:2])
    seconds: Seconds = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            seconds[name].append(seconds_of(lambda way=way: way(sequences), device))  # type: ignore[misc]
    return seconds


def ratio(seconds: Seconds, other: str, own: str) -> float:
    """Return how many times faster one way is than another: the median of the rounds."""
    return median(slow / fast for slow, fast in zip(seconds[other], seconds[own], strict=True))


def operations(sequences: Sequence[str], width: int, layers: int) -> float:
    """Return the floating-point operations of the model: products with weights, and attention."""
    tokens = np.array([len(sequence) + 2 for sequence in sequences], dtype=np.float64)
    return float(layers * (24 * width**2 * tokens.sum() + 4 * width * (tokens**2).sum()))


def peaks(device: torch.device) -> dict[str, float]:
    return {name: peak(precision, device) for name, precision in precisions(device).items()}


def peak(precision: torch.dtype, device: torch.device, times: int = 8) -> float:
    """Return the operations a second of the fastest product of two large matrices, torch's own or our engine's."""
    rows, weights = (torch.randn(PEAK_SIZE, PEAK_SIZE, device=device).to(precision) for _ in range(2))
    affine = fused._Affine(weights, weights[0], precision)
    with torch.inference_mode():
        products: list[Callable[[], object]] = [lambda: rows @ weights, lambda: affine(rows)]
        least = min(seconds_of(product, device) for _ in range(times) for product in products)
    return float(2 * PEAK_SIZE**3 / least)


def open_reader(folder: Path, precision: torch.dtype, device: torch.device) -> Reader:
    with open_model(str(folder), None) as files:
        return Reader(load_backbone(files, device), precision)


def open_peer(folder: Path, device: torch.device) -> Peer:
    with open_model(str(folder), None) as files:
        backbone = load_backbone(files, device)
        return Peer(backbone.network, backbone.tokenizer, device)


def difference(reader: Reader, peer: Peer, sequences: Sequence[str]) -> float:
    """Return the largest difference of a number of the states of residues, of proteins read alone by the peer."""
    with torch.inference_mode():
        found = encode(reader, sequences, READING).residues()
    expected = (peer.states([sequence])[0].numpy(force=True) for sequence in sequences)
    return max(float(np.abs(own[0] - other).max()) for own, other in zip(found, expected, strict=True))


def peak_memory(folder: Path, precision: torch.dtype, threads: int, sequences: Sequence[str]) -> float:
    """Return the most megabytes that a process of its own holds, of the GPU if there is one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(memory_of_reading, folder, precision, threads, sequences).result()


def memory_of_reading(folder: Path, precision: torch.dtype, threads: int, sequences: Sequence[str]) -> float:
    device = device_with(threads)
    ours(open_reader(folder, precision, device))(sequences)
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    # not ru_maxrss: on Linux a process begins with that of the one which started it
    (held,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(held.split()[1]) / 2**10


def device_with(threads: int) -> torch.device:
    os.environ["GALAXY_SLOTS"] = str(threads)
    return choose_device()


def compare(shape: str, sequences: Sequence[str], repeats: int, threads: int) -> list[dict[str, object]]:
    """Compare all ways for one shape and print it; return one run for each precision of ours."""
    device, (width, layers, heads) = device_with(threads), SHAPES[shape]
    with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        folder = Path(temporary) / shape
        build_untrained(folder, f"random weights {shape}", width, layers, heads, seed=1)
        peer = open_peer(folder, device)
        readers = {name: open_reader(folder, precision, device) for name, precision in precisions(device).items()}
        memory = {
            name: peak_memory(folder, precision, threads, sequences) for name, precision in precisions(device).items()
        }
    own, others = {name: ours(reader) for name, reader in readers.items()}, peers(peer)
    if device.type == "cuda" and importlib.util.find_spec("flash_attn"):
        others[FLASH] = with_flash_attention(own["bfloat16"])
    before = peaks(device)
    seconds = timed(others | own, sequences, repeats, device)
    after = peaks(device)
    residues, work = sum(map(len, sequences)), operations(sequences, width, layers)
    for name in others:
        print(f"{shape:6}{name:16}{residues / median(seconds[name]):12.0f}")
    runs = []
    for name, reader in readers.items():
        run: dict[str, object] = {
            "shape": shape,
            "dtype": name,
            "residues_per_s": round(residues / median(seconds[name])),
        }
        run |= {f"ratio_{other.replace(' ', '_')}": round(ratio(seconds, other, name), 2) for other in others}
        # the better of two: the processor may be shared
        run["fraction_of_peak"] = round(work / median(seconds[name]) / max(before[name], after[name]), 3)
        run["max_difference"] = float(f"{difference(reader, peer, sequences[:CHECKED]):.2g}")
        run["peak_memory_mb"] = round(memory[name])
        print(row(run), flush=True)
        runs.append(run)
    return runs


def row(run: dict[str, object]) -> str:
    ratios = "".join(f"{value:>17}" for key, value in run.items() if key.startswith("ratio_"))
    measured = f"{run['fraction_of_peak']:>10}{run['max_difference']:>12}{run['peak_memory_mb']:>8}"
    return f"{run['shape']:6}{'plm ' + str(run['dtype']):16}{run['residues_per_s']:>12}{ratios}{measured}"


def heading(device: torch.device) -> str:
    """Return the names of the columns; ratios are how many times faster plm is."""
    names = [DOCUMENTED, ONE_BY_ONE, TOKEN_BATCHES]
    if device.type == "cuda" and importlib.util.find_spec("flash_attn"):
        names.append(FLASH)
    ratios = "".join(f"{'x ' + name:>17}" for name in names)
    return f"{'':22}{'residues/s':>12}{ratios}{'of peak':>10}{'difference':>12}{'MB':>8}"


def precisions(device: torch.device) -> dict[str, torch.dtype]:
    has_bfloat16 = device.type == "cuda" or cpu_has_bfloat16()
    return {"float32": torch.float32} | ({"bfloat16": torch.bfloat16} if has_bfloat16 else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, help="default: 8M 35M; on a GPU 8M 150M 650M")
    parser.add_argument("--proteins", type=int, help="default: as many as take some minutes")
    parser.add_argument("--repeats", type=int, default=3, help="rounds, each of all ways in turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="8M alone, few proteins, two rounds")
    chosen = parser.parse_args()
    device = device_with(chosen.threads)
    if chosen.quick:
        chosen.shapes, chosen.proteins, chosen.repeats = ["8M"], 16, 2
    shapes = chosen.shapes or (["8M", "35M"] if device.type == "cpu" else ["8M", "150M", "650M"])
    print(heading(device), flush=True)
    runs = []
    for shape in shapes:
        count = chosen.proteins or PROTEINS[shape] * (1 if device.type == "cpu" else GPU_FACTOR)
        runs += compare(shape, proteins(count), chosen.repeats, chosen.threads)
    print(json.dumps({"bench": "embed", "device": describe_device(device), "threads": chosen.threads, "runs": runs}))


if __name__ == "__main__":
    main()
