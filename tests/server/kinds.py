"""The kinds of jobs that are queued at once, with small inputs, and how many lines their tables must have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.galaxy.render import ROOT

TEST_DATA = ROOT / "test-data"
FILES = {
    "human_phosphosites/proteins.fasta": "fasta",
    "human_phosphosites/scan.fasta": "fasta",
    "human_phosphosites/train_windows.fasta": "fasta",
    "human_phosphosites/heldout_windows.fasta": "fasta",
    "human_phosphosites/sites.tsv": "tabular",
    "embeddings.tsv": "tabular",
    "evaluate_predictions.tsv": "tabular",
    "evaluate_truth.tsv": "tabular",
    "tuned_windows.zip": "zip",
}
PROTEINS, SCAN, TRAIN, HELD_OUT, SITES, EMBEDDINGS, PREDICTIONS, TRUTH, TUNED = FILES


@dataclass(frozen=True)
class File:
    """A place in the inputs of a kind for an uploaded file."""

    name: str


@dataclass(frozen=True)
class Kind:
    """A tool with inputs; lines: how many lines its tables have, by the names of the outputs."""

    tool: str
    inputs: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def filled(self, datasets: Mapping[str, str]) -> dict[str, Any]:
        """Return the inputs with datasets in the places of the files."""
        return {
            name: {"src": "hda", "id": datasets[value.name]} if isinstance(value, File) else value
            for name, value in self.inputs.items()
        }


def records(name: str) -> int:
    """Count the sequences of a FASTA file."""
    return (TEST_DATA / name).read_text().count(">")


def rows(name: str) -> int:
    """Count the lines of a table beneath its header."""
    return len((TEST_DATA / name).read_text().splitlines()) - 1


def residues_of_first(name: str) -> int:
    """Count the residues of the first sequence of a FASTA file, without the X that fill it up."""
    return len((TEST_DATA / name).read_text().splitlines()[1].strip("X"))


def candidates(name: str) -> int:
    """Count serine, threonine and tyrosine in a FASTA file."""
    lines = (TEST_DATA / name).read_text().splitlines()
    return sum(line.count(residue) for line in lines if not line.startswith(">") for residue in "STY")


def embed(form: str, lines: Mapping[str, int] | None = None) -> Kind:
    """Embed twenty proteins."""
    return Kind("plm_embed", {"proteins": File(PROTEINS), "output|format": form}, lines or {})


def finetune(method: str, epochs: int, **more: Any) -> Kind:
    """Tune on windows."""
    inputs = {"examples": File(TRAIN), "unit": "window", "method|method": method, "training|epochs": epochs}
    return Kind("plm_finetune", inputs | {"training|baselines": "simple"} | more, {"history": epochs + 1})


KINDS: Mapping[str, Kind] = {
    "embed, a table": embed("tabular", {"vectors": records(PROTEINS) + 1}),
    "embed, residues": embed("h5"),
    "embed, numpy": embed("npz"),
    "embed, parquet": embed("parquet"),
    "finetune, head": finetune("head", 1),
    "finetune, LoRA": finetune("lora", 1),
    "predict": Kind(
        "plm_predict",
        {"bundle": File(TUNED), "proteins": File(HELD_OUT), "labelled": "true"},
        {"predictions": records(HELD_OUT) + 1},
    ),
    "ptm": Kind("plm_ptm", {"bundle": File(TUNED), "proteins": File(SCAN)}, {"sites": candidates(SCAN) + 1}),
    "split": Kind("plm_split", {"examples": File(TRAIN), "unit": "window"}, {"table": records(TRAIN) + 1}),
    "sites": Kind(
        "plm_sites",
        {
            "proteins": File(PROTEINS),
            "sites": File(SITES),
            "name": "Phosphorylation",
            "kind": "windows",
        },
        {"examples": rows(SITES) + 1},
    ),
    "evaluate": Kind(
        "plm_evaluate",
        {"predictions": File(PREDICTIONS), "where|source": "table", "where|truth": File(TRUTH)},
    ),
    "explain": Kind(
        "plm_explain",
        {"bundle": File(TUNED), "proteins": File(HELD_OUT), "label": "1", "most": 1},
        {"importance": residues_of_first(HELD_OUT) + 1},
    ),
    "project": Kind("plm_project", {"embeddings": File(EMBEDDINGS)}, {"coordinates": rows(EMBEDDINGS) + 1}),
    "search": Kind(
        "plm_search",
        {"queries": File(EMBEDDINGS), "references": File(EMBEDDINGS), "neighbours": 1},
        {"hits": rows(EMBEDDINGS) + 1},
    ),
}

# some that run for many minutes unless somebody ends them
LONG: Mapping[str, Kind] = {
    "finetune, LoRA": finetune("lora", 1000, **{"training|patience": 1000}),
    "explain": Kind(
        "plm_explain",
        {
            "bundle": File(TUNED),
            "proteins": File(SCAN),
            "label": "1",
            "position": 15,
            "most": 2,
            "advanced|longest": 2000,
        },
    ),
    "pretrain": Kind("plm_pretrain", {"proteins": File(PROTEINS), "epochs": 1000}),
    "embed": Kind("plm_embed", {"proteins": File(PROTEINS), "output|format": "h5", "advanced|batch_tokens": 1}),
}
