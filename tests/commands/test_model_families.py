"""Models of other families do what ESM-2 does: tune, predict, find sites, explain; and their limits are told."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from safetensors.torch import load_file, save_file
from tests.models.published import published

from plmkit.models.manifest import Manifest

Done = Callable[..., str]
Refused = Callable[..., str]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize(("name", "stock"), [("prott5", "T5EncoderModel"), ("esmc", "EsmcModel")])
def test_windows_are_learned_sites_found_and_explained(
    done: Done, tmp_path: Path, windows: Path, proteins: Path, name: str, stock: str
) -> None:
    model, few = published(name, tmp_path / name), tmp_path / "few.fasta"
    few.write_text("".join(windows.read_text().splitlines(keepends=True)[:120]))
    (model / "README.md").write_text("---\nlicense: afl-3.0\n---\n")
    tuned, sites, importance = tmp_path / "tuned.zip", tmp_path / "sites.tsv", tmp_path / "importance.tsv"
    record = tmp_path / "run.json"
    learning = [
        "--unit",
        "window",
        "--epochs",
        "1",
        "--rank",
        "2",
        "--baselines",
        "simple",
        "--adapter-layers",
        "1",
        "--record",
        record,
    ]
    done("finetune", "--model", model, "--examples", few, "--bundle", tuned, *learning)
    said = json.loads(record.read_text())["model"]
    assert (said["name"], said["revision"]) == (model.name, None)
    assert said["licence"] == "AFL-3.0"
    with ZipFile(tuned) as opened:
        card = opened.read("README.md").decode()
    assert "license: afl-3.0" in card
    assert f"base = {stock}.from_pretrained(" in card

    done("ptm", "--model", model, "--bundle", tuned, "--proteins", proteins, "--sites", sites)
    assert {row["protein"] for row in rows(sites)} == {"first", "second", "third"}
    window = tmp_path / "window.fasta"
    window.write_text("".join(windows.read_text().splitlines(keepends=True)[:2]))
    for method in ("substitution", "masking", "gradients"):
        asked = ["explain", "--model", model, "--bundle", tuned, "--proteins", window, "--method", method]
        done(*asked, "--importance", importance)
        assert len(rows(importance)) == 21


def test_only_the_model_that_was_tuned_predicts(
    done: Done, refused: Refused, tmp_path: Path, labelled_proteins: Path, proteins: Path
) -> None:
    model = published("protbert", tmp_path / "protbert")
    tuned, out = tmp_path / "tuned.zip", tmp_path / "p.tsv"
    asked = ["--unit", "protein", "--method", "head", "--epochs", "2", "--baselines", "simple"]
    done("finetune", "--model", model, "--examples", labelled_proteins, "--bundle", tuned, *asked)
    command = ["predict", "--bundle", tuned, "--proteins", proteins, "--predictions", out]
    done(*command, "--model", model)
    assert len(rows(out)) == 3
    out.unlink()
    assert f"choose {model.name} as the model" in refused("tuned model: it was tuned on", *command)


def test_a_start_token_that_is_not_there_cannot_be_taken(
    refused: Refused, tmp_path: Path, proteins: Path, windows: Path
) -> None:
    folder = published("prott5", tmp_path / "prott5")
    told = "prott5 has no start token; take mean"
    asked = ["--pooling", "cls", "--model", folder]
    assert told in refused("--pooling", "embed", "--proteins", proteins, "--vectors", tmp_path / "v.tsv", *asked)
    assert told in refused("--pooling", "finetune", "--examples", windows, "--bundle", tmp_path / "t.zip", *asked)


def test_more_residues_than_a_model_has_positions_for_are_not_read_at_once(
    done: Done, refused: Refused, tmp_path: Path
) -> None:
    folder = published("esm1b", tmp_path / "esm1b")
    proteins = tmp_path / "long.fasta"
    proteins.write_text(f">a\n{'MKVLS' * 300}\n")
    command = ["embed", "--model", folder, "--proteins", proteins, "--vectors", tmp_path / "v.tsv"]
    assert refused("--window", *command, "--window", "1023").endswith("esm1b reads no more than 1022 residues at once")
    assert "1 longer than 1022 residues, read in windows" in done(*command)


def test_training_goes_on_from_esm_models_alone(refused: Refused, tmp_path: Path, proteins: Path) -> None:
    folder = published("protbert", tmp_path / "protbert")
    command = ["pretrain", "--proteins", proteins, "--trained", tmp_path / "m.zip", "--model", folder]
    assert "plm pretrain goes on from ESM-2, ESM-1b or ESM-1v alone" in refused("model: ", *command)


def test_a_non_commercial_licence_is_confirmed_and_told(
    done: Done, refused: Refused, tmp_path: Path, proteins: Path
) -> None:
    folder, record = published("ankh", tmp_path / "ankh"), tmp_path / "run.json"
    command = ["embed", "--model", folder, "--proteins", proteins, "--vectors", tmp_path / "v.tsv", "--record", record]
    told = refused("model: ", *command)
    assert "ankh is under CC-BY-NC-SA-4.0, for non-commercial use alone; confirm" in told
    assert "--non-commercial-use" in told
    said = done(*command, "--non-commercial-use")
    assert "note: model: ankh is under CC-BY-NC-SA-4.0" in said
    written = json.loads(record.read_text())
    assert written["model"]["licence"] == "CC-BY-NC-SA-4.0"
    assert any("CC-BY-NC-SA-4.0" in note for note in written["notes"])
    assert "non_commercial_use" not in written["config"]


def test_an_installed_model_is_called_by_its_manifest(done: Done, tmp_path: Path, proteins: Path) -> None:
    folder, record = published("esm2", tmp_path / "a-folder"), tmp_path / "run.json"
    Manifest(
        name="facebook/esm2_x",
        title="ESM-2",
        revision="0" * 40,
        family="esm2",
        licence="CC-BY-4.0",
        commercial_use=True,
        source="hub",
        converted=False,
        width=32,
        files={},
    ).write(folder)
    done("embed", "--model", folder, "--proteins", proteins, "--vectors", tmp_path / "v.tsv", "--record", record)
    model = json.loads(record.read_text())["model"]
    assert (model["name"], model["revision"], model["licence"]) == ("facebook/esm2_x", "0" * 40, "CC-BY-4.0")


def test_a_zip_of_a_model_with_pieces_is_the_folder(done: Done, tmp_path: Path, proteins: Path) -> None:
    folder = published("prott5", tmp_path / "prott5")
    # half precision as published: read as float32, so that both say the same
    weights = load_file(folder / "model.safetensors")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with ZipFile(tmp_path / "model.zip", "w") as opened:
        for path in folder.iterdir():
            opened.write(path, path.name)
    found = []
    for model in (folder, tmp_path / "model.zip"):
        done("embed", "--model", model, "--proteins", proteins, "--vectors", tmp_path / "v.tsv")
        found.append((tmp_path / "v.tsv").read_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("name", "card", "licence", "needs_confirmation"),
    [
        ("esm2_of_a_lab", None, None, False),  # that Meta's are free says nothing of it
        ("facebook/esm2_t6_8M_UR50D", None, "MIT", False),
        ("esm2_of_a_lab", "license: cc-by-nc-4.0", "CC-BY-NC-4.0", True),
    ],
)
def test_a_licence_is_what_somebody_states_of_these_weights(
    plm: Callable[..., tuple[int, str]],
    tmp_path: Path,
    proteins: Path,
    name: str,
    card: str | None,
    licence: str | None,
    needs_confirmation: bool,
) -> None:
    folder, record = published("esm2", tmp_path / "model"), tmp_path / "run.json"
    if card:
        (folder / "README.md").write_text(f"---\n{card}\n---\n")
    asked = ["--model", folder, "--model-name", name, "--proteins", proteins]
    command = ["embed", *asked, "--vectors", tmp_path / "v.tsv"]
    code, said = plm(*command, "--record", record)
    assert (code, "--non-commercial-use" in said) == ((2, True) if needs_confirmation else (0, False))
    plm(*command, "--record", record, "--non-commercial-use")
    assert json.loads(record.read_text())["model"]["licence"] == licence
