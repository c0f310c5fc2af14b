import pytest
from tests.data.annotated_proteins import annotated

from plmkit.data.site_candidates import CandidateRules, candidate_states
from plmkit.data.site_kinds import choose_kind


@pytest.mark.parametrize(
    ("length", "kind", "reason"),
    [
        (5, "windows", "windows of 5 around the 2 labelled residues have 10 residues, the whole proteins (1) 11."),
        (
            7,
            "proteins",
            "Whole proteins, since windows of 7 around the 2 labelled residues have 14 residues, the whole",
        ),
    ],
)
def test_the_kind_with_fewer_residues_is_taken(length: int, kind: str, reason: str) -> None:
    told = annotated(["GGGSGGGGGSG", "G" * 500], {"P": [{4: True}, {}]})
    found = choose_kind("auto", candidate_states(told, CandidateRules({})), told.proteins, length, False)

    assert found.kind == kind
    assert reason in found.reason


def test_a_wish_and_a_split_of_sites_decide() -> None:
    told = annotated(["SS"], {"P": [{1: True}]})
    candidates = candidate_states(told, CandidateRules({}))

    assert choose_kind("windows", candidates, told.proteins, 33, False).kind == "windows"
    assert choose_kind("auto", candidates, told.proteins, 33, True).kind == "windows"
