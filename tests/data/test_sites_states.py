import pytest

from plmkit.data.sites_states import StateBook
from plmkit.errors import UserError


def test_states_stand_by_modification_and_protein_and_repetitions_are_counted() -> None:
    book = StateBook("sites")
    for name, protein, position, is_modified in [
        ("b", 1, 9, True),
        ("b", 1, 4, False),
        ("a", 0, 4, True),
        ("b", 1, 9, True),
    ]:
        book.add(name, protein, position, is_modified, 2, "P")
    states = book.states(3)
    assert {name: [dict(of) for of in proteins] for name, proteins in states.items()} == {
        "a": [{4: True}, {}, {}],
        "b": [{}, {4: False, 9: True}, {}],
    }
    assert list(states) == ["a", "b"]
    assert list(states["b"][1]) == [4, 9]
    assert book.repeated == 1


def test_contradictions_are_told_with_both_lines() -> None:
    book = StateBook("sites")
    for line, is_modified in enumerate([True, False, True], start=2):
        book.add("Ac", 0, 7, is_modified, line, "P1")
    with pytest.raises(UserError) as raised:
        book.states(1)
    assert str(raised.value) == (
        "sites, line 3: residue 7 of P1 is not modified (Ac), but modified in line 2; keep the right one"
    )
