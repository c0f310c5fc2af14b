"""What is judged by is never learned from."""

import pytest

from plmkit.data.fasta import Protein, Proteins
from plmkit.data.holdout import hold_out
from plmkit.errors import UserError


def proteins(*sequences: str) -> Proteins:
    return Proteins(tuple(Protein(f"p{number}", sequence) for number, sequence in enumerate(sequences)))


def test_a_share_of_the_distinct_sequences_is_drawn() -> None:
    given = proteins(*(letter * 5 for letter in "ACDEFGHIKLMNPQRSTVWY"), "AAAAA")
    parts = hold_out(given, None, None, 0.4, seed=4)
    assert len(parts.validation) == 8
    assert not set(parts.training.sequences) & set(parts.validation.sequences)
    assert set(parts.training.sequences) | set(parts.validation.sequences) == set(given.sequences)
    assert hold_out(given, None, None, 0.4, seed=4) == parts
    assert len({hold_out(given, None, None, 0.4, seed).digest() for seed in range(20)}) > 5
    assert any("relatives" in note for note in parts.notes(1022))


def test_a_few_proteins_are_drawn_at_least_and_few_are_told() -> None:
    parts = hold_out(proteins(*(letter * 5 for letter in "ACDEFGHIKLMNPQRSTVWY")), None, None, 0.01, seed=4)
    assert len(parts.validation) == 5
    assert any("only 5 proteins decide" in note for note in parts.notes(1022))
    assert len(hold_out(proteins("MKV", "MKL", "MKI"), None, None, 0.01, seed=4).validation) == 1


def test_given_parts_are_kept_and_taken_out_of_training() -> None:
    parts = hold_out(proteins("MKV", "MKL", "MKI", "MKV"), proteins("MKV"), proteins("MKI", "MKF"), 0.5, 1)
    assert parts.training.sequences == ["MKL"]
    assert parts.repeated == 3
    assert parts.counts()["test"] == {"proteins": 2, "residues": 6, "longest": 3}
    assert any("3 left out" in note for note in parts.notes(1022))
    assert not any("relatives" in note for note in parts.notes(1022))


def test_long_proteins_are_told() -> None:
    parts = hold_out(proteins("M" * 30, "MKL"), proteins("MKV"), None, 0.5, 1)
    assert any("1 are longer than 20" in note for note in parts.notes(20))
    assert not any("longer" in note for note in parts.notes(30))


@pytest.mark.parametrize(
    ("given", "validation", "told"),
    [
        (proteins("MKV", "MKV"), None, "two different ones"),
        (proteins("MKV", "MKV"), proteins("MKV"), "every one of them"),
    ],
)
def test_nothing_left_to_learn_from(given: Proteins, validation: Proteins | None, told: str) -> None:
    with pytest.raises(UserError, match=told):
        hold_out(given, validation, None, 0.2, 1)
