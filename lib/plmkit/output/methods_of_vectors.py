"""Paragraphs on methods, for a paper, of what is done with embeddings: made, searched, mapped."""

from __future__ import annotations

from plmkit.learning.landscape import USUAL
from plmkit.output.telling import Record, Telling, opened

_POOLED = {"mean": "the mean over residues", "cls": "the state of the start token", "max": "the maximum over residues"}
_MAPS = {
    "pca": "The map shows the first two components, {shown:.1f} % of the variance.",
    "tsne": (
        "The map is by t-SNE (https://www.jmlr.org/papers/v15/vandermaaten14a.html) with a perplexity of {neighbours}, "
        "begun with the first two components (doi:10.1038/s41467-019-13056-x)."
    ),
    "umap": (
        "The map is by UMAP (doi:10.48550/arXiv.1802.03426) with {neighbours} neighbours, begun with the first two "
        "components."
    ),
}


def embedding_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm embed made vectors."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    layers = counts["layers"]
    places = f"layer{'s' if len(layers) > 1 else ''} {_listed([str(layer) for layer in layers])}"
    kept = "those of all residues were kept"
    if config["format"] != "h5":
        kept = f"of each protein {_listed([_POOLED[how] for how in config['pooling']])} was kept"
    text = (
        f"{opened(telling.model(record))} embedded {counts['proteins']:,} proteins ({counts['residues']:,} residues) "
        f"with {telling.software(record, 'torch', 'transformers')}. States of {places} ({counts['width']:,} numbers "
        f"for each residue) were computed in {counts['precision']}; {kept}."
    )
    if counts["windowed"]:
        text += (
            f" {counts['windowed']:,} proteins longer than {counts['window']:,} residues were read in windows that "
            f"share at least {counts['overlap']:,} residues, whose states were merged where they overlap."
        )
    return text


def search_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm search found neighbours and transferred their labels."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    text = (
        f"The {config['neighbours']} nearest of {counts['searched_references']:,} references by {config['distance']} "
        f"distance were found for {counts['queries']:,} query proteins with {telling.software(record, 'numpy')}, by "
        f"exact search among vectors of {counts['width']:,} numbers."
    )
    if counts["kept_from_themselves"]:
        text += f" {counts['kept_from_themselves']:,} queries were kept from finding themselves."
    if not any(entry["role"] == "labels" for entry in record["inputs"]):
        return text
    voters = "neighbour" if config["voters"] == 1 else f"{config['voters']} neighbours"
    similarity = "0.5 / (0.5 + distance)" if config["distance"] == "euclidean" else "the cosine"
    least = f", if it was {config['threshold']:g} or more" if config["threshold"] else ""
    text += (
        f" Labels were transferred from the nearest {voters} with the reliability of goPredSim "
        f"(doi:10.1038/s41598-020-80786-0): {similarity}, summed over the neighbours that carry the label and divided "
        f"by the number of neighbours{least}."
    )
    if record["metrics"]:
        text += (
            " How often the most reliable label is right has 95 % Wilson intervals (doi:10.1080/01621459.1927.10502953)"
            "; references were judged by leaving each out in turn."
        )
    return text


def map_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return how plm project drew a map and found clusters, duplicates and outliers."""
    telling = telling or Telling()
    counts, config = record["counts"], record["config"]
    libraries = [name for name in ("scikit-learn", "umap-learn") if name in record["libraries"]]
    neighbours = config["neighbours"] or USUAL[config["method"]]
    if config["method"] == "tsne":
        neighbours = min(neighbours, (counts["proteins"] - counts["exact_duplicates"] - 1) / 3)
    drawn = _MAPS[config["method"]].format(
        shown=100 * counts["variance_of_two_components"], neighbours=f"{neighbours:g}"
    )
    return (
        f"Embeddings of {counts['proteins']:,} proteins ({counts['width']:,} numbers each) were reduced to "
        f"{counts['components']} principal components ({100 * counts['variance_shown']:.1f} % of the variance) with "
        f"{telling.software(record, *libraries)}. {drawn} How well it keeps neighbours was measured by its "
        "trustworthiness (doi:10.1007/3-540-44668-0_68). Clusters of at least "
        f"{counts['smallest_cluster']} proteins were found along the components by HDBSCAN "
        "(doi:10.1007/978-3-642-37456-2_14) and described by silhouettes (doi:10.1016/0377-0427(87)90125-7). Near "
        f"duplicates are no farther apart than {config['near']:g} times the median distance of two proteins; outliers "
        "are more than 3.5 robust standard deviations farther from their tenth neighbour than the median, on a "
        "logarithmic scale (doi:10.1145/342009.335437)."
    )


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
