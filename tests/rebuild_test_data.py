"""Write the made files of test-data/ anew (`make test-data`), for example after the embedded model has changed."""

from __future__ import annotations

import gzip
import random
import re
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
FRAGMENT = 40
ACIDIC, BASIC = "DE", "KR"
STATES = "ACDEFGHIKLMNPQRSTVWY"  # as Foldseek writes them
SCALE = (
    "A1.8 R-4.5 N-3.5 D-3.5 C2.5 Q-3.5 E-3.5 G-0.4 H-3.2 I4.5 L3.8 K-3.9 M1.9 F2.8 P-1.6 S-0.8 T-0.7 W-0.9 Y-1.3 V4.2"
)
HYDROPATHY = dict(re.findall(r"(\w)(\S+)", SCALE))


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
    _write_marked_sites(folder / "marked_sites.fasta")
    _write_fragments(folder)
    _write_embeddings(folder)
    _write_search(folder)
    _write_evaluation(folder)
    _write_results_of_chunks(folder)
    _write_model(folder / "untrained_model.zip")
    _write_bundle(folder / "tuned_windows.zip", SITES / "train_windows.fasta", "--unit", "window")
    _write_bundle_with_pickle(folder / "tuned_windows.zip", folder / "bundle_with_pickle.zip")
    _write_bundle_of_sites(folder / "tuned_sites.zip", folder / "marked_sites.fasta")
    _write_small_bundles(folder)
    _write_records(folder)


def _write_protein_labels(path: Path) -> None:
    """Label each protein by its name's first letter: made up, it only has to be two classes."""
    headers = [line for line in (SITES / "proteins.fasta").read_text().splitlines() if line.startswith(">")]
    names = [header[1:].split()[0] for header in headers]
    rows = [f"{name}\t{'odd' if number % 2 else 'even'}\n" for number, name in enumerate(names)]
    path.write_text("id\tlabel\n" + "".join(rows), encoding="utf-8")


