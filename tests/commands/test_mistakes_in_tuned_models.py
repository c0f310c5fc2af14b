"""Tuned models which are damaged, changed, dangerous or do not suit the proteins."""

import io
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.commands.command_lines import Refused, predicting

from plmkit.models.archive import pack
from plmkit.models.source import EMBEDDED_FOLDER


def test_a_long_protein_is_sent_from_predict_to_ptm(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    message = refused("proteins", *predicting(tmp_path, bundle, f">a\n{'S' * 21}\n>b\n{'S' * 22}\n"))
    assert message == (
        "proteins, line 3: 'b' has 22 residues, the model was tuned on windows of 21; for whole proteins use plm ptm"
    )


def test_a_model_of_whole_proteins_finds_no_sites(
    refused: Refused, tmp_path: Path, tuned_on_proteins: Path, proteins: Path
) -> None:
    sites, tuned = tmp_path / "sites.tsv", tuned_on_proteins / "tuned.zip"
    message = refused("tuned model", "ptm", "--bundle", tuned, "--proteins", proteins, "--sites", sites)
    assert message == (
        "tuned model: it was tuned on whole proteins; sites need one tuned on windows or residues (plm finetune --unit "
        "window or residue)"
    )


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("a", "proteins: no header holds LABEL=; write it there or give a table of labels"),
        ("a LABEL=2", "proteins, line 1: the label '2' is unknown, the model knows 0, 1"),
    ],
)
def test_true_labels_must_be_there_and_known(
    refused: Refused, tmp_path: Path, bundle: Path, header: str, told: str
) -> None:
    assert refused("proteins", *predicting(tmp_path, bundle, f">{header}\n{'S' * 21}\n", "--labelled")) == told


WINDOW = f">a\n{'S' * 21}\n"


def zipped(path: Path, members: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"../evil.json": b"{}"}, "the archive holds the unsafe name '../evil.json'"),
        ({"a/../../evil.json": b"{}"}, "the archive holds the unsafe name 'a/../../evil.json'"),
        ({"/tmp/evil.json": b"{}"}, "the archive holds the unsafe name '/tmp/evil.json'"),
        ({"..\\evil.json": b"{}"}, "the archive holds the unsafe name '..\\\\evil.json'"),
        ({"C:evil.json": b"{}"}, "the archive holds the unsafe name 'C:evil.json'"),
        ({link("plmkit.json"): b"/etc/passwd"}, "the archive holds the link 'plmkit.json'; pack the file itself"),
        ({"plmkit.json": b"{}", "head.pkl": b"x"}, "the archive holds 'head.pkl', a format that can run code"),
        ({"adapter_model.BIN": b"x"}, "the archive holds 'adapter_model.BIN', a format that can run code"),
        ({"deep/er/weights.pt": b"x"}, "the archive holds 'deep/er/weights.pt', a format that can run code"),
        ({"plmkit.json": b"{}", "plmkit.json/x.json": b"{}"}, ""),
        ({"other.txt": b"x"}, "plmkit.json, head.safetensors missing"),
        ({"plmkit.json/x.json": b"{}", "plmkit.json": b"{}"}, ""),
        ({}, "plmkit.json, head.safetensors missing"),
    ],
)
def test_an_archive_which_is_no_tuned_model_is_refused(
    refused: Refused, tmp_path: Path, members: dict[str | zipfile.ZipInfo, bytes], told: str
) -> None:
    archive = zipped(tmp_path / "b.zip", members)
    assert refused("tuned model", *predicting(tmp_path, archive, WINDOW)).startswith(f"tuned model: {told}")


