from collections import Counter

import pytest

from plmkit.data.residues import ResidueError, clean_residues, clean_window


def test_only_what_can_be_used_is_counted_as_mended() -> None:
    done: Counter[str] = Counter()
    assert [clean_residues(text, done) for text in ("MKV", "mkv*", "MkV", "MKV*")] == ["MKV"] * 4
    with pytest.raises(ResidueError):
        clean_residues("mk-v*", done)
    assert sorted(done.values()) == [2, 2]


@pytest.mark.parametrize(
    ("window", "clean"),
    [("__MKS", "XXMKS"), ("MKS--", "MKSXX"), ("-mS_", "XMSX"), ("XMSXX", "XMSXX"), ("_MS*", "XMS")],
)
def test_only_the_ends_of_a_window_are_padding(window: str, clean: str) -> None:
    assert clean_window(window, Counter()) == clean


@pytest.mark.parametrize("window", ["MK-SV", "____", "", "-*-", "MK\u00a0S", "MK.SV", "M\u017f"])
def test_a_window_with_a_gap_inside_or_nothing_in_it_is_a_mistake(window: str) -> None:
    with pytest.raises(ResidueError):
        clean_window(window, Counter())


def test_the_place_of_a_wrong_character_is_counted_from_one() -> None:
    with pytest.raises(ResidueError, match="'2' at residue 4"):
        clean_residues("MKV2MKV3", Counter())


@pytest.mark.parametrize("text", ["MdEvVpQpLdVyQdYaKv", "M#E#V#Q#L#V#Q#Y#K#"])
def test_states_of_a_structure_between_amino_acids_are_not_read_as_residues(text: str) -> None:
    with pytest.raises(ResidueError, match="amino acids and states of a structure in turn, as SaProt has them"):
        clean_residues(text, Counter())
