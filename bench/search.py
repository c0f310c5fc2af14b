"""Time plm search's exact neighbours against scikit-learn's brute force and faiss's flat index, in one run.

python -m bench.search [--references N] [--queries Q] [--width D] [--threads T]. faiss is taken if it is installed
(`pip install faiss-cpu`); plmkit does not need it. The last line is one JSON object.

The vectors are made: families of proteins around centres in a narrow cone, as embeddings lie. All three search the same
float32 numbers for the 10 nearest by Euclidean distance with as many threads; each is timed whole, from the two arrays
to indices and distances, the faiss index included. Whose neighbours are right is told by a search in double precision.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from plmkit.learning.neighbours import nearest

NEIGHBOURS = 10
CHECKED = 200
MEGABYTE = 1 << 20

Singles = NDArray[np.float32]
Found = NDArray[np.int64]


def embeddings(count: int, width: int, seed: int) -> Singles:
    """Families of about fifty around a thousand centres, all of them far from zero in one direction."""
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((1000, width), dtype=np.float32) * 0.5 + 2
    vectors = centres[generator.integers(1000, size=count)]
    for start in range(0, count, 10_000):
        part = vectors[start : start + 10_000]
        part += generator.standard_normal(part.shape, dtype=np.float32) * 0.3
    return vectors


def by_plmkit(queries: Singles, references: Singles) -> Found:
    return nearest(queries, references, NEIGHBOURS, "euclidean").indices


def by_scikit_learn(queries: Singles, references: Singles) -> Found:
    search = NearestNeighbors(n_neighbors=NEIGHBOURS, algorithm="brute").fit(references)
    found: Found = search.kneighbors(queries)[1]
    return found


def by_faiss(queries: Singles, references: Singles) -> Found:
    import faiss  # type: ignore[import-not-found,unused-ignore]

    faiss.omp_set_num_threads(int(os.environ["GALAXY_SLOTS"]))
    index = faiss.IndexFlatL2(references.shape[1])
    index.add(references)
    found: Found = index.search(queries, NEIGHBOURS)[1]
    return found


def in_double_precision(queries: Singles, references: Singles) -> Found:
    found = []
    for query in queries:
        blocks = [references[start : start + 4096] for start in range(0, len(references), 4096)]
        squares = [np.square(block.astype(np.float64) - query.astype(np.float64)).sum(axis=1) for block in blocks]
        found.append(np.argsort(np.concatenate(squares), kind="stable")[:NEIGHBOURS])
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    os.environ["GALAXY_SLOTS"] = str(chosen.threads)
    references, queries = embeddings(chosen.references, chosen.width, 1), embeddings(chosen.queries, chosen.width, 2)
    with threadpool_limits(chosen.threads):
        runs = compare(queries, references)
    print(json.dumps({"bench": "search", **vars(chosen), "neighbours": NEIGHBOURS, "runs": runs}))


def compare(queries: Singles, references: Singles) -> list[dict[str, object]]:
    searches: dict[str, Callable[[Singles, Singles], Found]] = {"plm search": by_plmkit}
    searches["scikit-learn brute"] = by_scikit_learn
    if importlib.util.find_spec("faiss"):
        searches["faiss IndexFlatL2"] = by_faiss
    rows = np.linspace(0, len(queries) - 1, min(CHECKED, len(queries))).astype(np.int64)
    right = in_double_precision(queries[rows], references)
    print(f"{'':20}{'seconds':>10}{'CPU s':>10}{'CPU ratio':>10}{'added MB':>10}{'differing':>12}")
    runs: list[dict[str, object]] = []
    ours = 0.0
    for name, search in searches.items():
        before = peak()
        began, computing = time.perf_counter(), time.process_time()
        found = search(queries, references)
        seconds, cpu = time.perf_counter() - began, time.process_time() - computing
        ours = ours or cpu
        # The peak only ever rises: what a later search needs below an earlier one's peak is not seen.
        added = peak() - before
        differing = int((found[rows] != right).any(axis=1).sum())
        print(f"{name:20}{seconds:10.2f}{cpu:10.2f}{cpu / ours:10.2f}{added:10.0f}{differing:7} of {len(rows)}")
        run = {"search": name, "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3)}
        runs.append(run | {"cpu_ratio": round(cpu / ours, 3), "added_mb": round(added), "queries_differing": differing})
    return runs


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


if __name__ == "__main__":
    main()
