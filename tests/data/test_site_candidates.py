import numpy as np
import pytest
from tests.data.annotated_proteins import annotated

from plmkit.data.site_annotations import Annotated
from plmkit.data.site_candidates import CandidateRules, CandidateStates, candidate_states
from plmkit.errors import UserError

PROTEINS = ["MSKTSY", "GSGK", "GGGG"]


def phosphorylated() -> Annotated:
    """S2 and T4 of the first protein are phosphorylated, K4 of the second is acetylated."""
    return annotated(
        PROTEINS,
        {"Phosphorylation": [{2: True, 4: True}, {}, {}], "Acetylation": [{}, {4: True}, {}]},
    )


def states(found: CandidateStates, name: str) -> dict[tuple[int, int], int]:
    column = found.states[:, found.modifications.index(name)].tolist()
    places = zip(found.proteins.tolist(), found.positions.tolist(), strict=True)
    return {place: state for place, state in zip(places, column, strict=True) if state > -2}


def test_candidates_are_the_residues_of_the_sites_and_negatives_are_of_the_same_proteins() -> None:
    found = candidate_states(phosphorylated(), CandidateRules({}))

    assert (found.modifications, found.residues) == (("Acetylation", "Phosphorylation"), ("K", "ST"))
    assert states(found, "Phosphorylation") == {(0, 2): 1, (0, 4): 1, (0, 5): 0, (1, 2): -1}
    assert states(found, "Acetylation") == {(0, 3): -1, (1, 4): 1}
    assert found.are_modified.tolist() == [True, False, True, False, False, True]
    assert found.notes == ()


def test_negatives_of_all_proteins_and_residues_of_the_user() -> None:
    found = candidate_states(phosphorylated(), CandidateRules({"Phosphorylation": "STY"}, negatives_from="all"))

    assert states(found, "Phosphorylation") == {(0, 2): 1, (0, 4): 1, (0, 5): 0, (0, 6): 0, (1, 2): 0}
    assert states(found, "Acetylation") == {(0, 3): 0, (1, 4): 1}


@pytest.mark.parametrize(
    ("unmarked", "wanted"),
    [("auto", {2: 1, 4: -1, 5: 0}), ("unknown", {2: 1, 4: -1, 5: 0}), ("negative", {2: 1, 4: 0, 5: 0})],
)
def test_what_is_told_not_to_be_modified_makes_the_rest_unknown(unmarked: str, wanted: dict[int, int]) -> None:
    told = annotated(PROTEINS, {"Phosphorylation": [{2: True, 5: False}, {}, {}]})
    rules = CandidateRules({"Phosphorylation": "ST"}, unmarked=unmarked)  # type: ignore[arg-type]

    found = states(candidate_states(told, rules), "Phosphorylation")

    assert found == {(0, place): state for place, state in wanted.items()} | {(1, 2): -1}


def test_sites_at_odd_residues_are_left_out_and_counted() -> None:
    proteins = ["S" * 150 + "HD"]
    told = annotated(proteins, {"Phosphorylation": [{place: True for place in (*range(1, 150), 151)} | {152: False}]})

    found = candidate_states(told, CandidateRules({}))

    assert found.residues == ("S",)
    assert len(found) == 150
    assert found.notes == (
        "sites: 1 of 150 sites of Phosphorylation are left out, since they stand at H, no candidates (--residues takes "
        "them in)",
        "sites: 1 of 1 residues without Phosphorylation are left out, since they stand at D, no candidates (--residues "
        "takes them in)",
    )


def test_sequons_bound_the_candidates_at_asparagine() -> None:
    told = annotated(["NGSKNPSNNAT"], {"Glycosylation": [{1: True, 5: True, 11: True}]})

    found = candidate_states(told, CandidateRules({}, sequons=True))

    assert states(found, "Glycosylation") == {(0, 1): 1, (0, 9): 0, (0, 11): 1}
    assert found.notes == (
        "sites: 1 of 3 sites of Glycosylation are left out, since they stand at N, no candidates (N outside of sequons "
        "among them)",
    )


def test_whoever_would_teach_the_sequon_alone_is_told() -> None:
    told = annotated(["NGSN" * 25], {"Glycosylation": [{place: True for place in range(1, 100, 4)}]})

    notes = candidate_states(told, CandidateRules({})).notes

    assert len(notes) == 1
    assert notes[0].startswith(
        "sites: 25 of 25 sites of Glycosylation at N stand in N-X-S or N-X-T; a model that learns"
    )


def test_a_modification_that_no_residue_bears_is_left_out() -> None:
    told = annotated(PROTEINS, {"A": [{2: True}, {}, {}], "B": [{2: False}, {}, {}]})

    found = candidate_states(told, CandidateRules({}))

    assert found.modifications == ("A",)
    assert found.notes == ("sites: no residue is known to bear B, so it is left out",)


def test_mistakes_are_answered() -> None:
    with pytest.raises(UserError, match="sites: not one residue is modified"):
        candidate_states(annotated(PROTEINS, {"A": [{2: False}, {}, {}]}), CandidateRules({}))
    with pytest.raises(UserError, match=r"no site of Phosphorylation stands at a candidate \(Y\); look at --residues"):
        candidate_states(phosphorylated(), CandidateRules({"Phosphorylation": "Y"}))
    with pytest.raises(
        UserError, match="--residues names 'Phos'; the modifications of the sites are Acetylation, Phos"
    ):
        candidate_states(phosphorylated(), CandidateRules({"Phos": "S"}))


def test_some_candidates_are_taken() -> None:
    found = candidate_states(phosphorylated(), CandidateRules({}))

    assert found.take(np.array([0, 5])).positions.tolist() == [2, 4]
