from pathlib import Path

import pytest

from plmkit.data.site_annotations import Annotated, Rejected, SiteFormat, SiteOptions, read_annotations
from plmkit.errors import UserError

FASTA = ">sp|P04150|GCR_HUMAN x\nMKSTYAAKRS\n>P04637\nMSKKTTKSSN\n"
LENIENT = SiteOptions(most_mismatches=1.0)
ROWS = "protein\tposition\tresidue\tmodification\tlabel\n"


def read(
    folder: Path,
    proteins: str,
    sites: str | None = None,
    options: SiteOptions = LENIENT,
    form: SiteFormat = "auto",
) -> Annotated:
    (folder / "p").write_text(proteins)
    if sites is not None:
        (folder / "s").write_text(sites)
    return read_annotations(folder / "p", None if sites is None else folder / "s", form, options)


def states(found: Annotated) -> dict[str, list[dict[int, bool]]]:
    return {name: [dict(of) for of in proteins] for name, proteins in found.states.items()}


def test_marks_and_a_table_tell_the_same(tmp_path: Path) -> None:
    marked = read(tmp_path, ">a SET=train\nMKS#T@Y\n>b SET=test\nMS#K\n")
    table = read(tmp_path, ">a\nMKSTY\n>b\nMSK\n", "protein\tposition\tlabel\na\t3\t1\na\t4\t0\nb\t2\t1\n")
    assert states(marked) == states(table) == {"modified": [{3: True, 4: False}, {2: True}]}
    assert marked.proteins.sequences == table.proteins.sequences
    assert (marked.parts, table.parts) == (("train", "test"), (None, None))
    assert (marked.annotations, marked.rejected, marked.notes) == (3, (), ())


def test_several_modifications_of_one_residue_are_kept(tmp_path: Path) -> None:
    found = read(tmp_path, FASTA, ROWS + "P04637\t3\tK\tUb\t1\nP04637\t3\tK\tAc\t1\nP04150\t2\tK\tAc\t0\n")
    assert found.modifications == ("Ac", "Ub")
    assert states(found) == {"Ac": [{2: False}, {3: True}], "Ub": [{}, {3: True}]}


def test_what_does_not_fit_is_rejected_with_its_reason(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        FASTA,
        ROWS
        + "P04150\t3\tS\tP\t1\n"
        + "P04150-2\t3\tS\tP\t1\n"
        + "P04150\t900\tS\tP\t1\n"
        + "sp|P04150|GCR_HUMAN\t6\tS\tP\t1\n"
        + "P04150\t?5\tY\tP\t1\n",
    )
    assert states(found) == {"P": [{3: True}, {}]}
    assert found.rejected == (
        Rejected(
            3,
            "P04150-2",
            None,
            "S",
            "",
            "P",
            "isoform 2 of P04150 is not among the proteins, and its positions may not be those of P04150",
        ),
        Rejected(4, "P04150", 900, "S", "", "P", "position 900 is beyond the end (10 residues)"),
        Rejected(5, "sp|P04150|GCR_HUMAN", 6, "S", "A", "P", "residue 6 is A, not S"),
        Rejected(6, "P04150", None, "Y", "", "P", "the source is not certain of the position (?5)"),
    )
    assert found.annotations == 5
    assert found.notes == (
        "sites: 4 annotations do not fit the proteins; the table of mismatches has each with the reason",
    )


def test_repetitions_and_other_proteins_are_counted(tmp_path: Path) -> None:
    found = read(
        tmp_path, FASTA, ROWS + "P04150\t3\tS\tP\t1\n" * 3 + "Q1\t3\tS\tP\t1\nQ1\t4\tS\tP\t1\nQ2\t4\tS\tP\t1\n"
    )
    assert found.annotations == 3
    assert found.notes == (
        "sites: 3 annotations of 2 proteins that are not given passed over",
        "sites: 2 annotations say again what another one says",
    )


def test_the_table_of_uniprot_is_enough_alone(tmp_path: Path) -> None:
    cell = 'MOD_RES 3; /note="Phosphoserine; by PKA"; MOD_RES 2; /note="N6-acetyllysine"'
    found = read(tmp_path, f"Entry\tSequence\tModified residue\nP1\tMKSTY\t{cell}\n")
    assert states(found) == {"Acetylation": [{2: True}], "Phosphorylation": [{3: True}]}


def test_a_table_with_sequences_holds_the_proteins_of_other_sites(tmp_path: Path) -> None:
    found = read(tmp_path, "Entry\tSequence\nP1\tMKSTY\n", "protein\tsite\nP1\tS3\n")
    assert states(found) == {"modified": [{3: True}]}


