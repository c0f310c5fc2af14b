"""Supervised tasks: the same small head learns from a frozen model, from random weights, and from one-hot residues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from bench.embedded import along, data
from bench.embedded.along import Chains, predict_along
from bench.embedded.data import Examples, Parts, Sites
from bench.embedded.features import Encoder, Floats, one_hot_at, one_hot_windows, varying_positions
from bench.embedded.figures import BEFORE, RANDOM, SIMPLE, TRAINED, Line, Metric, Predictions, Values, compare
from bench.embedded.heads import LOGISTIC, NETWORK, RIDGE, Head, Learning, spearman
from scipy.stats import rankdata
from sklearn.model_selection import StratifiedGroupKFold

from plmkit.learning.baselines import composition, one_hot

Sides = dict[str, Floats]
Kinds = dict[str, list[Sides]]

# Proteins to learn from, where all of them would take too long; test parts are always whole.
STRUCTURE_PROTEINS = {"train": 600, "valid": 150}
LOCALISATION_PROTEINS = {"train": 1500, "valid": 300}
_FOLDS = 5
_CHUNK = 500
_END = 40


@dataclass(frozen=True)
class Setting:
    """The models and how much is measured. limit: proteins of each part, for a trial; None: all.

    whole_training: learn from all training proteins, however long it takes.
    """

    trained: Encoder
    before: Encoder
    random: list[Encoder]
    seeds: list[int]
    limit: int | None
    whole_training: bool

    def parts(self, given: Parts, most: dict[str, int] | None = None) -> Parts:
        """Return what is measured of a data set; most: the proteins of a part, where all take too long."""
        return data.limited(given, {} if self.whole_training else most or {}, self.limit)


@dataclass(frozen=True)
class Question:
    """What is asked and how it is judged. references: for each test part, what the research notes say of it."""

    task: str
    metric: str
    measure: Metric
    heads: tuple[Head, ...]
    simple: str
    references: dict[str, str]
    classes: int | None = None


def accuracy(truth: Values, predicted: Values) -> float:
    """Return the share of right classes; predicted: (N, classes)."""
    return float((truth == predicted.argmax(axis=1)).mean())


def matthews(truth: Values, predicted: Values) -> float:
    """Return the Matthews correlation at the threshold 0.5; predicted: (N, 2)."""
    # of two classes it is the correlation of zeros and ones; sklearn's takes ten times as long, thousands of times
    return float(np.corrcoef(truth, predicted.argmax(axis=1))[0, 1])


def area(truth: Values, predicted: Values) -> float:
    """Return the area under the ROC curve; predicted: (N, 2)."""
    ranks = rankdata(predicted[:, 1])[truth == 1]
    return float((ranks.mean() - (len(ranks) + 1) / 2) / (len(truth) - len(ranks)))


def gb1(setting: Setting) -> list[Line]:
    """Fitness of GB1 variants, from the mean of all residues and from the residues that vary."""
    parts = setting.parts(data.gb1())
    positions = varying_positions(parts["train"].sequences)

    def describe(encoder: Encoder, sequences: Sequence[str]) -> Floats:
        # both arrangements from one pass; in chunks, since the states of all would fill the memory
        chunks = (encoder.residues(sequences[row : row + _CHUNK]) for row in range(0, len(sequences), _CHUNK))
        vectors = [np.concatenate([states.mean(axis=0), *states[positions]]) for chunk in chunks for states in chunk]
        return np.stack(vectors)

    def columns(sides: list[Sides], wanted: slice) -> list[Sides]:
        return [{part: rows[:, wanted] for part, rows in side.items()} for side in sides]

    # one model with random weights: three would take minutes
    kinds = described(parts, setting, 1, describe)
    simple = [{part: one_hot_at(examples.sequences, positions) for part, examples in parts.items()}]
    width = setting.trained.reader.width
    lines = []
    for name, wanted, reference in (
        ("mean of residues", slice(width), "one-hot ridge 0.755; ESM-2 8M, 32 units 0.818"),
        ("the 4 varied residues", slice(width, None), "one-hot ridge 0.755"),
    ):
        chosen = {kind: columns(sides, wanted) for kind, sides in kinds.items()} | {SIMPLE: simple}
        question = Question(
            f"GB1 three_vs_rest, {name}", "Spearman", spearman, (RIDGE, NETWORK), "one-hot", {"test": reference}
        )
        lines += judged(question, parts, chosen, setting.seeds)
    return lines


def disorder(setting: Setting) -> list[Line]:
    """CheZOD scores of residues."""
    parts = setting.parts(data.disorder())
    kinds = described(parts, setting, None, states_of) | {SIMPLE: [windows(parts, 15)]}
    references = {"test": "one-hot ridge 0.533; ESM-2 8M, 32 units 0.697"}
    question = Question("CheZOD disorder", "Spearman", spearman, (RIDGE, NETWORK), "one-hot of 31 residues", references)
    lines = judged(question, parts, kinds, setting.seeds)
    return lines + judged_along(question, parts, kinds | {SIMPLE: [windows(parts, 0)]}, setting.seeds)


def structure(setting: Setting) -> list[Line]:
    """Helix, strand or coil of residues."""
    parts = setting.parts(data.secondary_structure(), STRUCTURE_PROTEINS)
    kinds = described(parts, setting, None, states_of) | {SIMPLE: [windows(parts, 8)]}
    references = {"test": "one-hot logistic 0.627; ESM-2 8M, 32 units 0.753"}
    question = Question(
        "secondary structure", "Q3", accuracy, (LOGISTIC, NETWORK), "one-hot of 17 residues", references, 3
    )
    lines = judged(question, parts, kinds, setting.seeds)
    return lines + judged_along(question, parts, kinds | {SIMPLE: [windows(parts, 0)]}, setting.seeds)


def localisation(setting: Setting) -> list[Line]:
    """Compartments of proteins."""
    parts = setting.parts(data.localisation(), LOCALISATION_PROTEINS)
    # one model with random weights, as for GB1
    kinds = described(parts, setting, 1, Encoder.proteins)
    shares = {part: compositions(examples.sequences) for part, examples in parts.items()}
    references = {
        "test": "composition logistic 0.535",
        "test_hard": "composition logistic 0.367; ESM-2 8M, 32 units 0.520",
    }
    question = Question(
        "DeepLoc 1", "accuracy", accuracy, (LOGISTIC, NETWORK), "mean one-hot, of all and of both ends", references, 10
    )
    return judged(question, parts, kinds | {SIMPLE: [scaled(shares)]}, setting.seeds)


def dephosphorylation(setting: Setting) -> list[Line]:
    """Dephosphorylation sites on S and T, in folds that keep a protein's sites together; folds vary with the seed."""
    sites = data.dephosphorylation()
    middle = len(sites.windows[0]) // 2
    states = {
        TRAINED: [np.stack(setting.trained.residues(sites.windows))],
        BEFORE: [np.stack(setting.before.residues(sites.windows))],
        RANDOM: [np.stack(encoder.residues(sites.windows)) for encoder in setting.random],
    }
    simple = {SIMPLE: [one_hot(sites.windows).astype(np.float32)]}
    lines = []
    for name, arranged in (
        ("middle residue", {kind: [rows[:, middle] for rows in found] for kind, found in states.items()}),
        ("whole window", {kind: [rows.reshape(len(rows), -1) for rows in found] for kind, found in states.items()}),
    ):
        predicted = {
            kind: [
                out_of_fold(sites, found[number % len(found)], kind, seed) for number, seed in enumerate(setting.seeds)
            ]
            for kind, found in (arranged | simple).items()
        }
        for metric, measure, reference in (("MCC", matthews, "0.44"), ("AUROC", area, "0.79")):
            figures, gains = compare(measure, sites.truth, predicted, sites.proteins)
            task = f"dephosphorylation S/T, {name}"
            said = f"one-hot logistic {reference}"
            lines.append(Line(task, metric, LOGISTIC.name, "one-hot of the window", said, figures, gains))
    return lines


