"""Write what plm project found: map, coordinates, duplicates and outliers, report, run record."""

from __future__ import annotations

import base64
import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from plmkit.config import ProjectConfig
from plmkit.data.annotations import Annotation
from plmkit.data.vectors import Vectors
from plmkit.learning.clusters import NONE
from plmkit.learning.landscape import Landscape
from plmkit.learning.resemblance import agreement
from plmkit.output.maps import Colours, draw_map
from plmkit.output.methods_of_vectors import map_paragraph
from plmkit.output.run_record import input_entry, run_record, write_record
from plmkit.output.staging import Staging
from plmkit.output.tables import Cell, write_table
from plmkit.output.templates import render

log = logging.getLogger(__name__)

COORDINATES_HEADER = ("id", "x", "y", "cluster", "silhouette", "outlier", "duplicate_of", "value")
FINDINGS_HEADER = ("id", "finding", "other", "distance")
LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib")
LIBRARIES_OF_UMAP = ("umap-learn", "numba")
_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
_KINDS = ("exact duplicate", "near duplicate", "outlier")
_FINDINGS_SHOWN = 10
_CLUSTERS_SHOWN = 20
_DOUBTFUL = 0.8
_SEPARATED = ((0.7, "strongly"), (0.5, "reasonably"), (0.25, "weakly"), (-1.0, "hardly"))


def write_landscape(
    config: ProjectConfig, staging: Staging, vectors: Vectors, annotation: Annotation | None, found: Landscape
) -> None:
    """Write every output that was asked for."""
    axes = axes_names(config.method, found.shares.tolist())
    colours = colours_of(annotation, found)
    svg = staging[config.svg] if config.svg else None
    has_scale = config.method == "pca"
    draw_map(staging[config.map], svg, found.places, axes, has_scale, colours, found.clusters, found.is_outlier)
    if config.coordinates:
        write_table(staging[config.coordinates], COORDINATES_HEADER, coordinate_rows(vectors.names, annotation, found))
    findings = finding_rows(vectors.names, found)
    if config.findings:
        write_table(staging[config.findings], FINDINGS_HEADER, findings)
    record = _record(config, vectors, annotation, found)
    if config.record:
        write_record(record, staging[config.record])
    if config.report:
        text = render(
            "project_report.html",
            record=record,
            method=_NAMES[config.method],
            picture=base64.b64encode(staging[config.map].read_bytes()).decode(),
            clusters=cluster_rows(annotation, found)[:_CLUSTERS_SHOWN],
            findings=[row for kind in _KINDS for row in [row for row in findings if row[1] == kind][:_FINDINGS_SHOWN]],
            all_findings=len(findings),
            metrics={row["metric"]: row["value"] for row in record["metrics"]},
            verdict=record["counts"]["verdict"],
            methods=map_paragraph(record),
            column=annotation.name if annotation else None,
        )
        staging[config.report].write_text(text, encoding="utf-8")


def axes_names(method: str, shares: Sequence[float]) -> tuple[str, str]:
    """Return what stands at the axes; for PCA with the share of the variance that they show."""
    if method != "pca":
        return f"{_NAMES[method]} 1", f"{_NAMES[method]} 2"
    one, two = (100 * share for share in [*shares, 0.0][:2])
    return f"component 1 ({one:.1f} % of the variance)", f"component 2 ({two:.1f} % of the variance)"


def colours_of(annotation: Annotation | None, found: Landscape) -> Colours:
    """Return what colours the map: the metadata, or else the clusters."""
    if annotation is None and not (found.clusters != NONE).any():
        return Colours("", categories=("proteins",) * len(found.clusters))
    if annotation is None:
        names = tuple(None if cluster == NONE else str(cluster + 1) for cluster in found.clusters.tolist())
        return Colours("cluster: proteins", categories=names, without="in no cluster")
    if annotation.is_number:
        return Colours(annotation.name, numbers=tuple(annotation.numbers))
    return Colours(annotation.name, categories=annotation.cells)


def verdict(record: Mapping[str, Any]) -> str:
    """Say in a sentence or two what was found. Words for silhouettes: Kaufman & Rousseeuw 1990, table 4."""
    counts = record["counts"]
    silhouette = next(row["value"] for row in record["metrics"] if row["metric"] == "silhouette")
    if not counts["clusters"]:
        found = f"No clusters of {counts['smallest_cluster']} proteins or more: no group stands apart from the rest."
    else:
        groups = "1 cluster holds" if counts["clusters"] == 1 else f"{counts['clusters']} clusters hold"
        found = f"{groups} {100 * counts['in_clusters'] / counts['proteins']:.0f} % of the proteins"
        if silhouette is not None:
            word = next(word for least, word in _SEPARATED if silhouette >= least)
            found += f"; they are {word} separated (mean silhouette {silhouette:.2f})"
        found += "."
    repeated, outliers = counts["exact_duplicates"] + counts["near_duplicates"], counts["outliers"]
    repeats, resembles = "protein repeats" if repeated == 1 else "proteins repeat", "resemble" + "s" * (outliers == 1)
    return f"{found} {repeated:,} {repeats} another one, {outliers:,} {resembles} none."