def encrypted(good: bytes) -> bytes:
    """Set the flag of encryption in the first entry of the directory and in its file."""
    changed = bytearray(good)
    changed[6] |= 1
    changed[good.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def damaged(good: bytes) -> bytes:
    middle = len(good) // 2
    return good[:middle] + bytes(value ^ 255 for value in good[middle : middle + 200]) + good[middle + 200 :]


def with_a_name_that_is_no_text(good: bytes) -> bytes:
    content = io.BytesIO(good)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("é.txt", "")
    return content.getvalue().replace("é".encode(), b"\xc3\xff")


def of_method(number: int) -> Callable[[bytes], bytes]:
    """Say of the first member that it is compressed by another method."""

    def changed(good: bytes) -> bytes:
        content = bytearray(good)
        content[8] = number
        content[good.index(b"PK\x01\x02") + 10] = number
        return bytes(content)

    return changed


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda good: good[:-30], id="truncated"),
        pytest.param(lambda good: good[:3000], id="half"),
        pytest.param(lambda good: b"", id="empty"),
        pytest.param(lambda good: b"no zip at all\n" * 9, id="text"),
        pytest.param(encrypted, id="encrypted"),
        pytest.param(damaged, id="damaged"),
        pytest.param(of_method(12), id="said to be bzip2"),
        pytest.param(of_method(14), id="said to be lzma"),
        pytest.param(of_method(99), id="unknown compression"),
        pytest.param(with_a_name_that_is_no_text, id="name that is no text"),
    ],
)
def test_a_damaged_archive_is_refused(
    refused: Refused, tmp_path: Path, bundle: Path, change: Callable[[bytes], bytes]
) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(change(bundle.read_bytes()))
    refused("tuned model", *predicting(tmp_path, broken, WINDOW))


def test_a_missing_tuned_model_is_named(refused: Refused, tmp_path: Path) -> None:
    assert "there is no file" in refused("tuned model", *predicting(tmp_path, tmp_path / "none.zip", WINDOW))
    assert "this is a folder" in refused("tuned model", *predicting(tmp_path, tmp_path, WINDOW))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema_version": 3}, "tuned model: made by a newer plmkit (schema 3); update plmkit to read it"),
        ({"schema_version": 1}, "tuned model: made by an older plmkit (schema 1); tune it again"),
        ({"schema_version": "2"}, "tuned model: its plmkit.json"),
        ({"method": "head"}, "tuned model: its plmkit.json"),
        ({"method": "prefix"}, "tuned model: its plmkit.json"),
        ({"method": "rslora"}, "tuned model: its adapter does not fit its base model"),
        ({"adapter": None}, "tuned model: its plmkit.json"),
        ({"adapter": {"rank": 0, "alpha": 16, "dropout": 0.1, "layers": None}}, "tuned model: its plmkit.json"),
        (
            {"adapter": {"rank": 8, "alpha": 16, "dropout": 0.1, "layers": 1}},
            "tuned model: its adapter does not fit its base model",
        ),
        ({"schema_version": "1"}, "tuned model: its plmkit.json"),
        ({"labels": "01"}, "tuned model: its plmkit.json"),
        ({"labels": ["0"]}, "tuned model: its plmkit.json"),
        ({"labels": [0, 1]}, "tuned model: its plmkit.json"),
        ({"labels": ["0", "1", "2"]}, "tuned model: its plmkit.json or domain.safetensors cannot be read"),
        (
            {"labels": ["0", "1", "2"], "calibration": None, "conformal": None, "prevalence": None},
            "tuned model: its head does not fit its labels and base model",
        ),
        ({"task": None}, "tuned model: its plmkit.json"),
        ({"task": {"kind": "regression", "unit": "window", "window_length": 21}}, "tuned model: its plmkit.json"),
        ({"task": {"kind": "classification", "unit": "gene", "window_length": 21}}, "tuned model: its plmkit.json"),
        (
            {"task": {"kind": "classification", "unit": "window", "window_length": None}},
            "tuned model: its plmkit.json",
        ),
        (
            {
                "task": {
                    "kind": "classification",
                    "unit": "window",
                    "window_length": 21,
                    "centre_residues": "STY",
                    "negative_label": "no",
                }
            },
            "tuned model: its plmkit.json",
        ),
        (
            {"task": {"kind": "classification", "unit": "protein", "window_length": None}, "base_model": {}},
            "tuned model: its plmkit.json",
        ),
        ({"base_model": {"name": "other"}}, "tuned model: its plmkit.json"),
        ({"pooling": None}, "tuned model: its plmkit.json"),
        ({"pooling": "median"}, "tuned model: its plmkit.json"),
        (
            {"base_model": {"name": "esm2_t6", "sha256": "ab" * 32, "settings": {}}},
            "tuned model: it was tuned on esm2_t6 (weights abababababab), the model given is plmkit-tiny-2",
        ),
    ],
)
def test_a_changed_description_is_refused(
    refused: Refused, tmp_path: Path, unpacked: Path, changes: dict[str, object], told: str
) -> None:
    card = json.loads((unpacked / "plmkit.json").read_text())
    (unpacked / "plmkit.json").write_text(json.dumps(card | changes))
    pack(unpacked, tmp_path / "changed.zip")
    assert refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW)).startswith(told)


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"schema_version": 2}'])
def test_an_unreadable_description_is_refused(refused: Refused, tmp_path: Path, unpacked: Path, content: str) -> None:
    (unpacked / "plmkit.json").write_text(content)
    pack(unpacked, tmp_path / "changed.zip")
    assert "plmkit.json" in refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW))


