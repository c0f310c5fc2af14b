"""The rule of BERT: 15 % are guessed, of these 80 % masked, 10 % replaced, 10 % kept."""

import numpy as np

from plmkit.learning.masking import Masker

RESIDUES = np.arange(4, 24)
MASK = 32
MASKER = Masker(RESIDUES, MASK, 0.15)
TOKENS = np.random.default_rng(1).integers(0, 29, 200_000)


def test_shares() -> None:
    hidden = MASKER.corrupt(TOKENS, np.random.default_rng(2))
    standard = np.isin(TOKENS, RESIDUES)
    assert abs(len(hidden.where) / standard.sum() - 0.15) < 0.005
    seen = hidden.tokens[hidden.where]
    assert abs((seen == MASK).mean() - 0.8) < 0.01
    # one in twenty random residues is the true one
    assert abs((seen == hidden.truth).mean() - (0.1 + 0.1 / 20)) < 0.01
    counts = np.bincount(seen[(seen != MASK) & (seen != hidden.truth)], minlength=24)[4:24]
    assert counts.min() > 0.7 * counts.mean()


def test_only_standard_residues_are_guessed_and_the_rest_stays() -> None:
    for hide in (MASKER.corrupt, MASKER.cover):
        hidden = hide(TOKENS, np.random.default_rng(3))
        assert np.isin(TOKENS[hidden.where], RESIDUES).all()
        assert (hidden.truth == TOKENS[hidden.where]).all()
        untouched = np.ones(len(TOKENS), dtype=bool)
        untouched[hidden.where] = False
        assert (hidden.tokens[untouched] == TOKENS[untouched]).all()


def test_nothing_can_be_read_off_when_judging() -> None:
    hidden = MASKER.cover(TOKENS, np.random.default_rng(4))
    assert (hidden.tokens[hidden.where] == MASK).all()
