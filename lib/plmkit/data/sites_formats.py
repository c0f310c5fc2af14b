"""Tell in which form sites are annotated, and which reader reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from plmkit.data.opening import text_lines
from plmkit.data.sites import SiteFormat, SiteOptions, Told
from plmkit.data.sites_gff import read_gff
from plmkit.data.sites_marked import read_marked
from plmkit.data.sites_phosphosite import is_phosphosite_header, read_phosphosite
from plmkit.data.sites_table import read_site_table
from plmkit.data.sites_uniprot import FEATURES, read_uniprot

Reader = Callable[[Path, str, SiteOptions], Told]

READERS: Mapping[SiteFormat, Reader] = {
    "marked": read_marked,
    "table": read_site_table,
    "uniprot": read_uniprot,
    "gff3": read_gff,
    "phosphosite": read_phosphosite,
}
_LINES_LOOKED_AT = 30
_DELIMITERS = re.compile(r"[\t,;]")
_GFF_COLUMNS = 9


def told_format(path: Path, role: str) -> SiteFormat:
    """Return the form of a file by its first lines; a table is what is nothing else. Raises UserError."""
    lines = [line for line in islice(text_lines(path, role), _LINES_LOOKED_AT) if line.strip()]
    first = lines[0] if lines else ""
    if first.startswith(">"):
        return "marked"
    if first.startswith("##gff-version") or any(map(_is_gff, lines)):
        return "gff3"
    if any(map(is_phosphosite_header, lines)):
        return "phosphosite"
    titles = {title.strip(' "').lower() for title in _DELIMITERS.split(first)}
    return "table" if titles.isdisjoint(FEATURES) else "uniprot"


def _is_gff(line: str) -> bool:
    columns = line.split("\t")
    return len(columns) >= _GFF_COLUMNS and columns[3].isdecimal() and columns[4].isdecimal() and columns[6] in "+-.?"
