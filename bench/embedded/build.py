"""Make the embedded model anew: `python -m bench.embedded.build CORPUS FOLDER`.

CORPUS: FASTA whose headers tell the part (split=train, valid or test: clusters of related proteins are never
divided) and which evaluation sets hold the very same sequence (eval=NAME, or eval=- for none). Proteins of evaluation
sets are left out, so that these stay unseen. Killed and started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from plmkit.cli import main

NAME = "plmkit-tiny-2"
LIMITS = (
    "is a very small language model, for tests, teaching and small problems; for research choose a larger one such "
    "as ESM-2"
)
SHAPE = ["--model", "none", "--width", "256", "--layers", "3", "--heads", "8"]
# More hidden residues than usual: each step learns from twice as many. Small steps keep more of what the model begins
# with, see `plmkit.models.beginning`: its states then tell more of the residues around.
LEARNING = ["--step-tokens", "16384", "--mask-share", "0.3", "--evaluations", "10"]
# Short pieces first: attention over them is cheap, and most of what so small a model learns is near.
STAGES = {
    "pieces": [*SHAPE, *LEARNING, "--longest", "256", "--steps", "2200", "--learning-rate", "0.0005"],
    "whole": [*LEARNING, "--longest", "1022", "--steps", "100", "--learning-rate", "0.0001", "--half"],
}
PARTS = {"train": "--proteins", "valid": "--validation", "test": "--test"}


def build(corpus: Path, folder: Path, factor: float) -> int:
    """Run all stages, each from the model of the one before; return the exit code. factor: of all steps."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [word for part, option in PARTS.items() for word in (option, str(_write_part(corpus, folder, part)))]
    before = ""
    for stage, options in STAGES.items():
        trained = folder / stage
        if not trained.exists():
            start = ["--model", before] if before else []
            name = ["--name", NAME, "--limits", LIMITS, "--precision", "bfloat16"]
            if code := main(["pretrain", *parts, *start, *_scaled(options, factor), *name, *_outputs(trained)]):
                return code
        before = str(trained)
    return 0


def _scaled(options: list[str], factor: float) -> list[str]:
    place = options.index("--steps") + 1
    return [*options[:place], str(round(factor * int(options[place]))), *options[place + 1 :]]


def _outputs(trained: Path) -> list[str]:
    kinds = {"history": "tsv", "metrics": "tsv", "curves": "png", "report": "html", "record": "json"}
    written = [word for kind, end in kinds.items() for word in (f"--{kind}", f"{trained}.{kind}.{end}")]
    return ["--trained", str(trained), "--checkpoint", f"{trained}.checkpoint", *written]


def _write_part(corpus: Path, folder: Path, part: str) -> Path:
    path = folder / f"{part}.fasta"
    path.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in _records(corpus, part)), encoding="ascii")
    return path


def _records(corpus: Path, part: str) -> Iterator[tuple[str, str]]:
    with gzip.open(corpus, "rt", encoding="ascii") as lines:
        for header in lines:
            name, *words = header[1:].split()
            told = dict(word.split("=", maxsplit=1) for word in words)
            sequence = next(lines).strip()
            if told["split"] == part and told["eval"] == "-":
                yield name, sequence


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="FASTA, gzip")
    parser.add_argument("folder", type=Path, help="where parts, checkpoints and models go")
    parser.add_argument("--factor", type=float, default=1.0, help="times as many steps: 10 for a longer training")
    given = parser.parse_args()
    sys.exit(build(given.corpus, given.folder, given.factor))
