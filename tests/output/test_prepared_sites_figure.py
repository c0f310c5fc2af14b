from pathlib import Path

import pytest

from plmkit.data.site_counts import Count
from plmkit.output.prepared_sites_figure import draw_counts


@pytest.mark.parametrize("modifications", [1, 3, 13, 40])
def test_the_figure_grows_with_the_modifications_up_to_thirty(tmp_path: Path, modifications: int) -> None:
    counts = [
        Count(f"modification {number}", "ST", part, 1, 4 ** min(number, 8), 10**number if part == "all" else 0, 5)
        for number in range(modifications)
        for part in ("all", "train", "test", "left out")
    ]
    draw_counts(tmp_path / "a.png", counts)
    draw_counts(tmp_path / "b.png", counts)

    content = (tmp_path / "a.png").read_bytes()
    assert content == (tmp_path / "b.png").read_bytes()
    inches = max(2.8, 1.5 + 0.42 * min(modifications, 30))
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (1152, int(120 * inches))


def test_nothing_known_and_no_parts_are_drawn(tmp_path: Path) -> None:
    draw_counts(tmp_path / "a.png", [Count("P", "S", "all", 1, 1, 0, 0), Count("A", "K", "all", 0, 0, 0, 3)])

    assert (tmp_path / "a.png").stat().st_size > 0