def coordinate_rows(names: Sequence[str], annotation: Annotation | None, found: Landscape) -> Iterator[Sequence[Cell]]:
    """Yield a row for each protein; clusters count from 1."""
    values = annotation.cells if annotation else [None] * len(names)
    for row, (name, value) in enumerate(zip(names, values, strict=True)):
        cluster, other = int(found.clusters[row]), int(found.duplicate_of[row])
        yield (
            name,
            float(found.places[row, 0]),
            float(found.places[row, 1]),
            None if cluster == NONE else cluster + 1,
            float(found.silhouettes[row]),
            "yes" if found.is_outlier[row] else "no",
            None if other == row else names[other],
            value,
        )


def finding_rows(names: Sequence[str], found: Landscape) -> list[Sequence[Cell]]:
    """Return exact duplicates, near duplicates and outliers (farthest first), with the protein they are compared to."""
    rows: list[Sequence[Cell]] = []
    chosen = (found.is_copy, found.is_near, found.is_outlier)
    others = (found.duplicate_of, found.duplicate_of, found.nearest)
    for finding, is_chosen, other in zip(_KINDS, chosen, others, strict=True):
        numbers = np.flatnonzero(is_chosen)
        if finding == "outlier":
            numbers = numbers[np.argsort(-found.distances[numbers], kind="stable")]
        rows += [(names[row], finding, names[other[row]], float(found.distances[row])) for row in numbers.tolist()]
    return rows


def cluster_rows(annotation: Annotation | None, found: Landscape) -> list[dict[str, Any]]:
    """Return for each cluster its number, size, mean silhouette and most frequent category with its share."""
    rows = []
    for cluster in range(int(found.clusters.max()) + 1):
        inside = np.flatnonzero(found.clusters == cluster)
        row: dict[str, Any] = {"cluster": cluster + 1, "proteins": len(inside), "silhouette": None}
        if not np.isnan(found.silhouettes[inside]).all():
            row["silhouette"] = float(np.nanmean(found.silhouettes[inside]))
        if annotation and not annotation.is_number:
            cells = Counter(cell for index in inside.tolist() if (cell := annotation.cells[index]) is not None)
            name, count = min(cells.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
            row |= {"most": name, "share": count / max(1, cells.total())}
        rows.append(row)
    return rows


def _record(config: ProjectConfig, vectors: Vectors, annotation: Annotation | None, found: Landscape) -> dict[str, Any]:
    notes = [*(annotation.notes if annotation else ()), *_notes(config, found)]
    for note in notes:
        log.warning("note: %s", note)
    inputs = [input_entry("embeddings", config.embeddings, len(vectors))]
    if annotation and config.metadata:
        inputs.append(input_entry("metadata", config.metadata, annotation.rows))
    libraries = LIBRARIES + (LIBRARIES_OF_UMAP if config.method == "umap" else ())
    counts = _counts(vectors, annotation, found)
    metrics = _metrics(config, annotation, found)
    record = run_record("project", config, None, inputs, "cpu", counts, metrics, notes, libraries)
    record["counts"]["verdict"] = verdict(record)
    return record


def _counts(vectors: Vectors, annotation: Annotation | None, found: Landscape) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "proteins": len(vectors),
        "width": vectors.values.shape[1],
        "components": len(found.shares),
        "variance_shown": round(float(found.shares.sum()), 6),
        "variance_of_two_components": round(float(found.shares[:2].sum()), 6),
        "clusters": int(found.clusters.max()) + 1,
        "smallest_cluster": found.smallest_cluster,
        "in_clusters": int((found.clusters != NONE).sum()),
        "exact_duplicates": int(found.is_copy.sum()),
        "near_duplicates": int(found.is_near.sum()),
        "outliers": int(found.is_outlier.sum()),
    }
    if annotation:
        counts["with_value"] = sum(cell is not None for cell in annotation.cells)
        counts["coloured_by"] = "number" if annotation.is_number else "category"
    return counts


def _metrics(config: ProjectConfig, annotation: Annotation | None, found: Landscape) -> list[dict[str, Any]]:
    """Return what can be measured of map, clusters and metadata; None where it is not defined."""
    inside = found.silhouettes[np.isfinite(found.silhouettes)]
    values = {
        "trustworthiness": found.trustworthiness,
        "silhouette": float(inside.mean()) if len(inside) else math.nan,
    }
    if annotation and not annotation.is_number:
        own = [annotation.cells[row] for row in found.distinct.tolist()]
        values["neighbours_agree"], values["neighbours_agree_by_chance"] = agreement(found.neighbours, own)
    return [{"metric": name, "value": None if math.isnan(value) else value} for name, value in values.items()]


def _notes(config: ProjectConfig, found: Landscape) -> list[str]:
    """Say what the user must know of this map."""
    notes = [f"many proteins: {sample}" for sample in found.samples(config.method)]
    if not (found.clusters != NONE).any():
        notes.append(
            f"clusters: none of at least {found.smallest_cluster} proteins were found; --smallest-cluster sets the size"
        )
    if found.trustworthiness < _DOUBTFUL:
        remedy = (
            "t-SNE or UMAP keep neighbours better" if config.method == "pca" else "trust the table, not the picture"
        )
        notes.append(
            f"map: its trustworthiness is {found.trustworthiness:.2f} of 1: many neighbours on it are no neighbours in "
            f"the embedding; {remedy}"
        )
    return notes
