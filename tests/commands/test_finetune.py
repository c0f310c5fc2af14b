import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from tests.shape import LAYERS, WIDTH

from plmkit.data.examples import read_examples
from plmkit.data.labelled import Columns
from plmkit.data.splits import split_by_group
from plmkit.models.tuned import TunedModel
from plmkit.output import tuned_model

Done = Callable[..., str]


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def auroc(rows: list[dict[str, str]]) -> tuple[float, float, float]:
    (row,) = [row for row in rows if row["metric"] == "auroc" and row["method"] == "fine-tuned model"]
    return float(row["value"]), float(row["low"]), float(row["high"])


def judged(done: Done, folder: Path, bundle: Path, held_out: Path) -> tuple[float, float, float]:
    command = ["predict", "--bundle", bundle, "--proteins", held_out, "--predictions", folder / "p.tsv", "--labelled"]
    done(*command, "--metrics", folder / "m.tsv")
    return auroc(table(folder / "m.tsv"))


def test_a_motif_is_learned(done: Done, tmp_path: Path, bundle: Path, held_out_windows: Path) -> None:
    value, low, _ = judged(done, tmp_path, bundle, held_out_windows)
    assert value > 0.9
    assert low > 0.85


def test_shuffled_labels_teach_nothing(done: Done, tmp_path: Path, windows: Path, held_out_windows: Path) -> None:
    lines = windows.read_text().splitlines()
    labels = [header[-1] for header in lines[::2]]
    random.Random(4).shuffle(labels)
    pairs = zip(lines[::2], labels, lines[1::2], strict=True)
    (tmp_path / "shuffled").write_text("".join(f"{header[:-1]}{label}\n{window}\n" for header, label, window in pairs))
    command = ["finetune", "--examples", tmp_path / "shuffled", "--unit", "window", "--bundle", tmp_path / "b.zip"]
    done(*command, "--epochs", 3, "--learning-rate", 0.01)  # in which the true labels are learned
    value, low, high = judged(done, tmp_path, tmp_path / "b.zip", held_out_windows)
    # 200 examples: one standard error of a chance AUROC is 0.04
    assert abs(value - 0.5) < 0.17
    assert low < 0.6
    assert high > 0.4


def test_classes_of_whole_proteins_are_learned(tuned_on_proteins: Path) -> None:
    rows = table(tuned_on_proteins / "metrics.tsv")
    assert auroc(rows)[0] > 0.9
    (majority,) = [r for r in rows if r["method"] == "most frequent label" and r["metric"] == "auroc"]
    assert float(majority["value"]) == 0.5


def test_the_best_epoch_is_kept(tuned_on_windows: Path) -> None:
    record = json.loads((tuned_on_windows / "run.json").read_text())
    history = [(float(row["score"]), -float(row["validation_loss"])) for row in table(tuned_on_windows / "history.tsv")]
    assert record["counts"]["select_by"] == "mcc"
    assert record["counts"]["epochs"] == len(history)
    assert record["counts"]["best_epoch"] == history.index(max(history)) + 1


def test_losses_are_those_of_the_validation_examples(done: Done, tmp_path: Path, labelled_proteins: Path) -> None:
    """The loss of the history is that of the saved model by hand, on the examples set aside."""
    command = ["finetune", "--examples", labelled_proteins, "--epochs", 2, "--history", tmp_path / "h.tsv"]
    command += ["--select-by", "loss"]
    done(*command, "--bundle", tmp_path / "b.zip")
    examples = read_examples(labelled_proteins, "examples", "protein", None, Columns(), None)
    chosen = split_by_group(examples, 0.2, seed=1).validation
    validation = [examples.items[index] for index in chosen]
    labels = [examples.labels[int(number)] for number in examples.truth_of(chosen)[:, 0]]
    (tmp_path / "v.fasta").write_text("".join(f">{item.name}\n{item.sequences[0]}\n" for item in validation))
    uncalibrated = _without_calibration(tmp_path / "b.zip", tmp_path / "uncalibrated.zip")
    done("predict", "--bundle", uncalibrated, "--proteins", tmp_path / "v.fasta", "--predictions", tmp_path / "p")
    right = [float(row[f"probability_{label}"]) for label, row in zip(labels, table(tmp_path / "p"), strict=True)]
    expected = -np.log(right).mean()
    assert expected > 0.05
    assert min(float(row["validation_loss"]) for row in table(tmp_path / "h.tsv")) == pytest.approx(expected, abs=1e-5)


