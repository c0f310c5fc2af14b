import pytest

from plmkit.data.cells import masked_words, places_of, problems_of, words_of
from plmkit.data.labelled import Row


def row(cell: str, sequence: str = "MKVL", mask: str | None = None) -> Row:
    return Row("p", (sequence,), (cell,), 7, 7, mask=mask)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("HHEC", ["H", "H", "E", "C"]),
        ("H-?C", ["H", "", "", "C"]),
        ("0110", ["0", "1", "1", "0"]),
        ("1;2;;3", ["1", "2", "", "3"]),
        (";;-0.5;2", ["", "", "-0.5", "2"]),
        ("2, 1, 2, 0", ["2", "1", "2", "0"]),
        ("0.1,0.2,nan,-", ["0.1", "0.2", "", ""]),
        ("0.1 0.2  NA 3", ["0.1", "0.2", "", "3"]),
        ("helix; coil ;?; turn", ["helix", "coil", "", "turn"]),
        ("unmodified;?;Phosphorylation by PKA;O, N", ["unmodified", "", "Phosphorylation by PKA", "O, N"]),
        ("[2, 1, 2, 0]", ["2", "1", "2", "0"]),
        ("", []),
        ("NA", []),
        ("null", []),
    ],
)
def test_a_cell_has_a_letter_or_a_word_of_each_residue(cell: str, words: list[str]) -> None:
    assert words_of(cell, "residue") == words


@pytest.mark.parametrize(
    ("cell", "words"),
    [("cell membrane", ["cell membrane"]), ("a;b", ["a;b"]), ("1,5", ["1,5"]), ("nan", [""]), ("?", [""]), ("", [""])],
)
def test_a_cell_of_anything_else_is_one_word(cell: str, words: list[str]) -> None:
    assert words_of(cell, "protein") == words


@pytest.mark.parametrize("mask", ["0110", "0;1;1;0", "0 1 1 0"])
def test_nothing_is_known_of_masked_residues(mask: str) -> None:
    assert masked_words(row("HHEC", mask=mask), 0, "residue") == ["", "H", "E", ""]


def test_a_mask_means_nothing_to_whole_proteins() -> None:
    assert masked_words(row("x", mask="0"), 0, "protein") == ["x"]


def test_each_residue_is_a_place_and_anything_else_is_one() -> None:
    assert [places_of(row("x"), unit) for unit in ("residue", "protein", "window", "pair")] == [4, 1, 1, 1]


@pytest.mark.parametrize(
    ("cell", "mask", "told"),
    [
        ("HHE", None, "'p' has 4 residues and 3 labels; give one for each residue"),
        ("1;2;3;4;", None, "'p' has 4 residues and 5 labels; give one for each residue"),
        ("HHEC", "011", "'p' has 4 residues and a mask of 3; give 0 or 1 for each residue"),
        ("HHEC", "", "'p' has 4 residues and a mask of 0; give 0 or 1 for each residue"),
        ("HHEC", "01T1", "the mask of 'p' holds 'T'; give 0 or 1 for each residue"),
        ("HHEC", "01-1", "the mask of 'p' holds '-'; give 0 or 1 for each residue"),
    ],
)
def test_labels_and_masks_that_do_not_fit_the_residues_are_told(cell: str, mask: str | None, told: str) -> None:
    assert problems_of(row(cell, mask=mask), "residue", "") == [f"line 7: {told}"]


def test_a_protein_may_have_no_label_of_any_residue() -> None:
    assert problems_of(row("NA"), "residue", "") == []


def test_what_may_be_written_for_no_label_is_said() -> None:
    assert problems_of(row("?"), "protein", "; or a dash") == [
        "line 7: 'p' has no label ('?'); add it or take the row out; or a dash"
    ]
