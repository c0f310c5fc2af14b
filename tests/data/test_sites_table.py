from pathlib import Path

import pytest

from plmkit.data.sites import SiteColumns, SiteOptions, Told
from plmkit.data.sites_table import read_site_table
from plmkit.errors import UserError

PLAIN = SiteOptions()


def read(folder: Path, content: str, options: SiteOptions = PLAIN) -> Told:
    (folder / "s.tsv").write_text(content)
    return read_site_table(folder / "s.tsv", "sites", options)


def test_all_columns_are_found_by_their_usual_names(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        "Accession\tPosition\tResidue\tPTM\tLabel\tSplit\nP1\t5\tSer\tPhosphorylation_ST\t1\ttrain\n"
        "P1\t7\tt\tPhosphorylation_ST\tno\ttest\nP2\t3\t\tAcetylation\tmodified\t\n",
    )
    assert [
        (claim.line, claim.protein, claim.position, claim.residue, claim.names.usual, claim.is_modified, claim.part)
        for claim in told.claims
    ] == [
        (2, "P1", "5", "S", ("Phosphorylation_ST",), True, "train"),
        (3, "P1", "7", "T", ("Phosphorylation_ST",), False, "test"),
        (4, "P2", "3", "", ("Acetylation",), True, None),
    ]


def test_without_labels_each_row_is_a_modified_site_and_the_residue_may_stand_in_the_position(tmp_path: Path) -> None:
    told = read(tmp_path, "protein,site\nP1,S15\nP1,20\n")
    assert [(claim.position, claim.residue, claim.is_modified) for claim in told.claims] == [
        ("15", "S", True),
        ("20", "", True),
    ]
    assert {claim.names.usual for claim in told.claims} == {("modified",)}


def test_columns_are_named_by_the_user_and_the_modification_too(tmp_path: Path) -> None:
    columns = SiteColumns(protein="gene", position="@3", residue="letter", label="state")
    told = read(tmp_path, "gene\tposition\tx\tletter\tstate\na\t9\t4\tK\t0\n", SiteOptions(name="Ac", columns=columns))
    (claim,) = told.claims
    assert (claim.protein, claim.position, claim.residue, claim.names.usual) == ("a", "4", "K", ("Ac",))
    assert not claim.is_modified


def test_rows_without_a_label_are_counted(tmp_path: Path) -> None:
    told = read(tmp_path, "protein\tposition\tlabel\na\t1\t1\na\t2\tNA\na\t3\t?\n")
    assert len(told.claims) == 1
    assert dict(told.skipped) == {"rows without a label passed over": 2}


def test_a_column_of_a_usual_name_that_means_something_else_is_not_used(tmp_path: Path) -> None:
    told = read(tmp_path, "protein\tposition\tstage\na\t1\tG1\na\t2\tS\n")
    assert [claim.part for claim in told.claims] == [None, None]
    assert dict(told.skipped) == {"column not used ('stage': none of its values is train, valid or test)": 1}


def test_all_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    rows = [
        "\t1\tS\tP\t1\ttrain",
        "a\t\tS\tP\t1\ttrain",
        "a\t1\tpS\tP\t1\ttrain",
        "a\t1\tS\t\t1\ttrain",
        "a\t1\tS\tP\tmaybe\ttrain",
        "a\t1\tS\tP\t1\tfold3",
        "a\tT1\tS\tP\t1\ttrain",
    ]
    content = "protein\tposition\tresidue\tmodification\tlabel\tsplit\n" + "\n".join(rows) + "\n"
    with pytest.raises(UserError) as raised:
        read(tmp_path, content)
    assert str(raised.value) == (
        "sites, line 2: the row names no protein; name it or take the row out; "
        "line 3: the row has no position; write it or take the row out; "
        "line 4: 'pS' is no residue; write one letter, such as S; "
        "line 5: the row names no modification; name it or take the row out; "
        "line 6: the label 'maybe' is neither 1 (modified) nor 0 (not modified); write one of them; "
        "and 2 more such problems"
    )


def test_missing_columns_are_asked_for_by_their_options(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="which column holds the positions\\? Name it with --position-column"):
        read(tmp_path, "protein\tplace\na\t1\n")
    with pytest.raises(UserError, match="Name it with --protein-column"):
        read(tmp_path, "gene\tposition\na\t1\n")
