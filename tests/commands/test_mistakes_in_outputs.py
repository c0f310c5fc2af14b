"""Outputs which cannot be written are told at once."""

from pathlib import Path

import pytest
from tests.commands.command_lines import RESIDUES, Refused, embedding


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none/vectors.tsv", "output 'vectors.tsv': its folder does not exist; make it first"),
        ("a_folder", "output 'a_folder': this is a folder; give a file"),
        ("a_file/vectors.tsv", "output 'vectors.tsv': its folder does not exist; make it first"),
        ("v" * 300, "output"),
    ],
)
def test_an_output_which_cannot_be_written_is_told_at_once(
    refused: Refused, tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "a_folder").mkdir()
    (tmp_path / "a_file").write_text("")
    # The proteins do not exist either: outputs are looked at first.
    message = refused("output", "embed", "--proteins", tmp_path / "none.fasta", "--vectors", tmp_path / name)
    assert message.startswith(told)


def test_a_folder_without_permission_is_told(refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path, mode: int = 0, exist_ok: bool = True) -> None:
        raise PermissionError(13, "Permission denied")

    command = embedding(tmp_path, ">a\nMKV\n")
    monkeypatch.setattr(Path, "touch", forbidden)
    message = refused("output", *command)
    assert message == "output 'vectors.tsv': it cannot be written (Permission denied); choose another place or name"


@pytest.mark.parametrize("second", ["vectors.tsv", "./vectors.tsv", "sub/../vectors.tsv"])
def test_two_outputs_need_two_paths(refused: Refused, tmp_path: Path, second: str) -> None:
    (tmp_path / "sub").mkdir()
    message = refused("outputs", *embedding(tmp_path, ">a\nMKV\n"), "--record", f"{tmp_path}/{second}")
    assert message == "outputs: two of them have the same path; give each its own"


def test_an_output_never_takes_the_place_of_an_input(refused: Refused, tmp_path: Path) -> None:
    command = embedding(tmp_path, f">a\n{RESIDUES}\n")
    (tmp_path / "link.tsv").hardlink_to(tmp_path / "proteins.dat")
    for place in ("proteins.dat", "link.tsv"):
        message = refused("output", *command[:3], "--vectors", tmp_path / place)
        assert message == f"output '{place}': this is one of the inputs; choose another name"
    assert (tmp_path / "proteins.dat").read_text() == f">a\n{RESIDUES}\n"
