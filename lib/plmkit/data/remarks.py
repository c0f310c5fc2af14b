"""Say of labelled data what whoever judges by them must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from plmkit.data.dataset import Examples, Indices
from plmkit.data.splits import Split

_FEW = 20
_SKEWED = 4
_TOO_LARGE = 0.6


def label_counts(examples: Examples, parts: Mapping[str, Indices]) -> list[dict[str, Any]]:
    """Return for each label how many places of each part have it; of a measured quantity, how many are known."""
    counted = {name: _counts(examples, chosen).tolist() for name, chosen in parts.items()}
    return [
        {"name": label} | {name: counts[number] for name, counts in counted.items()}
        for number, label in enumerate(examples.labels)
    ]


def label_shares(examples: Examples, parts: Mapping[str, Indices]) -> list[dict[str, Any]]:
    """Return for each label the share of the known places of each part that have it; None where none is known.

    Of measured quantities nothing.
    """
    if examples.task.kind == "regression":
        return []
    known = {name: (~np.isnan(examples.truth_of(chosen))).sum(axis=0) for name, chosen in parts.items()}
    return [
        {
            name: count if name == "name" else _share(count, int(known[name][number % examples.task.columns]))
            for name, count in row.items()
        }
        for number, row in enumerate(label_counts(examples, parts))
    ]


def _share(count: int, known: int) -> float | None:
    return round(count / known, 6) if known else None


def _counts(examples: Examples, chosen: Indices) -> Indices:
    """Return how many of the chosen places have each label."""
    truth = examples.truth_of(chosen)
    if examples.task.kind == "classification":
        known = truth[~np.isnan(truth)].astype(np.int64)
        return np.bincount(known, minlength=len(examples.labels))
    counts: Indices = ((truth == 1) if examples.task.kind == "multilabel" else ~np.isnan(truth)).sum(axis=0)
    return counts


def data_notes(examples: Examples, split: Split) -> list[str]:
    """Say what makes the measures too good, or uncertain."""
    notes = []
    if examples.unit == "window" and not examples.proteins_are_known:
        notes.append(
            "examples: it is not known which windows come from one protein, so a protein may stand in training and in "
            "validation and the measures be too good; name windows protein%start%site, or give a column of groups"
        )
    if examples.unit == "pair":
        notes += _pair_notes(examples, split)
    drawn_from = len(split.train) + len(split.validation)
    if split.validation_is == "drawn" and len(split.validation) > _TOO_LARGE * drawn_from:
        notes.append(
            f"examples: {len(split.validation)} of {drawn_from} are kept for validation, since large groups cannot "
            "be divided; little is left to learn from"
        )
    if split.validation_groups < _FEW:
        notes.append(
            f"examples: the validation examples come from only {split.validation_groups} groups of related sequences; "
            "the intervals are narrower than the true uncertainty"
        )
    return notes + _left_out(examples, split) + _shared_sequences(examples, split) + _rare_labels(examples, split)


def _left_out(examples: Examples, split: Split) -> list[str]:
    """Tell what of the training side is not learned from."""
    if not len(split.left_out):
        return []
    negative = int(examples.truth[split.left_out[0], 0])
    learned = int((examples.truth[split.train, 0] == negative).sum())
    side = split.training_side
    share = float((examples.truth[side, 0] != negative).mean())
    return [
        f"examples: of {learned + len(split.left_out)} training examples with the label "
        f"{examples.labels[negative]!r} {learned} are learned from (--negatives); probabilities stand for the share of "
        f"{examples.labels[1 - negative]!r} among all {len(side)} training examples, {100 * share:.3g} %, and "
        "validation and test keep all theirs"
    ]


def _pair_notes(examples: Examples, split: Split) -> list[str]:
    learned = {sequence for index in split.train for sequence in examples.items[index].sequences}
    for name, chosen in {"validation": split.validation, **split.tests}.items():
        met = sum(any(chain in learned for chain in examples.items[index].sequences) for index in chosen)
        if met:
            return [
                f"examples: {met} of {len(chosen)} {name} pairs hold a protein that is also learned from in other "
                "pairs; for proteins never met before, the measures are too good"
            ]
    return []


def _shared_sequences(examples: Examples, split: Split) -> list[str]:
    """Tell sequences and groups that a split given by the user puts on both sides."""
    items = examples.items
    learned = {items[index].sequences for index in split.train}
    groups = {items[index].group for index in split.train}
    notes = []
    for name, chosen in {"validation": split.validation, **split.tests}.items():
        same = sum(items[index].sequences in learned for index in chosen)
        related = sum(items[index].group in groups and items[index].sequences not in learned for index in chosen)
        for known, what in ((same, "have a sequence"), (related, "are of a group or protein")):
            if known:
                notes.append(
                    f"examples: {known} of {len(chosen)} {name} examples {what} that is also learned from; "
                    "the measures are too good"
                )
    return notes


def _rare_labels(examples: Examples, split: Split) -> list[str]:
    if examples.task.kind == "regression":
        return []
    notes = []
    parts = {"all": np.arange(len(examples)), "validation": split.validation}
    counted = label_counts(examples, parts)
    fewest = min(counted, key=lambda row: row["validation"])
    if fewest["validation"] < _FEW:
        few = f"only {fewest['validation']}" if fewest["validation"] else "no"
        what = "residues" if examples.unit == "residue" else "examples"
        notes.append(
            f"examples: {few} validation {what} have the label {fewest['name']!r}; "
            "all measures are uncertain, look at their intervals"
        )
    counts = [row["all"] for row in counted]
    if examples.task.kind == "classification" and max(counts) > _SKEWED * min(counts):
        rare = min(counted, key=lambda row: row["all"])
        notes.append(
            f"examples: label {rare['name']!r} is rare ({rare['all']} of {sum(counts)}); judge by MCC and "
            f"{_measure_of_rare(examples, split)}, not by accuracy (--class-weights balanced lets rare labels count as "
            "much)"
        )
    return notes


def _measure_of_rare(examples: Examples, split: Split) -> str:
    """Name a measure which is defined wherever is judged: average precision only if every class occurs there."""
    parts = {"validation": split.validation, **split.tests}
    fewest = min(row[part] for row in label_counts(examples, parts) for part in parts)
    return "average precision" if fewest else "F1 (mean over labels)"
