import random

import numpy as np
from tests.data.annotated_proteins import windows_of

from plmkit.data.site_candidates import CandidateStates
from plmkit.data.site_overlaps import Overlap, overlaps


def sites(protein: list[int], position: list[int]) -> CandidateStates:
    states = np.ones((len(protein), 1), dtype=np.int8)
    return CandidateStates(("P",), ("S",), np.array(protein), np.array(position), states)


def test_overlaps_are_those_found_pair_by_pair() -> None:
    generator, length = random.Random(1), 7
    proteins = ["".join(generator.choices("SG", k=60)) for _ in range(6)]
    places = sorted({(generator.randrange(6), generator.randrange(1, 61)) for _ in range(60)})
    found = sites([row for row, _ in places], [place for _, place in places])
    windows = windows_of(proteins, found.proteins, found.positions, length)
    parts = np.array([generator.randrange(3) for _ in places])

    told = overlaps(found, windows, parts, ("train", "valid", "test"))

    learned = [place for place, part in zip(places, parts, strict=True) if part == 0]
    texts = [one.tobytes() for one in windows]
    for number, one in enumerate(told, start=1):
        inside = [place for place, part in zip(places, parts, strict=True) if part == number]
        near = [(row, at) for row, at in inside if any(row == r and abs(at - a) < length for r, a in learned)]
        same = [t for t, part in zip(texts, parts, strict=True) if part == number]
        known = {t for t, part in zip(texts, parts, strict=True) if part == 0}
        shared = {row for row, _ in inside} & {row for row, _ in learned}
        assert (one.windows, one.overlapping, one.proteins) == (len(inside), len(near), len({r for r, _ in inside}))
        assert (one.identical, one.shared_proteins) == (sum(t in known for t in same), len(shared))
        assert one.leaks


def test_the_last_window_of_a_protein_does_not_overlap_the_first_of_the_next() -> None:
    windows = windows_of(["SG" * 5, "GS" * 5], np.array([0, 1]), np.array([9, 2]), 5)

    assert overlaps(sites([0, 1], [9, 2]), windows, np.array([0, 1]), ("train", "test")) == [
        Overlap("test", 1, 0, 0, 1, 0)
    ]


def test_without_positions_overlaps_are_not_known() -> None:
    windows = windows_of(["SG" * 5, "GS" * 5], np.array([0, 1]), np.array([9, 2]), 5)

    assert overlaps(sites([0, 1], [0, 0]), windows, np.array([0, 1]), ("train", "test"))[0].overlapping is None
