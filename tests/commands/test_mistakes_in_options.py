"""Mistakes in options are answered in one line."""

from pathlib import Path

import pytest
from tests.commands.command_lines import Refused, embedding, labelled, learning


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
        (["--pooling", "centre"], "--pooling centre takes the middle of a window: give --unit window, or another"),
    ],
)
def test_numbers_out_of_range_are_answered_with_their_range(
    refused: Refused, tmp_path: Path, options: list[str], told: str
) -> None:
    assert refused("", *learning(tmp_path, "".join(labelled(20)), *options)).startswith(told)


def test_a_mistyped_option_is_named_before_the_one_it_leaves_out(refused: Refused) -> None:
    assert refused("there is no option --protein ", "embed", "--protein", "x.fasta", "--vectors", "y.tsv")


def test_an_option_given_twice_is_named(refused: Refused) -> None:
    twice = ["--model", "a", "--model", "b"]
    refused("--model is given more than once; give it once", "embed", "--proteins", "x", "--vectors", "y", *twice)


def test_all_missing_options_are_named_together(refused: Refused) -> None:
    assert refused("missing option: --bundle, --proteins, --sites (plm ptm --help lists the options)", "ptm")


def test_a_missing_option_and_an_unknown_command_are_named(refused: Refused) -> None:
    assert "--vectors" in refused("", "embed", "--proteins", "a.fasta")
    assert "embed, finetune, pretrain, predict, ptm" in refused("", "fold")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--threshold", "1.1"], "--threshold must be between 0 and 1, not 1.1"),
        (["--residues", "S,T"], "--residues takes letters such as STY, not 'S,T'"),
        (["--residues", "B"], "proteins: none holds a candidate residue (B); name others with --residues"),
    ],
)
def test_options_of_a_scan_are_checked(
    refused: Refused, tmp_path: Path, bundle: Path, proteins: Path, options: list[str], told: str
) -> None:
    command = ["ptm", "--bundle", bundle, "--proteins", proteins, "--sites", tmp_path / "sites.tsv"]
    assert refused("", *command, *options) == told


def test_metrics_of_predictions_need_true_labels(refused: Refused, tmp_path: Path, bundle: Path) -> None:
    command = ["predict", "--bundle", bundle, "--predictions", tmp_path / "p.tsv", "--proteins", "none"]
    assert "add --labelled" in refused("--metrics", *command, "--metrics", tmp_path / "m.tsv")
