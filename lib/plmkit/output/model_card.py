"""What a tuned model says of itself: plmkit.json for programs, README.md for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plmkit import __version__
from plmkit.data.candidate_residues import candidate_residues
from plmkit.data.dataset import Examples
from plmkit.models.bundle import SCHEMA_VERSION, sequence_digest
from plmkit.models.source import EMBEDDED_FOLDER
from plmkit.output import thresholds, wording
from plmkit.output.methods import methods_paragraph
from plmkit.output.metric_names import readable
from plmkit.output.report import cell, tables
from plmkit.output.templates import render
from plmkit.output.verdict import verdict_of

_MOST_LABELS_SHOWN = 40
# by family: the class of transformers which holds the states, and what it is told
_STOCK = {
    "esmc": ("EsmcModel", ""),
    "prott5": ("T5EncoderModel", ""),
    "prostt5": ("T5EncoderModel", ""),
    "ankh": ("T5EncoderModel", ""),
    "protbert": ("BertModel", ", add_pooling_layer=False"),
}
_STOCK_ESM = ("EsmModel", ", add_pooling_layer=False")


def tuned_model_card(examples: Examples, negative: str | None, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a bundle's plmkit.json."""
    counts, adapter = record["counts"], record["counts"]["adapter"]
    return {
        "schema_version": SCHEMA_VERSION,
        "plmkit": __version__,
        "task": {
            "kind": examples.task.kind,
            "unit": examples.unit,
            "window_length": examples.window_length,
            "centre_residues": examples.centre_residues,
            "negative_label": negative,
            "candidate_residues": candidate_residues(examples, negative),
        },
        "labels": list(examples.labels),
        "base_model": record["model"],
        "method": counts["method"],
        "adapter": None if adapter is None else {name: adapter[name] for name in adapter if name != "method"},
        "pooling": counts["pooling"],
        "data": {
            "sha256": [entry["sha256"] for entry in record["inputs"]],
            "examples": counts["examples"],
            "parts": counts["parts"],
            "labels": counts["labels"],
            "sequences": sorted({sequence_digest(sequence) for sequence in _learned_from(examples)}),
        }
        | {name: counts[name] for name in ("with_states",) if name in counts},
        "split": counts["split"],
        "border": counts["border"],
        "verdict": record["verdict"],
        "training": record["config"] | {"runs": counts["runs"]},
        "metrics": record["metrics"],
        "libraries": record["libraries"],
        "notes": record["notes"],
    }


def readme(record: Mapping[str, Any], negative: str | None) -> str:
    """Return the model card, Markdown with a head in YAML as model collections read it; negative: see plmkit.json."""
    names = [label["name"] for label in record["counts"]["labels"]]
    stock, stock_options = _STOCK.get(record["model"]["family"], _STOCK_ESM)
    return render(
        "model_card.md",
        record=record,
        words=wording,
        verdict=verdict_of(record),
        tables=tables(record["metrics"]),
        labels=names[:_MOST_LABELS_SHOWN],
        left_out=len(names[_MOST_LABELS_SHOWN:]),
        thresholds=thresholds,
        readable=readable,
        cell=cell,
        is_of_sites=_is_of_sites(record["counts"], negative),
        is_embedded=record["model"]["name"] == EMBEDDED_FOLDER.name,
        methods=methods_paragraph(record),
        stock=stock,
        stock_options=stock_options,
    )


def _is_of_sites(counts: Mapping[str, Any], negative: str | None) -> bool:
    """Say whether plm ptm takes it, see `plmkit.models.site_models`."""
    tells = counts["task"] == "multilabel" or (counts["task"] == "classification" and negative is not None)
    return counts["unit"] in ("window", "residue") and tells


def _learned_from(examples: Examples) -> list[str]:
    """Return the sequences by which the model was made: those of test sets are not among them."""
    return [
        sequence for item in examples.items if not (item.part or "").startswith("test") for sequence in item.sequences
    ]
