"""Write the made files of test-data/ anew (`make test-data`), for example after the embedded model has changed."""

from __future__ import annotations

import gzip
import random
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
    _write_embeddings(folder)
    _write_search(folder)
    _write_model(folder / "untrained_model.zip")
    _write_bundle(folder / "tuned_windows.zip")
    _write_bundle_with_pickle(folder / "tuned_windows.zip", folder / "bundle_with_pickle.zip")


def _write_protein_labels(path: Path) -> None:
    """Label each protein by its name's first letter: made up, it only has to be two classes."""
    headers = [line for line in (SITES / "proteins.fasta").read_text().splitlines() if line.startswith(">")]
    names = [header[1:].split()[0] for header in headers]
    rows = [f"{name}\t{'odd' if number % 2 else 'even'}\n" for number, name in enumerate(names)]
    path.write_text("id\tlabel\n" + "".join(rows), encoding="utf-8")


def _write_embeddings(folder: Path) -> None:
    """Write three families of twelve made-up proteins, an exact and a near duplicate, and a protein far from all."""
    generator = random.Random(1)
    vectors: dict[str, list[float]] = {}
    rows = ["id\tfamily\tlength"]
    for family, centre in {"kinase": (6, 0, 0), "globin": (0, 6, 0), "lectin": (0, 0, 6)}.items():
        for number in range(1, 13):
            middle = (*centre, 0, 0, 0, 0, 0)
            vectors[f"{family}_{number}"] = [round(value + generator.gauss(0, 0.7), 3) for value in middle]
            rows.append(f"{family}_{number}\t{family}\t{100 + len(rows)}")
    vectors["copy"] = vectors["kinase_1"]
    vectors["variant"] = [round(value + 0.01, 3) for value in vectors["globin_1"]]
    vectors["stranger"] = [2.0, 2.0, 2.0, -15.0, 0.0, 0.0, 0.0, 0.5]
    rows += ["copy\tkinase\t101", "variant\tglobin\t", "elsewhere\tglobin\t99"]
    lines = ["\t".join(map(str, [name, *vector])) for name, vector in vectors.items()]
    table = "\n".join(["id\t1\t2\t3\t4\t5\t6\t7\t8", *lines]) + "\n"
    (folder / "embeddings.tsv").write_text(table, encoding="utf-8")
    (folder / "embeddings_broken.tsv").write_text(table.replace("\t-15.0\t", "\tnan\t"), encoding="utf-8")
    (folder / "embeddings_metadata.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _write_search(folder: Path) -> None:
    """Write vectors of two numbers, whose distances are whole or a half: triangles of 3, 4 and 5."""
    tables = {
        "references": "id\t1\t2\nstart\t1\t1\nunlabelled\t1.5\t1\nfive\t4\t5\nten\t7\t9\n",
        "queries": "id\t1\t2\nsame\t1\t1\nnear\t4\t4.5\nfar\t31\t41\n",
        "wider": "id\t1\t2\t3\nstart\t1\t1\t1\n",
        "labels": "id\tlabel\nstart\tnucleus\nfive\tmembrane\nten\tmembrane\nstart\tcytosol\nelsewhere\tcytosol\n",
        "truth": "id\tlabel\nsame\tnucleus\nnear\tcytosol\nfar\tmembrane\n",
    }
    for name, text in tables.items():
        (folder / f"search_{name}.tsv").write_text(text, encoding="utf-8")


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
