import numpy as np

from plmkit.learning.substitution import (
    Variants,
    changes_by_place,
    importance_of,
    maskings,
    some_of,
    substitutions,
)


def test_each_known_residue_is_replaced_by_each_other_one() -> None:
    changes = substitutions("AXU")
    assert len(changes) == 19 + 20
    assert {to for place, to in changes if place == 0} == set("CDEFGHIKLMNPQRSTVWY")
    assert maskings("AXU") == [(0, "#"), (2, "#")]


def test_variants_are_the_sequence_and_then_each_change() -> None:
    variants = Variants("ACD", [(0, "W"), (2, "Y")])
    assert [variants[number] for number in range(3)] == list(variants[0:3]) == ["ACD", "WCD", "ACY"]
    assert len(variants) == 3


def test_importance_is_the_mean_fall_of_the_score() -> None:
    changes = [(0, "C"), (0, "D"), (2, "A")]
    found = changes_by_place("AXC", changes, np.array([[5.0, 4.0, 2.0, 6.0]]))
    assert found.shape == (1, 3, 20)
    assert found[0, 0, :4].tolist()[1:3] == [-1, -3]
    assert np.isnan(found[0, 1]).all()
    np.testing.assert_array_equal(importance_of(found), [[2, np.nan, -1]])


def test_some_residues_keep_all_their_changes_and_are_drawn_alike_for_a_seed() -> None:
    changes = substitutions("ACDXFGHIK")
    assert some_of(changes, 8, seed=1) == changes
    drawn = some_of(changes, 3, seed=1)
    assert drawn == some_of(changes, 3, seed=1)
    assert len(drawn) == 3 * 19
    assert len({place for place, _ in drawn} - {3}) == 3
    assert len({tuple(some_of(changes, 3, seed)) for seed in range(5)}) > 1