def out_of_fold(sites: Sites, features: Floats, kind: str, seed: int) -> Values:
    """Return the probabilities (N, 2) of sites by heads that saw no site of their protein; the next fold validates."""
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    rows = [held for _, held in folds.split(features, sites.truth, sites.proteins)]
    probabilities = np.zeros((len(features), 2))
    for number in range(_FOLDS):
        test, valid = rows[number], rows[(number + 1) % _FOLDS]
        train = np.setdiff1d(np.arange(len(features)), np.concatenate([test, valid]))
        sides = {"train": features[train], "valid": features[valid], "test": features[test]}
        sides = sides if kind == SIMPLE else scaled(sides)
        learning = Learning(sides["train"], sites.truth[train], sides["valid"], sites.truth[valid], 2)
        probabilities[test] = LOGISTIC.fit(learning, seed)(sides["test"])
    return probabilities


def states_of(encoder: Encoder, sequences: Sequence[str]) -> Floats:
    """Return the states of all residues, proteins end to end."""
    return np.concatenate(encoder.residues(sequences))


def described(
    parts: Parts, setting: Setting, most: int | None, describe: Callable[[Encoder, Sequence[str]], Floats]
) -> Kinds:
    """Return the scaled features by the trained model, by what it began as, and by `most` with random weights."""

    def sides(encoder: Encoder) -> Sides:
        return scaled({part: describe(encoder, some.sequences) for part, some in parts.items()})

    return {
        TRAINED: [sides(setting.trained)],
        BEFORE: [sides(setting.before)],
        RANDOM: [sides(encoder) for encoder in setting.random[:most]],
    }


