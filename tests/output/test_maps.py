import re
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib.image as image
import numpy as np
import pytest

from plmkit.output.maps import PALETTE, Colours, draw_map, groups_of


def drawn(folder: Path, colours: Colours, count: int, name: str = "map") -> tuple[Path, Path]:
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    places = np.random.default_rng(1).normal(size=(count, 2)).astype(np.float32)
    clusters, is_outlier = np.arange(count) % 4 - 1, np.arange(count) == 0
    draw_map(png, svg, places, ("first axis", "second axis"), True, colours, clusters, is_outlier)
    return png, svg


def texts(svg: Path) -> list[str]:
    return [
        " ".join("".join(text.itertext()).split()) for text in ET.parse(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_groups_are_the_largest_seven_then_the_others_then_those_without() -> None:
    categories = [letter for number, letter in enumerate("abcdefghij", start=1) for _ in range(20 - number)]
    groups = groups_of([*categories, None], "no value")
    assert [group.label for group in groups] == [
        *(f"{letter}: {20 - number}" for number, letter in enumerate("abcdefg", start=1)),
        "other (3 categories): 33",
        "no value: 1",
    ]
    assert len({group.colour for group in groups}) == 9
    assert sorted(np.concatenate([group.rows for group in groups])) == list(range(len(categories) + 1))


def test_eight_categories_have_a_colour_each() -> None:
    groups = groups_of(list("abcdefgh"), "no value")
    assert tuple(group.colour for group in groups) == PALETTE
    assert len({group.marker for group in groups}) == 8


@pytest.mark.parametrize("count", [10, 2000, 6000])
def test_the_same_map_has_the_same_bytes_without_a_date(tmp_path: Path, count: int) -> None:
    colours = Colours("kind", categories=tuple("xyz"[number % 3] for number in range(count)))
    first, second = (drawn(tmp_path, colours, count, name) for name in ("one", "two"))
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert not re.search(r"\b20\d\d-\d\d-\d\d", first[1].read_text())


def test_a_legend_outside_the_axes_names_what_is_there(tmp_path: Path) -> None:
    categories = ("<b>$x$", None, *["ほ"] * 8)
    png, svg = drawn(tmp_path, Colours("kind & more", categories=categories), 10)
    said = texts(svg)
    assert {"first axis", "second axis", "kind & more", "<b>$x$: 1", "ほ: 8", "no value: 1", "outlier: 1"} <= set(said)
    assert {"1", "2", "3"} <= set(said)
    pixels = image.imread(png)[..., :3]
    blue = np.abs(pixels - np.array([0x00, 0x72, 0xB2]) / 255).max(axis=2) < 0.02
    assert blue[:, : pixels.shape[1] // 2].any()
    assert blue[:, int(pixels.shape[1] * 0.75) :].any()


def test_numbers_have_a_bar_and_those_without_are_counted(tmp_path: Path) -> None:
    numbers = (*np.linspace(0, 1, 19), np.nan)
    said = texts(drawn(tmp_path, Colours("length", numbers=numbers), 20)[1])
    assert {"length", "no value: 1"} <= set(said)


def test_many_points_are_one_picture_inside_the_svg(tmp_path: Path) -> None:
    colours = Colours("", categories=("x",) * 6000)
    content = drawn(tmp_path, colours, 6000)[1].read_text()
    assert content.count("<image ") == 1
    assert content.count("<use ") < 100
