"""Outputs which cannot be written are told at once."""

import errno
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.commands.command_lines import RESIDUES, Plm, Refused, embedding
from tests.forked import Program


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


def test_a_device_is_no_output(refused: Refused, tmp_path: Path) -> None:
    message = refused("output", *embedding(tmp_path, f">a\n{RESIDUES}\n")[:3], "--vectors", "/dev/null")
    assert message == "output 'null': this is no ordinary file; write to a file"
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_is_one_line(plm: Plm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("plmkit.output.vectors.write_table", full)
    code, said = plm(*embedding(tmp_path, f">a\n{RESIDUES}\n"))
    assert code == 2
    assert said.splitlines()[-1] == "plm: error: outputs: No space left on device; make room or write elsewhere"
    # what was computed is kept for the same command, as after a kill
    assert sorted(path.name for path in tmp_path.iterdir()) == [".vectors.tsv.unfinished", "proteins.dat"]
    monkeypatch.undo()
    code, said = plm(*embedding(tmp_path, f">a\n{RESIDUES}\n"))
    assert (code, "going on after 1 of 1 proteins\n" in said) == (0, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["proteins.dat", "vectors.tsv"]


def test_a_link_stays_a_link(done: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link.tsv").symlink_to(tmp_path / "there" / "vectors.tsv")
    done(*embedding(tmp_path, f">a\n{RESIDUES}\n")[:3], "--vectors", tmp_path / "link.tsv")
    assert (tmp_path / "link.tsv").is_symlink()
    assert (tmp_path / "there" / "vectors.tsv").read_text().startswith("id\t1\t2\t")


def test_the_model_is_an_input_too(refused: Refused, tmp_path: Path) -> None:
    command = embedding(tmp_path, f">a\n{RESIDUES}\n")[:3]
    (tmp_path / "model.zip").write_bytes(b"PK")
    message = refused("output", *command, "--vectors", tmp_path / "model.zip", "--model", tmp_path / "model.zip")
    assert message == "output 'model.zip': this is one of the inputs; choose another name"


# the process may write no larger file: the operating system's answers are those of a full disk, with another word
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))"


@pytest.mark.parametrize(
    "command",
    [
        "embed --proteins {proteins} --format h5 --vectors {out}/v.h5",
        "split --examples {proteins} --table {out}/t.tsv",
    ],
    ids=["HDF5", "MMseqs2"],
)
def test_libraries_and_programs_that_cannot_write_end_in_one_line(
    with_torch: Program, tmp_path: Path, command: str
) -> None:
    proteins, out = tmp_path / "proteins.fasta", tmp_path / "out"
    out.mkdir()
    # names of different lengths: HDF5 needs more than the permitted bytes to list them
    generator = random.Random(1)
    names = [f"{number}{'x' * (number % 50)} LABEL={number % 2}" for number in range(200)]
    proteins.write_text("".join(f">{name}\n{''.join(generator.choices(RESIDUES, k=60))}\n" for name in names))
    answer = with_torch(*command.format(proteins=proteins, out=out).split(), first=LIMITED)
    assert (answer.returncode, list(out.iterdir())) == (2, []), answer.stderr
    assert answer.stderr.splitlines()[-1] == "plm: error: outputs: File too large; make room or write elsewhere"
    assert "Traceback" not in answer.stderr
