"""Fill in the text templates which lie beside this file."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def cited(citation: str) -> str:
    """Return how a work is referred to that is known by its DOI or by an address."""
    return f"doi:{citation}" if citation.startswith("10.") else citation


def render(template: str, **values: Any) -> str:
    """Return a template filled in; HTML is escaped, a missing value is an error."""
    environment = Environment(
        loader=PackageLoader("plmkit.output", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cited"] = cited
    return environment.get_template(template).render(**values)
