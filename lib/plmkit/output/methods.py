"""The paragraph on methods that a paper needs, written from a run record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plmkit.data.task import Unit
from plmkit.learning.metrics import RESAMPLES
from plmkit.output.metric_names import readable
from plmkit.output.telling import Telling, opened
from plmkit.output.wording import Record, counted, is_continued, labelled, what_is_predicted

_LORA = "doi:10.48550/arXiv.2106.09685"
_ADAPTERS = {
    "lora": f"LoRA adapters ({_LORA})",
    "rslora": "rank-stabilised LoRA adapters (doi:10.48550/arXiv.2312.03732)",
    "dora": "DoRA adapters (doi:10.48550/arXiv.2402.09353)",
    "qlora": f"LoRA adapters ({_LORA}) on weights quantised to 4 bits (QLoRA, doi:10.48550/arXiv.2305.14314)",
    "ia3": "IA3 factors (doi:10.48550/arXiv.2205.05638)",
}
_FOLDSEEK = "doi:10.1038/s41587-023-01773-0"
_MMSEQS = "doi:10.1038/nbt.3988"
_ADAMW = "doi:10.48550/arXiv.1711.05101"
_POOLED = {
    "mean": "the mean state of the residues",
    "max": "the largest states of the residues",
    "cls": "the state of the start token",
    "centre": "the state of the residue in the middle",
    "attention": "an attention-weighted mean state of the residues",
    "residues": "the state of each residue",
}
_LOSSES = {
    "cross-entropy": "cross-entropy",
    "focal": "focal loss (doi:10.1109/ICCV.2017.324)",
    "mse": "the mean squared error of standardised values",
    "huber": "the Huber loss of standardised values",
    "mae": "the mean absolute error of standardised values",
}
_INPUTS: dict[Unit, str] = {
    "protein": "the protein",
    "residue": "the protein",
    "pair": "the two proteins (sum, distance and product of their vectors)",
    "window": "the window",
}


def methods_paragraph(record: Record, telling: Telling | None = None) -> str:
    """Return what was done in the terms of the field, with the sources to cite; telling: what was said before it."""
    first = _model(record, telling or Telling())
    return " ".join([first, _optimiser(record), _stopping(record), _split(record), _judging(record)])


def _model(record: Record, telling: Telling) -> str:
    counts = record["counts"]
    begun = "already tuned before, was tuned further" if is_continued(record) else "was fine-tuned"
    if counts["method"] == "head":
        begun = "was used, with a head already trained before," if is_continued(record) else "was used"
    return (
        f"{opened(telling.model(record))} {begun} with {telling.software(record, 'torch', 'transformers', 'peft')} "
        f"to predict {what_is_predicted(counts)}, from {labelled(counts)}{_with_states(counts)}. "
        f"{_what_learned(record)} a head of two layers on {_POOLED[counts['pooling']]} of {_INPUTS[counts['unit']]} "
        f"({counts['learned_weights']:,} weights)."
    )


def _with_states(counts: Mapping[str, Any]) -> str:
    found = counts.get("with_states", 0)
    return f", {found:,} of them with states of structures (3Di of Foldseek, {_FOLDSEEK})" if found else ""


def _what_learned(record: Record) -> str:
    counts = record["counts"]
    if counts["method"] == "full":
        return "Trained were all weights of the model and"
    if counts["method"] == "head":
        return "The model stayed frozen; trained was"
    adapter = counts["adapter"]
    details = (
        ""
        if counts["method"] == "ia3"
        else (f" of rank {adapter['rank']}, alpha {adapter['alpha']} and dropout {adapter['dropout']}")
    )
    where = "" if adapter["layers"] is None else f" in the upper {adapter['layers']} layers"
    return f"Trained were {_ADAPTERS[counts['method']]}{details}{where} and"


def _optimiser(record: Record) -> str:
    counts, config = record["counts"], record["config"]
    usual = "mse" if counts["task"] == "regression" else "cross-entropy"
    loss = _LOSSES[usual if config["loss"] == "auto" else config["loss"]]
    weights = " (rare labels weighted up)" if config["class_weights"] == "balanced" else ""
    rate = counts["head_learning_rate"]
    of_head = "" if rate == counts["learning_rate"] else f" ({rate:g} for the head)"
    return (
        f"AdamW ({_ADAMW}) minimised {loss}{weights} in batches of {config['batch_size']} examples, in "
        f"{counts['precision']}; its learning rate rose to {counts['learning_rate']:g}{of_head} over a tenth of the "
        "steps and fell linearly to zero."
    )


def _stopping(record: Record) -> str:
    counts, config = record["counts"], record["config"]
    best = "lowest loss" if counts["select_by"] == "loss" else f"highest {readable(counts['select_by'])}"
    patience = f" and stopped after {config['patience']} without a better one" * (config["patience"] < config["epochs"])
    text = (
        f"Training took at most {config['epochs']} epochs{patience}; the weights of the epoch with the {best} on "
        f"{counted(counts['parts']['validation'], counts['unit'])} put aside for validation were kept "
        f"(epoch {counts['best_epoch']})."
    )
    if counts["left_out"]:
        text = f"{_fewer(record)} {text}"
    if config["seeds"] > 1:
        text += f" Of {config['seeds']} runs with different seeds, the best one by this score was kept."
    return text


def _fewer(record: Record) -> str:
    config, left_out = record["config"], record["counts"]["left_out"]
    return (
        f"At most {config['negatives']:g} negatives for each positive were learned from, drawn first from proteins "
        f"with a positive ({left_out:,} left out); the bias of the head was then corrected to the prevalence of the "
        "whole training side (doi:10.1093/oxfordjournals.pan.a004868)."
    )


def _split(record: Record) -> str:
    counts = record["counts"]
    split, tests = counts["split"], [part for part in counts["parts"] if part.startswith("test")]
    text = (
        "The validation set was given with the data."
        if split["method"] == "as given"
        else (f"The validation set was drawn so that no group of related examples ({split['grouped_by']}) was divided.")
    )
    if "cluster" in split["grouped_by"]:
        text += f" Clusters are of 30 % identity (MMseqs2, {_MMSEQS}), joined where members are 50 % identical."
    if tests:
        sizes = " and ".join(f"{counts['parts'][part]:,}" for part in tests)
        text += f" Test sets given with the data ({sizes} examples) were used for judging alone."
    return text


def _judging(record: Record) -> str:
    config, counts = record["config"], record["counts"]
    folds = f" {config['folds']}-fold cross-validation kept the same groups together." if config["folds"] else ""
    return (
        f"Intervals are 95 % percentile intervals of {RESAMPLES:,} bootstrap draws of groups "
        f"(doi:10.1017/CBO9780511802843).{folds}{_comparing(counts)}"
    )


def _comparing(counts: Record) -> str:
    rivals = counts["rivals"]
    names = {
        "constant": "a constant answer",
        "linear": f"a {counts['simple']} on the residues alone",
        "homologue": f"the labels of the five nearest training sequences (MMseqs2, {_MMSEQS})",
        "frozen": "the same head on the frozen model",
    }
    named = [names[role] for role in rivals]
    text = f" The model was compared with {', '.join(named[:-1])} and {named[-1]} on the same draws; the intervals of "
    return text + f"the {len(rivals)} differences hold together (Bonferroni)."
