from pathlib import Path

import pytest

from plmkit.data.sites_formats import told_format

GFF = "P1\tUniProtKB\tModified residue\t5\t5\t.\t.\t.\tNote=x\n"


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("\n>a\nMK#\n", "marked"),
        ("##gff-version 3\n", "gff3"),
        ("# made by hand\n" + GFF, "gff3"),
        ("110817\nlicence\n\nGENE\tACC_ID\tMOD_RSD\nG\tP1\tS1-p\n", "phosphosite"),
        ("KINASE\tSUB_ACC_ID\tSUB_MOD_RSD\nPKA\tP1\tS1\n", "phosphosite"),
        ("Entry\tmodified residue\nP1\t\n", "uniprot"),
        ('"Entry","Cross-link"\n"P1",""\n', "uniprot"),
        ("protein\tposition\nP1\t4\n", "table"),
        ("a\tb\tc\td\te\tf\tg\th\ti\n", "table"),
    ],
)
def test_the_form_is_told_from_the_first_lines(tmp_path: Path, content: str, form: str) -> None:
    (tmp_path / "s").write_text(content)
    assert told_format(tmp_path / "s", "sites") == form
