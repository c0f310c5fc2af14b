"""The same inputs, options and seed give the same bytes, wherever and whenever; and no path or date is among them."""

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

Done = Callable[..., str]


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def finetuned(done: Done, folder: Path, examples: Path, *more: object) -> dict[str, bytes]:
    folder.mkdir()
    names = {
        "--bundle": "b.zip",
        "--metrics": "m.tsv",
        "--history": "h.tsv",
        "--curves": "c.png",
        "--report": "r.html",
        "--record": "run.json",
    }
    written = [part for option, name in names.items() for part in (option, folder / name)]
    quick = ["--epochs", 2, "--learning-rate", 0.01]
    done("finetune", "--examples", examples, *quick, *written, *more)
    return outputs(folder)


def test_two_equal_runs_of_finetune_give_equal_files(done: Done, tmp_path: Path, labelled_proteins: Path) -> None:
    first, second, third = (
        finetuned(done, tmp_path / f"run{n}", labelled_proteins, "--seed", seed) for n, seed in enumerate((7, 7, 8))
    )
    assert set(first) == {"b.zip", "m.tsv", "h.tsv", "c.png", "r.html", "run.json"}
    assert first == second
    assert [name for name in first if first[name] == third[name]] == []


@pytest.mark.parametrize("form", ["tabular", "parquet", "npz", "h5"])
def test_two_equal_runs_of_embed_give_equal_files(done: Done, tmp_path: Path, proteins: Path, form: str) -> None:
    found = []
    for run in ("one", "two"):
        (folder := tmp_path / run).mkdir()
        done(
            "embed",
            "--proteins",
            proteins,
            "--format",
            form,
            "--vectors",
            folder / "v",
            "--record",
            folder / "run.json",
        )
        found.append(outputs(folder))
    assert set(found[0]) == {"v", "run.json"}
    assert found[0] == found[1]


def test_two_equal_runs_of_predict_and_of_ptm_give_equal_files(
    done: Done, tmp_path: Path, bundle: Path, proteins: Path, held_out_windows: Path
) -> None:
    found = []
    for run in ("one", "two"):
        (folder := tmp_path / run).mkdir()
        command = ["predict", "--bundle", bundle, "--proteins", held_out_windows, "--predictions", folder / "p.tsv"]
        done(*command, "--labelled", "--metrics", folder / "m.tsv", "--record", folder / "p.json")
        command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", folder / "s.tsv"]
        done(*command, "--gff", folder / "s.gff3", "--record", folder / "s.json")
        found.append(outputs(folder))
    assert len(found[0]) == 6
    assert found[0] == found[1]


def test_nothing_tells_where_or_when_it_was_made(tuned_on_windows: Path, unpacked: Path) -> None:
    texts = [path for folder in (tuned_on_windows, unpacked) for path in folder.iterdir() if path.suffix in TEXT]
    assert len(texts) == 4 + 3
    for path in texts:
        content = path.read_text()
        assert str(tuned_on_windows) not in content
        assert not re.search(r"/(tmp|home|root|work|usr)\b|\b20[2-9]\d-[01]\d-[0-3]\d\b", content), path


TEXT = {".json", ".tsv", ".html", ".md"}


def test_members_of_the_bundle_bear_no_date(bundle: Path) -> None:
    with ZipFile(bundle) as archive:
        members = archive.infolist()
    assert [member.filename for member in members] == sorted(member.filename for member in members)
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
