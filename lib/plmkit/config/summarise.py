"""The options of plm summarise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SummariseConfig:
    """Put an analysis of several steps on one page, from their run records: results, notes, methods, references."""

    record: tuple[Path, ...]
    """Run record (JSON) of a step, which any command writes to --record; give one for each step, in their order."""
    report: Path
    """File to write the page to (HTML)."""
    text: Path | None = None
    """File to write result, notes, methods and references to, to be put into other documents (Markdown)."""
    bibliography: Path | None = None
    """File to write the works to cite to (BibTeX)."""