def _without_calibration(bundle: Path, changed: Path) -> Path:
    """Write a bundle whose probabilities are those of the head."""
    with ZipFile(bundle) as archive, ZipFile(changed, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "plmkit.json":
                content = json.dumps(json.loads(content) | {"calibration": None}).encode()
            other.writestr(name, content)
    return changed


def test_counts_add_up(tuned_on_windows: Path) -> None:
    counts = json.loads((tuned_on_windows / "run.json").read_text())["counts"]
    assert counts["examples"] == sum(counts["parts"].values()) == 200
    assert [label["name"] for label in counts["labels"]] == ["0", "1"]
    assert [label["training"] + label["validation"] for label in counts["labels"]] == [100, 100]
    # layers x targets x (A and B) of rank 8, and the head: a square and its bias, one row for each label and its bias
    assert counts["learned_weights"] == LAYERS * 4 * 2 * 8 * WIDTH + WIDTH * WIDTH + WIDTH + 2 * WIDTH + 2


def test_the_bundle_describes_itself(bundle: Path, tuned_on_windows: Path) -> None:
    record = json.loads((tuned_on_windows / "run.json").read_text())
    with ZipFile(bundle) as archive:
        names = set(archive.namelist())
        card = json.loads(archive.read("plmkit.json"))
        readme = archive.read("README.md").decode()
    assert names == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "domain.safetensors", "head.safetensors",
        "plmkit.json",
    }  # fmt: skip
    assert card["task"] == {
        "kind": "classification",
        "unit": "window",
        "window_length": 21,
        "centre_residues": "STY",
        "negative_label": "0",
        "candidate_residues": {"1": "STY"},
    }
    assert (card["labels"], card["pooling"], card["base_model"]) == (["0", "1"], "centre", record["model"])
    assert card["metrics"] == record["metrics"]
    assert "windows of 21 residues" in readme
    assert "Labels: 0, 1." in readme


def test_outputs_not_asked_for_do_not_change_the_bundle_and_are_not_drawn(
    done: Done, tmp_path: Path, labelled_proteins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["finetune", "--examples", labelled_proteins, "--epochs", 1, "--batch-size", 30]
    with monkeypatch.context() as patch:
        for name in ("draw_training_curves", "draw_judgement", "draw_reliability"):
            patch.delattr(tuned_model, name)
        done(*command, "--bundle", tmp_path / "bare.zip")
    done(*command, "--bundle", tmp_path / "full.zip", "--history", tmp_path / "history.tsv")
    assert (tmp_path / "bare.zip").read_bytes() == (tmp_path / "full.zip").read_bytes()


def test_with_fewer_negatives_the_bundle_says_what_the_report_was_judged_by(
    done: Done, tmp_path: Path, windows: Path, held_out_windows: Path
) -> None:
    rows = [text.split("\n")[:2] for path in (windows, held_out_windows) for text in path.read_text().split(">")[1:]]
    parts = ["train"] * 100 + ["valid"] * 100 + ["test"] * 200
    lines = [
        f"{head.split()[0]}\t{window}\t{head[-1]}\t{part}" for (head, window), part in zip(rows, parts, strict=True)
    ]
    (tmp_path / "t.tsv").write_text("\n".join(["id\tsequence\tlabel\tsplit", *lines]) + "\n")
    command = ["finetune", "--examples", tmp_path / "t.tsv", "--unit", "window", "--method", "head", "--epochs", 3]
    command += ["--negatives", 0.5, "--bundle", tmp_path / "b.zip", "--record", tmp_path / "r.json"]
    said = done(*command, "--predictions", tmp_path / "p.tsv")
    assert "of 50 training examples with the label '0' 25 are learned from" in said
    record = json.loads((tmp_path / "r.json").read_text())
    assert (record["counts"]["left_out"], record["counts"]["select_by"]) == (25, "average_precision")
    assert record["counts"]["shares"][1] == {
        "name": "1", "training": 0.666667, "training side": 0.5, "validation": 0.5, "test": 0.5
    }  # fmt: skip
    again = ["predict", "--bundle", tmp_path / "b.zip", "--proteins", held_out_windows, "--labelled"]
    done(*again, "--predictions", tmp_path / "q.tsv")
    aside = {row["id"]: float(row["probability_1"]) for row in table(tmp_path / "p.tsv") if row["part"] == "test"}
    told = {row["id"]: float(row["probability_1"]) for row in table(tmp_path / "q.tsv")}
    assert told == pytest.approx(aside, abs=2e-6)
    (chosen,) = [row for row in record["thresholds"] if row["rule"] == "fpr_10"]
    given = chosen["parts"]["test"]
    assert given["positives"] == 100
    assert given["true_positives"] + given["false_positives"] == sum(
        value >= chosen["threshold"] for value in aside.values()
    )


def test_too_little_memory_is_exit_code_3(
    plm: Callable[..., tuple[int, str]], tmp_path: Path, windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(TunedModel, "scores", full)
    code, said = plm("finetune", "--examples", windows, "--unit", "window", "--bundle", tmp_path / "b.zip")
    assert code == 3
    assert said.splitlines()[-1].startswith("plm: error: not enough memory to train on 21 residues at once")
    assert said.count("plm: error: ") == 1
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
