"""Draw which residues are more, or less, frequent around sites called modified than around other candidates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch, PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from plmkit.learning.motifs import AMINO_ACIDS, FEWEST, FLANK, SIGNIFICANT, Motif
from plmkit.output.figures import STYLE, save_png, say, shortened

_KINDS = {  # Okabe and Ito's colours
    "acidic": ("DE", "#D55E00"),
    "basic": ("KRH", "#0072B2"),
    "polar": ("STNQYCG", "#009E73"),
    "hydrophobic": ("AVLIMFWP", "#000000"),
}
_COLOUR = {letter: colour for letters, colour in _KINDS.values() for letter in letters}
_FONT = FontProperties(family="DejaVu Sans", weight="bold")
_DPI, _MOST, _LONGEST = 150, 6, 60
_MOST_LETTERS = 5
_RARE = 0.005  # share of a residue at the site that is not told
_WIDTH = 0.86  # of a letter, in positions


def draw_logos(path: Path, motifs: Sequence[Motif]) -> None:
    """Draw a logo of two samples for each modification: letters that differ significantly, as high as they differ."""
    save_png(logos_figure(motifs), path)


@mpl.rc_context(STYLE)
def logos_figure(motifs: Sequence[Motif]) -> Figure:
    """Return the figure that draw_logos saves; of more than six modifications those with the most sites."""
    kept = sorted(np.argsort([-motif.called for motif in motifs], kind="stable")[:_MOST].tolist())
    heights = [1.0 if _letters(motifs[number]).any() else 0.35 for number in kept]
    figure = Figure(figsize=(9.0, 1.4 + 2.6 * sum(heights)), dpi=_DPI, layout="constrained")
    panels = figure.subplots(len(kept), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, number in zip(panels, kept, strict=True):
        _draw_logo(axes, motifs[number])
    panels[-1].set_xlabel("position from the site")
    left_out = f"; {len(motifs) - len(kept)} modifications with fewer sites are left out" if len(motifs) > _MOST else ""
    figure.suptitle(
        "Residues around sites that were called modified, compared with the other candidates\n"
        f"(what the model goes by; Fisher's exact test, corrected p below {SIGNIFICANT}; at most {_MOST_LETTERS} "
        f"letters on either side{left_out})"
    )
    handles = [Patch(color=colour, label=kind) for kind, (_, colour) in _KINDS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _letters(motif: Motif) -> NDArray[np.float64]:
    """Return how high each letter is (L, A), in percentage points; 0 for those that are not drawn.

    Drawn are those that differ significantly, of each position at most five that are more and five that are less
    frequent: among very many sites nearly all differ. The site itself is told in words: beside it all else is small.
    """
    heights = np.where(motif.corrected < SIGNIFICANT, 100 * motif.difference, 0.0)
    heights[FLANK] = 0.0
    ordered = np.sort(heights, axis=1)
    lowest, highest = ordered[:, _MOST_LETTERS - 1 : _MOST_LETTERS], ordered[:, -_MOST_LETTERS][:, None]
    return np.where((heights >= np.maximum(highest, 0)) | (heights <= np.minimum(lowest, 0)), heights, 0.0)


def _draw_logo(axes: Axes, motif: Motif) -> None:
    counted = f"{motif.called:,} called, {motif.others:,} others"
    axes.set_title(f"{shortened(motif.modification, _LONGEST)}: {counted}{_at_the_site(motif)}", loc="left")
    axes.set_xlim(-FLANK - 0.6, FLANK + 0.6)
    axes.set_xticks(range(-FLANK, FLANK + 1))
    axes.axhline(0, color="0.4", linewidth=0.8)
    heights = _letters(motif)
    if not heights.any():
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        few = f"too few sites: at least {FEWEST} called ones and {FEWEST} others are needed"
        say(axes, "no residue differs significantly" if motif.is_tested else few)
        return
    for place, column in enumerate(heights):
        _stack(axes, place - FLANK, {a: h for a, h in zip(AMINO_ACIDS, column.tolist(), strict=True) if h > 0}, 1)
        _stack(axes, place - FLANK, {a: -h for a, h in zip(AMINO_ACIDS, column.tolist(), strict=True) if h < 0}, -1)
    top, bottom = (
        np.where(heights > 0, heights, 0).sum(axis=1).max(),
        np.where(heights < 0, heights, 0).sum(axis=1).min(),
    )
    margin = 0.05 * (top - bottom)
    axes.set_ylim(bottom - margin, top + margin)
    axes.set_ylabel("less | more frequent\n(percentage points)")


def _at_the_site(motif: Motif) -> str:
    """Say which residues the sites are, if there are several."""
    found = [
        f"{letter} {100 * called:.0f} | {100 * other:.0f} %"
        for letter, called, other in zip(AMINO_ACIDS, *motif.shares[:, FLANK].tolist(), strict=True)
        if max(called, other) >= _RARE
    ]
    return f"; at the site {', '.join(found)}" if len(found) > 1 else ""


def _stack(axes: Axes, position: int, heights: dict[str, float], side: int) -> None:
    """Stack letters away from the axis, the highest one last."""
    reached = 0.0
    for letter, height in sorted(heights.items(), key=lambda item: (item[1], item[0])):
        bottom = reached if side > 0 else -reached - height
        _draw_letter(axes, letter, position - _WIDTH / 2, bottom, height)
        reached += height


def _draw_letter(axes: Axes, letter: str, left: float, bottom: float, height: float) -> None:
    path = TextPath((0, 0), letter, size=1, prop=_FONT)
    box = path.get_extents()
    fitted = (
        Affine2D().translate(-box.x0, -box.y0).scale(_WIDTH / box.width, height / box.height).translate(left, bottom)
    )
    axes.add_patch(PathPatch(path, facecolor=_COLOUR[letter], linewidth=0, transform=fitted + axes.transData))
