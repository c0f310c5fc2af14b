"""What an installed model says of itself is complete, repeatable and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from plmkit.errors import UserError
from plmkit.models.manifest import (
    NAME,
    Manifest,
    allows_commercial_use,
    checksums,
    read_manifest,
    stated_licence,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "weights").write_text("hello\n")
    (tmp_path / ".hidden").write_text("")
    return tmp_path


def manifest_of(folder: Path) -> Manifest:
    return Manifest(
        name="some/model",
        title="Some model",
        revision="0" * 40,
        family="esm2",
        licence="MIT",
        commercial_use=True,
        source="hub",
        converted=False,
        width=320,
        files=checksums(folder),
    )


def test_it_is_read_as_it_was_written_and_equal_models_give_equal_bytes(folder: Path) -> None:
    manifest_of(folder).write(folder)
    first = (folder / NAME).read_bytes()
    manifest_of(folder).write(folder)

    assert (folder / NAME).read_bytes() == first
    assert read_manifest(folder) == manifest_of(folder)
    assert str(folder) not in first.decode()


def test_checksums_are_those_of_sha256sum(folder: Path) -> None:
    digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"  # printf 'hello\n' | sha256sum
    assert checksums(folder)["weights"] == digest
    assert checksums(folder).keys() == {"config.json", "weights"}


def test_a_file_that_changed_or_went_is_named(folder: Path) -> None:
    manifest = manifest_of(folder)
    assert manifest.damaged(folder) == []
    (folder / "weights").write_text("hallo\n")
    (folder / "config.json").unlink()
    assert manifest.damaged(folder) == ["config.json", "weights"]


def test_a_folder_without_one_says_nothing(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema_version": 1}', '{"schema_version": 1, "surprise": 2}'])
def test_a_damaged_one_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(UserError, match=r"^model: plmkit_model.json is damaged"):
        read_manifest(tmp_path)


def test_its_row_has_the_columns_of_galaxys_table(folder: Path) -> None:
    sample = Path(__file__).resolve().parents[2] / "tool_data" / "tool_data_table_conf.xml.sample"
    row = manifest_of(folder).row("place")
    assert f"<columns>{', '.join(row)}</columns>" in sample.read_text(encoding="utf-8")
    assert list(row.values()) == [
        *("some/model", "Some model", "feature-extraction", "sequence", "plm-esm2", "0" * 40, "place")
    ]


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\ntags: [a]\n---\n# Title\n", "MIT"),
        ('---\ntags:\n- x\nlicense: "cc-by-nc-sa-4.0"\n---\n', "CC-BY-NC-SA-4.0"),
        ("---\nlicense: other\nlicense_name: cambrian\n---\n", ""),
        ("---\nlicense: agpl-3.0\n---\n", "agpl-3.0"),
        ("# Title\nlicense: mit\n", ""),
        ("", ""),
    ],
)
def test_the_licence_is_the_one_that_the_model_card_names(tmp_path: Path, card: str, licence: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert stated_licence(tmp_path) == licence


def test_without_a_model_card_no_licence_is_known(tmp_path: Path) -> None:
    assert stated_licence(tmp_path) == ""


@pytest.mark.parametrize(
    ("licence", "allows"),
    [("MIT", True), ("AFL-3.0", True), ("CC-BY-NC-SA-4.0", False), ("cc-by-nc-4.0", False), ("", None), ("Own", None)],
)
def test_commercial_use(licence: str, allows: bool | None) -> None:
    assert allows_commercial_use(licence) is allows
