"""The command lines of the README run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from plmkit.cli import main

ROOT = Path(__file__).resolve().parents[1]


def command_lines() -> list[list[str]]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"tests/test_readme.py -->\n```\n(.*?)```", readme, re.DOTALL)
    assert block
    return [shlex.split(line) for line in block[1].splitlines()]


def test_the_four_command_lines_of_the_readme_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test-data").symlink_to(ROOT / "test-data")
    monkeypatch.chdir(tmp_path)
    lines = command_lines()

    assert [line[1] for line in lines] == ["embed", "finetune", "predict", "ptm"]
    for line in lines:
        assert main(line[1:]) == 0
    sites = (tmp_path / "sites.tsv").read_text(encoding="utf-8").splitlines()
    assert len(sites) == 99
    proteins = (ROOT / "test-data/human_phosphosites/scan.fasta").read_text(encoding="utf-8").split(">")[1:]
    residues = "".join("".join(record.splitlines()[1:]) for record in proteins)
    assert len(sites) - 1 == sum(residues.count(letter) for letter in "STY")
