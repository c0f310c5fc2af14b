"""Say in words what was tuned, how, and on what; everything is read from a run record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plmkit.learning.judging import TUNED

Record = Mapping[str, Any]

UNITS = {"protein": "proteins", "residue": "proteins", "pair": "pairs of proteins", "window": "windows"}
_ONE = {"protein": "protein", "residue": "protein", "pair": "pair of proteins", "window": "window"}
_EACH = {
    "protein": "each protein",
    "residue": "each residue of a protein",
    "pair": "each pair of proteins",
    "window": "the residue in the middle of each window",
}
_HOW = {
    "head": "A new head was trained on the frozen embeddings of {model}",
    "lora": "{model} was tuned by LoRA, small adapters beside its own weights,",
    "rslora": "{model} was tuned by rsLoRA, small adapters beside its own weights,",
    "dora": "{model} was tuned by DoRA, small adapters beside its own weights,",
    "qlora": "{model} was tuned by QLoRA, small adapters beside its own weights held in 4 bits,",
    "ia3": "{model} was tuned by IA3, learned factors on its inner states,",
    "full": "{model} was tuned in all of its weights",
}
_SIMPLE = {
    "protein": "the shares of the amino acids",
    "residue": "the residue and seven neighbours on each side",
    "pair": "the shares of the amino acids of both proteins",
    "window": "the residue at each position of the window",
}
_CONSTANT = {
    "classification": "the most frequent label",
    "multilabel": "the share of each label",
    "regression": "the mean",
}
_MOST_NAMED = 5


def title(counts: Record) -> str:
    """Name what was made, as a heading."""
    return (
        "Head on a frozen protein language model" if counts["method"] == "head" else "Fine-tuned protein language model"
    )


def subject(counts: Record) -> str:
    """Name what was made, in a sentence."""
    return f"the {short_name(counts)}"


def short_name(counts: Record) -> str:
    """Name what was made, without an article."""
    return "head on the frozen model" if counts["method"] == "head" else "tuned model"


def named(method: str, counts: Record) -> str:
    """Name a method of the table of metrics as it is called in this run."""
    if counts["method"] == "head" and method.startswith(TUNED):
        return short_name(counts) + method.removeprefix(TUNED)
    return method


def what_was_done(record: Record) -> str:
    """Say in one sentence which model learned what from how many examples."""
    counts = record["counts"]
    how = _HOW[counts["method"]].format(model=record["model"]["name"])
    further = "; training began with a tuned model" if is_continued(record) else ""
    return f"{how} to predict {what_is_predicted(counts)}, from {labelled(counts)}{further}."


def what_is_predicted(counts: Record) -> str:
    """Name the labels and what bears them."""
    names = [label["name"] for label in counts["labels"]]
    named = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    each = _EACH[counts["unit"]]
    if counts["task"] == "classification":
        return f"one of {len(names)} classes for {each} ({named})"
    if counts["task"] == "multilabel":
        return f"any of {len(names)} labels for {each} ({named})"
    numbers = "a measured number" if len(names) == 1 else f"{len(names)} measured numbers"
    return f"{numbers} for {each} ({named})"


def labelled(counts: Record) -> str:
    """Say how many labelled examples there were; of residues, the proteins too."""
    examples = counts["examples"]
    if counts["unit"] == "residue":
        return f"{sum(counts['places'].values()):,} labelled residues of {counted(examples, 'residue')}"
    return f"{examples:,} labelled {UNITS[counts['unit']]}"


def counted(number: int, unit: str) -> str:
    """Say how many there are of what an example is."""
    return f"{number:,} {(_ONE if number == 1 else UNITS)[unit]}"


def is_continued(record: Record) -> bool:
    """Whether training went on from a tuned model."""
    return any(entry["role"] == "tuned model" for entry in record["inputs"])


def size_of_part(counts: Record, part: str) -> str:
    """Say how many examples of a part there are to judge by."""
    parts = ["training", "validation"] if part == "cross-validation" else [part]
    examples, places = (sum(counts[key][name] for name in parts) for key in ("parts", "places"))
    residues = f", {places:,} labelled residues" if counts["unit"] == "residue" else ""
    return counted(examples, counts["unit"]) + residues


def title_of_part(part: str) -> str:
    """Name a part as a heading."""
    usual = {"test": "Test set", "validation": "Validation set", "cross-validation": "Cross-validation"}
    return usual.get(part, f"Test set “{part}”")


def caption_of_part(record: Record, part: str) -> str:
    """Say how far the measures on a part can be trusted."""
    counts = record["counts"]
    if part == "validation":
        chosen = "training was stopped by them"
        if record["config"]["seeds"] > 1:
            chosen += " and the best run chosen"
        return f"Not learned from, but {chosen}, so they flatter {subject(counts)} a little."
    if part == "cross-validation":
        return (
            f"Training and validation examples were divided into {record['config']['folds']} folds; each fold was "
            "predicted by a model, trained alike, that had never seen it. So the measures tell of this way of training "
            "more than of the one model that was kept."
        )
    return f"Never used, neither to learn nor to choose: what to expect of other {UNITS[counts['unit']]} like these."


def thresholds(counts: Record) -> str:
    """Say what the thresholds are."""
    of = "each label" if counts["task"] == "multilabel" else f"“{counts['positive_label']}”"
    return (
        f"A threshold of the calibrated probability of {of} by each rule, chosen on the validation examples. Rates and "
        "precisions are chosen with care: few examples must not reach them by luck, so some rules may be out of reach. "
        "A precision holds where positives are as frequent as here; sensitivity and false-positive rate hold elsewhere "
        "too, if the probabilities were not moved to another prevalence."
    )


def share(counts: Record, label: str, part: str) -> str:
    """Return the share of a label in a part, in brackets; "" where it is not known."""
    found = _share_of(counts, label, part)
    return "" if found is None else f" ({100 * found:.3g}\u00a0%)"


def baseline(counts: Record) -> str:
    """Say what average precision guessing has on the part that is shown; "" of several labels."""
    found = _share_of(counts, counts["positive_label"], counts["shown"])
    return "" if found is None else f", here {found:.2g}"


def natural(counts: Record) -> str:
    """Say what share of the positives the probabilities stand for where negatives were left out."""
    found = _share_of(counts, counts["positive_label"], "training side")
    return "" if found is None else f"; the probabilities stand for all of it, {100 * found:.3g}\u00a0% positives"


def _share_of(counts: Record, label: str | None, part: str) -> float | None:
    return next((row.get(part) for row in counts["shares"] if row["name"] == label), None)


def rivals(counts: Record) -> str:
    """Say what the tuned model is compared with."""
    said = {
        "linear": f"a {counts['simple']}, which looks at {_SIMPLE[counts['unit']]} alone",
        "constant": f"a method that looks at nothing and always says {_CONSTANT[counts['task']]}",
        "homologue": "the labels of the nearest homologues among the training examples, found by MMseqs2",
        "frozen": "the same head on the frozen model",
    }
    named = [said[role] for role in counts["rivals"]]
    text = f"Beside {subject(counts)} stands what it should beat: {'; '.join(named)}."
    if len(named) > 1:
        text += f" The intervals of the {len(named)} differences are widened so that all hold together with 95\u00a0%."
    return text


def border(counts: Record) -> str:
    """Say how near what was put aside comes to what was learned from; "" where MMseqs2 is missing."""
    if not counts["border"]:
        return ""
    parts = [
        f"{part} up to {100 * found['highest']:.0f} % ({found['near']:,} of {found['examples']:,} at least "
        f"{100 * found['threshold']:.0f} %)"
        for part, found in counts["border"].items()
    ]
    return (
        "Identity of what was put aside to the nearest training sequence, over at least half of its length (MMseqs2): "
        f"{'; '.join(parts)}."
    )


def intervals(counts: Record, part: str) -> str:
    """Say what the brackets behind the values of a part are."""
    groups = counts["groups"][part]
    text = f"In brackets: 95\u00a0% interval (bootstrap over {groups:,} groups of related examples)."
    if counts["unit"] == "pair":
        text += " Pairs are taken as independent although a protein may stand in several: trust it less than it says."
    return text
