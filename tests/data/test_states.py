from collections import Counter

import pytest

from plmkit.data.residues import ResidueError, clean_residues, clean_window
from plmkit.data.states import (
    STATES,
    apart,
    in_turn,
    joined,
    read_both,
    residues_of,
    states_notes,
    together,
)


def test_each_pair_is_one_character_that_tells_both() -> None:
    pairs = [(residue, state) for residue in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for state in STATES]
    letters = [together(*pair) for pair in pairs]
    assert len(set(letters)) == len(pairs) == 26 * 20
    assert [apart(letter) for letter in letters] == pairs
    assert not any(letter.isascii() for letter in letters)


def test_a_residue_without_a_state_stays_the_residue() -> None:
    assert together("M", "#") == "M"
    assert apart("M") == ("M", "#")
    assert joined("MKV", "###") == joined("MKV", "") == "MKV"


def test_states_follow_every_cut() -> None:
    text = joined("MEVQL", "dv#pr")
    assert len(text) == 5
    assert [apart(letter) for letter in text[1:4]] == [("E", "v"), ("V", "#"), ("Q", "p")]
    assert residues_of(text) == "MEVQL"


@pytest.mark.parametrize(
    ("text", "residues", "states"),
    [
        ("MdEvVpQpLrVyQdYaKv", "MEVQLVQYK", "dvpprydav"),  # the example in SaProt's README
        ("MdE#VpQp#r", "MEVQX", "d#ppr"),
        ("MEVQL", "MEVQL", ""),
        ("mevql", "MEVQL", ""),
        ("M#E#V#Q#", "MEVQ", ""),
        ("MdE#VpQp*", "MEVQ", "d#pp"),
        ("MkV", "MKV", ""),
    ],
)
def test_residues_and_states_in_turn_are_told_apart(text: str, residues: str, states: str) -> None:
    assert read_both(text, clean_residues, Counter()) == (residues, states)
    if states:
        assert in_turn(residues.replace("X", "#"), states) == text.removesuffix("*")


def test_a_window_with_states_is_read_too() -> None:
    assert read_both("#dEvSpKp#r", clean_window, Counter()) == ("XESKX", "dvppr")


def test_states_that_are_all_unknown_are_said() -> None:
    done: Counter[str] = Counter()
    read_both("M#E#V#Q#", clean_residues, done)
    assert done == {"with '#' for the state of each residue: read as amino acids alone": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MdEvVxQp", "'x' at residue 3 is no state of a structure; Foldseek knows ACDEFGHIKLMNPQRSTVWY"),
        ("MdEvVp1p", "'1' at residue 7"),
        ("M#E", "'#' at residue 2"),
    ],
)
def test_what_is_no_state_is_a_mistake(text: str, message: str) -> None:
    with pytest.raises(ResidueError, match=message):
        read_both(text, clean_residues, Counter())


def test_what_is_read_and_what_is_not_is_said() -> None:
    states = ["dv#p", "", "##vv"]
    assert states_notes("proteins", states, are_read=True) == [
        "proteins: 2 read with states of their structures, unknown for 3 of 8 residues",
        "proteins: 1 without states of a structure, read as if each were unknown",
    ]
    assert states_notes("proteins", states, are_read=False) == [
        "proteins: 2 with states of their structures, which are not used here: their amino acids alone are"
    ]
    assert states_notes("proteins", ["", ""], are_read=True) == []
