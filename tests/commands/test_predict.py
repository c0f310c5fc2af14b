import csv
import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import accuracy_score, matthews_corrcoef, roc_auc_score

from plmkit.models.archive import pack

Done = Callable[..., str]


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_each_row_is_a_protein_with_its_likeliest_label(
    done: Done, tmp_path: Path, tuned_on_proteins: Path, proteins: Path
) -> None:
    out = tmp_path / "p.tsv"
    done("predict", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", proteins, "--predictions", out)
    rows = table(out)
    labels = ["cytosol", "membrane", "nucleus"]
    assert list(rows[0]) == ["id", "predicted", *(f"probability_{label}" for label in labels), "set", "domain", "far"]
    assert [row["id"] for row in rows] == ["first", "second", "third"]
    for row in rows:
        shares = [float(row[f"probability_{label}"]) for label in labels]
        assert sum(shares) == pytest.approx(1, abs=2e-6)
        assert row["predicted"] == labels[int(np.argmax(shares))]


@pytest.mark.parametrize("budget", [1, 100, 100_000])
def test_the_budget_of_tokens_changes_no_probability(
    done: Done, tmp_path: Path, tuned_on_proteins: Path, proteins: Path, budget: int
) -> None:
    command = ["predict", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", proteins]
    found = []
    for tokens in (4096, budget):
        done(*command, "--predictions", tmp_path / "p.tsv", "--batch-tokens", tokens)
        found.append([float(row["probability_nucleus"]) for row in table(tmp_path / "p.tsv")])
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


def test_metrics_follow_from_the_table_by_scikit_learn(
    done: Done, tmp_path: Path, bundle: Path, held_out_windows: Path
) -> None:
    command = ["predict", "--bundle", bundle, "--proteins", held_out_windows, "--predictions", tmp_path / "p.tsv"]
    done(*command, "--labelled", "--metrics", tmp_path / "m.tsv", "--record", tmp_path / "run.json")
    rows = table(tmp_path / "p.tsv")
    truth, predicted = [row["label"] for row in rows], [row["predicted"] for row in rows]
    scores = [float(row["probability_1"]) for row in rows]
    assert truth == ["0", "1"] * 100
    found = {row["metric"]: float(row["value"]) for row in table(tmp_path / "m.tsv")}
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, predicted), abs=1e-6)
    assert found["mcc"] == pytest.approx(matthews_corrcoef(truth, predicted), abs=1e-6)
    assert found["auroc"] == pytest.approx(roc_auc_score([label == "1" for label in truth], scores), abs=1e-3)
    assert {row["examples"] for row in table(tmp_path / "m.tsv")} == {"held-out (200)"}
    recorded = {row["metric"]: row["value"] for row in json.loads((tmp_path / "run.json").read_text())["metrics"]}
    assert recorded == pytest.approx(found)


def test_true_labels_of_one_kind_leave_the_roc_curve_undefined(done: Done, tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "one.fasta").write_text(f">a LABEL=1\n{'S' * 21}\n>b LABEL=1\n{'T' * 21}\n")
    command = ["predict", "--bundle", bundle, "--proteins", tmp_path / "one.fasta", "--labelled"]
    done(
        *command, "--predictions", tmp_path / "p.tsv", "--metrics", tmp_path / "m.tsv", "--record", tmp_path / "r.json"
    )
    (row,) = [row for row in table(tmp_path / "m.tsv") if row["metric"] == "auroc"]
    assert [row["value"], row["low"], row["high"]] == ["NA"] * 3
    (row,) = [row for row in json.loads((tmp_path / "r.json").read_text())["metrics"] if row["metric"] == "auroc"]
    assert row["value"] is None


def test_a_model_of_proteins_takes_proteins_of_any_length(done: Done, tmp_path: Path, tuned_on_proteins: Path) -> None:
    (tmp_path / "p.fasta").write_text(f">short\nM\n>long\n{'MKTAY' * 220}\n")
    command = ["predict", "--bundle", tuned_on_proteins / "tuned.zip", "--proteins", tmp_path / "p.fasta"]
    assert "1 longer than the 1022" in done(*command, "--predictions", tmp_path / "p.tsv")
    assert [row["id"] for row in table(tmp_path / "p.tsv")] == ["short", "long"]


