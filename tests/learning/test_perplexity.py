"""Perplexity against its definition; intervals against what theory expects."""

import numpy as np
import pytest

from plmkit.learning.perplexity import Guesses, unigram


def test_uniform_guessing_has_as_many_choices_as_letters() -> None:
    counts = np.array([3.0, 10.0, 0.0])
    assert Guesses(np.log(20) * counts, counts).perplexity == pytest.approx(20)


def test_frequencies_reach_the_entropy() -> None:
    frequencies = unigram(["A" * 4998, "C" * 2498, "D" * 2498], "ACD")  # and one more of each
    expected = np.exp(-(0.5 * np.log(0.5) + 0.5 * np.log(0.25)))
    losses = np.array([0.5 * frequencies.loss("A") + 0.25 * frequencies.loss("C") + 0.25 * frequencies.loss("D")])
    assert Guesses(losses, np.ones(1)).perplexity == pytest.approx(expected, rel=1e-3)
    assert unigram(["AAA"], "AC").loss("C") == pytest.approx(np.log(5))


def test_the_interval_is_that_of_the_mean() -> None:
    generator = np.random.default_rng(5)
    counts = np.full(400, 50.0)
    means = generator.normal(2.7, 0.2, 400)
    found = Guesses(means * counts, counts).estimate()
    half = 1.96 * 0.2 / 400**0.5
    assert found.low == pytest.approx(np.exp(means.mean() - half), rel=0.003)
    assert found.high == pytest.approx(np.exp(means.mean() + half), rel=0.003)


def test_a_paired_comparison_sees_small_differences() -> None:
    counts = np.full(200, 50.0)
    means = np.random.default_rng(6).normal(2.7, 0.3, 200)
    better, worse = Guesses((means - 0.01) * counts, counts), Guesses(means * counts, counts)
    gain = better.relative_to(worse)
    assert (gain.value, gain.low, gain.high) == pytest.approx((np.exp(-0.01),) * 3)
    assert better.estimate().high > worse.estimate().value
