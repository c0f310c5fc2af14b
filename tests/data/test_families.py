import random

import pytest
from tests.data.made_families import changed, sequence

from plmkit.data import mmseqs
from plmkit.data.families import families

pytestmark = pytest.mark.skipif(not mmseqs.is_installed(), reason="MMseqs2 is not installed")


def test_a_fragment_joins_the_family_of_the_whole() -> None:
    generator = random.Random(1)
    whole, stranger = sequence(generator, 200), sequence(generator, 200)
    given = [whole, stranger, whole[:100], changed(generator, whole, 0.2)]

    apart, joined = families(given, 0.3, 0.8, None), families(given, 0.3, 0.8, 0.5)

    assert (apart.of.tolist(), apart.clusters, apart.largest) == ([0, 1, 2, 0], 3, 2)
    assert (joined.of.tolist(), joined.clusters, joined.largest) == ([0, 1, 0, 0], 3, 3)
    assert dict(joined.counts()) == {"clusters": 3, "families": 2, "largest_family": 3}


def test_below_the_threshold_clusters_stay_apart() -> None:
    generator = random.Random(2)
    whole = sequence(generator, 200)
    given = [whole, changed(generator, whole[:100], 0.3)]

    assert families(given, 0.3, 0.8, 0.9).of.tolist() == [0, 1]
    assert families(given, 0.3, 0.8, 0.6).of.tolist() == [0, 0]
