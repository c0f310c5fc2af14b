import numpy as np

from plmkit.data.candidates import Candidates, find_candidates
from plmkit.data.chains import Chains


def places(found: Candidates) -> list[tuple[int, int]]:
    return list(zip(found.proteins.tolist(), found.positions.tolist(), strict=True))


def test_every_candidate_is_found_once_in_order() -> None:
    chains = Chains.of(["SKT", "GGG", "YS"])
    found = find_candidates(chains, "STY")
    assert places(found) == [(0, 1), (0, 3), (2, 1), (2, 2)]
    assert places(last := found.take(found.of_proteins(1, 3))) == [(2, 1), (2, 2)]
    assert chains.letters[last.places(chains)].tobytes() == b"YS"


def test_no_candidates_are_no_mistake() -> None:
    found = find_candidates(Chains.of(["GGG"], 7), "S")
    assert len(found) == 0
    assert found.positions.dtype == np.int32
