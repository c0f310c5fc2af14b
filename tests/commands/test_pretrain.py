"""plm pretrain from end to end: files, notes, resuming, and a model which the other commands take."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.commands.command_lines import Plm, Refused

from plmkit.learning import pretraining

Done = Callable[..., str]
TINY = ["--model", "none", "--width", 16, "--layers", 1, "--heads", 2]
SHORT = ["--steps", 6, "--step-tokens", 200, "--evaluations", 2]


def turns(count: int, seed: int = 1) -> str:
    """FASTA of proteins in which each residue tells its neighbour."""
    generator = random.Random(seed)
    starts = [(generator.randrange(10), generator.randrange(30, 60)) for _ in range(count)]
    return "".join(f">t{n}\n{('MKTAYIWQRC' * 7)[a : a + b]}\n" for n, (a, b) in enumerate(starts))


@pytest.fixture
def family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Proteins of one made-up family."""
    path = tmp_path_factory.mktemp("family") / "family.fasta"
    path.write_text(turns(60))
    return path


def everything(folder: Path, trained: str = "model.zip") -> list[object]:
    names = {
        "--history": "h.tsv",
        "--metrics": "m.tsv",
        "--curves": "c.png",
        "--report": "r.html",
        "--record": "r.json",
    }
    named = [part for option, name in names.items() for part in (option, folder / name)]
    return ["--trained", folder / trained, *named]


def test_all_outputs_of_a_model_from_nothing(done: Done, tmp_path: Path, family: Path) -> None:
    said = done("pretrain", "--proteins", family, *TINY, *SHORT, "--name", "mine", *everything(tmp_path))
    assert "random weights" not in said
    with ZipFile(tmp_path / "model.zip") as archive:
        names = {"README.md", "config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"}
        assert set(archive.namelist()) == names
        assert json.loads(archive.read("config.json"))["plmkit_name"] == "mine"
        assert "# mine" in archive.read("README.md").decode()
    history = [line.split("\t") for line in (tmp_path / "h.tsv").read_text().splitlines()]
    assert history[0] == ["step", "tokens", "training_loss", "validation_loss", "validation_perplexity"]
    assert [row[0] for row in history[1:]] == ["0", "3", "6"]
    assert history[1][2] == "NA"
    metrics = (tmp_path / "m.tsv").read_text().splitlines()
    methods = ("trained model", "before training", "residue frequencies")
    assert [line.split("\t")[:3] for line in metrics[1:]] == [[m, "validation (5)", "perplexity"] for m in methods]
    record = json.loads((tmp_path / "r.json").read_text())
    assert record["counts"]["training"]["proteins"] + record["counts"]["validation"]["proteins"] == 60
    assert record["counts"]["steps"] == 6
    assert record["counts"]["precision"] == "float32"
    report = (tmp_path / "r.html").read_text()
    assert "mine: a trained protein language model" in report
    assert "relatives of them may" in report
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert str(tmp_path) not in report + (tmp_path / "r.json").read_text()


@pytest.mark.parametrize("weights", ["all", "lora"])
def test_going_on_from_a_model_gives_one_that_every_command_takes(
    done: Done, tmp_path: Path, family: Path, proteins: Path, windows: Path, weights: str
) -> None:
    done("pretrain", "--proteins", family, *TINY, *SHORT, "--name", "first", "--trained", tmp_path / "first")
    command = ["pretrain", "--proteins", family, "--validation", proteins, "--test", proteins, "--weights", weights]
    done(*command, *SHORT, "--model", tmp_path / "first", "--name", "second", "--half", *everything(tmp_path))
    record = json.loads((tmp_path / "r.json").read_text())
    assert record["model"]["name"] == "first"
    assert record["counts"]["test"] == record["counts"]["validation"]
    assert record["counts"]["learning_rate"] == {"all": 0.0003, "lora": 0.001}[weights]
    assert "first, trained further" in (tmp_path / "r.html").read_text()
    model = ["--model", tmp_path / "model.zip"]
    done("embed", "--proteins", proteins, "--vectors", tmp_path / "v.tsv", "--record", tmp_path / "e.json", *model)
    assert json.loads((tmp_path / "e.json").read_text())["model"]["name"] == "second"
    command = ["finetune", "--examples", windows, "--unit", "window", "--epochs", 1, "--bundle", tmp_path / "b.zip"]
    done(*command, *model)
    done("ptm", "--bundle", tmp_path / "b.zip", "--proteins", proteins, "--sites", tmp_path / "s.tsv", *model)


