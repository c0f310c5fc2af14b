"""Loading is strict, and states are those of the unmodified model."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.shape import LAYERS, WIDTH
from torch import Tensor
from transformers import EsmForMaskedLM, EsmModel

from plmkit.models.backbone import Backbone, load_backbone
from plmkit.models.encoding import Encoded, Reading, encode
from plmkit.models.source import EMBEDDED_FOLDER, open_model
from plmkit.models.untrained import build_untrained

Refused = Callable[..., str]
Weights = dict[str, Tensor]
FIRST = "esm.encoder.layer.0.attention.self.query.weight"


def encoded(backbone: Backbone, sequences: list[str], *layers: int) -> Encoded:
    with torch.inference_mode():
        return encode(backbone, sequences, Reading(1022, 256, 1000, layers or None))


def reference_states(reference: EsmModel, backbone: Backbone, sequence: str) -> tuple[Tensor, ...]:
    tokens = torch.from_numpy(backbone.tokenizer.encode(sequence))[None]
    with torch.inference_mode():
        states: tuple[Tensor, ...] = reference(input_ids=tokens, output_hidden_states=True).hidden_states
    return states


def test_states_of_many_proteins_equal_the_unmodified_model_run_one_by_one(
    backbone: Backbone, reference: EsmModel, sequences: list[str]
) -> None:
    found = encoded(backbone, sequences, *range(LAYERS + 1)).residues()
    for sequence, states in zip(sequences, found, strict=True):
        assert states.shape == (LAYERS + 1, len(sequence), WIDTH)
        expected = torch.cat(reference_states(reference, backbone, sequence))[:, 1:-1]
        torch.testing.assert_close(torch.from_numpy(states), expected, atol=2e-4, rtol=1e-5)


def test_layers_differ_and_the_last_is_normed(backbone: Backbone, reference: EsmModel) -> None:
    states = reference_states(reference, backbone, "MKTAYIAKQR")
    tokens = torch.from_numpy(backbone.tokenizer.encode("MKTAYIAKQR"))
    with torch.inference_mode():
        last = reference(input_ids=tokens[None]).last_hidden_state[0]
        (found,) = backbone.states(tokens, [len(tokens)], [LAYERS])
    assert torch.equal(encoded(backbone, ["MKTAYIAKQR"]).states[0], found)
    torch.testing.assert_close(found, last, atol=1e-5, rtol=1e-5)
    assert all((a - b).abs().max() > 0.01 for a, b in pairwise(states))


def test_half_precision_weights_are_computed_in_single(backbone: Backbone) -> None:
    assert {weight.dtype for weight in load_file(EMBEDDED_FOLDER / "model.safetensors").values()} == {torch.float16}
    assert {weight.dtype for weight in backbone.network.parameters()} == {torch.float32}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the embedded model's folder, to be changed at will; not in tmp_path."""
    path = tmp_path_factory.mktemp("model") / "copy"
    shutil.copytree(EMBEDDED_FOLDER, path)
    return path


def with_model(model: Path, proteins: Path, out: Path) -> list[object]:
    return ["embed", "--model", model, "--proteins", proteins, "--vectors", out / "vectors.tsv"]


def without(key: str) -> Callable[[Weights], Weights]:
    return lambda weights: {name: weight for name, weight in weights.items() if name != key}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without(FIRST), "(1 problems, first: encoder.layer.0.attention.self.query.weight is missing)"),
        (lambda weights: weights | {"esm.encoder.extra": torch.zeros(2)}, "is unexpected)"),
        (lambda weights: weights | {FIRST: torch.zeros(WIDTH, WIDTH + 1)}, "has another shape)"),
        (lambda weights: {}, "is missing)"),
        (lambda weights: {name.removeprefix("esm."): weight for name, weight in weights.items()}, None),
        (lambda weights: weights | {"lm_head.dense.weight": torch.zeros(3, 3)}, None),
    ],
)
def test_weights_must_be_those_of_config(
    refused: Refused,
    plm: Callable[..., tuple[int, str]],
    tmp_path: Path,
    proteins: Path,
    folder: Path,
    change: Callable[[Weights], Weights],
    told: str | None,
) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file(change(weights), folder / "model.safetensors", metadata={"format": "pt"})
    command = with_model(folder, proteins, tmp_path)
    if told is None:  # the head of the language model plays no part, and base models have no prefix
        assert plm(*command)[0] == 0
    else:
        message = refused("model: the weights do not fit config.json", *command)
        assert told in message
        assert message.endswith("download the model again")


