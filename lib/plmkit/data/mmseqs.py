"""Which sequences resemble each other, by the program MMseqs2.

Source: Steinegger & Söding 2017, doi:10.1038/nbt.3988. Clusters come from its cascaded clustering, never from linclust,
which divides families below half identity and so lets relatives through.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plmkit.errors import UserError
from plmkit.slots import granted_threads

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

PROGRAM = "mmseqs"
_COLUMNS = ("query", "target", "fident", "qcov", "tcov", "bits", "qstart", "tstart", "cigar")
_FEW = 300  # sequences; the cascade would take longer to begin than to look at each pair
# Of so few residues of queries times those of targets each pair is aligned, without the filter by common short words:
# 4,000 windows of 33 residues with each other, or 300 proteins of 450; some ten seconds of one thread.
_FEW_RESIDUES = 2e10
_SHORT = 60  # residues
_HALF = 0.5  # from this identity on, a less sensitive search finds nearly all
_PROBE_BYTES = 1 << 20
_ROUNDED = 0.0005  # the program writes shares with three digits


@dataclass(frozen=True)
class Hits:
    """Local alignments (N,) between queries and targets, both numbered from 0; of each query the best first.

    identity: share of equal residues among the aligned ones; query_coverage, target_coverage: share of residues that
    take part, all 0 to 1. query_start, target_start: the first aligned residue, from 0; path: the alignment as a CIGAR
    string of M (both), D (target alone), I (query alone).
    """

    query: Indices
    target: Indices
    identity: Floats
    query_coverage: Floats
    target_coverage: Floats
    bits: Floats
    query_start: Indices
    target_start: Indices
    path: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.query)


def is_installed() -> bool:
    """Say whether the program can be run."""
    return _program() is not None


def version() -> str:
    """Return the version that the program gives of itself."""
    return _run("version").strip()


def clusters(sequences: Sequence[str], identity: float = 0.3, coverage: float = 0.8) -> Indices:
    """Number the clusters (N,) from 0 in the order of their first sequence.

    identity, coverage: of both sequences, that a member at least shares with the representative of its cluster. Members
    of different clusters can still resemble each other: look by `search`. Raises UserError if the program is missing.
    """
    different = list(dict.fromkeys(sequences))
    with tempfile.TemporaryDirectory(prefix="plmkit-mmseqs-") as temporary:
        folder = Path(temporary)
        _write(folder / "sequences.fasta", different)
        options = ["--min-seq-id", str(identity), "-c", str(coverage), "--cov-mode", "0", *_usual()]
        if len(different) <= _FEW:
            _cluster_few(folder, [*options, *_sensitive_to(different)])
        else:
            inputs = (folder / "sequences.fasta", folder / "found", folder / "work")
            _run("easy-cluster", *inputs, *options, *_sensitive_to(different))
        with (folder / "found_cluster.tsv").open(encoding="utf-8", newline="") as handle:
            representative = {int(member): int(leader) for leader, member in csv.reader(handle, delimiter="\t")}
    number: dict[int, int] = {}
    of_different = {
        sequence: number.setdefault(representative[row], len(number)) for row, sequence in enumerate(different)
    }
    return np.array([of_different[sequence] for sequence in sequences], dtype=np.int64)


def search(queries: Sequence[str], targets: Sequence[str], most: int = 300) -> Hits:
    """Return all alignments that are no chance (E-value below 0.001), at most so many a query.

    Raises UserError if the program is missing.
    """
    if not queries or not targets:
        return _hits([])
    with tempfile.TemporaryDirectory(prefix="plmkit-mmseqs-") as temporary:
        found = _search(Path(temporary), queries, targets, _COLUMNS, ["-a", "--max-seqs", str(most)])
        with found.open(encoding="utf-8", newline="") as handle:
            return _hits(list(csv.reader(handle, delimiter="\t")))


def resembling(sequences: Sequence[str], identity: float, coverage: float) -> Indices:
    """Return pairs (M, 2) of rows, of different sequences, that are at least so identical over so much of the first.

    identity: share of equal residues among the aligned ones; coverage: share of the residues of the first. Much faster
    than `search`, because what resembles less is left out and, from half identity on, looked for less closely: a pair
    in a thousand is missed. Raises UserError if the program is missing.
    """
    options = ["--min-seq-id", str(identity - _ROUNDED), "-c", str(coverage - _ROUNDED), "--cov-mode", "2"]
    if identity >= _HALF and max(map(len, sequences)) > _SHORT:
        options += ["-s", "4"]
    with tempfile.TemporaryDirectory(prefix="plmkit-mmseqs-") as temporary:
        found = _search(Path(temporary), sequences, sequences, _COLUMNS[:2], options)
        pairs: Indices = np.fromstring(found.read_text(encoding="ascii"), dtype=np.int64, sep=" ").reshape(-1, 2)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]])


def _search(
    folder: Path, queries: Sequence[str], targets: Sequence[str], columns: Sequence[str], options: Sequence[str]
) -> Path:
    """Search queries among targets; return the table of these columns, without header, that the program wrote."""
    _write(folder / "queries.fasta", queries)
    _write(folder / "targets.fasta", targets)
    are_few = sum(map(len, queries)) * sum(map(len, targets)) <= _FEW_RESIDUES
    every = ["--prefilter-mode", "1"] if are_few else []
    inputs = (folder / "queries.fasta", folder / "targets.fasta", folder / "found.tsv", folder / "work")
    _run(
        "easy-search",
        *inputs,
        "--format-output",
        ",".join(columns),
        *[*options, *every, *_sensitive_to([*queries, *targets]), *_usual()],
    )
    return folder / "found.tsv"


def _cluster_few(folder: Path, options: Sequence[str]) -> None:
    """Do what easy-cluster does, by the same rules, after looking at every pair of sequences."""
    sequences, hits, clusters = folder / "sequences", folder / "hits", folder / "clusters"
    _run("createdb", folder / "sequences.fasta", sequences, "-v", "1")
    _run("search", sequences, sequences, hits, folder / "work", "--prefilter-mode", "1", "--max-seqs", _FEW, *options)
    _run("clust", sequences, hits, clusters, *_usual())
    _run("createtsv", sequences, sequences, clusters, folder / "found_cluster.tsv", *_usual())


def _sensitive_to(sequences: Sequence[str]) -> list[str]:
    """Return options by which windows around a site find each other."""
    if max(map(len, sequences)) > _SHORT:
        return []
    return ["--mask", "0", "--comp-bias-corr", "0", "-k", "5", "--spaced-kmer-mode", "0"]


def _usual() -> list[str]:
    return ["--threads", str(granted_threads() or len(os.sched_getaffinity(0))), "-v", "1"]


def _write(path: Path, sequences: Sequence[str]) -> None:
    path.write_text("".join(f">{row}\n{sequence}\n" for row, sequence in enumerate(sequences)), encoding="ascii")


def _hits(rows: Sequence[Sequence[str]]) -> Hits:
    found = sorted(rows, key=lambda row: (int(row[0]), -float(row[5]), int(row[1])))
    query, target, identity, query_coverage, target_coverage, bits, query_start, target_start, path = (
        zip(*found, strict=True) if found else [()] * len(_COLUMNS)
    )
    return Hits(
        np.array(query, dtype=np.int64),
        np.array(target, dtype=np.int64),
        np.array(identity, dtype=np.float64),
        np.array(query_coverage, dtype=np.float64),
        np.array(target_coverage, dtype=np.float64),
        np.array(bits, dtype=np.float64),
        np.array(query_start, dtype=np.int64) - 1,
        np.array(target_start, dtype=np.int64) - 1,
        tuple(path),
    )


def _program() -> str | None:
    """Return where the program is: on the PATH, or beside the Python that runs, whose folder may not be on it."""
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path=Path(sys.executable).parent)


def _run(*arguments: str | Path | int) -> str:
    """Run the program; return what it prints."""
    program = _program()
    if program is None:
        raise UserError("program: MMseqs2 (`mmseqs`) is not installed here; install it, from bioconda for example")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)  # noqa: S603, no shell
    if done.returncode:
        _check_room()
        said = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(f"{PROGRAM} {arguments[0]} ended with {done.returncode}: {said[-1] if said else 'no words'}")
    return done.stdout


def _check_room() -> None:
    """Raise OSError when no temporary file can grow: the words of a program that failed for that do not say it."""
    with tempfile.TemporaryFile(prefix="plmkit-mmseqs-") as probe:
        probe.write(bytes(_PROBE_BYTES))
