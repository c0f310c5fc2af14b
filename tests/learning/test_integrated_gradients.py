import numpy as np
import pytest

from plmkit.learning.integrated_gradients import nodes


@pytest.mark.parametrize("power", [0, 1, 2, 3])
def test_steps_integrate_powers(power: int) -> None:
    parts, weights = nodes(16)
    assert (weights * parts**power).sum() == pytest.approx(1 / (power + 1))
    assert (parts[0], parts[-1], weights[0], weights[-1]) == (0, 1, 0, 0)
    assert np.all(np.diff(parts) > 0)
