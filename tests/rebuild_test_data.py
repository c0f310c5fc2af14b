"""Write the made files of test-data/ anew (`make test-data`), for example after the embedded model has changed."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from pathlib import Path

from plmkit.cli import main
from plmkit.models.archive import pack
from plmkit.models.untrained import build_untrained

TEST_DATA = Path(__file__).resolve().parents[1] / "test-data"
SITES = TEST_DATA / "human_phosphosites"
WINDOW = "MEEPQSDPSVEPPLSQETFSDLWKLLPENNVLS"


def rebuild(folder: Path) -> None:
    """Write every made file into a folder."""
    (folder / "harmless.fasta").write_bytes(
        b"\xef\xbb\xbf>lower first letters\r\nmktayiakqr\r\n>stop\r\nMKTAYIAKQR*\r\n"
    )
    (folder / "gap.fasta").write_text(">whole\nMKTAYIAKQR\n>aligned\nMKTA--AKQR\n", encoding="utf-8")
    (folder / "one_label.fasta").write_text(
        "".join(f">example{n} LABEL=1\nMKTAYIAKQ{'ACD'[n]}\n" for n in range(3)), encoding="utf-8"
    )
    padded = f">inside\n{WINDOW}\n>start\n{'-' * 5}{WINDOW[:28]}\n"
    (folder / "windows_padded.fasta.gz").write_bytes(gzip.compress(padded.encode(), mtime=0))
    _write_protein_labels(folder / "protein_labels.tsv")
    _write_model(folder / "untrained_model.zip")
    _write_bundle(folder / "tuned_windows.zip")
    _write_bundle_with_pickle(folder / "tuned_windows.zip", folder / "bundle_with_pickle.zip")


def _write_protein_labels(path: Path) -> None:
    """Label each protein by its name's first letter: made up, it only has to be two classes."""
    headers = [line for line in (SITES / "proteins.fasta").read_text().splitlines() if line.startswith(">")]
    names = [header[1:].split()[0] for header in headers]
    rows = [f"{name}\t{'odd' if number % 2 else 'even'}\n" for number, name in enumerate(names)]
    path.write_text("id\tlabel\n" + "".join(rows), encoding="utf-8")


def _write_model(path: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        model = Path(temporary) / "untrained"
        build_untrained(model, "plmkit-untrained-for-tests", width=16, layers=2, heads=2, seed=1)
        pack(Path(temporary), path)


def _write_bundle(path: Path) -> None:
    arguments = ["--examples", str(SITES / "train_windows.fasta"), "--unit", "window", "--bundle", str(path)]
    if code := main(["finetune", *arguments]):
        raise SystemExit(code)


def _write_bundle_with_pickle(bundle: Path, path: Path) -> None:
    shutil.copy(bundle, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo("adapter_model.bin"), b"\x80\x04N.")  # the pickle of None


if __name__ == "__main__":
    rebuild(TEST_DATA)
