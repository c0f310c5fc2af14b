import random

import numpy as np
import pytest
from tests.data.annotated_proteins import annotated, windows_of
from tests.data.made_families import changed, sequence

from plmkit.data import mmseqs
from plmkit.data.chains import as_words
from plmkit.data.site_annotations import Annotated
from plmkit.data.site_candidates import CandidateRules, CandidateStates, candidate_states
from plmkit.data.site_splitting import NOWHERE, as_told, divide_by_lot, divide_sites
from plmkit.data.splitting import plan_of
from plmkit.errors import UserError

PLAN = plan_of(0.25, 0.25, 0)
needs_mmseqs = pytest.mark.skipif(not mmseqs.is_installed(), reason="MMseqs2 is not installed")


def families() -> Annotated:
    """Eight families of three proteins, phosphorylated at all S but the last, each other one acetylated at two K."""
    generator = random.Random(2)
    proteins = []
    for _ in range(8):
        one = sequence(generator, 100)
        proteins += [one, changed(generator, one, 0.2), changed(generator, one, 0.3)]
    phosphorylated = [places(one, "S")[:-1] for one in proteins]
    acetylated = [places(one, "K")[:2] if row // 3 % 2 else [] for row, one in enumerate(proteins)]
    told = {
        "Acetylation": [dict.fromkeys(sites, True) for sites in acetylated],
        "Phosphorylation": [dict.fromkeys(sites, True) for sites in phosphorylated],
    }
    return annotated([*proteins, "GGGGGGGGGG"], {name: [*states, {}] for name, states in told.items()})


def places(protein: str, letter: str) -> list[int]:
    return [place for place, found in enumerate(protein, start=1) if found == letter]


@pytest.fixture
def both() -> tuple[Annotated, CandidateStates]:
    told = families()
    return told, candidate_states(told, CandidateRules({}))


@needs_mmseqs
def test_families_stay_whole_and_each_modification_keeps_its_share(both: tuple[Annotated, CandidateStates]) -> None:
    told, candidates = both
    found = divide_sites(candidates, told.proteins, told.parts, "clusters", PLAN, 1)

    assert found.names == ("train", "valid", "test")
    assert found.division is not None
    parts = found.division.parts
    assert len(parts) == 24  # the protein without candidates has no part
    assert all(len(set(parts[start : start + 3])) == 1 for start in range(0, 24, 3))
    assert dict(found.counts)["families"] == 8
    acetylated = candidates.states[:, 0] == 1
    assert [int((acetylated & (found.of_site == part)).sum()) for part in range(3)] == [12, 6, 6]


def test_a_protein_stays_whole_and_equal_ones_together() -> None:
    told = annotated(["SAS", "SCS", "SAS", "SDS", "SES"], {"P": [{1: True}] * 5})
    candidates = candidate_states(told, CandidateRules({}))

    found = divide_sites(candidates, told.proteins, told.parts, "proteins", PLAN, 1)

    assert found.division is not None
    parts = found.division.parts
    assert parts[0] == parts[2]
    assert all(len(set(found.of_site[candidates.proteins == row])) == 1 for row in range(5))


def test_what_nothing_is_known_of_has_no_part() -> None:
    told = annotated(["SAS", "SCS"], {"P": [{1: True}, {}]})
    candidates = candidate_states(told, CandidateRules({}))

    assert divide_sites(candidates, told.proteins, told.parts, "none", PLAN, 1).of_site.tolist() == [0, 0, -1, -1]


def test_given_parts_are_taken_and_what_has_none_is_learned_from() -> None:
    told = annotated(["SAS", "SCS", "SDS"], {"P": [{1: True}] * 3}, ["test", None, "train"])
    candidates = candidate_states(told, CandidateRules({}))

    found = divide_sites(candidates, told.proteins, told.parts, "given", PLAN, 1)

    assert (found.names, found.of_site.tolist()) == (("train", "test"), [1, 1, 0, 0, 0, 0])
    assert found.notes == ("proteins: of 1 no part is told; they are learned from (train)",)
    with pytest.raises(UserError, match="proteins: nothing says train, valid or test"):
        divide_sites(candidates, told.proteins, [None] * 3, "given", PLAN, 1)


def test_parts_of_single_sites_divide_a_protein() -> None:
    told = annotated(
        ["SAS", "SCS"],
        {"P": [{1: True, 3: False}, {1: True}]},
        [None, "train"],
        [{1: "test", 3: "train"}, {1: "train"}],
    )
    found = as_told(candidate_states(told, CandidateRules({"P": "S"})), told)

    assert (found.names, found.of_site.tolist()) == (("train", "test"), [1, 0, 0, NOWHERE])
    assert not found.keeps_proteins


def test_by_lot_only_equal_windows_stay_together(both: tuple[Annotated, CandidateStates]) -> None:
    told, candidates = both
    windows = windows_of(told.proteins.sequences, candidates.proteins, candidates.positions, 3)

    found = divide_by_lot(candidates, windows, PLAN, 1)

    known = found.of_site != NOWHERE
    assert (known == candidates.are_known).all()
    parts: dict[bytes, set[int]] = {}
    for word, part in zip(as_words(windows)[known].tolist(), found.of_site[known].tolist(), strict=True):
        parts.setdefault(word, set()).add(part)
    assert all(len(one) == 1 for one in parts.values())
    shares = np.bincount(found.of_site[known]) / known.sum()
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.02)
    assert "divided at random" in found.notes[0]


def test_too_few_proteins_for_the_parts_are_refused() -> None:
    told = annotated(["SAS", "SCS"], {"P": [{1: True}] * 2})
    with pytest.raises(UserError, match="proteins: nothing is left for the part"):
        divide_sites(candidate_states(told, CandidateRules({})), told.proteins, told.parts, "proteins", PLAN, 1)
