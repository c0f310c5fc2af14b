from tests.data.annotated_proteins import annotated

from plmkit.data.site_candidates import CandidateRules, candidate_states
from plmkit.data.site_examples import left_out_notes, unmarked_is


def test_proteins_that_give_no_example_are_counted() -> None:
    told = annotated(["SG", "SG", "GG"], {"P": [{1: True}, {}, {}]})

    assert left_out_notes(candidate_states(told, CandidateRules({})), told.proteins) == [
        "proteins: 1 of 3 have no candidate residue",
        "proteins: 2 of 3 have no site",
        "proteins: 2 of 3 are left out, since nothing is known of their candidates (--negatives-from all takes them "
        "for not modified)",
    ]


def test_what_candidates_without_a_word_are_taken_for() -> None:
    yes = [{1: True}]
    both = [{1: True, 2: False}]
    assert unmarked_is("auto", annotated(["SS"], {"A": yes})) == "negative"
    assert unmarked_is("auto", annotated(["SS"], {"A": both})) == "unknown"
    assert unmarked_is("auto", annotated(["SS"], {"A": yes, "B": both})) == "mixed"
    assert unmarked_is("negative", annotated(["SS"], {"A": both})) == "negative"
