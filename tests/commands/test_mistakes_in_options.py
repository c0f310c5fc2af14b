"""Mistakes in options are answered in one line."""

from pathlib import Path

import pytest
from tests.commands.command_lines import Refused, embedding, labelled, learning, predicting

from plmkit.cli import COMMANDS


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--wrong", "1"], "--wrong"),
        (["--format", "csv"], "'tabular', 'parquet', 'npz', 'h5'"),
        (["--pooling", "centre"], "'mean', 'cls', 'max'"),
        (["--batch-tokens", "0"], "--batch-tokens must be at least 1, not 0"),
        (["--batch-tokens", "many"], '"many" into int'),
        (["--layer", "-2"], "--layer must be at least -1, not -2"),
        (["--layer", "last"], '"last" into int'),
        (["--stored", "float64"], "'float32', 'float16'"),
        (["--precision", "float16"], "'auto', 'float32', 'bfloat16'"),
        (["--layer", "5"], "--layer 5: plmkit-tiny-2 has the layers 0 to 3"),
        (["--model"], '"--model" requires an argument'),
    ],
)
def test_wrong_options_are_answered_in_one_line(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    assert told in refused("", *embedding(tmp_path, ">a\nMKV\n"), *options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--epochs", "0"], "--epochs must be at least 1, not 0"),
        (["--patience", "0"], "--patience must be at least 1, not 0"),
        (["--batch-size", "0"], "--batch-size must be at least 1, not 0"),
        (["--rank", "0"], "--rank must be at least 1, not 0"),
        (["--alpha", "-1"], "--alpha must be at least 1, not -1"),
        (["--seed", "-1"], "--seed must be"),
        (["--seed", "4294967296"], "--seed must be"),
        (["--validation-share", "0"], "--validation-share must be between 0 and 0.5, not 0"),
        (["--validation-share", "0.51"], "--validation-share must be between 0 and 0.5, not 0.51"),
        (["--validation-share", "nan"], "--validation-share must be between 0 and 0.5, not nan"),
        (["--adapter-dropout", "0.91"], "--adapter-dropout must be between 0 and 0.9, not 0.91"),
        (["--head-dropout", "-0.1"], "--head-dropout must be between 0 and 0.9, not -0.1"),
        (["--learning-rate", "0"], "--learning-rate must be above 0 and at most 1, not 0.0"),
        (["--learning-rate", "nan"], "--learning-rate must be above 0 and at most 1, not nan"),
        (["--seeds", "0"], "--seeds must be at least 1, not 0"),
        (["--folds", "1"], "--folds must be 0 or at least 2, not 1"),
        (["--folds", "-1"], "--folds must be 0 or at least 2, not -1"),
        (["--adapter-layers", "0"], "--adapter-layers must be at least 1, not 0"),
        (["--negatives", "0"], "--negatives must be a number above 0, not 0; leave it out to use all"),
        (["--negatives", "nan"], "--negatives must be a number above 0, not nan"),
        (["--label-smoothing", "0.6"], "--label-smoothing must be between 0 and 0.5, not 0.6"),
    ],
)
def test_numbers_out_of_range_are_answered_with_their_range(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    assert refused("", *learning(tmp_path, "".join(labelled(20)), *options)).startswith(told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--unit", "domain"], "'protein', 'residue', 'pair', 'window'"),
        (["--task", "ranking"], "'auto', 'classification', 'multilabel', 'regression'"),
        (["--pooling", "centre"], "--pooling centre takes the middle of a window: give --unit window, or another"),
        (
            ["--pooling", "max", "--unit", "residue"],
            "--pooling makes one vector of a protein; with --unit residue leave",
        ),
        (["--adapter-layers", "2", "--method", "head"], "--adapter-layers is for adapters, not for --method head"),
        (["--partner-column", "b"], "--partner-column is for pairs: give --unit pair, or leave it out"),
        (["--mask-column", "m"], "--mask-column is for labels of residues: give --unit residue, or leave it out"),
        (["--loss", "mse"], "--loss mse does not fit classification; leave it out, or give the right --task"),
        (["--loss", "focal", "--task", "regression"], "--loss focal does not fit regression; leave it out"),
        (["--select-by", "r2"], "--select-by r2 does not fit classification; take one of accuracy, auroc, average_"),
        (["--label-smoothing", "0.1", "--task", "regression"], "--label-smoothing is for classes, not for measured"),
        (["--negatives", "2", "--class-weights", "balanced"], "--negatives and --class-weights balanced both make up"),
        (["--negatives", "2", "--task", "regression"], "--negatives is for two classes, these labels are a regression"),
        (
            ["--negatives", "2"],
            "examples: which of the labels 'a' and 'b' is the negative one that --negatives is about?",
        ),
        (["--group-column", "1"], "examples: --group-column goes with a table, but this is FASTA; leave it out"),
        (["--label-column", "1"], "examples: --label-column goes with a table, but this is FASTA; leave it out"),
    ],
)
def test_options_that_do_not_fit_each_other_or_the_labels_are_refused(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    labels = [str(number / 4) for number in range(20)] if "regression" in options else "ab"
    assert told in refused("", *learning(tmp_path, "".join(labelled(20, labels)), *options))


def test_a_mistyped_option_is_named_before_the_one_it_leaves_out(refused: Refused) -> None:
    assert refused("there is no option --protein ", "embed", "--protein", "x.fasta", "--vectors", "y.tsv")


def test_an_option_given_twice_is_named(refused: Refused) -> None:
    twice = ["--model", "a", "--model", "b"]
    refused("--model is given more than once; give it once", "embed", "--proteins", "x", "--vectors", "y", *twice)


def test_all_missing_options_are_named_together(refused: Refused) -> None:
    assert refused("missing option: --bundle, --proteins, --sites (plm ptm --help lists the options)", "ptm")


def test_a_missing_option_and_an_unknown_command_are_named(refused: Refused) -> None:
    assert "--vectors" in refused("", "embed", "--proteins", "a.fasta")
    said = refused("there is no command 'fold'; the commands are embed, finetune,", "fold")
    assert all(name in said for name in COMMANDS)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--threshold", "1.1"], "--threshold must be between 0 and 1, not 1.1"),
        (
            ["--threshold", "best"],
            "--threshold takes a number between 0 and 1 or one of mcc, fpr_1, fpr_5, fpr_10, precision_50, "
            "precision_80, precision_90, not 'best'",
        ),
        (["--threshold", "nan"], "--threshold must be between 0 and 1, not nan"),
        (["--residues", "S,T"], "--residues takes letters such as STY, not 'S,T'"),
        (["--residues", ""], "--residues takes letters such as STY, not ''"),
        (["--residues", "1=ST;1=Y"], "--residues names 1 twice; give them once"),
        (["--residues", "p=ST"], "--residues: no tuned model has 'p'; they have 1"),
        (["--modification", "p"], "--modification: no tuned model has 'p'; they have 1"),
        (["--sequons"], "--sequons: N is no candidate of these modifications; leave it out"),
        (
            ["--prevalence", "p=0.1"],
            "--prevalence: 'p' is none of the labels 0, 1; write one of them",
        ),
        (["--residues", "B"], "proteins: none holds a candidate residue (B); name others with --residues"),
    ],
)
def test_options_of_a_scan_are_checked(
    refused: Refused, tmp_path: Path, bundle: Path, proteins: Path, options: list[str], told: str
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "sites.tsv"]
    assert refused("", *command, *options) == told


@pytest.mark.parametrize("option", ["--metrics", "--figure", "--labels"])
def test_comparisons_with_true_labels_need_them(refused: Refused, tmp_path: Path, bundle: Path, option: str) -> None:
    command = predicting(tmp_path, bundle, ">a LABEL=1\nMKV\n")
    assert "add --labelled" in refused(option, *command, option, tmp_path / "m")


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--track", "--track and --track-figure are for models of residues, this one is of windows"),
        ("--track-figure", "--track and --track-figure are for models of residues, this one is of windows"),
        ("--pairs", "--pairs is for models of pairs, this one is of windows; leave it out"),
    ],
)
def test_options_of_predictions_must_fit_the_model(
    refused: Refused, tmp_path: Path, bundle: Path, option: str, told: str
) -> None:
    assert refused("", *predicting(tmp_path, bundle, ">a\nMKV\n"), option, tmp_path / "x").startswith(told)


def test_true_labels_of_pairs_have_no_table_of_their_own(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    command = predicting(tmp_path, bundle, ">a\nMKV\n", "--pairs", "p", "--labels", "l", "--labelled")
    assert refused("--labels", *command) == (
        "--labels is for single proteins; the true labels of pairs stand in the table of --pairs"
    )