def _write_marked_sites(path: Path) -> None:
    """Write the whole proteins with # behind each published phosphorylation site."""
    sites: dict[str, set[int]] = {}
    for row in (SITES / "sites.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        accession, position, _, label, _ = row.split("\t")
        if label == "1":
            sites.setdefault(accession, set()).add(int(position))
    records = []
    for record in (SITES / "proteins.fasta").read_text(encoding="utf-8").split(">")[1:]:
        header, *lines = record.splitlines()
        marked = sites.get(header.split("|")[1], set())
        letters = (letter + "#" * (at in marked) for at, letter in enumerate("".join(lines), start=1))
        records.append(f">{header}\n{''.join(letters)}\n")
    path.write_text("".join(records), encoding="utf-8")


def _write_fragments(folder: Path) -> None:
    """Write two pieces of each protein, with labels that follow from their residues."""
    pieces: dict[str, tuple[str, str]] = {}
    for record in (SITES / "proteins.fasta").read_text(encoding="utf-8").split(">")[1:]:
        header, *lines = record.splitlines()
        protein, sequence = header.split()[0].split("|")[2].removesuffix("_HUMAN"), "".join(lines)
        for number in (1, 2):
            end = number * FRAGMENT
            pieces[f"{protein}_{number}"] = (protein, sequence[end - FRAGMENT : end])
    fasta = "".join(f">{name}\n{sequence}\n" for name, (_, sequence) in pieces.items())
    (folder / "fragments.fasta").write_text(fasta, encoding="utf-8")
    _write_states(folder, {name: sequence for name, (_, sequence) in pieces.items()})
    _write_fragment_labels(folder / "fragments.tsv", pieces)
    _write_residue_labels(folder / "residue_labels.tsv", pieces)
    _write_pairs(folder / "pairs.tsv", pieces)


def _write_states(folder: Path, sequences: dict[str, str]) -> None:
    """Write made-up states of a structure for all but the last piece, alone and in turn with the residues."""
    generator = random.Random(2)
    states = {name: "".join(generator.choices(STATES, k=len(sequence))) for name, sequence in sequences.items()}
    states.popitem()
    alone = "".join(f">{name}\n{told}\n" for name, told in states.items())
    (folder / "fragments_states.fasta").write_text(alone, encoding="utf-8")
    in_turn = "".join(
        f">{name}\n{''.join(map(''.join, zip(sequences[name], told.lower(), strict=True)))}\n"
        for name, told in states.items()
    )
    (folder / "fragments_with_states.fasta").write_text(in_turn, encoding="utf-8")


def _write_fragment_labels(path: Path, pieces: dict[str, tuple[str, str]]) -> None:
    """Write a measured number, two labels that may both be true, and parts that keep both pieces together."""
    rows = ["name\tpeptide\tprotein\tcharge\tacidic\tbasic\tpart"]
    for index, (name, (protein, sequence)) in enumerate(pieces.items()):
        acidic, basic = (sum(map(sequence.count, letters)) for letters in (ACIDIC, BASIC))
        part = {0: "valid", 4: "test"}.get(index // 2 % 5, "train")
        charge = round((basic - acidic) / len(sequence), 4)
        cells = (name, sequence, protein, charge, int(acidic > 5), int(basic > 5), part)
        rows.append("\t".join(map(str, cells)))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    labelled = ["id\tsequence\tlabel"]
    for name, (_, sequence) in pieces.items():
        acidic, basic = (sum(map(sequence.count, letters)) for letters in (ACIDIC, BASIC))
        labelled.append(f"{name}\t{sequence}\t{'acidic' if acidic > basic else 'other'}")
    path.with_name("labelled_fragments.tsv").write_text("\n".join(labelled) + "\n", encoding="utf-8")


def _write_residue_labels(path: Path, pieces: dict[str, tuple[str, str]]) -> None:
    """Write a letter and a number for each residue: its charge, and its hydropathy after Kyte and Doolittle 1982."""
    rows = ["id\tlabel\tmask\thydropathy"]
    for name, (_, sequence) in pieces.items():
        letters = "".join("a" if letter in ACIDIC else "b" if letter in BASIC else "n" for letter in sequence)
        mask = "0" + "1" * (len(sequence) - 1)  # the start M says nothing
        rows.append(f"{name}\t{letters}\t{mask}\t{' '.join(HYDROPATHY[letter] for letter in sequence)}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _write_pairs(path: Path, pieces: dict[str, tuple[str, str]]) -> None:
    """Pair each piece with the other one of its protein, and with one of another protein."""
    names = list(pieces)
    rows = ["a\tb\tlabel"]
    for index in range(0, len(names), 2):
        rows.append(f"{names[index]}\t{names[index + 1]}\tone protein")
        rows.append(f"{names[index]}\t{names[(index + 5) % len(names)]}\ttwo proteins")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


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


def _write_evaluation(folder: Path) -> None:
    """Write made-up predictions of two programs for sites of twenty proteins, and the truth with organisms."""
    generator = random.Random(4)
    tables = {
        "predictions": ["id\tpredicted\tprobability_0\tprobability_1"],
        "scores": ["site,score"],
        "truth": ["id\tlabel\torganism"],
    }
    for number in range(60):
        name, label = f"protein{number // 3 + 1}%{10 * number + 1}%{10 * number + 11}", number % 2
        share = round(min(max(0.5 + (label - 0.5) * 0.5 + generator.gauss(0, 0.2), 0.01), 0.99), 4)
        cells = [name, str(int(share > 0.5)), f"{1 - share:.4f}", f"{share:.4f}"]
        tables["predictions"].append("\t".join(cells))
        tables["scores"].append(f"{name},{round(10 * label + generator.gauss(0, 12), 2)}")
        organism = "human" if number < 30 else "mouse" if number < 54 else "rat"
        tables["truth"].append(f"{name}\t{label}\t{organism}")
    tables["truth"].append("protein99%1%11\t1\thuman")  # of which nothing is predicted
    for name, rows in tables.items():
        path = folder / f"evaluate_{name}.{'csv' if name == 'scores' else 'tsv'}"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    repeated = [*tables["predictions"][:3], tables["predictions"][1]]
    (folder / "evaluate_repeated.tsv").write_text("\n".join(repeated) + "\n", encoding="utf-8")


def _write_results_of_chunks(folder: Path) -> None:
    """Write made-up sites of four proteins as three chunks give them, one without a site, and a table that was cut."""
    header = "protein\tposition\tresidue\tprobability\n"
    tables = {
        "1": header + "p1\t3\tS\t0.910000\np2\t7\tT\t0.640000\n",
        "2": header,
        "3": header + "p4\t12\tT\t0.520000\n",
        "cut": header + "p4\t12\tT\n",
    }
    for name, text in tables.items():
        (folder / f"join_sites_{name}.tsv").write_text(text, encoding="utf-8")
    feature = "plmkit\tpost_translationally_modified_region"
    features = {
        "1": "##sequence-region p1 1 9\n##sequence-region p2 1 8\n"
        f"p1\t{feature}\t3\t3\t0.910000\t.\t.\tID=site1;residue=S\n",
        "2": f"##sequence-region p4 1 20\np4\t{feature}\t12\t12\t0.520000\t.\t.\tID=site1;residue=T\n",
    }
    for name, text in features.items():
        (folder / f"join_sites_{name}.gff3").write_text("##gff-version 3\n" + text, encoding="utf-8")


def _write_model(path: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        model = Path(temporary) / "untrained"
        build_untrained(model, "plmkit-untrained-for-tests", width=16, layers=2, heads=2, seed=1)
        pack(Path(temporary), path)


def _write_bundle(path: Path, examples: Path, *options: str) -> None:
    if code := main(["finetune", "--examples", str(examples), *options, "--bundle", str(path)]):
        raise SystemExit(code)


def _write_bundle_of_sites(path: Path, marked: Path) -> None:
    """Tune a head on the residues of whole proteins, prepared as a user does."""
    with tempfile.TemporaryDirectory() as temporary:
        examples = str(Path(temporary) / "examples.tsv")
        options = ["--name", "Phosphorylation", "--kind", "proteins", "--split", "none", "--examples", examples]
        if code := main(["sites", "--proteins", str(marked), *options]):
            raise SystemExit(code)
        _write_bundle(path, Path(examples), "--unit", "residue", "--method", "head", "--epochs", "10")


def _write_small_bundles(folder: Path) -> None:
    """Tune heads on the very small untrained model: what they predict is worth nothing, but they are small."""
    small = ("--model", str(folder / "untrained_model.zip"), "--method", "head", "--epochs", "2")
    fragments, residues = folder / "fragments.fasta", ("--labels", str(folder / "residue_labels.tsv"))
    table = ("--label-column", "charge", "--sequence-column", "peptide", "--identifier-column", "name")
    for seed in ("1", "2"):
        path = folder / f"tuned_charge_{seed}.zip"
        _write_bundle(path, folder / "fragments.tsv", *table, "--seed", seed, *small)
    _write_bundle(folder / "tuned_residues.zip", fragments, "--unit", "residue", *residues, *small)
    hydropathy = ("--unit", "residue", *residues, "--label-column", "hydropathy")
    _write_bundle(folder / "tuned_hydropathy.zip", fragments, *hydropathy, *small)
    pairs = ("--unit", "pair", "--labels", str(folder / "pairs.tsv"))
    _write_bundle(folder / "tuned_pairs.zip", fragments, *pairs, *small)


def _write_records(folder: Path) -> None:
    """Write the run records of an analysis of three steps; one of a later plmkit, and JSON that is no record."""
    model = ("--model", str(folder / "untrained_model.zip"))
    columns = ("--label-column", "charge", "--sequence-column", "peptide", "--identifier-column", "name")
    steps = {
        "finetune": ("--examples", "fragments.tsv", *columns, *model, "--method", "head", "--epochs", "2", "--bundle"),
        "predict": ("--bundle", "tuned_charge_1.zip", "--proteins", "fragments.fasta", *model, "--predictions"),
        "project": ("--embeddings", "embeddings.tsv", "--map"),
    }
    with tempfile.TemporaryDirectory() as temporary:
        for command, options in steps.items():
            given = [str(folder / option) if (folder / option).is_file() else option for option in options]
            record = str(folder / f"summarise_{command}.json")
            if code := main([command, *given, str(Path(temporary) / command), "--record", record]):
                raise SystemExit(code)
    (folder / "summarise_newer.json").write_text('{"schema_version": 99}\n', encoding="utf-8")
    (folder / "summarise_none.json").write_text('{"name": "something else"}\n', encoding="utf-8")


def _write_bundle_with_pickle(bundle: Path, path: Path) -> None:
    shutil.copy(bundle, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo("adapter_model.bin"), b"\x80\x04N.")  # the pickle of None


if __name__ == "__main__":
    rebuild(TEST_DATA)
