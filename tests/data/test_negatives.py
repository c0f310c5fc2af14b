import pytest

from plmkit.data.negatives import negative_label, usual_negative_label
from plmkit.errors import UserError


@pytest.mark.parametrize(
    ("labels", "found"),
    [(["0", "1"], "0"), (["-1", "1"], "-1"), (["Phospho", "NONE"], "NONE"), (["S", "unmodified", "T"], "unmodified")],
)
def test_the_usual_word_is_the_negative_label(labels: list[str], found: str) -> None:
    assert negative_label(labels, None, "examples") == found


def test_the_label_chosen_wins_over_the_usual_word() -> None:
    assert negative_label(["0", "1"], "1", "examples") == "1"


@pytest.mark.parametrize(("labels", "chosen"), [(["a", "b"], None), (["0", "no"], None), (["0", "1"], "none")])
def test_what_cannot_be_told_is_asked_for(labels: list[str], chosen: str | None) -> None:
    with pytest.raises(UserError, match="--negative-label"):
        negative_label(labels, chosen, "examples")


@pytest.mark.parametrize(
    ("labels", "found"),
    [(("interacts", "no"), "no"), (("0", "1"), "0"), (("a", "b"), None), (("0", "no"), None), (("0", "1", "2"), None)],
)
def test_of_two_labels_the_usual_word_means_not(labels: tuple[str, ...], found: str | None) -> None:
    assert usual_negative_label(labels) == found