def test_examples_of_the_tuning_are_recognised(
    done: Done, tmp_path: Path, tuned_on_windows: Path, windows: Path
) -> None:
    training = windows
    command = ["predict", "--bundle", tuned_on_windows / "tuned.zip", "--proteins", training, "--labelled"]
    said = done(*command, "--predictions", tmp_path / "p.tsv", "--metrics", tmp_path / "m.tsv")
    count = training.read_text().count(">")
    assert f"note: proteins: {count} of {count} were among the fine-tuning examples; the measures are too good" in said
    assert f"\tpartly known ({count})\t" in (tmp_path / "m.tsv").read_text()


def test_probabilities_are_calibrated_and_sets_grow_with_the_level(
    done: Done, tmp_path: Path, bundle: Path, unpacked: Path, held_out_windows: Path
) -> None:
    with ZipFile(bundle) as archive:
        calibration = json.loads(archive.read("plmkit.json"))["calibration"]
    (temperature,) = [curve["temperature"] for curve in calibration["curves"]]
    _without_trust(unpacked, tmp_path / "old.zip")
    command = ["predict", "--proteins", held_out_windows, "--predictions", tmp_path / "p.tsv", "--bundle"]
    assert "made without calibration" in done(*command, tmp_path / "old.zip")
    old = table(tmp_path / "p.tsv")
    assert list(old[0]) == ["id", "predicted", "probability_0", "probability_1"]
    sizes = []
    for level in (0.5, 0.9, 0.999):
        said = done(*command, bundle, "--level", level)
        assert "made without" not in said
        assert ("note: level: too few validation examples" in said) == (level == 0.999)
        new = table(tmp_path / "p.tsv")
        sizes.append(sum(len(row["set"].split("|")) for row in new))
        assert all(row["predicted"] in row["set"].split("|") for row in new)
    assert 200 <= sizes[0] <= sizes[1] <= sizes[2] == 400  # too few validation examples for the last: all labels
    before, after = (np.array([float(row["probability_1"]) for row in rows]) for rows in (old, new))
    np.testing.assert_allclose(after, expit(logit(np.clip(before, 1e-6, 1 - 1e-6)) / temperature), atol=1e-3)
    assert [row["predicted"] for row in old] == [row["predicted"] for row in new]


def test_a_prevalence_moves_probabilities_by_bayes_rule(
    done: Done, tmp_path: Path, bundle: Path, held_out_windows: Path
) -> None:
    command = ["predict", "--proteins", held_out_windows, "--predictions", tmp_path / "p.tsv", "--bundle", bundle]
    found = []
    for more in ([], ["--prevalence", "1=0.02"], ["--prevalence", "0.02"]):
        done(*command, *more)
        found.append(np.array([float(row["probability_1"]) for row in table(tmp_path / "p.tsv")]))
    usual, rare, again = found
    odds = usual / (1 - usual) * 0.02 / 0.98  # the classes of training are equally frequent
    np.testing.assert_allclose(rare, odds / (1 + odds), atol=1e-3)
    assert np.array_equal(rare, again)
    assert (rare <= usual).all()


def test_strange_input_is_flagged_and_counted(done: Done, tmp_path: Path, bundle: Path, windows: Path) -> None:
    strange = "".join(f">{letter}\n{letter * 21}\n" for letter in "GXW")
    (tmp_path / "w.fasta").write_text(strange + "\n".join(windows.read_text().split("\n")[:4]) + "\n")
    command = ["predict", "--proteins", tmp_path / "w.fasta", "--bundle", bundle, "--record", tmp_path / "run.json"]
    said = done(*command, "--predictions", tmp_path / "p.tsv")
    rows = table(tmp_path / "p.tsv")
    # farther than all 40 validation examples: 40 of 41, which is not yet 99 %
    assert [(row["domain"], row["far"]) for row in rows[:3]] == [(f"{40 / 41:.6f}", "yes")] * 3
    assert {row["far"] for row in rows} == {"yes", "no"}
    assert json.loads((tmp_path / "run.json").read_text())["counts"]["far"] == sum(row["far"] != "no" for row in rows)
    assert "note: proteins: 3 of 5 lie farther from the training examples than 95 %" in said


def test_too_few_validation_examples_cannot_tell_what_is_far(
    done: Done, tmp_path: Path, tuned_on_proteins: Path, proteins: Path
) -> None:
    command = ["predict", "--proteins", proteins, "--bundle", tuned_on_proteins / "tuned.zip"]
    said = done(*command, "--predictions", tmp_path / "p.tsv")
    assert "note: tuned model: only 6 validation examples, too few to say what lies far" in said
    assert {row["far"] for row in table(tmp_path / "p.tsv")} == {"unknown"}