def test_what_is_made_of_non_commercial_weights_needs_the_same_confirmation(
    done: Done, refused: Refused, tmp_path: Path, family: Path, proteins: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    done("pretrain", "--proteins", family, *TINY, *SHORT, "--name", "first", "--trained", first)
    (first / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    command = ["pretrain", "--proteins", family, *SHORT, "--model", first, "--name", "second", "--trained", second]
    refused("model: first is under CC-BY-NC-4.0, for non-commercial use alone; confirm", *command)
    done(*command, "--non-commercial-use")
    command = ["embed", "--proteins", proteins, "--model", second, "--vectors", tmp_path / "v.tsv"]
    refused("model: second is under CC-BY-NC-4.0, for non-commercial use alone; confirm", *command)


def test_what_a_model_is_not_for_is_told_wherever_it_is_used(
    done: Done, tmp_path: Path, family: Path, proteins: Path
) -> None:
    limits = "is for nothing but this test"
    done("pretrain", "--proteins", family, *TINY, *SHORT, "--limits", limits, "--trained", tmp_path / "first")
    done("pretrain", "--proteins", family, "--model", tmp_path / "first", *SHORT, "--trained", tmp_path / "second")
    said = done("embed", "--model", tmp_path / "second", "--proteins", proteins, "--vectors", tmp_path / "v.tsv")
    assert "note: model: own-model is for nothing but this test\n" in said
    assert "**own-model is for nothing but this test.**" in (tmp_path / "second" / "README.md").read_text()


def test_equal_runs_give_equal_files_and_seeds_other_ones(done: Done, tmp_path: Path, family: Path) -> None:
    found = []
    for run, seed in (("one", 3), ("two", 3), ("three", 4)):
        (folder := tmp_path / run).mkdir()
        done("pretrain", "--proteins", family, *TINY, *SHORT, "--seed", seed, *everything(folder))
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert found[0] == found[1]
    assert all(found[0][name] != found[2][name] for name in found[0])


def test_killed_and_given_again_the_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, done: Done, plm: Plm, tmp_path: Path, family: Path
) -> None:
    command = ["pretrain", "--proteins", family, *TINY, *SHORT]
    done(*command, "--trained", tmp_path / "straight.zip")
    resumable = [*command, "--trained", tmp_path / "again.zip", "--checkpoint", tmp_path / "c"]
    resumable += ["--checkpoint-minutes", 0]
    step = pretraining._Training._step

    def killed(self: pretraining._Training, pack: object) -> None:
        if self.progress.step == 4:
            raise KeyboardInterrupt
        step(self, pack)  # type: ignore[arg-type]

    monkeypatch.setattr(pretraining._Training, "_step", killed)
    assert plm(*resumable)[0] == 130
    assert {path.name for path in tmp_path.iterdir()} == {"straight.zip", "c"}
    monkeypatch.setattr(pretraining._Training, "_step", step)
    assert "going on after step 4 of 6" in done(*resumable)
    assert {path.name for path in tmp_path.iterdir()} == {"straight.zip", "again.zip"}
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "straight.zip").read_bytes()


def test_a_checkpoint_of_another_command_is_refused(
    monkeypatch: pytest.MonkeyPatch, done: Done, plm: Plm, tmp_path: Path, family: Path
) -> None:
    command = ["pretrain", "--proteins", family, *TINY, "--checkpoint", tmp_path / "c", "--trained", tmp_path / "m"]
    command += ["--checkpoint-minutes", 0, "--step-tokens", 200]
    judge = pretraining.judge

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pretraining, "judge", lambda *_: interrupted())
    assert plm(*command, "--steps", 2)[0] == 130
    monkeypatch.setattr(pretraining, "judge", judge)
    code, said = plm(*command, "--steps", 3)
    assert code == 2
    assert said.splitlines()[-1] == (
        "plm: error: checkpoint: 'c' belongs to a run with another steps; give the same command as then, or remove "
        "the file to begin anew"
    )
    assert (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--weights", "lora"], "--weights lora needs a trained model"),
        (["--width", "30", "--heads", "4"], "--width 30 cannot be shared by 4 heads"),
        (["--name", "a/b"], "--name takes letters"),
        (["--epochs", "0"], "--epochs must be above 0, not 0"),
        (["--epochs", "nan"], "--epochs must be above 0, not nan"),
        (["--steps", "0"], "--steps must be at least 1"),
        (["--mask-share", "0"], "--mask-share must be between 0 and 0.9"),
        (["--checkpoint-minutes", "-1"], "--checkpoint-minutes must be at least 0"),
        (["--learning-rate", "2"], "--learning-rate must be above 0 and at most 1"),
    ],
)
def test_mistakes_in_options(plm: Plm, tmp_path: Path, family: Path, more: list[str], told: str) -> None:
    code, said = plm("pretrain", "--proteins", family, "--model", "none", *more, "--trained", tmp_path / "m")
    assert (code, told in said) == (2, True), said


def test_mistakes_in_inputs(refused: Refused, tmp_path: Path, family: Path) -> None:
    (tmp_path / "one.fasta").write_text(">a\nMKTAYI\n>b\nMKTAYI\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    command = ["pretrain", "--proteins", tmp_path / "one.fasta", "--trained", tmp_path / "m"]
    assert "at least two different ones" in refused("proteins", *command)
    assert "every one of them" in refused("proteins", *command, "--validation", tmp_path / "one.fasta")
    command = ["pretrain", "--proteins", family, "--trained", tmp_path / "full"]
    assert refused("output", *command) == "output 'full': this folder is not empty; give the name of a new one"
    command = ["pretrain", "--proteins", family, "--trained", tmp_path / "one.fasta"]
    assert refused("output", *command) == "output 'one.fasta': this is a file; give the name of a new folder"
