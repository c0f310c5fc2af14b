"""Every work that a paragraph on methods cites is known with its authors, title, venue and year."""

import re
from pathlib import Path

from plmkit.models.families import FAMILIES
from plmkit.output import references
from plmkit.output.references import Work, as_text, bibliography, cited_in, numbered, works

OUTPUT = Path(references.__file__).parent
PARAGRAPHS = (
    "methods.py",
    "methods_of_files.py",
    "methods_of_models.py",
    "methods_of_vectors.py",
    "split_wording.py",
    "prepared_sites_wording.py",
    "evaluation_wording.py",
    "summary.py",
)


def cited_anywhere() -> set[str]:
    texts = [
        (OUTPUT / name).read_text(encoding="utf-8").translate({ord(sign): " " for sign in '"{'}) for name in PARAGRAPHS
    ]
    return {citation for text in texts for citation in cited_in(text)} | {family.citation for family in FAMILIES}


def test_every_cited_work_is_known_and_every_known_work_is_cited() -> None:
    assert cited_anywhere() == works().keys()


def test_all_texts_with_a_methods_paragraph_were_looked_at() -> None:
    found = {path.name for path in OUTPUT.glob("*.py") if re.search(r"def \w+_paragraph\(", path.read_text("utf-8"))}
    assert found == set(PARAGRAPHS) - {"summary.py"}


def test_every_work_is_described_whole() -> None:
    for work in works().values():
        assert work.authors, work.citation
        assert work.title, work.citation
        assert work.venue, work.citation
        assert work.year is not None
        assert 1900 < work.year < 2030
        assert all(", " in author for author in work.authors if author != "others" and author[0] != "{"), work.authors
        assert not re.search(r"[{}%&]", work.title + work.venue)


def test_citations_end_where_the_sentence_goes_on() -> None:
    text = "a (doi:10.1234/x). B (C, doi:10.1234/x; doi:10.1016/0377-0427(87)90125-7), (https://a.org/b.html)."
    text += " D doi:10.1234/y."
    assert cited_in(text) == [
        "10.1234/x",
        "10.1016/0377-0427(87)90125-7",
        "https://a.org/b.html",
        "10.1234/y",
    ]
    assert numbered(text)[0] == "a [1]. B (C [1]; [2]), [3]. D [4]."


def test_an_unknown_work_is_cited_by_its_doi_alone() -> None:
    _, found = numbered("as in doi:10.1234/new")
    assert [as_text(work) for work in found] == ["https://doi.org/10.1234/new"]
    assert bibliography(found) == "@misc{101234new,\n  doi = {10.1234/new},\n}\n"


def test_a_reference_reads_as_in_a_list() -> None:
    assert as_text(works()["10.1038/nbt.3988"]) == (
        "Steinegger M, Söding J. MMseqs2 enables sensitive protein sequence searching for the analysis of massive data "
        "sets. Nature Biotechnology 35, 1026\u20131028 (2017). https://doi.org/10.1038/nbt.3988"
    )
    assert as_text(Work("", ("{The authors}",), "A program", "", None)) == "The authors. A program."
    assert as_text(works()["https://www.evolutionaryscale.ai/blog/esm-cambrian"]).startswith("ESM Team. ESM Cambrian")


def test_keys_of_a_bibliography_differ() -> None:
    liu = Work("10.1234/a", ("Liu, H.", "others"), "One", "arXiv", 2022)
    text = bibliography([liu, Work("10.1234/b", ("Liu, S.",), "Two", "arXiv", 2022), works()["10.1038/nbt.3988"]])
    assert re.findall(r"@misc\{(\w+),", text) == ["Liu2022a", "Liu2022b", "Steinegger2017"]
    assert "  author = {Liu, H. and others},\n  title = {{One}},\n" in text
