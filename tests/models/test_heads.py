"""A head turns states into probabilities or values of its task."""

import pytest
import torch

from plmkit.data.task import Kind, Task
from plmkit.models.heads import Head, paired


def head(kind: Kind, labels: int = 3) -> Head:
    torch.manual_seed(1)
    return Head(Task("protein", kind, tuple("abcdef"[:labels])), "mean", 4, dropout=0.0)


def test_a_pair_is_the_same_in_both_orders() -> None:
    one, other = torch.randn(5, 4), torch.randn(5, 4)
    assert torch.equal(paired(one, other), paired(other, one))
    assert paired(one, other).shape == (5, 12)
    assert not torch.equal(paired(one, other), paired(one, one))


def test_inputs_are_learned_with_mean_0_and_deviation_1() -> None:
    found = head("regression")
    places = torch.tensor([[1.0, 10.0, 5.0, 0.001], [3.0, 10.0, 9.0, 0.003]])
    found.standardise_inputs(iter([places[:1], places[1:]]))
    assert found.inputs_mean.tolist() == pytest.approx([2.0, 10.0, 7.0, 0.002])
    assert found.inputs_deviation.tolist() == pytest.approx([1.0, 1.0, 2.0, 0.001])
    plain = head("regression")
    torch.testing.assert_close(found(places), plain((places - found.inputs_mean) / found.inputs_deviation))


def test_probabilities_of_classes_sum_to_one_those_of_labels_need_not() -> None:
    scores = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.0, 0.0]])
    assert head("classification").values(scores).sum(dim=1).tolist() == pytest.approx([1, 1])
    assert head("multilabel").values(scores)[1].tolist() == [0.5, 0.5, 0.5]


def test_measured_numbers_are_learned_with_mean_0_and_deviation_1_and_turned_back() -> None:
    found = head("regression", 2)
    truth = torch.tensor([[1.0, 10.0], [3.0, torch.nan], [5.0, 30.0]])
    found.standardise(truth)
    assert found.mean.tolist() == [3.0, 20.0]
    assert found.deviation.tolist() == pytest.approx([(8 / 3) ** 0.5, 10.0])
    assert found.values(torch.zeros(1, 2)).tolist() == [[3.0, 20.0]]
    torch.testing.assert_close(found.values(found.scores_of(truth[:1])), truth[:1])


@pytest.mark.parametrize("kind", ["classification", "multilabel", "regression"])
def test_scores_come_back_from_their_meaning(kind: Kind) -> None:
    found = head(kind)
    values = found.values(torch.tensor([[0.3, -2.0, 1.0]]))
    torch.testing.assert_close(found.values(found.scores_of(values)), values)
