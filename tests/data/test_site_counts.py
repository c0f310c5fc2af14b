import numpy as np
from tests.data.annotated_proteins import annotated

from plmkit.data.site_candidates import CandidateRules, candidate_states
from plmkit.data.site_counts import Count, counts_of


def test_every_candidate_is_counted_once_in_a_part_or_as_left_out() -> None:
    told = annotated(["SSS", "SKS", "SK"], {"A": [{}, {2: True}, {}], "P": [{1: True}, {1: True, 3: False}, {}]})
    found = candidate_states(told, CandidateRules({"P": "S"}, unmarked="unknown"))
    known = found.are_known
    of_site = np.where(known, np.array([0, 1, 1])[found.proteins], -1)

    assert counts_of(found, of_site, ("train", "test")) == [
        Count("A", "K", "all", 1, 1, 0, 1),
        Count("A", "K", "train", 0, 0, 0, 0),
        Count("A", "K", "test", 1, 1, 0, 0),
        Count("A", "K", "left out", 0, 0, 0, 1),
        Count("P", "S", "all", 2, 2, 1, 3),
        Count("P", "S", "train", 1, 1, 0, 2),
        Count("P", "S", "test", 1, 1, 1, 0),
        Count("P", "S", "left out", 0, 0, 0, 1),
    ]
    assert Count("P", "S", "all", 2, 2, 1, 3).prevalence == 2 / 3
    assert Count("P", "S", "all", 0, 0, 0, 3).prevalence is None
