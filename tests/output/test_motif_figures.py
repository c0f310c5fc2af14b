import numpy as np
from matplotlib.patches import PathPatch

from plmkit.learning.motifs import AMINO_ACIDS, FLANK, Motif
from plmkit.output.motif_figures import logos_figure


def motif(called: int, corrected: float) -> Motif:
    """Ten more prolines and ten fewer leucines behind the called sites."""
    counts = np.zeros((2, 2 * FLANK + 1, 20), dtype=np.int64)
    counts[:, :, 0] = 80
    place = FLANK + 1
    counts[:, place, AMINO_ACIDS.index("P")] = (15, 5)
    counts[:, place, AMINO_ACIDS.index("L")] = (5, 15)
    p = np.full(counts.shape[1:], np.nan)
    p[place, [AMINO_ACIDS.index("P"), AMINO_ACIDS.index("L")]] = corrected
    return Motif("m", called, 100, counts, counts.sum(axis=2), p, p)


def letters(figure_motif: Motif) -> list[PathPatch]:
    return [patch for patch in logos_figure([figure_motif]).axes[0].patches if isinstance(patch, PathPatch)]


def test_letters_that_differ_stand_above_and_below_the_line_as_high_as_they_differ() -> None:
    figure = logos_figure([motif(100, 0.001)])
    axes = figure.axes[0]
    to_data = axes.transData.inverted()
    boxes = [patch.get_path().get_extents(patch.get_transform() + to_data) for patch in axes.patches]
    spans = sorted((round(box.y0, 6), round(box.y1, 6)) for box in boxes)
    assert spans == [(-10.0, 0.0), (0.0, 10.0)]
    assert all(0.5 < box.x0 < 1 < box.x1 < 1.5 for box in boxes)


def test_of_very_many_letters_the_five_that_differ_most_are_drawn_on_either_side() -> None:
    counts = np.full((2, 2 * FLANK + 1, 20), 50, dtype=np.int64)
    counts[0, 0] = [50 + step for step in range(-10, 11) if step]
    p = np.zeros(counts.shape[1:])
    found = Motif("m", 100, 100, counts, counts.sum(axis=2), p, p)
    assert len(letters(found)) == 10


def test_the_residues_of_the_site_are_told_in_words() -> None:
    found = motif(100, 0.001)
    found.counts[:, FLANK, 0] = 0
    found.counts[0, FLANK, [AMINO_ACIDS.index("S"), AMINO_ACIDS.index("T")]] = (60, 20)
    found.counts[1, FLANK, [AMINO_ACIDS.index("S"), AMINO_ACIDS.index("T")]] = (20, 60)
    found.corrected[FLANK, [AMINO_ACIDS.index("S"), AMINO_ACIDS.index("T")]] = 0.001

    assert len(letters(found)) == 2
    title = logos_figure([found]).axes[0].get_title(loc="left")
    assert title == "m: 100 called, 100 others; at the site S 75 | 25 %, T 25 | 75 %"


def test_what_is_not_significant_is_not_drawn() -> None:
    assert letters(motif(100, 0.06)) == []
    assert [text.get_text() for text in logos_figure([motif(100, 0.06)]).axes[0].texts] == [
        "no residue differs significantly"
    ]


def test_too_few_sites_are_said() -> None:
    (text,) = logos_figure([motif(9, np.nan)]).axes[0].texts
    assert text.get_text() == "too few sites: at least 10 called ones and 10 others are needed"


def test_more_than_six_modifications_leave_those_with_fewest_sites_out() -> None:
    figure = logos_figure([motif(20 + number, 0.001) for number in range(8)])
    assert figure.axes[0].get_title(loc="left") == "m: 22 called, 100 others"
    assert "2 modifications with fewer sites are left out" in figure.get_suptitle()
