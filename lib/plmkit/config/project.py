"""The options of plm project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cyclopts import Parameter

from plmkit.config.checks import at_least, check_seed, share
from plmkit.errors import UserError


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ProjectConfig:
    """Draw a map of proteins from their embeddings; find clusters, duplicates and outliers among them."""

    embeddings: Path
    """Embeddings that plm embed wrote, one vector for each protein: tabular, parquet or npz."""
    map: Path
    """File to write the map to (PNG)."""
    svg: Path | None = None
    """File to write the map to for vector graphics programs (SVG)."""
    coordinates: Path | None = None
    """File to write the table to which has for each protein its place on the map, its cluster and more."""
    findings: Path | None = None
    """File to write the table of duplicates and outliers to."""
    report: Path | None = None
    """File to write the report to (HTML)."""
    record: Path | None = None
    """File to write the run record to (JSON)."""
    metadata: Path | None = None
    """Table with a header and one row for each protein, of which one column colours the map; default: clusters do."""
    identifier_column: str | None = None
    """Column of the metadata with the proteins' names, by name or number; default: "id", else the first."""
    colour_column: str | None = None
    """Column of the metadata that colours the map, by name or number; default: the first one beside the names."""
    colour_as: Literal["auto", "category", "number"] = "auto"
    """What that column holds; auto: numbers, if all cells are and there are more than eight different ones."""
    method: Literal["pca", "tsne", "umap"] = "pca"
    """pca: quick, axes and distances can be read; tsne, umap: neighbours are kept better, large distances are not."""
    neighbours: int | None = None
    """How many neighbours of each protein t-SNE (its perplexity) or UMAP heeds; default: 30 or 15."""
    components: int = 50
    """Principal components in which t-SNE, UMAP, clusters and outliers are computed."""
    smallest_cluster: int | None = None
    """Proteins of a cluster at least; default: one in a hundred of all, 5 or more."""
    near: float = 0.1
    """Near duplicates are no farther apart than this part of the typical distance between two proteins."""
    seed: int = 1
    """Seed of every random choice; the same seed gives the same files."""

    def __post_init__(self) -> None:
        """Check numbers, and options which need each other."""
        at_least("--neighbours", self.neighbours, 2)
        at_least("--components", self.components, 2)
        at_least("--smallest-cluster", self.smallest_cluster, 2)
        share("--near", self.near, above=-1.0, up_to=1.0)
        check_seed(self.seed)
        if self.metadata is None:
            for option, column in (
                ("--identifier-column", self.identifier_column),
                ("--colour-column", self.colour_column),
            ):
                if column is not None:
                    raise UserError(f"{option} is a column of the metadata: add --metadata, or leave it out")
