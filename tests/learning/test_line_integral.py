"""Integrals of functions whose integrals are known."""

import numpy as np
import pytest
from scipy.special import expit

from plmkit.learning.line_integral import LEAST_STEPS, Floats, Integral, integrate, nodes


def of_switches(switches: list[tuple[float, float]], most: int) -> tuple[Integral, list[int]]:
    """Integrate scores, one for each of two residues, that switch from 0 to 10 at a place, as sharply as is said."""
    looks = []

    def look(parts: Floats) -> tuple[Floats, Floats]:
        looks.append(len(parts))
        scores = np.stack([10 * expit((parts - where) * sharp) for where, sharp in switches])
        rises = np.stack([each * (10 - each) / 10 * sharp for each, (_, sharp) in zip(scores, switches, strict=True)])
        return scores, rises[:, :, None] * [0.75, 0.25]

    return integrate(look, most), looks


@pytest.mark.parametrize("power", [0, 1])
def test_points_inside_an_interval_integrate_powers(power: int) -> None:
    parts, weights = nodes(0.5, 1.0)
    start, stop = 0.5**4, 1.0
    assert (weights * parts**power).sum() == pytest.approx((stop ** (power + 1) - start ** (power + 1)) / (power + 1))
    assert ((parts > start) & (parts < stop)).all()


def test_steps_lie_where_scores_switch() -> None:
    found, looks = of_switches([(0.04, 5000.0)], 1024)
    assert found.values[0].tolist() == pytest.approx([7.5, 2.5], rel=0.02)
    assert (found.starts[0], found.ends[0]) == (pytest.approx(0), pytest.approx(10))
    assert found.steps == sum(looks) < 300


def test_every_head_adds_up() -> None:
    found, _ = of_switches([(0.04, 5000.0), (0.6, 300.0), (0.5, 1.0)], 1024)
    np.testing.assert_allclose(found.values.sum(axis=1), found.ends - found.starts, rtol=0.01)


def test_no_more_steps_are_taken_than_allowed() -> None:
    found, looks = of_switches([(0.77, 1e6)], LEAST_STEPS)
    assert found.steps == sum(looks) <= LEAST_STEPS
    assert abs(found.ends[0] - found.starts[0] - found.values[0].sum()) > 0.5
    smooth, _ = of_switches([(0.5, 1.0)], 1024)
    assert smooth.steps < LEAST_STEPS


def test_a_score_that_never_moves_has_nothing_to_attribute() -> None:
    found, _ = of_switches([(0.5, 0.0)], 1024)
    assert found.values.tolist() == [[0.0, 0.0]]
    assert found.steps < LEAST_STEPS
