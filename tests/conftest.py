"""What many tests share: a command line run in process, small inputs, and two models tuned once."""

import fcntl
import os
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.forked import Program, beginning_with

from plmkit.cli import main

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
Plm = Callable[..., tuple[int, str]]
# with the libraries that most commands load, so that each need not
WITHOUT_TORCH = """
import sys
class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "transformers", "peft"):
            raise RuntimeError(name + " was loaded")
sys.meta_path.insert(0, Forbidden())
import matplotlib.figure, sklearn.model_selection
"""
# the library of the Hub says all that it can
WITH_TORCH = """
import os
os.environ["HF_DEBUG"] = "1"
from transformers import EsmModel, EsmTokenizer
from plmkit.commands import embed, install
from plmkit.models import backbone, encoding, fused, installing
"""


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    """One thread is fastest for tiny models; fewer draws make intervals coarser, not wrong."""
    # here, so that a process that only gives tests to others does not wait for them
    import torch

    from plmkit.learning import metrics

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GALAXY_SLOTS", "1")
        # UMAP's compiler would give torch as many threads as there are processors for the tests after it
        patch.setenv("NUMBA_NUM_THREADS", "1")
        patch.setattr(metrics, "RESAMPLES", 50)
        torch.set_num_threads(1)
        yield


@pytest.fixture
def plm(capsys: pytest.CaptureFixture[str]) -> Plm:
    """Run a command line; return its exit code and what it said on stderr."""

    def run(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = main(_quickly([str(argument) for argument in arguments]))
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def done(plm: Plm) -> Callable[..., str]:
    """Run a command line that must succeed; return what it said on stderr."""

    def run(*arguments: object) -> str:
        code, said = plm(*arguments)
        assert code == 0, said
        return said

    return run


@pytest.fixture(scope="session")
def without_torch() -> Iterator[Program]:
    """A program that runs a command line in a process of its own, which fails where torch or the like is loaded."""
    with beginning_with(WITHOUT_TORCH) as program:
        yield program


@pytest.fixture(scope="session")
def umap_is_compiled() -> None:
    """Keep what takes five seconds to compile, beside what UMAP keeps itself; plm compiles it in each run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import umap_
    umap_.smooth_knn_dist.enable_caching()
    umap_.compute_membership_strengths.enable_caching()


@pytest.fixture(scope="session")
def with_torch() -> Iterator[Program]:
    """A program that runs a command line in a process of its own, in which torch and transformers are there already."""
    with beginning_with(WITH_TORCH) as program:
        yield program


@pytest.fixture
def refused(plm: Plm, tmp_path: Path) -> Callable[..., str]:
    """Run a command line that must end with exit code 2, one line about the role, and no file left in tmp_path."""

    def run(role: str, *arguments: object) -> str:
        before = sorted(tmp_path.rglob("*"))
        code, said = plm(*arguments)
        assert code == 2, said
        assert said.count("\n") == 1, said
        assert said.startswith(f"plm: error: {role}"), said
        assert sorted(tmp_path.rglob("*")) == before
        return said.removeprefix("plm: error: ").rstrip("\n")

    return run


def random_residues(generator: random.Random, length: int) -> str:
    return "".join(generator.choices(AMINO_ACIDS, k=length))


def motif_windows(prefix: str, count: int, seed: int) -> str:
    """Windows of 21 around S, T or Y as FASTA; label 1 means that a proline follows the middle."""
    generator = random.Random(seed)
    records = []
    for number in range(count):
        label = number % 2
        following = "P" if label else generator.choice(AMINO_ACIDS.replace("P", ""))
        middle = generator.choice("STY") + following
        window = random_residues(generator, 10) + middle + random_residues(generator, 9)
        records.append(f">{prefix}{number} LABEL={label}\n{window}\n")
    return "".join(records)


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 labelled windows to learn from."""
    path = tmp_path_factory.mktemp("windows") / "windows.fasta"
    path.write_text(motif_windows("w", 200, seed=1))
    return path


@pytest.fixture(scope="session")
def held_out_windows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 labelled windows which no model has met."""
    path = tmp_path_factory.mktemp("held_out") / "held_out.fasta"
    path.write_text(motif_windows("h", 200, seed=2))
    return path


@pytest.fixture(scope="session")
def proteins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small proteins of unequal length with S, T and Y, also at their ends."""
    path = tmp_path_factory.mktemp("proteins") / "proteins.fasta"
    path.write_text(">first\nSMKTAYIAKQRSQISPVKSHFSRQ\n>second one\nGGGTPGGGGY\n>third\nMSTPYWQKLSPDEFGHIKLTPMNY\n")
    return path


@pytest.fixture(scope="session")
def labelled_proteins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 proteins in three classes, each class rich in one residue."""
    generator = random.Random(3)
    path = tmp_path_factory.mktemp("labelled_proteins") / "labelled.fasta"
    with path.open("w") as handle:
        for number in range(30):
            residues = [*random_residues(generator, 12), *("WGD"[number % 3] * 12)]
            generator.shuffle(residues)
            handle.write(f">q{number} LABEL={('membrane', 'nucleus', 'cytosol')[number % 3]}\n{''.join(residues)}\n")
    return path


@pytest.fixture(scope="session")
def tuned_on_windows(windows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all outputs of one fine-tuning on windows; the bundle is tuned.zip."""
    return _finetuned(tmp_path_factory, windows, "window")


@pytest.fixture(scope="session")
def tuned_on_proteins(labelled_proteins: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all outputs of one fine-tuning on whole proteins; the bundle is tuned.zip."""
    return _finetuned(tmp_path_factory, labelled_proteins, "protein")


@pytest.fixture
def bundle(tuned_on_windows: Path) -> Path:
    """A model tuned on windows."""
    return tuned_on_windows / "tuned.zip"


@pytest.fixture
def unpacked(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh copy of the files inside the bundle, to be changed at will; not in tmp_path."""
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def _finetuned(tmp_path_factory: pytest.TempPathFactory, examples: Path, unit: str) -> Path:
    """Tune once for all processes that share these tests; the others wait for the one that came first."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    folder = place / f"tuned_on_{unit}"
    with (place / f"{unit}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "run.json").exists():
            folder.mkdir(exist_ok=True)
            _finetune(folder, examples, unit)
    return folder


def _finetune(folder: Path, examples: Path, unit: str) -> None:
    outputs = {
        "--bundle": "tuned.zip",
        "--metrics": "metrics.tsv",
        "--history": "history.tsv",
        "--curves": "curves.png",
        "--report": "report.html",
        "--record": "run.json",
    }
    arguments = ["finetune", "--examples", str(examples), "--unit", unit, "--epochs", "8", "--learning-rate", "0.01"]
    for option, name in outputs.items():
        arguments += [option, str(folder / name)]
    assert main(_quickly(arguments)) == 0


def _quickly(arguments: list[str]) -> list[str]:
    """Leave the slow comparisons of plm finetune to the tests that ask for them."""
    if arguments[:1] != ["finetune"] or {"--baselines", "--help"} & set(arguments):
        return arguments
    return [*arguments, "--baselines", "simple", "--relatives", "anywhere"]
