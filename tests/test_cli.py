"""The command line as a program: it answers at once, and loads nothing heavy before a mistake is told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.forked import Program, beginning_with

from plmkit import __version__

HEAVY = ("numpy", "pandas", "torch", "transformers", "peft", "sklearn", "pyarrow", "h5py", "matplotlib")
NAMING_HEAVY_MODULES = f"""
import atexit, sys
atexit.register(lambda: sys.stderr.write("loaded:" + ",".join(sorted(set({HEAVY}) & set(sys.modules)))))
"""
MISTAKES = {
    "help": ["--help"],
    "version": ["--version"],
    "help of a command": ["finetune", "--help"],
    "unknown option": ["embed", "--proteins", "a", "--vectors", "b", "--wrong", "1"],
    "bad choice": ["embed", "--proteins", "a", "--vectors", "b", "--format", "csv"],
    "out of range": ["finetune", "--examples", "a", "--bundle", "b", "--rank", "0"],
    "missing option": ["predict", "--bundle", "a"],
}


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """A program that ends its stderr with the heavy modules which it has loaded."""
    with beginning_with(NAMING_HEAVY_MODULES) as begun:
        yield begun


@pytest.mark.parametrize("name", MISTAKES)
def test_help_and_mistakes_in_options_load_nothing_heavy(program: Program, name: str) -> None:
    answer = program(*MISTAKES[name])
    assert answer.returncode == (0 if "help" in name or name == "version" else 2)
    assert answer.stderr.endswith("loaded:")


@pytest.mark.parametrize("name", ["help", "help of a command", "version", "bad choice"])
def test_help_and_mistakes_in_options_are_answered_in_half_a_second(name: str) -> None:
    def seconds() -> float:
        """Of processor time, which other work on the machine does not lengthen."""
        before = os.times()
        subprocess.run([sys.executable, "-m", "plmkit", *MISTAKES[name]], capture_output=True, check=False)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert any(seconds() < 0.5 for _ in range(3))


def test_the_version_is_the_package_version() -> None:
    answer = subprocess.run([sys.executable, "-m", "plmkit", "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout == f"{__version__}\n"


def test_help_names_every_command_and_explains_every_option(program: Program) -> None:
    commands = program("--help").stdout
    assert all(name in commands for name in ("embed", "finetune", "pretrain", "predict", "ptm"))
    help_text = " ".join(program("ptm", "--help").stdout.replace("│", " ").split())
    assert (
        "--sequons --no-sequons Take N as a candidate only in sequons, N-X-S or N-X-T with X not P. [default: False]"
        in help_text
    )
    assert "--modification Only this modification" in help_text
    assert "--empty-" not in help_text


@pytest.fixture
def files(tmp_path: Path, bundle: Path, windows: Path, tuned_on_proteins: Path) -> dict[str, Path]:
    """Good and bad inputs; outputs go to tmp_path / "out"."""
    gap, one_label = tmp_path / "gap.fasta", tmp_path / "one_label.fasta"
    gap.write_text(">a\nM-V\n")
    one_label.write_text(">a LABEL=1\nMKV\n>b LABEL=1\nMKL\n")
    other = tmp_path / "other"
    other.mkdir()
    embedded = Path(__file__).parents[1] / "lib/plmkit/models/embedded/plmkit-tiny-2"
    for path in embedded.iterdir():
        (other / path.name).write_bytes(path.read_bytes() + (b" " if path.suffix == ".safetensors" else b""))
    proteins = tuned_on_proteins / "tuned.zip"
    return {"gap": gap, "one": one_label, "good": windows, "bundle": bundle, "other": other, "proteins": proteins}


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("embed --proteins {gap} --vectors {out}", "proteins"),
        ("embed --proteins {good} --vectors {out} --layer 9", "--layer"),
        ("embed --proteins {good} --vectors {out} --model {gap}", "model"),
        ("embed --proteins {good} --vectors {out}/no/folder", "output"),
        ("finetune --examples {gap} --bundle {out}", "examples"),
        ("finetune --examples {one} --bundle {out}", "examples"),
        ("finetune --examples {good} --labels {gap} --bundle {out}", "labels"),
        ("finetune --examples {good} --bundle {out} --model {bundle}", "model"),
        ("predict --bundle {bundle} --proteins {gap} --predictions {out}", "proteins"),
        ("predict --bundle {gap} --proteins {good} --predictions {out}", "tuned model"),
        ("predict --bundle {bundle} --proteins {good} --predictions {out} --model {other}", "tuned model"),
        ("project --embeddings {gap} --map {out}", "embeddings"),
        ("ptm --bundle {proteins} --proteins {good} --sites {out}", "tuned model"),
        ("ptm --bundle {bundle} --proteins {gap} --sites {out}", "proteins"),
        ("ptm --bundle {bundle} --proteins {good} --sites {out} --residues B", "proteins"),
    ],
)
def test_mistakes_in_inputs_are_told_before_torch_is_loaded(
    without_torch: Program, files: dict[str, Path], tmp_path: Path, command: str, role: str
) -> None:
    answer = without_torch(*command.format(out=tmp_path / "out", **files).split())
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), answer.stderr
    assert answer.stderr.startswith(f"plm: error: {role}")


def test_a_fault_of_ours_keeps_its_traceback(without_torch: Program, proteins: Path, tmp_path: Path) -> None:
    answer = without_torch("embed", "--proteins", proteins, "--vectors", tmp_path / "vectors.tsv")
    assert answer.returncode == 1
    assert answer.stderr.endswith("RuntimeError: torch was loaded\n")
    assert "Traceback" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_terminated_command_leaves_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "proteins.fasta"
    os.mkfifo(pipe)  # nobody writes to it: the command waits
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-m", "plmkit", "embed", "--proteins", str(pipe), "--vectors", str(out / "v.tsv")]
    # The pipe opens here when the command has opened its other end.
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process, pipe.open("wb") as handle:
        handle.write(b">a\n")
        handle.flush()
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # as job runners do that signal a whole group more than once
        assert process.wait(timeout=30) == 143
    assert list(out.iterdir()) == []


def test_want_of_memory_is_one_line_and_exit_code_3(program: Program) -> None:
    """Where no batch could be halved: here while the command's libraries are loaded."""
    first = """
from plmkit import cli
def too_large(name):
    raise MemoryError
cli.import_module = too_large
"""
    answer = program("split", "--examples", "a", "--table", "b", first=first)
    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr == (
        "plm: error: not enough memory; give the job more, or take a smaller model or fewer proteins\nloaded:"
    )
