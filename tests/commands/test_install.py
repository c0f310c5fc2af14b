"""plm install: a model appears in its place whole, checked and tried out, or not at all."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tests.conftest import Plm
from tests.forked import Program
from tests.models.hub_stand_in import COMMIT, TOKEN, Hub, serving
from tests.models.random_models import random_model

from plmkit.cli import main
from plmkit.models.manifest import NAME, read_manifest
from plmkit.models.source import EMBEDDED_FOLDER

Done = Callable[..., str]
Refused = Callable[..., str]
KEPT = {"config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small model, as it would be published; not to be changed."""
    folder = random_model(tmp_path_factory.mktemp("published") / "small")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({k: v for k, v in config.items() if not k.startswith("plmkit")}))
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def hub(published: Path) -> Iterator[Hub]:
    with serving(Hub("some/model", files_of(published))) as running:
        yield running


def installing(into: Path, hub: Hub, *more: object) -> list[object]:
    return ["install", "--hub", hub.name, "--revision", "main", "--endpoint", hub.address, "--into", into, *more]


def test_a_model_of_the_hub_is_installed_and_can_be_used(
    done: Done, hub: Hub, tmp_path: Path, proteins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.json"
    assert main([str(word) for word in installing(tmp_path / "models", hub, "--table-entry", table)]) == 0
    answer = json.loads(capsys.readouterr().out)

    place = tmp_path / "models" / f"some--model--{COMMIT[:12]}"
    assert {path.name for path in place.iterdir()} == KEPT | {"README.md", NAME}
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    manifest = read_manifest(place)
    assert manifest is not None
    assert (manifest.name, manifest.revision, manifest.licence) == ("some/model", COMMIT, "MIT")
    assert (manifest.commercial_use, manifest.source, manifest.width) == (True, "hub", 48)
    assert answer["row"].split("\t")[5:] == [COMMIT, str(place)]
    [row] = json.loads(table.read_text())["data_tables"]["huggingface"]
    assert (row["value"], row["free_tag"], row["path"]) == ("some/model", "plm-esm2", place.name)

    done("embed", "--proteins", proteins, "--vectors", tmp_path / "vectors.tsv", "--model", place)
    assert len((tmp_path / "vectors.tsv").read_text().splitlines()[0].split("\t")) == 49


def test_a_second_time_its_checksums_are_compared_without_a_network(done: Done, hub: Hub, tmp_path: Path) -> None:
    done(*installing(tmp_path, hub))
    asked = len(hub.asked)
    again = ["install", "--hub", "some/model", "--revision", COMMIT, "--endpoint", hub.address, "--into", tmp_path]

    assert "some/model was there already, and its checksums are right" in done(*again)
    assert len(hub.asked) == asked


def test_an_installed_model_that_changed_is_told(done: Done, refused: Refused, hub: Hub, tmp_path: Path) -> None:
    done(*installing(tmp_path, hub))
    vocabulary = next(tmp_path.glob("*/vocab.txt"))
    vocabulary.write_text(vocabulary.read_text() + "x")
    said = refused("model: vocab.txt in some--model--", *installing(tmp_path, hub))

    assert "is missing or has changed since it was installed; remove that folder and install the model again" in said


def test_pickled_weights_are_converted(done: Done, published: Path, tmp_path: Path) -> None:
    files = files_of(published)
    torch.save(load_file(published / "model.safetensors"), tmp_path / "pickle")
    del files["model.safetensors"]
    with serving(Hub("some/model", files | {"pytorch_model.bin": (tmp_path / "pickle").read_bytes()})) as hub:
        done(*installing(tmp_path / "models", hub))

    [place] = (tmp_path / "models").iterdir()
    manifest = read_manifest(place)
    assert manifest is not None
    assert manifest.converted
    assert {path.name for path in place.iterdir()} == KEPT | {"README.md", NAME}
    found, expected = load_file(place / "model.safetensors"), load_file(published / "model.safetensors")
    assert all(torch.equal(found[name], weight) for name, weight in expected.items())


def test_after_a_failed_trial_nothing_is_fetched_or_converted_again(
    done: Done, plm: Plm, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plmkit.errors import OutOfMemoryError
    from plmkit.models import installing as module

    def too_large(files: object) -> int:
        raise OutOfMemoryError("not enough memory for some/model; take a smaller model or more memory")

    files = files_of(published)
    torch.save(load_file(published / "model.safetensors"), tmp_path / "pickle")
    del files["model.safetensors"]
    with serving(Hub("some/model", files | {"pytorch_model.bin": (tmp_path / "pickle").read_bytes()})) as hub:
        with monkeypatch.context() as patch:
            patch.setattr(module, "try_out", too_large)
            assert plm(*installing(tmp_path / "models", hub))[0] == 3
        done(*installing(tmp_path / "models", hub, "--no-trial"))
        assert len(hub.ranges_of("pytorch_model.bin")) == 1

    [place] = (tmp_path / "models").iterdir()
    manifest = read_manifest(place)
    assert manifest is not None
    assert manifest.width is None


def test_an_interrupted_download_leaves_no_model_and_is_gone_on_with(
    done: Done, plm: Plm, hub: Hub, tmp_path: Path
) -> None:
    done(*installing(tmp_path / "whole", hub))
    staging = tmp_path / "models" / ".unfinished" / f"some--model--{COMMIT[:12]}"
    staging.mkdir(parents=True)
    weights = hub.files["model.safetensors"]
    (staging / "model.safetensors.part").write_bytes(weights[:5000])  # as a process that was killed leaves it
    hub.asked.clear()

    done(*installing(tmp_path / "models", hub))

    assert hub.ranges_of("model.safetensors") == ["bytes=5000-"]
    [place], [whole] = (tmp_path / "models").iterdir(), (tmp_path / "whole").iterdir()
    assert files_of(place) == files_of(whole)


KILLED = """
import os, signal
from plmkit.models import installing
installing.try_out = lambda files: os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_in_the_middle_it_leaves_no_half_model(
    done: Done, with_torch: Program, hub: Hub, tmp_path: Path
) -> None:
    killed = with_torch(*installing(tmp_path / "models", hub), first=KILLED)

    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".unfinished"]
    done(*installing(tmp_path / "models", hub))
    assert len(hub.ranges_of("model.safetensors")) == 1
    assert [path.name for path in (tmp_path / "models").iterdir()] == [f"some--model--{COMMIT[:12]}"]


def test_two_at_once_do_not_disturb_each_other(plm: Plm, hub: Hub, tmp_path: Path) -> None:
    staging = tmp_path / ".unfinished" / f"some--model--{COMMIT[:12]}"
    staging.mkdir(parents=True)
    with (staging / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, said = plm(*installing(tmp_path, hub))

    assert code == 2
    assert "--into: another process is installing some--model--0123456789ab there; wait until it has ended" in said


def test_wrong_bytes_leave_no_model(plm: Plm, hub: Hub, tmp_path: Path) -> None:
    hub.wrong.add("model.safetensors")
    code, said = plm(*installing(tmp_path, hub))

    assert code == 2
    assert said.splitlines()[-1].startswith("plm: error: model: model.safetensors arrived with other bytes")
    assert not list(tmp_path.glob("some--model*"))


def test_weights_that_are_no_numbers_leave_no_model(plm: Plm, published: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(published, broken)
    weights = load_file(broken / "model.safetensors")
    from safetensors.torch import save_file

    save_file({name: weight * torch.nan for name, weight in weights.items()}, broken / "model.safetensors")
    code, said = plm("install", "--folder", broken, "--into", tmp_path / "models")

    assert code == 2
    assert "does not give finite numbers for a protein; it cannot be used" in said
    assert list((tmp_path / "models").iterdir()) == []


def test_a_gated_model_is_installed_with_the_token_which_nothing_repeats(
    with_torch: Program, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = installing(tmp_path / "models", hub)
    hub.gated = True
    answers = [with_torch(*command)]
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.wrong.add("model.safetensors")
    answers.append(with_torch(*command))
    hub.wrong.clear()
    answers.append(with_torch(*command, "--table-entry", tmp_path / "table.json"))

    assert [answer.returncode for answer in answers] == [2, 2, 0]
    assert "accept its terms on its page there, then give a token in HF_TOKEN" in answers[0].stderr
    assert all(TOKEN not in answer.stdout + answer.stderr for answer in answers)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or TOKEN.encode() not in path.read_bytes()


def test_a_folder_is_copied_and_never_changed(done: Done, published: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for path in published.iterdir():
        (source / path.name).symlink_to(path)  # as in the cache of huggingface_hub
    before = files_of(published)
    done("install", "--folder", source, "--name", "some/model", "--revision", COMMIT, "--into", tmp_path / "models")

    assert files_of(published) == before
    place = tmp_path / "models" / f"some--model--{COMMIT[:12]}"
    assert not any(path.is_symlink() for path in place.iterdir())
    assert files_of(place).items() >= before.items()


def test_a_folder_without_a_revision_is_known_by_its_weights(done: Done, published: Path, tmp_path: Path) -> None:
    import hashlib

    done("install", "--folder", published, "--into", tmp_path)
    said = done("install", "--folder", published, "--into", tmp_path)

    digest = hashlib.sha256((published / "model.safetensors").read_bytes()).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == [f"small--sha256-{digest[:12]}"]
    assert "was there already" in said


def test_what_was_installed_elsewhere_keeps_its_facts_and_is_checked(
    done: Done, refused: Refused, hub: Hub, tmp_path: Path
) -> None:
    done(*installing(tmp_path / "first", hub, "--licence", "BSD-3-Clause", "--title", "Some model"))
    [place] = (tmp_path / "first").iterdir()
    done("install", "--folder", place, "--into", tmp_path / "second")
    [copy] = (tmp_path / "second").iterdir()

    first, second = read_manifest(place), read_manifest(copy)
    assert first is not None
    assert second is not None
    assert (second.name, second.revision, second.licence) == ("some/model", COMMIT, "BSD-3-Clause")
    assert (second.title, second.files) == ("Some model", first.files)
    (place / "vocab.txt").write_text("damaged")
    said = refused("model: vocab.txt is not what", "install", "--folder", place, "--into", tmp_path / "second")
    assert said.endswith("fetch the model again")


def test_the_embedded_model_needs_no_network(done: Done, tmp_path: Path) -> None:
    done("install", "--catalogue", "plmkit/plmkit-tiny-2", "--into", tmp_path)
    [place] = tmp_path.iterdir()

    assert (place / "model.safetensors").read_bytes() == (EMBEDDED_FOLDER / "model.safetensors").read_bytes()


def test_a_model_of_the_catalogue_must_be_of_its_family_and_width(plm: Plm, published: Path, tmp_path: Path) -> None:
    name = "facebook/esm2_t6_8M_UR50D"
    code, said = plm("install", "--folder", published, "--name", name, "--into", tmp_path)

    assert code == 2
    assert f"{name} should be of the family esm2 with 320 numbers for each residue, not of esm2 with 48" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "give one of --catalogue, --hub, --folder"),
        (["--hub", "a/b", "--folder", "c"], "give one of --catalogue, --hub, --folder, not --hub and --folder"),
        (["--hub", "noowner"], "--hub 'noowner': give owner/name, as on the Hub"),
        (["--hub", "a/b"], "--revision: none is known for a/b; give the commit"),
        (["--hub", "a/b", "--name", "c/d"], "--name is for --folder"),
        (["--folder", "x", "--endpoint", "https://x"], "--endpoint is for --catalogue and --hub"),
        (["--catalogue", "plmkit/plmkit-tiny-2", "--revision", "main"], "--revision: plmkit/plmkit-tiny-2 comes with"),
        (["--hub", "a/b", "--endpoint", "ftp://x"], "--endpoint 'ftp://x': give an address that begins"),
        (["--hub", "a/b", "--revision", "x y"], "--revision 'x y': give a commit"),
        (["--folder", "x", "--licence", "my own"], "--licence 'my own': give an SPDX name"),
        (["--folder", "x", "--title", "a\tb"], "--title 'a\\tb': give one line without tabs"),
        (["--folder", "x", "--name", "../up"], "--name '../up': give letters"),
        (["--folder", "nowhere"], "model: there is no folder or archive 'nowhere'"),
        (
            ["--catalogue", "nobody/nothing"],
            "--catalogue: there is no 'nobody/nothing'; there are plmkit/plmkit-tiny-2",
        ),
        (["--catalogue", "Rostlab/prot_bert_bfd"], "--revision: none is known for Rostlab/prot_bert_bfd"),
        (
            ["--catalogue", "ElnaggarLab/ankh-base"],
            "model: the licence of ElnaggarLab/ankh-base, CC-BY-NC-SA-4.0, forb",
        ),
    ],
)
def test_mistakes_in_options_are_answered(plm: Plm, tmp_path: Path, options: list[str], said: str) -> None:
    code, answer = plm("install", *options, "--into", tmp_path / "models")

    assert code == 2
    assert answer.count("\n") == 1
    assert answer.startswith(f"plm: error: {said}")


def test_a_licence_that_forbids_commercial_use_is_told_before_the_weights_are_fetched(
    done: Done, plm: Plm, published: Path, tmp_path: Path
) -> None:
    files = files_of(published) | {"README.md": b"---\nlicense: cc-by-nc-4.0\n---\n"}
    with serving(Hub("some/model", files)) as hub:
        code, said = plm(*installing(tmp_path, hub))
        assert code == 2
        assert "model: the licence of some/model, CC-BY-NC-4.0, forbids commercial use" in said
        assert not hub.ranges_of("model.safetensors")
        done(*installing(tmp_path, hub, "--non-commercial-use"))

    manifest = read_manifest(tmp_path / f"some--model--{COMMIT[:12]}")
    assert manifest is not None
    assert manifest.commercial_use is False


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"model_type": "gpt2"}, "model: the architecture 'gpt2' is not supported"),
        (None, "model: it has no readable config.json"),
    ],
)
def test_what_plmkit_cannot_read_is_told_before_the_weights_are_fetched(
    plm: Plm, published: Path, tmp_path: Path, config: dict[str, Any] | None, said: str
) -> None:
    files = files_of(published) | {"config.json": json.dumps(config).encode() if config else b"nothing"}
    with serving(Hub("some/model", files)) as hub:
        code, answer = plm(*installing(tmp_path, hub))
        assert not hub.ranges_of("model.safetensors")

    assert code == 2
    assert said in answer


def test_an_unknown_licence_is_noted(done: Done, published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "source")
    (tmp_path / "source" / "README.md").unlink()
    said = done("install", "--folder", tmp_path / "source", "--into", tmp_path / "models")

    assert "note: model: the licence of source is not known here; look at it before you offer it" in said


def test_a_place_that_is_a_file_is_refused(refused: Refused, published: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused("--into: the folder cannot be made", "install", "--folder", published, "--into", tmp_path / "file")
    assert said.endswith("choose another place")


def test_a_folder_of_somebody_else_is_not_touched(plm: Plm, hub: Hub, tmp_path: Path) -> None:
    place = tmp_path / f"some--model--{COMMIT[:12]}"
    place.mkdir()
    (place / "theirs").write_text("")
    code, said = plm(*installing(tmp_path, hub))

    assert code == 2
    assert "was not made by plm install; move it away" in said
    assert (place / "theirs").exists()
