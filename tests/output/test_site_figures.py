import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from plmkit.data.candidates import find_candidates
from plmkit.data.chains import Chains
from plmkit.data.fasta import Protein
from plmkit.data.scored_sites import ScoredSites, rounded
from plmkit.output.site_figures import sites_figure


def scored(name: str, sequences: list[str], residues: str, threshold: float, high: float = 0.9) -> ScoredSites:
    candidates = find_candidates(Chains.of(sequences), residues)
    probabilities = rounded(np.linspace(0.05, high, len(candidates)))
    return ScoredSites(name, candidates, probabilities, threshold, np.zeros(len(candidates), dtype=np.uint8), 15)


def stems(figure: Figure, row: int) -> int:
    return sum(len(found.get_segments()) for found in figure.axes[row].collections if isinstance(found, LineCollection))


def test_each_called_site_has_a_stem_and_each_protein_a_row() -> None:
    sequences = ["MSKSKST", "GGG", "SSSS"]
    proteins = [Protein(f"p{number}", sequence) for number, sequence in enumerate(sequences)]
    modifications = [scored("one", sequences, "S", 0.4), scored("two", sequences, "K", 0.0)]
    figure = sites_figure(proteins, modifications)
    called = [[int((m.is_modified & (m.candidates.proteins == n)).sum()) for m in modifications] for n in range(3)]
    assert [stems(figure, row) for row in range(3)] == [sum(row) for row in called]
    assert [text.get_text() for text in figure.axes[1].texts] == ["no candidate residue"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["one", "two", "candidate, not called", "threshold"]


def test_only_the_first_proteins_are_drawn_and_that_is_said() -> None:
    sequences = ["MSKSKST"] * 9
    proteins = [Protein(f"p{number}", sequence) for number, sequence in enumerate(sequences)]
    figure = sites_figure(proteins, [scored("one", sequences, "S", 0.5)])
    assert len(figure.axes) == 6
    assert figure.get_suptitle() == "the first 6 of 9 proteins"


def test_low_probabilities_fill_the_height() -> None:
    proteins = [Protein("p", "SSSS")]
    figure = sites_figure(proteins, [scored("rare", ["SSSS"], "S", 0.05, high=0.1)])
    assert figure.axes[0].get_ylim() == pytest.approx((0, 0.125))


def test_of_very_many_sites_a_few_names_are_written_apart() -> None:
    sequence = "S" * 3000
    figure = sites_figure([Protein("long", sequence)], [scored("one", [sequence], "S", 0.1)])
    places = sorted(int(text.get_text()[1:]) for text in figure.axes[0].texts)
    assert 2 < len(places) <= 12
    assert min(np.diff(places)) > 0.045 * 3000


def test_of_more_than_eight_modifications_the_most_frequent_are_drawn() -> None:
    many = [scored(f"m{number}", ["SSSS"], "S", 2.0 if number in (2, 5) else 0.0) for number in range(10)]
    figure = sites_figure([Protein("p", "SSSS")], many)
    legend = figure.legends[0]
    assert legend.get_title().get_text() == "8 of 10 modifications"
    assert [text.get_text() for text in legend.get_texts()][:8] == [f"m{n}" for n in range(10) if n not in (2, 5)]
