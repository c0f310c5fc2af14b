"""Command lines on small files, for the tests of mistakes."""

from collections.abc import Callable, Sequence
from pathlib import Path

Refused = Callable[..., str]
Plm = Callable[..., tuple[int, str]]

RESIDUES = "MKTAYIAKQRQISFVKSHFSRQ"


def embedding(folder: Path, content: str | bytes) -> list[object]:
    """Return the command line which embeds a file with this content."""
    path = folder / "proteins.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return ["embed", "--proteins", path, "--vectors", folder / "vectors.tsv"]


def learning(folder: Path, content: str, *more: object) -> list[object]:
    """Return the command line which tunes on a file with this content."""
    path = folder / "examples.dat"
    path.write_text(content)
    return ["finetune", "--examples", path, "--bundle", folder / "tuned.zip", "--report", folder / "r.html", *more]


def labelled(count: int, labels: Sequence[str] = "ab", length: int = 9) -> list[str]:
    """Return FASTA records of distinct sequences whose labels take turns."""
    letters = "ACDEFGHIKLMNPQRSTVWY"
    return [
        f">p{n} LABEL={labels[n % len(labels)]}\n{letters[n % 20]}{letters[n // 20]}{'S' * (length - 2)}\n"
        for n in range(count)
    ]


def predicting(folder: Path, bundle: Path, content: str, *more: object) -> list[object]:
    """Return the command line which predicts the proteins of a file with this content."""
    path = folder / "proteins.dat"
    path.write_text(content)
    return ["predict", "--bundle", bundle, "--proteins", path, "--predictions", folder / "predictions.tsv", *more]
