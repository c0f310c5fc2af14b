"""What a head sees of an example is what it would be worked out from the vectors of its proteins."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.models.random_models import random_model
from tests.models.tuned_models import alone, fresh, said, shape

from plmkit.data.rows import rows_of
from plmkit.models.seen import predict_and_see
from plmkit.models.shape import Shape

PROTEINS = ["MKTAYIAKQR", "MK", "WWSTPLDEFGHIKLMNPQRS", "MSTY"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_model(tmp_path_factory.mktemp("seen") / "small")


def seen(
    folder: Path, wanted: Shape, examples: list[tuple[str, ...]], budget: int | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    model, rows = fresh(folder, wanted), rows_of(examples)
    sizes = [len(example[0]) if wanted.task.unit == "residue" else 1 for example in examples]
    return predict_and_see(model, model.source_to_read(rows.sequences, budget), rows.chains, sizes, budget)


@pytest.mark.parametrize("budget", [None, 1, 15])
def test_of_residues_it_is_the_mean_which_a_model_of_proteins_sees(small: Path, budget: int | None) -> None:
    _, means = seen(small, shape(unit="protein", method="head"), alone(PROTEINS))
    values, of_residues = seen(small, shape(unit="residue", method="head"), alone(PROTEINS), budget)
    np.testing.assert_allclose(of_residues, means, atol=1e-5)
    assert len(values) == sum(map(len, PROTEINS))
    assert len({tuple(row) for row in means.round(3).tolist()}) == len(PROTEINS)


def test_of_pairs_it_is_sum_distance_and_product(small: Path) -> None:
    _, (one, other) = seen(small, shape(unit="protein", method="head"), alone(PROTEINS[:2]))
    _, found = seen(small, shape(unit="pair", method="head"), [(PROTEINS[0], PROTEINS[1]), (PROTEINS[1], PROTEINS[0])])
    expected = np.concatenate([one + other, abs(one - other), one * other])
    np.testing.assert_allclose(found, [expected, expected], atol=1e-5)


def test_looking_changes_no_prediction_and_leaves_nothing_behind(small: Path) -> None:
    wanted = shape(unit="residue", method="head")
    model, rows = fresh(small, wanted), rows_of(alone(PROTEINS))
    expected = said(model, alone(PROTEINS))
    values, _ = predict_and_see(
        model, model.source_to_read(rows.sequences, None), rows.chains, list(map(len, PROTEINS))
    )
    assert np.array_equal(values, expected)
    assert not model.head._forward_pre_hooks
