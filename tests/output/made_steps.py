"""Run records of steps that are not fine-tuning, made by hand: what their paragraphs and results are written from."""

from typing import Any

MODEL = {"name": "big", "family": "esm2", "sha256": "0123", "citation": "10.1126/science.ade2574", "licence": "MIT"}
LABELS = {"role": "labels", "sha256": "cafe", "records": 40}
LIBRARIES = {"torch": "1", "transformers": "2", "peft": "3", "numpy": "4", "scikit-learn": "5"}


def made_step(
    command: str, counts: dict[str, Any], config: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a record of a command; more: keys to put in place of the usual ones."""
    usual = {
        "schema_version": 1,
        "plmkit": "9.9",
        "command": command,
        "config": config or {},
        "model": MODEL,
        "inputs": [],
        "device": "cpu",
        "libraries": LIBRARIES,
        "counts": counts,
        "metrics": [],
        "notes": [],
    }
    return usual | more


def embedding(**config: Any) -> dict[str, Any]:
    """A record of plm embed."""
    counts = {"proteins": 1200, "residues": 300000, "width": 320, "layers": [6], "precision": "float32"}
    counts |= {"windowed": 0, "window": 1022, "overlap": 255}
    return made_step("embed", counts, {"format": "tabular", "pooling": ["mean"]} | config)


def search(**config: Any) -> dict[str, Any]:
    """A record of plm search that transferred labels and judged them."""
    rows = [("queries", "most frequent label", None, 0.25, 0.1, 0.5), ("queries", "transfer", 0.5, 0.75, 0.5, 0.9)]
    names = ("examples", "method", "threshold", "accuracy", "low", "high")
    counts = {"queries": 8, "searched_references": 40, "width": 320, "kept_from_themselves": 0, "transferred": 6}
    settings = {"neighbours": 10, "distance": "euclidean", "voters": 1, "threshold": 0.5} | config
    metrics = [dict(zip(names, row, strict=True)) for row in rows]
    return made_step("search", counts, settings, model=None, inputs=[LABELS], metrics=metrics)


def landscape(method: str = "pca", **config: Any) -> dict[str, Any]:
    """A record of plm project."""
    counts = {"proteins": 39, "width": 320, "components": 38, "variance_shown": 1.0, "smallest_cluster": 5}
    counts |= {"variance_of_two_components": 0.75, "exact_duplicates": 2}
    settings = {"method": method, "neighbours": None, "near": 0.1} | config
    metrics = [{"metric": "silhouette", "value": 0.5}, {"metric": "trustworthiness", "value": None}]
    libraries = LIBRARIES | ({"umap-learn": "6"} if method == "umap" else {})
    told = counts | {"verdict": "3 clusters."}
    return made_step("project", told, settings, model=None, libraries=libraries, metrics=metrics)


def predictions(**counts: Any) -> dict[str, Any]:
    """A record of plm predict without truth."""
    told = {"proteins": 50, "places": 50, "unit": "protein", "task": "classification", "headline": "auroc"}
    told |= {"calibration": ["temperature"], "hedged": True, "far": 3}
    inputs = [{"role": "tuned model", "sha256": "beef", "records": 1}]
    return made_step("predict", told | counts, {"level": 0.9, "prevalence": []}, inputs=inputs)


def scan(**counts: Any) -> dict[str, Any]:
    """A record of plm ptm."""
    each = [{"name": "Phosphorylation", "candidates": 900, "modified": 30, "threshold": 0.25}]
    told = {"proteins": 20, "candidates": 900, "modified": 30, "modifications": each, "rule": "fpr_5"}
    told |= {"calibration": [], "motifs": False}
    inputs = [{"role": "tuned model", "sha256": "beef", "records": 1}]
    return made_step("ptm", told | counts, {"sequons": False, "prevalence": []}, inputs=inputs)


def explanation(method: str = "substitution") -> dict[str, Any]:
    """A record of plm explain."""
    counts = {"given": 3, "explained": 1, "randomised": 5, "randomised_what": "shuffled", "verdict": "It rests on S5."}
    inputs = [{"role": "tuned model", "sha256": "beef", "records": 1}]
    return made_step("explain", counts, {"method": method, "steps": 64}, inputs=inputs)


def pretraining(from_nothing: bool = False, **config: Any) -> dict[str, Any]:
    """A record of plm pretrain."""
    counts = {
        "training": {"proteins": 900, "residues": 200000, "longest": 800},
        "validation": {"proteins": 50, "residues": 9000, "longest": 700},
        "steps": 300,
        "best_step": 270,
        "learning_rate": 0.001,
        "from_nothing": from_nothing,
        "verdict": "It learned.",
    }
    settings = {"layers": 6, "width": 192, "heads": 6, "weights": "all", "rank": 8, "optimiser": "auto"}
    settings |= {"mask_share": 0.15, "step_tokens": 8192}
    return made_step("pretrain", counts, settings | config)
