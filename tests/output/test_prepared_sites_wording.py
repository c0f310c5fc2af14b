import pytest

from plmkit.data.site_overlaps import Overlap
from plmkit.output.prepared_sites_wording import overlap_sentence, verdict


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            Overlap("test", 40, 10, 2, 8, 4),
            "10 of 40 test windows (25.0 %) overlap training windows, 2 of 40 test windows are also training "
            "windows and 4 of 8 test proteins are also training proteins: measures are too good for new proteins.",
        ),
        (
            Overlap("test", 40, 0, 2, 8, 0),
            "2 of 40 test windows are also training windows: these are remembered rather than understood.",
        ),
        (Overlap("test", 40, None, 0, 8, 0), "No test window is a training window; whether some overlap is not known"),
        (
            Overlap("test", 40, 0, 0, 8, 0),
            "No test window overlaps a training window, and no test protein is a training",
        ),
    ],
)
def test_how_much_was_learned_from(found: Overlap, said: str) -> None:
    assert overlap_sentence([Overlap("valid", 1, 1, 1, 1, 1), found]).startswith(said)


def test_without_a_test_part_validation_is_told() -> None:
    said = overlap_sentence([Overlap("valid", 4, 1, 0, 1, 1)])
    assert said.startswith("1 of 4 validation windows (25.0 %) overlap training windows and 1 of 1 validation proteins")


def test_nothing_divided_is_said() -> None:
    assert verdict("", "") == "Nothing was divided: plm split or plm finetune does it."
    assert verdict("One.", "Two.") == "One. Two."
