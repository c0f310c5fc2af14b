from pathlib import Path

import pytest

from plmkit.data.sites import SiteOptions, Told
from plmkit.data.sites_marked import read_marked
from plmkit.errors import UserError

PLAIN = SiteOptions()


def read(folder: Path, content: str, options: SiteOptions = PLAIN) -> Told:
    (folder / "p.fasta").write_text(content)
    return read_marked(folder / "p.fasta", "proteins", options)


def test_marks_are_taken_off_and_say_the_state_of_the_residue_before_them(tmp_path: Path) -> None:
    # the example of PhosphoLingo's README, shortened, over two lines
    told = read(tmp_path, ">dummy\nMKPWETDY#MGPFRKIY@Y@\nNCY#cy*\n")
    assert told.proteins is not None
    assert told.proteins.sequences == ["MKPWETDYMGPFRKIYYNCYCY"]
    assert [(claim.position, claim.residue, claim.is_modified) for claim in told.claims] == [
        ("8", "Y", True),
        ("16", "Y", False),
        ("17", "Y", False),
        ("20", "Y", True),
    ]
    assert {(claim.protein, claim.line, claim.names.usual) for claim in told.claims} == {("dummy", 1, ("modified",))}


def test_the_user_names_the_modification(tmp_path: Path) -> None:
    told = read(tmp_path, ">a\nMK#\n", SiteOptions(name="Acetylation"))
    assert [claim.names.usual for claim in told.claims] == [("Acetylation",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            ">a\n#MKS\n",
            "proteins, line 1, a: the mark '#' stands before the first residue; write it behind its residue",
        ),
        (">a\nMKS\n>b\nMS#@K\n", "proteins, line 3, b: two marks behind residue 2; keep one"),
        (">a\nMS##K\n", "proteins, line 1, a: two marks behind residue 2; keep one"),
        (">a\nMK*#\n", "proteins, line 1, a: the mark '#' after 3 characters stands behind no residue"),
        (
            ">a\nMdEvS#QpTd\n",  # as SaProt has it: a state that is not known is no mark
            "proteins, line 1, a: amino acids and states of a structure in turn, as SaProt has them; give the amino "
            "acids alone here",
        ),
    ],
)
def test_a_mark_behind_no_residue_is_told_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        read(tmp_path, content)
    assert str(raised.value) == message


def test_marks_stay_with_their_records_when_another_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="line 1, a: '1' at residue 3") as raised:
        read(tmp_path, ">a\nMS#1\n>b\nMK#\n>b\nMK#\n")
    assert "the name 'b' stands already in line 3" in str(raised.value)
