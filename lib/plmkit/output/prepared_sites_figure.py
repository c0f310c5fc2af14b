"""The figure of sites: how many each modification has in each part, and how rare they are among the candidates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmkit.data.site_counts import ALL, LEFT_OUT, Count
from plmkit.output.figures import HATCHES, STYLE, save_png, shortened

_COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7", "#56B4E9")  # Okabe and Ito's palette
_MARKS = "os^DvP"
_MOST = 30
_ROW = 0.42  # inches
_THICK = 0.8  # of the bars of a modification together
_UNLIKE = 20  # times as many sites, from which on a linear axis hides the few


@mpl.rc_context(STYLE)
def draw_counts(path: Path, counts: Sequence[Count]) -> None:
    """Draw for each modification, the most frequent first, its sites in each part, and the prevalence beside them."""
    whole = sorted((row for row in counts if row.part == ALL), key=lambda row: -row.modified)
    shown = whole[:_MOST]
    parts = list(dict.fromkeys(row.part for row in counts if row.part not in (ALL, LEFT_OUT))) or [ALL]
    of = {(row.modification, row.part): row for row in counts}
    figure = Figure(figsize=(9.6, max(2.8, 1.5 + _ROW * len(shown))), dpi=120, layout="constrained")
    sites, rare = figure.subplots(1, 2, sharey=True, width_ratios=(1.4, 1))
    for number, part in enumerate(parts[: len(_COLOURS)]):
        width = _THICK / min(len(parts), len(_COLOURS))
        rows = [
            (place - _THICK / 2 + width * (number + 0.5), of[row.modification, part]) for place, row in enumerate(shown)
        ]
        _draw_part(sites, rare, rows, width, number, part)
    _finish(sites, rare, shown)
    if len(parts) > 1:
        figure.legend(*sites.get_legend_handles_labels(), loc="outside upper right", ncols=len(_COLOURS))
    if len(whole) > _MOST:
        figure.suptitle(f"The {_MOST} most frequent of {len(whole)} modifications")
    save_png(figure, path)


def _draw_part(
    sites: Axes, rare: Axes, rows: Sequence[tuple[float, Count]], thick: float, number: int, name: str
) -> None:
    places, colour = [place for place, _ in rows], _COLOURS[number]
    look: Any = {"color": colour, "hatch": HATCHES[number], "edgecolor": "white", "linewidth": 0}
    sites.barh(places, [row.modified for _, row in rows], height=thick, label=shortened(name, 18), **look)
    known = [(place, 100 * row.prevalence) for place, row in rows if row.prevalence is not None]
    shares = [share for _, share in known]
    rare.plot(shares, [place for place, _ in known], _MARKS[number], color=colour, markersize=5, clip_on=False)


def _finish(sites: Axes, rare: Axes, shown: Sequence[Count]) -> None:
    names = [f"{shortened(row.modification, 30)} ({row.residues}): {row.modified:,}" for row in shown]
    sites.set_yticks(range(len(shown)), names)
    sites.set_ylim(len(shown) - 0.5, -0.5)
    sites.set_xlabel("modified residues")
    if shown[0].modified > _UNLIKE * max(1, shown[-1].modified):
        sites.set_xscale("log")
        sites.set_xlim(left=0.8)
        sites.set_xlabel("modified residues (logarithmic axis)")
    sites.xaxis.set_major_formatter("{x:,.0f}")
    rare.set_xlim(left=0, right=1.08 * max(rare.get_xlim()[1], 1e-6))
    rare.set_xlabel("prevalence: modified, per cent of the\ncandidate residues whose state is known")
    for axes in (sites, rare):
        axes.grid(axis="x", color="0.9")
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        for border in range(1, len(shown)):
            axes.axhline(border - 0.5, color="0.93", linewidth=0.8, zorder=0)