def windows(parts: Parts, flank: int) -> Sides:
    """Return the one-hot windows of all residues."""
    return {
        part: np.concatenate([one_hot_windows(sequence, flank) for sequence in some.sequences])
        for part, some in parts.items()
    }


def compositions(sequences: Sequence[str]) -> Floats:
    """Return the shares of letters (N, 3 x letters) in the protein and at its ends, where signals of sorting lie."""
    starts, stops = [sequence[:_END] for sequence in sequences], [sequence[-_END:] for sequence in sequences]
    return np.hstack([composition(some) for some in (sequences, starts, stops)]).astype(np.float32)


def scaled(sides: Sides) -> Sides:
    """Bring each column to mean 0 and deviation 1 of the training part, so that one penalty suits all."""
    mean, deviation = sides["train"].mean(axis=0), sides["train"].std(axis=0)
    return {part: (rows - mean) / np.where(deviation > 0, deviation, 1) for part, rows in sides.items()}


def judged(question: Question, parts: Parts, kinds: Kinds, seeds: Sequence[int]) -> list[Line]:
    """Fit every head to every kind of features and judge it on the test parts."""
    lines = []
    for head in question.heads:
        found = {kind: _predictions(head, sides, parts, question, seeds) for kind, sides in kinds.items()}
        lines += _lines(question, head.name, question.simple, parts, found)
    return lines


def judged_along(question: Question, parts: Parts, kinds: Kinds, seeds: Sequence[int]) -> list[Line]:
    """Let a head that sees the neighbours learn from every kind of features of residues, see `along`."""
    found = {
        kind: [
            _predictions_along(sides[number % len(sides)], parts, question, seed) for number, seed in enumerate(seeds)
        ]
        for kind, sides in kinds.items()
    }
    return _lines(question, along.NAME, "one-hot, the same head", parts, found)


def _lines(
    question: Question, head: str, simple: str, parts: Parts, found: dict[str, list[dict[str, Values]]]
) -> list[Line]:
    lines = []
    for test, reference in question.references.items():
        predicted: Predictions = {kind: [seed[test] for seed in of_seeds] for kind, of_seeds in found.items()}
        figures, gains = compare(question.measure, parts[test].targets, predicted, parts[test].groups)
        task = question.task if len(question.references) == 1 else f"{question.task}, {test}"
        lines.append(Line(task, question.metric, head, simple, reference, figures, gains))
    return lines


def _predictions(
    head: Head, sides: list[Sides], parts: Parts, question: Question, seeds: Sequence[int]
) -> list[dict[str, Values]]:
    """Return, for each seed, the predictions of each test part; once where no seed makes a difference."""
    needed = seeds if head.is_random or len(sides) > 1 else seeds[:1]
    predictions = []
    for number, seed in enumerate(needed):
        side = {part: _known(rows, parts[part]) for part, rows in sides[number % len(sides)].items()}
        learning = Learning(
            side["train"], parts["train"].targets, side["valid"], parts["valid"].targets, question.classes
        )
        predict = head.fit(learning, seed)
        predictions.append({test: predict(side[test]) for test in question.references})
    return predictions


def _predictions_along(side: Sides, parts: Parts, question: Question, seed: int) -> dict[str, Values]:
    """Return the predictions of each test part."""
    chains = {part: Chains(_by_protein(side[part], some), some.truth) for part, some in parts.items()}
    tests = list(question.references)
    found = predict_along(chains["train"], chains["valid"], [chains[test] for test in tests], question.classes, seed)
    return {test: values.double().numpy()[parts[test].known] for test, values in zip(tests, found, strict=True)}


def _by_protein(rows: Floats, examples: Examples) -> list[Floats]:
    return np.split(rows, np.cumsum([len(truth) for truth in examples.truth])[:-1])


def _known(rows: Floats, examples: Examples) -> Floats:
    return rows[examples.known]
