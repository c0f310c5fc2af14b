"""Time reading with models of other families against the unmodified classes of transformers, in one run.

python -m bench.families [--layouts esmc prott5 ...] [--proteins N] [--repeats R] [--threads T]. The last line is one
JSON object. Random weights, 512 wide, 8 layers, in the layouts of tests/models/published.py. Ways, proteins and ratios
are those of bench.embed; difference: the largest of a number of the states of residues.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from bench.embed import DOCUMENTED, ONE_BY_ONE, TOKEN_BATCHES, Peer, device_with, peers, proteins, ratio, timed
from bench.embed import READING as READING_OF_ESM
from tests.models.published import Sizes, published
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from plmkit.models.backbone import load_backbone
from plmkit.models.encoding import encode, protein_vectors
from plmkit.models.readers import fast_reader
from plmkit.models.source import open_model

SIZES = Sizes(width=512, layers=8, heads=8, inner=2048)
OWN = "ours"


@dataclass(frozen=True)
class FamilyPeer(Peer):
    """A network of any family; has_start: whether a token stands before the residues."""

    has_start: bool = True

    @torch.inference_mode()
    def states(self, sequences: list[str]) -> list[Tensor]:  # type: ignore[override]
        """See `Peer`."""
        first = 0 if self.has_start else 1  # padding holds the place of a start token that there is not
        rows = [torch.from_numpy(self.tokenizer.encode(sequence))[first:] for sequence in sequences]
        tokens = pad_sequence(rows, batch_first=True, padding_value=0).to(self.device)
        mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True).to(self.device)
        found = self.network(input_ids=tokens, attention_mask=mask if len(rows) > 1 else None).last_hidden_state
        return [states[1 - first : len(row) - 1] for states, row in zip(found, rows, strict=True)]


def compare(layout: str, sequences: list[str], repeats: int, threads: int) -> dict[str, object]:
    """Compare all ways for one layout."""
    device = device_with(threads)
    with tempfile.TemporaryDirectory(prefix="plmkit-bench-") as temporary:
        folder = published(layout, Path(temporary) / layout, SIZES)
        with open_model(str(folder), None) as files:
            backbone = load_backbone(files, device)
            reader = fast_reader(load_backbone(files, device), torch.float32)
    peer = FamilyPeer(backbone.network, backbone.tokenizer, device, files.family.has_start)
    found = encode(reader, sequences, READING_OF_ESM).residues()
    alone = (peer.states([sequence])[0].numpy(force=True) for sequence in sequences)
    largest = max(float(abs(own[0] - other).max()) for own, other in zip(found, alone, strict=True))
    own = {OWN: lambda some: torch.from_numpy(protein_vectors(reader, some, "mean", READING_OF_ESM))}
    seconds = timed(peers(peer) | own, sequences, repeats, device)
    ratios = {other: ratio(seconds, other, OWN) for other in (DOCUMENTED, ONE_BY_ONE, TOKEN_BATCHES)}
    return {"layout": layout, "difference": largest, "residues": sum(map(len, sequences)), "faster than": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layouts", nargs="+", default=["esm1b", "esmc", "prott5", "protbert"])
    parser.add_argument("--proteins", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    results = []
    for layout in options.layouts:
        result = compare(layout, proteins(options.proteins), options.repeats, options.threads)
        print(result, flush=True)
        results.append(result)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