def saved_by_pickle() -> bytes:
    import torch

    handle = io.BytesIO()
    torch.save({"scores.weight": torch.zeros(2, 64)}, handle)
    return handle.getvalue()


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "head.safetensors"])
@pytest.mark.parametrize("change", ["shape", "removed", "added", "truncated", "pickle"])
def test_a_changed_weight_is_refused(refused: Refused, tmp_path: Path, unpacked: Path, name: str, change: str) -> None:
    from safetensors.torch import load_file, save_file

    path = unpacked / name
    weights = load_file(path)
    first = sorted(weights)[0]
    if change == "shape":
        weights[first] = weights[first][..., :-1].contiguous()
    elif change == "removed":
        del weights[first]
    elif change == "added":
        weights[first.replace("weight", "extra").replace("bias", "extra")] = weights[first].clone()
    if change == "truncated":
        path.write_bytes(path.read_bytes()[:-40])
    elif change == "pickle":
        path.write_bytes(saved_by_pickle())
    else:
        save_file(weights, path)
    pack(unpacked, tmp_path / "changed.zip")
    refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW), "--model-name", "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"r": 3},
        {"peft_type": "NONE"},
        {"target_modules": ["nothing"]},
        {"peft_type": "PREFIX_TUNING"},
        {"use_dora": True},
        {"rank_pattern": {"query": 3}},
        {"megatron_config": {}, "megatron_core": "antigravity"},
        {"lora_alpha": "many"},
        {"target_modules": 7},
        [],
    ],
)
def test_a_changed_adapter_description_is_refused(
    refused: Refused, tmp_path: Path, unpacked: Path, changes: dict[str, object] | list[object]
) -> None:
    path = unpacked / "adapter_config.json"
    changed = json.loads(path.read_text()) | changes if isinstance(changes, dict) else changes
    path.write_text(json.dumps(changed))
    pack(unpacked, tmp_path / "changed.zip")
    refused("tuned model", *predicting(tmp_path, tmp_path / "changed.zip", WINDOW))


def test_the_base_model_must_have_its_settings_too(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(EMBEDDED_FOLDER, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_attention_heads": 2}))
    message = refused("tuned model", *predicting(tmp_path, bundle, WINDOW, "--model", folder))
    assert message.startswith("tuned model: it was tuned on plmkit-tiny-2 with the settings {")
    assert message.endswith("restore it")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"position_embedding_type": "relative_key"}, "no model of these: ESM-2"),
        ({"quantization_config": {"bits": 8}}, "its weights are quantised"),
    ],
)
def test_models_of_another_kind_are_refused(
    refused: Refused, tmp_path: Path, bundle: Path, changes: dict[str, object], told: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(EMBEDDED_FOLDER, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    assert told in refused("model", *predicting(tmp_path, bundle, WINDOW, "--model", folder))


def test_a_tuned_model_is_no_base_model(refused: Refused, tmp_path: Path, bundle: Path, unpacked: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(EMBEDDED_FOLDER, folder)
    shutil.copy(unpacked / "adapter_config.json", folder)
    assert "give it as the tuned model" in refused("model", *predicting(tmp_path, bundle, WINDOW, "--model", folder))


def test_deep_or_long_nonsense_in_an_archive_is_one_line(refused: Refused, tmp_path: Path, unpacked: Path) -> None:
    (unpacked / "plmkit.json").write_text("[" * 100_000)
    pack(unpacked, tmp_path / "deep.zip")
    assert "plmkit.json cannot be read" in refused("tuned model", *predicting(tmp_path, tmp_path / "deep.zip", WINDOW))
    long = zipped(tmp_path / "long.zip", {"n" * 300 + ".json": b"{}"})
    message = refused("tuned model", *predicting(tmp_path, long, WINDOW))
    assert message == "tuned model: its names cannot be unpacked (File name too long); it was not made by plmkit"