def test_wanted_modifications_are_taken_by_any_of_their_names(tmp_path: Path) -> None:
    sites = (
        "Entry\tModified residue\nP04637\t"
        'MOD_RES 3; /note="N6-methyllysine"; MOD_RES 4; /note="N6,N6-dimethyllysine"; '
        'MOD_RES 2; /note="Phosphoserine; by PKA"; MOD_RES 8; /note="Phosphoserine"\n'
    )
    found = read(tmp_path, FASTA, sites, SiteOptions(only=("dimethylation", "Methylation")))
    assert states(found) == {"Dimethylation": [{}, {4: True}], "Methylation": [{}, {3: True, 4: True}]}
    assert found.notes == ("sites: 2 annotations of other modifications passed over",)
    found = read(tmp_path, FASTA, sites, SiteOptions(only=("Phosphorylation by PKA",)))
    assert states(found) == {"Phosphorylation by PKA": [{}, {2: True}]}
    with pytest.raises(UserError, match="sites: no annotation is called 'Acetylation'; the modifications are Methylat"):
        read(tmp_path, FASTA, sites, SiteOptions(only=("Acetylation",)))


def test_sites_of_a_protein_may_lie_in_several_parts(tmp_path: Path) -> None:
    sites = "accession\tposition\tsplit\nP04150\t3\ttrain\nP04150\t4\ttest\nP04637\t2\ttrain\n"
    found = read(tmp_path, FASTA, sites)
    assert found.parts == (None, "train")
    assert [dict(of) for of in found.site_parts] == [{3: "train", 4: "test"}, {2: "train"}]
    assert found.notes == ()


def test_too_many_mismatches_are_refused_but_isoforms_and_doubts_do_not_count(tmp_path: Path) -> None:
    good = "".join(f"P04150\t{position}\t{letter}\tP\t1\n" for position, letter in [(3, "S"), (4, "T"), (5, "Y")])
    doubts = "P04150-2\t3\tS\tP\t1\n" * 9 + "P04150\t?3\tS\tP\t1\n" * 9
    assert read(tmp_path, FASTA, ROWS + good + doubts, SiteOptions()).annotations == 21
    with pytest.raises(UserError) as raised:
        read(tmp_path, FASTA, ROWS + good + "P04150\t6\tS\tP\t1\n", SiteOptions())
    assert str(raised.value) == (
        "sites: 1 of 4 annotations (25.0%) do not fit the proteins, more than 5.0%: line 5, P04150: residue 6 is A, "
        "not S; give the chains that the sites were annotated on, in the same version"
    )


def test_positions_that_count_from_zero_are_refused_with_the_remedy(tmp_path: Path) -> None:
    chain = "ASCSDSESFSGSHSISKSLS"
    shifted = "".join(f"a\t{position}\tS\n" for position in range(1, 20, 2))
    with pytest.raises(UserError, match="of 10 told residues 0 fit, but 10 if 1 is added to every position") as raised:
        read(tmp_path, f">a\n{chain}\n", "protein\tposition\tresidue\n" + shifted, SiteOptions())
    assert "; and 5 more; of 10" in str(raised.value)
    untold = "".join(f"a\t{position}\n" for position in range(1, 20, 2))
    with pytest.raises(UserError, match="sites: the sites lie on many kinds of residues, but 100% of them on S if 1"):
        read(tmp_path, f">a\n{chain}\n", "protein\tposition\n" + untold, SiteOptions())


@pytest.mark.parametrize(
    ("proteins", "sites", "message"),
    [
        (
            FASTA,
            ROWS + "P04150\t3\tS\tP\t1\nP04150\t4\tT\tP\t1\nP04150\t3\tS\tP\t0\n",
            "sites, line 4: residue 3 of sp|P04150|GCR_HUMAN is not modified (P), but modified in line 2",
        ),
        (
            FASTA,
            ROWS + "GCR\t3\tS\tP\t1\n",
            "sites: none of the annotated proteins (such as 'GCR') is among the proteins (such as 'sp|P04",
        ),
        (FASTA, None, "proteins: there is not one annotation; write # behind modified residues, or give a table of"),
        (
            FASTA,
            ROWS + "P04150-2\t3\tS\tP\t1\n",
            "sites: no annotation fits the proteins: line 2, P04150-2: isoform 2 ",
        ),
        (FASTA, ROWS + "P04150\t3\tS\tP\tNA\n", "sites: no annotation is left: 1 rows without a label passed over"),
        (
            ROWS + "P1\t3\tS\tP\t1\n",
            None,
            "proteins: this file holds sites without the chains; give the chains as FASTA",
        ),
        ("", ROWS, "sites: the table has no rows below its header"),
        ("", None, "proteins: the file is empty"),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path: Path, proteins: str, sites: str | None, message: str) -> None:
    with pytest.raises(UserError) as raised:
        read(tmp_path, proteins, sites)
    assert str(raised.value).startswith(message)


def test_marks_beside_plain_chains_are_compared_with_them(tmp_path: Path) -> None:
    found = read(tmp_path, ">a\nMKSTY\n", ">a SET=valid\nMKS#TY@\n")
    assert states(found) == {"modified": [{3: True, 5: False}]}
    assert found.parts == ("valid",)
    with pytest.raises(UserError, match=r"1 of 1 annotations .* residue 3 is A, not S"):
        read(tmp_path, ">a\nMKATY\n", ">a\nMKS#TY\n", SiteOptions())
