"""Models are fetched from a stand-in for the Hub: whole, checked, gone on with after an interruption."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import constants
from tests.models.hub_stand_in import COMMIT, TOKEN, Hub, serving

from plmkit.errors import UserError
from plmkit.models.download import HubFile, look_up

WEIGHTS = bytes(range(256)) * 4000
FILES = {
    "config.json": b'{"model_type": "esm"}',
    "vocab.txt": b"L\nA\n",
    "README.md": b"---\nlicense: mit\n---\n",
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"a pickle",
    "tf_model.h5": b"another framework",
    "onnx/model.json": b"{}",
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no proxy and no patience of whoever runs the tests."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub("some/model", FILES)) as running:
        yield running


def test_a_branch_is_resolved_to_its_commit_and_what_is_needed_is_fetched(hub: Hub, tmp_path: Path) -> None:
    model = look_up("some/model", "main", hub.address)
    model.fetch(tmp_path)

    assert model.revision == COMMIT
    wanted = {"config.json", "vocab.txt", "README.md", "model.safetensors"}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: FILES[name] for name in wanted}


def test_a_pickle_is_fetched_only_where_there_are_no_safetensors(tmp_path: Path) -> None:
    files = {name: content for name, content in FILES.items() if not name.endswith(".safetensors")}
    with serving(Hub("some/model", files)) as hub:
        look_up("some/model", "main", hub.address).fetch(tmp_path)

    assert (tmp_path / "pytorch_model.bin").read_bytes() == b"a pickle"


def test_only_the_names_asked_for_are_fetched(hub: Hub, tmp_path: Path) -> None:
    look_up("some/model", COMMIT, hub.address).fetch(tmp_path, ("*.json",))

    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_a_connection_that_breaks_is_taken_up_where_it_was(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 4096)  # by the library 10 MB, which are lost at a break
    hub.cut["model.safetensors"] = 300_000
    look_up("some/model", COMMIT, hub.address).fetch(tmp_path)

    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.ranges_of("model.safetensors") == ["", "bytes=299008-"]  # 73 blocks


def test_what_an_earlier_run_left_is_gone_on_with(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.part").write_bytes(WEIGHTS[:1000])
    look_up("some/model", COMMIT, hub.address).fetch(tmp_path)

    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.ranges_of("model.safetensors") == ["bytes=1000-"]


def test_a_wrong_beginning_is_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.part").write_bytes(b"x" * 1000)
    look_up("some/model", COMMIT, hub.address).fetch(tmp_path)

    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.ranges_of("model.safetensors") == ["bytes=1000-", ""]


@pytest.mark.parametrize("left", [b"x" * len(WEIGHTS), b"x" * (len(WEIGHTS) + 1), b""])
def test_a_wrong_whole_file_is_fetched_anew(hub: Hub, tmp_path: Path, left: bytes) -> None:
    (tmp_path / "model.safetensors.part").write_bytes(left)
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    look_up("some/model", COMMIT, hub.address).fetch(tmp_path)

    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS


def test_a_whole_file_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    model = look_up("some/model", COMMIT, hub.address)
    model.fetch(tmp_path)
    model.fetch(tmp_path)

    assert len(hub.ranges_of("model.safetensors")) == len(hub.ranges_of("config.json")) == 1


def test_other_bytes_than_promised_are_refused(hub: Hub, tmp_path: Path) -> None:
    hub.wrong.add("model.safetensors")
    with pytest.raises(UserError, match=r"^model: model.safetensors arrived with other bytes than the Hub promised"):
        look_up("some/model", COMMIT, hub.address).fetch(tmp_path)

    assert not list(tmp_path.glob("model.safetensors*"))


def test_small_files_are_known_by_gits_checksum(tmp_path: Path) -> None:
    # git hash-object of a file that holds "hello\n"
    file = HubFile("greeting", 6, None, "ce013625030ba8dba906f756967f9e9ca394464a")
    path = tmp_path / "greeting"
    path.write_bytes(b"hello\n")
    assert file.is_whole(path)
    path.write_bytes(b"hallo\n")
    assert not file.is_whole(path)


def test_large_files_are_known_by_sha256(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(WEIGHTS)
    assert HubFile("weights", len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest(), None).is_whole(path)
    assert not HubFile("weights", len(WEIGHTS), "0" * 64, None).is_whole(path)


def test_no_network_is_said_in_one_line() -> None:
    with pytest.raises(
        UserError, match=r"^model: the Hugging Face Hub cannot be reached \(ConnectError\); .*--folder\)$"
    ):
        look_up("some/model", "main", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("name", "revision", "said"),
    [
        ("some/other", "main", "model: the Hub knows no public model some/other; check the spelling"),
        ("some/model", "f" * 40, "model: some/model has no revision 'ffff"),
        ("some/model", "nowhere", "model: some/model has no revision 'nowhere' on the Hub"),
    ],
)
def test_what_the_hub_does_not_have_is_said(hub: Hub, name: str, revision: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        look_up(name, revision, hub.address)
    assert str(caught.value).startswith(said)


def test_a_gated_model_needs_the_token_of_the_variable(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.gated = True
    model = look_up("some/model", "main", hub.address)
    with pytest.raises(UserError, match=r"^model: some/model is gated on the Hub; accept its terms .* in HF_TOKEN"):
        model.fetch(tmp_path)
    monkeypatch.setenv("HF_TOKEN", "hf_ofSomebodyElse")
    with pytest.raises(UserError, match="the account of the token given has not accepted its terms"):
        model.fetch(tmp_path)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    model.fetch(tmp_path)

    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS


def test_a_token_that_is_no_longer_good_is_said(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    with pytest.raises(UserError, match=r"^model: the Hub refuses the token in HF_TOKEN; make a new one there$"):
        look_up("some/model", "main", hub.address)


def test_a_hub_that_is_down_is_said(hub: Hub) -> None:
    hub.status = 503
    with pytest.raises(UserError, match=r"^model: the Hub answers with error 503 for some/model; try again later$"):
        look_up("some/model", "main", hub.address)


def test_a_model_without_readable_weights_is_refused() -> None:
    with serving(Hub("some/model", {"config.json": b"{}", "weights.pt": b"x"})) as hub:  # noqa: SIM117
        with pytest.raises(UserError, match=r"^model: some/model holds neither \*.safetensors nor pytorch_model"):
            look_up("some/model", "main", hub.address)


def test_too_little_room_is_said_before_the_download(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free: Callable[[Path], SimpleNamespace] = lambda folder: SimpleNamespace(free=1_000_000)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", free)
    with pytest.raises(UserError, match=r"^--into: 0.0 GB are needed and 0.0 GB free; make room on that disk"):
        look_up("some/model", "main", hub.address).fetch(tmp_path)

    assert not hub.ranges_of("model.safetensors")
