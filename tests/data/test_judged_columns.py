"""Columns of predictions are recognised where there is no doubt, and asked for where there is."""

import pytest

from plmkit.data.judged_columns import prediction_columns, title_of
from plmkit.data.judged_keys import Key, keyed
from plmkit.data.judged_truth import Truth
from plmkit.data.table import Table
from plmkit.errors import UserError


def recognised(header: str, row: str, *classes: str, wanted: str | None = None) -> list[str]:
    titles = tuple(header.split())
    table = Table("predictions", titles, (tuple(row.split()),), (2,))
    cells: dict[Key, tuple[str, ...]] = {
        (f"n{number}", 0): (name,) for number, name in enumerate(classes or ("x", "y"))
    }
    truth = Truth("truth", ("label",), cells, {})
    predictions = keyed(table, None, None, "--identifier-column")
    return [titles[at] for at in prediction_columns(predictions, wanted, truth, "--prediction-column")]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("id label predicted probability_a probability_b spread_a spread_b", ["probability_a", "probability_b"]),
        ("id true_x true_y predicted_x predicted_y", ["predicted_x", "predicted_y"]),
        ("protein position residue window modification score is_modified", ["score"]),
        ("id part label predicted", ["predicted"]),
        ("id predicted_class", ["predicted_class"]),
        ("accession x y", ["x", "y"]),
        ("name whatever", ["whatever"]),
    ],
)
def test_usual_columns_are_recognised(header: str, found: list[str]) -> None:
    assert recognised(header, " ".join(["1"] * len(header.split()))) == found


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("id predicted score", "it may be 'predicted', 'score'"),
        ("id one two", "it may be 'one', 'two'"),
        ("id label", "it may be none is left"),
        ("id x y z", "are the columns 'z' classes too"),
    ],
)
def test_what_is_in_doubt_is_asked_for(header: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        recognised(header, " ".join(["1"] * len(header.split())))


def test_columns_can_be_named_or_numbered() -> None:
    assert recognised("id a b", "1 2 3", wanted="b,@2") == ["b", "a"]
    assert [title_of(name, is_label=False) for name in ("probability_a", "true_x", "predicted_class", "nucleus")] == [
        "a",
        "x",
        "predicted_class",
        "nucleus",
    ]


def test_the_beginning_of_a_title_is_no_part_of_a_label_but_may_be_of_a_class() -> None:
    assert [title_of(name, is_label=True) for name in ("label_a", "true_a", "probability_a", "label")] == [
        *"aaa",
        "label",
    ]
    assert title_of("label_0", is_label=False) == "label_0"
