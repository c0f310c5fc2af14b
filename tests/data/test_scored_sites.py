import numpy as np

from plmkit.data.candidates import find_candidates
from plmkit.data.chains import Chains
from plmkit.data.fasta import Protein
from plmkit.data.scored_sites import ScoredSites, flag_text, flags_of, rounded, site_rows


def scored(name: str, sequences: list[str], residues: str, probabilities: list[float], threshold: float) -> ScoredSites:
    candidates = find_candidates(Chains.of(sequences), residues)
    flags = np.zeros(len(candidates), dtype=np.uint8)
    return ScoredSites(name, candidates, rounded(np.array(probabilities)), threshold, flags, 5)


def test_rows_of_several_modifications_come_by_protein_position_and_modification() -> None:
    sequences = ["SKS", "GGG", "KS"] + ["A"] * 600 + ["S"]  # more proteins than are held at a time
    proteins = [Protein(f"p{number}", sequence) for number, sequence in enumerate(sequences)]
    chains = Chains.of(sequences, 2)
    first = scored("one", sequences, "S", [0.1, 0.2, 0.9, 0.5], 0.5)
    second = scored("two", sequences, "KS", [0.3] * 6, 0.2)
    rows = [
        (r.protein.name, r.position, r.residue, r.modification, r.is_modified)
        for r in site_rows(proteins, chains, [first, second])
    ]
    assert rows == [
        ("p0", 1, "S", "one", False),
        ("p0", 1, "S", "two", True),
        ("p0", 2, "K", "two", True),
        ("p0", 3, "S", "one", False),
        ("p0", 3, "S", "two", True),
        ("p2", 1, "K", "two", True),
        ("p2", 2, "S", "one", True),
        ("p2", 2, "S", "two", True),
        ("p603", 1, "S", "one", True),
        ("p603", 1, "S", "two", True),
    ]
    assert next(site_rows(proteins, chains, [first])).window == "XXSKS"


def test_only_the_called_ones_remain_with_what_is_theirs() -> None:
    sites = scored("one", ["SKS"], "S", [0.1, 0.2], 0.2)
    called = sites.only_modified()
    assert (called.candidates.positions.tolist(), called.probabilities.tolist()) == ([3], [0.2])


def test_a_probability_is_compared_as_it_is_written() -> None:
    sites = scored("one", ["S"], "S", [0.4999999], 0.5)
    assert f"{sites.probabilities[0]:.6f}" == "0.500000"
    assert sites.is_modified.tolist() == [True]


def test_flags_are_told_in_words() -> None:
    yes, no = np.array([True]), np.array([False])
    assert flag_text(int(flags_of(far=no, x_in_window=no)[0])) == "none"
    assert flag_text(int(flags_of(far=yes, very_far=yes, other_residue=yes)[0])) == "very_far;other_residue"
    assert flag_text(int(flags_of(far=yes, near_terminus=yes, x_in_window=yes)[0])) == "far;near_terminus;x_in_window"