def test_an_old_model_beside_a_new_one_tells_no_sets(
    done: Done, refused: Done, tmp_path: Path, bundle: Path, unpacked: Path, held_out_windows: Path
) -> None:
    _without_trust(unpacked, tmp_path / "old.zip")
    command = ["predict", "--proteins", held_out_windows, "--bundle", bundle, "--bundle", tmp_path / "old.zip"]
    said = done(*command, "--predictions", tmp_path / "p.tsv")
    assert "note: tuned model: made without calibration" in said
    found = table(tmp_path / "p.tsv")
    assert [name for name in found[0] if name in ("set", "domain", "far")] == []
    each = []
    for one in (bundle, tmp_path / "old.zip"):
        done("predict", "--proteins", held_out_windows, "--bundle", one, "--predictions", tmp_path / "one.tsv")
        each.append([float(row["probability_1"]) for row in table(tmp_path / "one.tsv")])
    np.testing.assert_allclose([float(row["probability_1"]) for row in found], np.mean(each, axis=0), atol=2e-6)
    told = refused("--prevalence", *command, "--predictions", tmp_path / "q.tsv", "--prevalence", "1=0.1")
    assert told.endswith("tune it again")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--level", "1", "--level"),
        ("--level", "-0.1", "--level"),
        ("--prevalence", "modified=0.02", "--prevalence: 'modified' is none of the labels 0, 1"),
        ("--prevalence", "1=2", "--prevalence 1=2: the share must be a number above 0 and below 1"),
    ],
)
def test_impossible_levels_and_shares_are_refused(
    refused: Done, tmp_path: Path, bundle: Path, held_out_windows: Path, option: str, value: str, told: str
) -> None:
    command = ["predict", "--bundle", bundle, "--proteins", held_out_windows, "--predictions", tmp_path / "p.tsv"]
    refused(told, *command, f"{option}={value}")


def test_of_two_equal_models_the_mean_is_the_same(
    done: Done, tmp_path: Path, bundle: Path, unpacked: Path, held_out_windows: Path
) -> None:
    card = json.loads((unpacked / "plmkit.json").read_text())
    (unpacked / "plmkit.json").write_text(json.dumps(card | {"notes": ["of another seed"]}))
    pack(unpacked, tmp_path / "twin.zip")
    command = ["predict", "--proteins", held_out_windows, "--predictions", tmp_path / "p.tsv", "--bundle", bundle]
    found = []
    for more in ([], ["--bundle", tmp_path / "twin.zip"]):
        done(*command, *more)
        found.append(
            [{key: cell for key, cell in row.items() if "spread" not in key} for row in table(tmp_path / "p.tsv")]
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("changed", [{"prevalence": [0.5]}, {"conformal": {"scores": []}}, {"calibration": 7}])
def test_a_changed_calibration_is_refused(
    refused: Done, tmp_path: Path, unpacked: Path, held_out_windows: Path, changed: dict[str, object]
) -> None:
    card = json.loads((unpacked / "plmkit.json").read_text())
    (unpacked / "plmkit.json").write_text(json.dumps(card | changed))
    pack(unpacked, tmp_path / "changed.zip")
    command = ["predict", "--bundle", tmp_path / "changed.zip", "--proteins", held_out_windows]
    said = refused("tuned model: its plmkit.json", *command, "--predictions", tmp_path / "p.tsv")
    assert said.endswith("the archive was changed")


def _without_trust(unpacked: Path, archive: Path) -> None:
    """Pack a bundle as it was before there was calibration."""
    card = json.loads((unpacked / "plmkit.json").read_text())
    for key in ("calibration", "conformal", "prevalence"):
        del card[key]
    (unpacked / "plmkit.json").write_text(json.dumps(card))
    (unpacked / "domain.safetensors").unlink()
    pack(unpacked, archive)


def test_a_model_given_twice_is_refused(
    refused: Callable[..., str], tmp_path: Path, bundle: Path, held_out_windows: Path
) -> None:
    command = ["predict", "--proteins", held_out_windows, "--bundle", bundle, "--bundle", bundle]
    message = refused("tuned model 2", *command, "--predictions", tmp_path / "p.tsv")
    assert message == "tuned model 2: it is given twice, which adds nothing; give each model once"
