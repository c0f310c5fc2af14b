"""The made explanation has the probability (or value) 0.8808; every difference is worked out by hand from it."""

import pytest
from tests.output.made_explanations import TASK, made

from plmkit.data.task import Task
from plmkit.learning.explanation import Explanation, Strongest
from plmkit.output.explanation_effect import apart, effect, is_against, is_little
from plmkit.output.explanation_verdict import basis, warnings_of

HEAT = Task("protein", "regression", ("none", "heat"))


def changed(down: float, up: float | None = None, spread: float | None = None, to: str | None = "A") -> Explanation:
    """An explanation whose strongest change, of D4, leads to `down`, and of E5 to `up`."""
    raising = None if up is None else Strongest(0, 4, to, 1.0, up)
    return made(strongest=Strongest(0, 3, to, -3.0, down), raising=raising, spread=spread)


@pytest.mark.parametrize(
    ("down", "up", "little", "against"),
    [
        (0.82, 0.9, False, False),
        (0.84, 0.9, True, False),  # 0.0408 and 0.0192
        (0.84, 0.94, False, True),  # 0.0408 and 0.0592
        (0.70, 0.99, False, False),  # 0.1808 and 0.1092
        (0.82, 0.98, False, True),  # 0.0608 and 0.0992
    ],
)
def test_a_probability_is_moved_much_from_0_05_on(down: float, up: float, little: bool, against: bool) -> None:
    found = changed(down, up)
    assert (is_little(TASK, found), is_against(TASK, found)) == (little, against)


def test_residues_that_move_little_are_not_what_a_prediction_rests_on() -> None:
    found = changed(0.85, 0.89)
    assert basis(TASK, found) == (
        "No single residue matters much to the prediction “motif” (probability 0.88) of “p 1”: the largest change, "
        "D4A, takes its probability from 0.88 to 0.85. Most of what there is comes from residues 3-4 (CD)."
    )
    assert warnings_of(TASK, [found, made()])[-1].startswith(
        "no single residue matters much to 1 of 2: no change that was tried moves the probability by 0.05; the bars"
    )
    assert not any("no single" in note for note in warnings_of(TASK, [made()]))


def test_the_largest_change_is_named_though_it_raises() -> None:
    assert "the largest change, E5A, takes its probability from 0.88 to 0.92. Most" in basis(TASK, changed(0.85, 0.92))


def test_a_change_the_other_way_is_told_beside_what_the_prediction_rests_on() -> None:
    assert basis(TASK, changed(0.82, 0.98)).endswith(
        "rests most on residues 3-4 (CD); the strongest single substitution, D4A, takes its probability from 0.88 to "
        "0.82. The largest change goes the other way: E5A takes its probability from 0.88 to 0.98."
    )


def test_where_only_a_change_the_other_way_is_large_it_rests_on_no_single_residue() -> None:
    assert basis(TASK, changed(0.86, 0.98)) == (
        "The prediction “motif” (probability 0.88) of “p 1” rests on no single residue: the one that speaks most for "
        "it, D4A, takes its probability from 0.88 to 0.86. The largest change goes the other way: E5A takes its "
        "probability from 0.88 to 0.98."
    )


def test_hidden_residues_are_told_as_hidden() -> None:
    assert "; hiding the strongest, D4, takes its probability from 0.88 to 0.50." in basis(TASK, changed(0.5, to=None))
    assert effect(TASK, changed(0.5, to=None)) == "hiding D4: to 0.50"
    assert "the largest change, hiding D4, takes" in basis(TASK, changed(0.85, to=None))


@pytest.mark.parametrize(("spread", "little"), [(2.0, True), (1.0, False), (None, False)])
def test_a_measured_value_is_moved_much_from_a_tenth_of_its_spread_on(spread: float | None, little: bool) -> None:
    # the value moves by 0.1208, which is less than 0.2 and more than 0.1
    assert is_little(HEAT, changed(0.76, spread=spread)) is little


def test_the_change_of_a_measured_value_is_told_in_its_units_and_its_spread() -> None:
    said = basis(HEAT, changed(0.4, spread=0.5))
    assert said.endswith("D4A, changes it to 0.4 (-0.48, 0.96 standard deviations of the training values).")
    assert basis(HEAT, changed(0.4)).endswith("D4A, changes it to 0.4.")
    assert "moves the value by 0.1 standard deviations" in warnings_of(HEAT, [changed(0.85, spread=2.0)])[-1]


def test_numbers_are_told_apart() -> None:
    assert apart(0.9996, 0.9991) == ("1.000", "0.999")
    assert apart(0.9999, 0.9996) == ("0.9999", "0.9996")
    assert apart(0.5, 0.5) == ("0.500000", "0.500000")
