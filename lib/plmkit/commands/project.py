"""plm project: embeddings to a map, with clusters, duplicates and outliers."""

from __future__ import annotations

import logging

from plmkit.config import ProjectConfig
from plmkit.data.annotations import Annotation, read_annotation
from plmkit.data.vectors import Vectors, read_vectors
from plmkit.errors import UserError
from plmkit.output.staging import Staging, staged
from plmkit.slots import granted_threads

log = logging.getLogger(__name__)

_FEWEST = 3


def run(config: ProjectConfig) -> None:
    """Draw the map and write what was found on the way."""
    outputs = [config.map, config.svg, config.coordinates, config.findings, config.report, config.record]
    with staged(outputs, inputs=[config.embeddings, config.metadata]) as staging:
        vectors = read_vectors(config.embeddings, "embeddings")
        _check(vectors)
        annotation = _annotation(config, vectors)
        _project(config, vectors, annotation, staging)
    log.info("%d proteins placed on a map", len(vectors))


def _check(vectors: Vectors) -> None:
    if len(vectors) < _FEWEST:
        raise UserError(f"embeddings: {len(vectors)} proteins make no map; give at least {_FEWEST}")
    different: set[bytes] = set()
    for row in vectors.values:
        different.add(row.tobytes())
        if len(different) == _FEWEST:
            return
    raise UserError(f"embeddings: {len(different)} different ones make no map; give at least {_FEWEST}")


def _annotation(config: ProjectConfig, vectors: Vectors) -> Annotation | None:
    if config.metadata is None:
        return None
    return read_annotation(
        config.metadata, vectors.names, config.identifier_column, config.colour_column, config.colour_as
    )


def _project(config: ProjectConfig, vectors: Vectors, annotation: Annotation | None, staging: Staging) -> None:
    # scikit-learn is loaded here, after every mistake of the user was answered.
    from threadpoolctl import threadpool_limits

    from plmkit.learning.landscape import Settings, survey
    from plmkit.output.landscape import write_landscape

    settings = Settings(
        method=config.method,
        neighbours=config.neighbours,
        components=config.components,
        smallest_cluster=config.smallest_cluster,
        near=config.near,
        seed=config.seed,
    )
    with threadpool_limits(granted_threads()):
        found = survey(vectors.values, settings)
    write_landscape(config, staging, vectors, annotation, found)
