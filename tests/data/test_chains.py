import re

import numpy as np

from plmkit.data.chains import Chains, as_words, in_sequon
from plmkit.data.windows import window_at

PROTEINS = ["MKSTNPSNASY", "N", "NGT", "SSNPTNCSNVN", "TNVS"]
SITES = [(row, at) for row, one in enumerate(PROTEINS) for at, letter in enumerate(one, start=1) if letter in "STY"]


def test_windows_are_those_cut_one_by_one() -> None:
    chains = Chains.of(PROTEINS)
    protein, position = chains.where(np.flatnonzero(chains.has_any("STY")))

    for length in (1, 5, 33):
        windows = as_words(chains.windows(protein, position, length))
        cut = [window_at(PROTEINS[row], at, length) for row, at in SITES]
        assert list(zip(protein, position, strict=True)) == SITES
        assert [word.decode() for word in windows] == cut


def test_sequons_are_those_of_the_pattern_and_never_reach_into_the_next_protein() -> None:
    found = Chains.of(PROTEINS).where(np.flatnonzero(in_sequon(Chains.of(PROTEINS))))

    wanted = [
        (row, match.start() + 1) for row, one in enumerate(PROTEINS) for match in re.finditer("N(?=[^P][ST])", one)
    ]
    assert list(zip(*found, strict=True)) == wanted
    assert wanted == [(0, 8), (2, 1), (3, 6), (4, 2)]


def test_few_residues_have_no_sequon() -> None:
    for proteins in (["N"], ["NG"], ["N", "G"]):
        assert not in_sequon(Chains.of(proteins)).any()
