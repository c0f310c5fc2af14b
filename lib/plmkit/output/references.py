"""Number the works that a text cites, and write them as a list and for BibTeX."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import normalize

_FILE = Path(__file__).with_name("references.toml")
_CITED = re.compile(r"doi:(10\.\d{4,9}/[^\s,;]+)|(https?://[^\s,;]+)")
_OTHERS = "others"


@dataclass(frozen=True)
class Work:
    """A work that can be cited. citation: DOI or address; authors: family name, initials; year: None if not known."""

    citation: str
    authors: tuple[str, ...]
    title: str
    venue: str
    year: int | None

    @property
    def address(self) -> str:
        """Where it is found."""
        return f"https://doi.org/{self.citation}" if self.citation.startswith("10.") else self.citation


@cache
def works() -> dict[str, Work]:
    """Return the works that plmkit knows, by citation."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))["work"]
    return {entry["citation"]: Work(**entry | {"authors": tuple(entry["authors"])}) for entry in content}


def cited_in(text: str) -> list[str]:
    """Return the DOIs and addresses that a text cites, in their order, each once."""
    return list(dict.fromkeys(_trimmed(found[1] or found[2]) for found in _CITED.finditer(text)))


def numbered(text: str) -> tuple[str, list[Work]]:
    """Return a text with [1], [2] ... in place of DOIs and addresses, and the works in that order.

    A work that is not known here is cited by its DOI or address alone.
    """
    order = cited_in(text)

    def number(found: re.Match[str]) -> str:
        whole = found[1] or found[2]
        citation = _trimmed(whole)
        return f"[{order.index(citation) + 1}]{whole.removeprefix(citation)}"

    text = re.sub(r"\((\[\d+\])\)", r"\1", _CITED.sub(number, text))
    text = re.sub(r", (\[\d+\][;)])", r" \1", text)
    return text, [works().get(citation, Work(citation, (), "", "", None)) for citation in order]


def as_text(work: Work) -> str:
    """Return an entry of a list of references."""
    if not work.title:
        return work.address
    names = ", ".join(_short(author) for author in work.authors)
    venue = f"{work.venue} " if work.venue else ""
    return f"{names}. {work.title}. {venue}({work.year}). {work.address}" if work.year else f"{names}. {work.title}."


def bibliography(cited: Sequence[Work]) -> str:
    """Return works as entries of a BibTeX file."""
    keys = [_key(work) for work in cited]
    told = [
        key + chr(ord("a") + keys[:place].count(key)) if keys.count(key) > 1 else key for place, key in enumerate(keys)
    ]
    return "\n".join(_entry(work, key) for work, key in zip(cited, told, strict=True))


def _entry(work: Work, key: str) -> str:
    fields = {
        "author": " and ".join(work.authors),
        "title": f"{{{work.title}}}" if work.title else "",
        "howpublished": work.venue,
        "year": "" if work.year is None else str(work.year),
        "doi": work.citation if work.citation.startswith("10.") else "",
        "url": "" if work.citation.startswith("10.") else work.citation,
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@misc{{{key},\n{''.join(lines)}}}\n"


def _key(work: Work) -> str:
    family = work.authors[0].partition(",")[0] if work.authors else re.sub(r"\W+", "", work.citation)
    plain = normalize("NFKD", family).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "", plain) + str(work.year or "")


def _short(author: str) -> str:
    """Return a name as lists of references have it: Lin Z; a group without its braces."""
    if author == _OTHERS:
        return "et al"
    family, _, initials = author.partition(", ")
    return f"{family} {re.sub('[. ]', '', initials)}".strip("{} ")


def _trimmed(found: str) -> str:
    """Take off what belongs to the sentence: a full stop, and brackets that were opened before."""
    found = found.rstrip(".:")
    while found.endswith((")", "]")) and found.count("(") < found.count(")") + found.count("]"):
        found = found[:-1].rstrip(".:")
    return found
