"""The demo shows what the tools write."""

import json
from pathlib import Path

import pytest
from demo.show import show

from plmkit.output.sites import HEADER


def test_the_likeliest_sites_are_shown_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = {"p1": "0.1", "p9": "0.9", "p5": "0.5"}
    sites = [
        [name if title == "protein" else chance[name] if title == "probability" else "x" for title in HEADER]
        for name in chance
    ]
    cells: dict[str, list[list[str]]] = {
        "Summary as text": [["## Result"], ["**2. Tune.** It helped."], [""], ["## What to beware of"], ["- little"]],
        "Sites": [list(HEADER), *sites],
    }
    outputs: dict[str, dict[str, str]] = {}
    for label, rows in cells.items():
        path = tmp_path / f"{len(outputs)}.tabular"
        path.write_text("".join("\t".join(row) + "\n" for row in rows))
        outputs[label] = {"path": str(path)}
    (tmp_path / "report.json").write_text(json.dumps(outputs))

    show(tmp_path, tmp_path / "report.json")

    said = capsys.readouterr().out
    assert "2. Tune. It helped." in said
    assert "little" not in said
    assert said.index("p9") < said.index("p5") < said.index("p1")
