from tests.output.made_explanations import PAIRS, TASK, made

from plmkit.data.task import Task
from plmkit.output.explanation_verdict import basis, sanity, verdict, warnings_of


def test_the_verdict_names_residues_the_strongest_substitution_and_the_check() -> None:
    said = verdict(TASK, [made(), made()])
    assert said.startswith(
        "The prediction “motif” (probability 0.88) of “p 1” rests most on residues 3-4 (CD); the strongest single "
        "substitution, D4A, takes its probability from 0.88 to 0.27. Sanity check passed: rank correlation with "
    )
    assert said.endswith("1 more is explained too.")


def test_residues_of_pairs_tell_their_protein() -> None:
    assert "residues 3-4 (CD) of protein 1 and residues 3-4 (CD) of protein 2" in basis(PAIRS, made(chains=2))


def test_an_explanation_like_that_of_random_models_is_not_to_be_read() -> None:
    alike = made(is_alike=True)
    assert sanity([alike]).startswith("Sanity check failed: rank correlation with randomised models 1.00;")
    assert "sanity check: of 1 of 2 the picture resembles" in warnings_of(TASK, [alike, made()])[0]
    assert "not possible" in sanity([made([1.0, 1.0], "AC")])


def test_what_hardly_moves_rests_on_nothing() -> None:
    still = made([0.01, -0.02], "AC")
    assert "hardly depends on any residue" in basis(TASK, still)
    assert "no change moves the score of 1 of 1" in warnings_of(TASK, [still])[-1]


def test_what_rests_on_everything_rests_on_no_few() -> None:
    assert "rests on no few residues: 30 of 30" in basis(TASK, made([1.0] * 30, "A" * 30))
    assert "rests on no residue" in basis(TASK, made([-1.0, -2.0], "AC"))


def test_attributions_that_do_not_add_up_are_said() -> None:
    short = made([1.0, 0.5], "AC", has_changes=False, start=0.0)
    assert "miss the difference of scores by more than 5 %" in warnings_of(TASK, [short])[-1]
    assert basis(TASK, short).startswith(
        "What the prediction “motif” (probability 0.88) of “p 1” rests on is not known"
    )
    whole = made([1.5, 0.5], "AC", has_changes=False, start=0.0)
    assert not any("miss" in each for each in warnings_of(TASK, [whole]))


def test_numbers_are_told_as_numbers() -> None:
    task = Task("protein", "regression", ("none", "heat"))
    assert basis(task, made()).startswith("The predicted heat 0.8808 of “p 1” rests most on residues 3-4 (CD)")
    assert basis(task, made()).endswith("changes it to 0.2689.")


def test_gradients_tell_that_a_score_is_that_of_an_empty_sequence_and_what_padding_holds() -> None:
    still = made([0.01, -0.01], "AC", has_changes=False, start=2.0)
    assert basis(TASK, still).endswith("hardly depends on any residue: its score is nearly that of an empty sequence.")
    padded = made([1.5, 0.5], "XA", has_changes=False, start=0.0)
    assert (
        "in 1 of 2 more than 10 % of the difference of scores belongs to the X beyond"
        in (warnings_of(TASK, [padded, made([1.5, 0.5], "AC", has_changes=False, start=0.0)])[-1])
    )
