import random

import numpy as np
import pytest
from tests.data.made_families import changed, sequence

from plmkit.data import mmseqs
from plmkit.errors import UserError

pytestmark = pytest.mark.skipif(not mmseqs.is_installed(), reason="MMseqs2 is not installed")


def test_families_are_clusters_numbered_by_their_first_sequence() -> None:
    generator = random.Random(1)
    one, other = sequence(generator, 200), sequence(generator, 200)
    given = [one, other, changed(generator, one, 0.3), changed(generator, other, 0.3), one]

    assert mmseqs.clusters(given).tolist() == [0, 1, 0, 1, 0]


def test_a_fragment_is_in_another_cluster_than_the_whole() -> None:
    whole = sequence(random.Random(2), 200)

    assert mmseqs.clusters([whole, whole[:100]]).tolist() == [0, 1]
    assert mmseqs.clusters([whole, whole[:100]], coverage=0.4).tolist() == [0, 0]


def test_an_alignment_says_how_much_is_alike_and_where() -> None:
    generator = random.Random(3)
    whole = sequence(generator, 120)
    places = range(0, 120, 10)
    variant = "".join("W" if at in places and letter != "W" else letter for at, letter in enumerate(whole))
    longer = sequence(generator, 30) + variant

    found = mmseqs.search([sequence(generator, 90), whole], [sequence(generator, 100), longer])

    assert (found.query.tolist(), found.target.tolist()) == ([1], [1])
    assert len(found) == 1
    assert found.identity[0] == pytest.approx(0.9, abs=0.02)
    assert found.query_coverage[0] == pytest.approx(1, abs=0.02)
    assert found.target_coverage[0] == pytest.approx(120 / 150, abs=0.02)
    assert found.target_start[0] - found.query_start[0] == 30
    assert found.path[0] == f"{round(120 * found.query_coverage[0])}M"


def test_best_hits_come_first_and_no_more_than_asked_for() -> None:
    generator = random.Random(4)
    whole = sequence(generator, 150)
    targets = [changed(generator, whole, share) for share in (0.4, 0.1, 0.25)]

    found = mmseqs.search([whole], targets)

    assert found.target.tolist() == [1, 2, 0]
    assert np.all(np.diff(found.bits) <= 0)


def test_pairs_alike_are_told_in_both_directions_unless_the_first_is_hardly_covered() -> None:
    generator = random.Random(6)
    whole, other = sequence(generator, 300), sequence(generator, 300)
    given = [whole, whole[:100], other, changed(generator, whole, 0.3), changed(generator, whole, 0.65)]

    assert mmseqs.resembling(given, 0.5, 0.5).tolist() == [[0, 3], [1, 0], [1, 3], [3, 0]]
    assert mmseqs.resembling([whole, other], 0.5, 0.5).tolist() == []


def test_pairs_alike_are_those_that_the_full_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(7)
    ancestors = [sequence(generator, 150) for _ in range(25)]
    given = [changed(generator, ancestor, generator.uniform(0.2, 0.6)) for ancestor in ancestors for _ in range(8)]
    hits = mmseqs.search(given, given)
    monkeypatch.setattr(mmseqs, "_FEW_RESIDUES", 0)
    alike = (hits.identity >= 0.5) & (hits.query_coverage >= 0.5) & (hits.query != hits.target)
    expected = set(zip(hits.query[alike].tolist(), hits.target[alike].tolist(), strict=True))

    found = set(map(tuple, mmseqs.resembling(given, 0.5, 0.5).tolist()))

    assert expected
    assert found <= expected
    assert len(found) >= 0.99 * len(expected)


def test_windows_round_one_site_find_each_other() -> None:
    generator = random.Random(5)
    window = sequence(generator, 33)

    assert mmseqs.clusters([window, changed(generator, window, 0.1), sequence(generator, 33)]).tolist() == [0, 0, 1]


def test_nothing_is_found_among_nothing() -> None:
    assert len(mmseqs.search([], ["MKTAYIAKQR"])) == len(mmseqs.search(["MKTAYIAKQR"], [])) == 0


def test_the_version_is_told() -> None:
    assert mmseqs.version()


def test_without_the_program_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmseqs, "PROGRAM", "no-such-program")

    assert not mmseqs.is_installed()
    with pytest.raises(UserError, match=r"program: MMseqs2 \(`mmseqs`\) is not installed here; install it"):
        mmseqs.clusters(["MKTAYIAKQR"])
