import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from plmkit.data.dataset import Example, Examples
from plmkit.data.task import Kind, Task, Unit
from plmkit.learning import metrics
from plmkit.learning.judging import compare, headline, judge, judge_labels, part_of

CLASSES = ("a", "b")


def examples(
    unit: Unit, kind: Kind, truth: list[list[float]], groups: list[str], sizes: list[int] | None = None
) -> Examples:
    items = tuple(Example(f"p{n}", ("MSKT"[: n % 4 + 1] + "W" * n,), group, n) for n, group in enumerate(groups))
    labels = CLASSES if kind == "classification" else tuple("abcdef"[: len(truth[0])])
    places = np.array(sizes or [1] * len(groups))
    return Examples("examples", Task(unit, kind, labels), items, np.array(truth, dtype=np.float32), places)


def test_places_of_one_group_are_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 200)
    truth = [[0.0]] * 50 + [[1.0]] * 50
    predicted = np.tile(np.array([0.4, 0.6]), (100, 1))
    widths = []
    for groups in (["P"] * 50 + ["Q"] * 50, [f"P{n}" for n in range(100)]):
        part = part_of(examples("protein", "classification", truth, groups), "validation", np.arange(100))
        found = judge(part_task := Task("protein", "classification", CLASSES), part, "m", predicted, 1).found[
            "accuracy"
        ]
        assert part_task.is_binary
        assert found.value == 0.5
        widths.append(found.high - found.low)
    assert widths[0] > 3 * widths[1]


def test_residues_belong_to_the_group_of_their_protein_and_unknown_ones_are_left_out() -> None:
    nan = np.nan
    found = examples("residue", "classification", [[0.0], [nan], [1], [0], [nan], [1]], ["P", "Q", "P"], [1, 2, 3])
    part = part_of(found, "test", np.array([1, 2]))
    assert part.truth[:, 0].tolist() == [1, 0, 1]
    assert part.kept.tolist() == [False, True, True, False, True]
    first, second, third = part.groups
    assert first != second == third
    assert (part.examples, part.number_of_groups) == (2, 2)


def test_methods_are_compared_by_the_metric_of_the_task() -> None:
    assert headline(Task("protein", "classification", CLASSES)) == "auroc"
    assert headline(Task("protein", "classification", ("a", "b", "c"))) == "macro_f1"
    assert headline(Task("residue", "multilabel", CLASSES)) == "average_precision"
    assert headline(Task("pair", "regression", ("x",))) == "spearman"


def test_a_difference_is_that_of_the_two_values() -> None:
    chance = np.random.default_rng(1)
    truth = [[float(n % 2)] for n in range(60)]
    found = examples("protein", "classification", truth, [f"g{n}" for n in range(60)])
    part = part_of(found, "validation", np.arange(60))
    one, other = (np.column_stack((1 - s, s)) for s in chance.random((2, 60)))
    compared = compare(found.task, part, ("one", "other"), one, other, 1)
    areas = [roc_auc_score(np.ravel(truth), scores[:, 1]) for scores in (one, other)]
    assert compared.method == "one minus other"
    assert compared.found["auroc"].value == pytest.approx(areas[0] - areas[1])


def test_each_label_is_judged_alone() -> None:
    chance = np.random.default_rng(2)
    truth = (chance.random((40, 2)) > 0.5).astype(float)
    found = examples("protein", "multilabel", truth.tolist(), [f"g{n}" for n in range(40)])
    part = part_of(found, "validation", np.arange(40))
    scores = chance.random((40, 2))
    judged = {
        name: estimate for row in judge_labels(found.task, part, "m", scores) for name, estimate in row.found.items()
    }
    assert judged["auroc of a"].value == pytest.approx(roc_auc_score(truth[:, 0], scores[:, 0]))
    assert judged["average_precision of b"].value == pytest.approx(average_precision_score(truth[:, 1], scores[:, 1]))
    # what average precision guessing has
    assert judged["prevalence of b"].low < judged["prevalence of b"].value < judged["prevalence of b"].high
    assert judged["prevalence of b"].value == average_precision_score(truth[:, 1], np.zeros(40))


def test_prevalence_is_that_of_the_known_places() -> None:
    nan = float("nan")
    truth = [[1.0, nan], [0.0, 1.0], [0.0, nan], [0.0, nan]]
    found = examples("protein", "multilabel", truth, [f"g{n}" for n in range(4)])
    judged = judge_labels(found.task, part_of(found, "test", np.arange(4)), "m", np.full((4, 2), 0.5))
    assert [row.found[f"prevalence of {name}"].value for row, name in zip(judged, "ab", strict=True)] == [0.25, 1]