def cut_off(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def swapped(folder: Path) -> None:
    rows = (folder / "vocab.txt").read_text().split()
    rows[4], rows[5] = rows[5], rows[4]
    (folder / "vocab.txt").write_text("\n".join(rows) + "\n")


def settings(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        kept = {key: value for key, value in (config | changes).items() if value != "REMOVED"}
        (folder / "config.json").write_text(json.dumps(kept))

    return change


def written(name: str, content: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_text(content)

    return change


def removed(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).unlink()

    return change


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(cut_off, "the weights cannot be read", id="truncated"),
        pytest.param(pickled, "no *.safetensors file; convert the weights to safetensors", id="pickle"),
        pytest.param(swapped, "its tokenizer does not give the token ids of ESM-2", id="swapped"),
        pytest.param(written("vocab.txt", "<cls>\n<pad>\n"), "", id="short vocabulary"),
        pytest.param(written("tokenizer_config.json", "{"), "", id="tokenizer"),
        pytest.param(removed("vocab.txt"), "vocab.txt missing; give the whole folder", id="no vocabulary"),
        pytest.param(removed("config.json"), "config.json missing; give the whole folder", id="no config"),
        pytest.param(written("config.json", "{"), "config.json is not valid JSON", id="config no JSON"),
        pytest.param(written("config.json", "[]"), "config.json holds no settings", id="config a list"),
        pytest.param(settings(model_type="gpt2"), "the architecture 'gpt2' is not supported", id="no protein model"),
        pytest.param(settings(model_type="REMOVED"), "the architecture None is not supported", id="no type"),
        pytest.param(settings(hidden_size="wide"), "", id="width no number"),
        pytest.param(settings(hidden_size="REMOVED"), "", id="no width"),
        pytest.param(settings(num_hidden_layers="REMOVED"), "", id="no layers"),
        pytest.param(settings(num_attention_heads=7), "", id="heads"),
        pytest.param(settings(hidden_size=2 * WIDTH), "the weights do not fit config.json", id="width"),
        pytest.param(settings(num_hidden_layers=LAYERS - 1), "the weights do not fit config.json", id="fewer layers"),
        pytest.param(settings(num_hidden_layers=LAYERS + 1), "the weights do not fit config.json", id="more layers"),
    ],
)
def test_a_damaged_model_is_refused(
    refused: Refused, tmp_path: Path, proteins: Path, folder: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(folder)
    assert refused("model: ", *with_model(folder, proteins, tmp_path), "--layer", "0").startswith(f"model: {told}")


@pytest.mark.parametrize("below", ["", "esm2/"])
def test_a_zip_of_a_folder_is_the_folder(
    plm: Callable[..., tuple[int, str]], tmp_path: Path, proteins: Path, folder: Path, below: str
) -> None:
    archive = tmp_path / "model.zip"
    with ZipFile(archive, "w") as opened:
        for path in folder.iterdir():
            opened.write(path, below + path.name)
        opened.writestr(f"{below}pytorch_model.bin", b"not looked at")
        opened.writestr("__MACOSX/._config.json", b"not looked at")
    outputs = []
    for model in (folder, archive):
        out = tmp_path / model.name.replace(".", "_")
        out.mkdir()
        assert plm(*with_model(model, proteins, out), "--record", out / "run.json")[0] == 0
        outputs.append([(out / name).read_bytes() for name in ("vectors.tsv", "run.json")])
    assert outputs[0] == outputs[1]


def test_the_name_of_a_model_in_an_archive_is_no_temporary_path(tmp_path: Path, folder: Path) -> None:
    settings(plmkit_name="REMOVED", _name_or_path="/tmp/facebook/esm2_t6_8M_UR50D")(folder)
    names = []
    for _ in range(2):
        with ZipFile(tmp_path / "model.zip", "w") as opened:
            for path in folder.iterdir():
                opened.write(path, path.name)
        with open_model(str(tmp_path / "model.zip"), None) as files:
            names.append(files.name)
        settings(_name_or_path="REMOVED")(folder)
    with open_model(str(tmp_path / "model.zip"), None) as files:
        names.append(files.name)
    assert names[0] == "esm2_t6_8M_UR50D"
    assert names[1] == names[2]
    assert not any("/" in name or "plmkit-model" in name for name in names)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"a.txt": b""}, "the archive holds 0 files config.json"),
        ({"a/config.json": b"{}", "b/config.json": b"{}"}, "the archive holds 2 files config.json"),
        ({"../config.json": b"{}"}, "the archive holds the unsafe name '../config.json'"),
        ({"config.json": b"{}"}, "the architecture None is not supported"),
    ],
)
def test_an_archive_must_hold_one_model(
    refused: Refused, tmp_path: Path, proteins: Path, members: dict[str, bytes], told: str
) -> None:
    with ZipFile(tmp_path / "model.zip", "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    message = refused("model: ", *with_model(tmp_path / "model.zip", proteins, tmp_path))
    assert message.startswith(f"model: {told}")


def test_what_is_no_model_is_refused(refused: Refused, tmp_path: Path, proteins: Path) -> None:
    assert "there is no folder or archive" in refused("model: ", *with_model(tmp_path / "none", proteins, tmp_path))
    assert "neither a folder nor a zip" in refused("model: ", *with_model(proteins, proteins, tmp_path))


def test_sharded_weights_load_and_are_known_again(tmp_path: Path, sequences: list[str]) -> None:
    build_untrained(tmp_path / "one", "one", width=32, layers=2, heads=2, seed=3)
    shards = tmp_path / "shards"
    shutil.copytree(tmp_path / "one", shards)
    (shards / "model.safetensors").unlink()
    EsmForMaskedLM.from_pretrained(tmp_path / "one").save_pretrained(shards, max_shard_size="40KB")
    shutil.copytree(shards, tmp_path / "elsewhere")
    assert len(list(shards.glob("model-*.safetensors"))) > 1
    states, hashes = [], []
    for folder in (tmp_path / "one", shards, tmp_path / "elsewhere"):
        with open_model(str(folder), None) as files:
            loaded = load_backbone(files, torch.device("cpu"))
            states.append(encoded(loaded, sequences).states[0])
            hashes.append(files.sha256)
    assert torch.equal(states[0], states[1])
    assert hashes[0] != hashes[1] == hashes[2]
