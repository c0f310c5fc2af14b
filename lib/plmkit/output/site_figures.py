"""Draw sites along proteins as lollipops: a row for each of the first proteins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from plmkit.data.fasta import Protein
from plmkit.data.scored_sites import ScoredSites
from plmkit.output.figures import STYLE, save_png, say, shortened
from plmkit.output.maps import PALETTE

_COLOURS = (*PALETTE[:7], "0.5")  # yellow, faint on white paper, gives way to grey
_MARKERS = "os^DvPX*"
_OTHER = "0.75"
_DPI = 150
_LONGEST_TITLE, _LONGEST_LABEL = 90, 24
_MOST_NAMES, _APART = 12, 0.045  # names of sites in a row, and how far apart, as a share of its width
_HEADROOM = 1.25  # for the names
_FEW, _MANY = 40, 400  # sites in a row: with few, large heads; with many, small ones


def draw_sites(path: Path, proteins: Sequence[Protein], scored: Sequence[ScoredSites], most: int = 6) -> None:
    """Draw the candidates of the first proteins: called modified, with a stem and a head; others, as grey dots."""
    save_png(sites_figure(proteins, scored, most), path)


@mpl.rc_context(STYLE)
def sites_figure(proteins: Sequence[Protein], scored: Sequence[ScoredSites], most: int = 6) -> Figure:
    """Return the figure that draw_sites saves."""
    shown = min(most, len(proteins))
    figure = Figure(figsize=(11.0, 0.9 + 1.75 * shown), dpi=_DPI, layout="constrained")
    panels = figure.subplots(shown, 1, squeeze=False, sharey=True)[:, 0]
    kept = _most_frequent(scored, shown)
    panels[0].set_ylim(0, _HEADROOM * _highest(kept, shown))
    for number, (axes, protein) in enumerate(zip(panels, proteins, strict=False)):
        _draw_protein(axes, protein, [sites.of_protein(number) for sites in kept])
        _draw_thresholds(axes, kept)
        axes.set_title(shortened(f"{protein.name} ({len(protein.sequence):,} residues)", _LONGEST_TITLE), loc="left")
        axes.set_ylabel("probability")
    panels[-1].set_xlabel("position of the residue")
    if shown < len(proteins):
        figure.suptitle(f"the first {shown} of {len(proteins):,} proteins")
    title = f"{len(kept)} of {len(scored)} modifications" if len(kept) < len(scored) else ""
    figure.legend(handles=_key(kept), title=title, loc="outside right upper", alignment="left")
    return figure


def _most_frequent(scored: Sequence[ScoredSites], proteins: int) -> list[ScoredSites]:
    """Return the modifications, at most eight: those called most often on the first proteins, in their order."""
    if len(scored) <= len(_COLOURS):
        return list(scored)
    called = [int(sites.is_modified[sites.candidates.proteins < proteins].sum()) for sites in scored]
    return [scored[place] for place in sorted(np.argsort(-np.array(called), kind="stable")[: len(_COLOURS)].tolist())]


def _highest(scored: Sequence[ScoredSites], proteins: int) -> float:
    """Return the highest probability or threshold on the first proteins: where sites are rare all are low."""
    found = [sites.probabilities[sites.candidates.of_proteins(0, proteins)].max(initial=0.01) for sites in scored]
    return max(*(float(height) for height in found), *(min(1.0, sites.threshold) for sites in scored))


def _draw_protein(axes: Axes, protein: Protein, rows: Sequence[ScoredSites]) -> None:
    length = len(protein.sequence)
    axes.set_xlim(0.5 - 0.01 * length, length + 0.5 + 0.01 * length)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=14, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    if not any(len(row) for row in rows):
        say(axes, "no candidate residue")
        return
    called = sum(int(row.is_modified.sum()) for row in rows)
    size = float(np.interp(called, (_FEW, _MANY), (5.0, 2.0)))
    for row, colour, marker in zip(rows, _COLOURS, _MARKERS, strict=False):
        chosen, positions = row.is_modified, row.candidates.positions
        axes.plot(positions[~chosen], row.probabilities[~chosen], ".", color=_OTHER, markersize=2, zorder=1)
        stems = [[(x, 0), (x, y)] for x, y in zip(positions[chosen], row.probabilities[chosen], strict=True)]
        axes.add_collection(LineCollection(stems, colors=colour, linewidths=size / 5, alpha=0.7, zorder=2))
        axes.plot(
            positions[chosen],
            row.probabilities[chosen],
            marker,
            color=colour,
            markersize=size,
            markeredgecolor="white",
            markeredgewidth=0.3,
            zorder=3,
        )
    _name_highest(axes, protein, rows)


def _name_highest(axes: Axes, protein: Protein, rows: Sequence[ScoredSites]) -> None:
    """Write residue and position at the likeliest sites, those left out that would stand too near another name."""
    called = [row.only_modified() for row in rows]
    found = [
        pair
        for row in called
        for pair in zip((-row.probabilities).tolist(), row.candidates.positions.tolist(), strict=True)
    ]
    named: list[int] = []
    for height, position in sorted(found):
        is_free = all(abs(position - other) > _APART * len(protein.sequence) for other in named)
        if is_free and len(named) < _MOST_NAMES:
            named.append(position)
            text = f"{protein.sequence[position - 1]}{position}"
            axes.annotate(
                text, (position, -height), (0, 4), textcoords="offset points", ha="center", fontsize=7, zorder=4
            )


def _draw_thresholds(axes: Axes, scored: Sequence[ScoredSites]) -> None:
    thresholds = [sites.threshold for sites in scored]
    colours = _COLOURS if len(set(thresholds)) > 1 else ("0.5",)
    for threshold, colour in zip(thresholds, colours, strict=False):
        axes.axhline(threshold, color=colour, linestyle=":", linewidth=1, zorder=0)


def _key(scored: Sequence[ScoredSites]) -> list[Line2D]:
    marks = [
        Line2D([], [], color=colour, marker=marker, label=shortened(sites.modification, _LONGEST_LABEL))
        for sites, colour, marker in zip(scored, _COLOURS, _MARKERS, strict=False)
    ]
    other = Line2D([], [], color=_OTHER, marker=".", linestyle="none", label="candidate, not called")
    threshold = Line2D([], [], color="0.5", linestyle=":", label="threshold")
    return [*marks, other, threshold]
