"""plm project on the made-up embeddings of test-data: three families, a copy, a variant and a stranger."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from tests.forked import Program
from tests.output.test_report import read
from tests.vector_files import write_vectors

from plmkit.output.vectors import Form

Done = Callable[..., str]
Refused = Callable[..., str]
TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
EMBEDDINGS, METADATA = TEST_DATA / "embeddings.tsv", TEST_DATA / "embeddings_metadata.tsv"
OUTPUTS = {
    "--map": "map.png",
    "--svg": "map.svg",
    "--coordinates": "coordinates.tsv",
    "--findings": "findings.tsv",
    "--report": "report.html",
    "--record": "run.json",
}


def command(folder: Path, embeddings: Path = EMBEDDINGS) -> list[object]:
    outputs = [part for option, name in OUTPUTS.items() for part in (option, folder / name)]
    return ["project", "--embeddings", embeddings, *outputs]


def rows(path: Path) -> list[dict[str, str]]:
    header, *lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return found


@pytest.fixture
def projected(done: Done, tmp_path: Path) -> Path:
    said = done(*command(tmp_path), "--metadata", METADATA)
    assert "note: metadata: no row for 1 of 39 proteins\n" in said
    assert "note: metadata: no embedded protein for 1 of its 39 rows, which are left out\n" in said
    return tmp_path


def test_families_are_clusters_and_what_stands_out_is_told(projected: Path) -> None:
    found = {row["id"]: row for row in rows(projected / "coordinates.tsv")}
    assert len(found) == 39
    clusters = {name: row["cluster"] for name, row in found.items()}
    for family in ("kinase", "globin", "lectin"):
        assert len({clusters[f"{family}_{number}"] for number in range(1, 13)}) == 1
    assert {clusters["kinase_1"], clusters["globin_1"], clusters["lectin_1"]} == {"1", "2", "3"}
    assert {clusters[name] for name in ("copy", "variant")} == {clusters["kinase_1"], clusters["globin_1"]}
    stranger = found["stranger"]
    assert [stranger[key] for key in ("cluster", "silhouette", "outlier", "value")] == ["NA", "NA", "yes", "NA"]
    assert (found["copy"]["x"], found["copy"]["duplicate_of"]) == (found["kinase_1"]["x"], "kinase_1")
    assert (found["variant"]["duplicate_of"], found["variant"]["value"]) == ("globin_1", "globin")
    findings = [[row["id"], row["finding"], row["other"]] for row in rows(projected / "findings.tsv")]
    assert findings[:2] == [["copy", "exact duplicate", "kinase_1"], ["variant", "near duplicate", "globin_1"]]
    assert findings[2][:2] == ["stranger", "outlier"]


def test_the_record_counts_and_names_no_model(projected: Path) -> None:
    found = record(projected)
    assert found["model"] is None
    assert found["device"] == "cpu"
    assert set(found["libraries"]) == {"numpy", "scipy", "scikit-learn", "matplotlib"}
    assert [(entry["role"], entry["records"]) for entry in found["inputs"]] == [("embeddings", 39), ("metadata", 39)]
    counts = found["counts"]
    assert (counts["proteins"], counts["width"], counts["clusters"], counts["in_clusters"]) == (39, 8, 3, 38)
    assert (counts["exact_duplicates"], counts["near_duplicates"], counts["outliers"]) == (1, 1, 1)
    metrics = {row["metric"]: row["value"] for row in found["metrics"]}
    # families are pure: a protein's neighbours outside it are few
    assert metrics["neighbours_agree"] > 0.95
    assert metrics["neighbours_agree_by_chance"] == pytest.approx((12 * 11 + 13 * 12 + 12 * 11) / (37 * 36))


def test_the_report_is_whole_and_honest(projected: Path) -> None:
    reader = read(projected / "report.html")
    text = " ".join(reader.text.split())
    assert "3 clusters hold 97 % of the proteins" in text
    assert "A map is no proof" in text
    assert "Model" not in text
    assert len(reader.targets) == 1
    share = 100 * record(projected)["counts"]["variance_of_two_components"]
    assert f"they show {share:.1f} % of the variance" in text


@pytest.fixture(scope="module")
def alone(without_torch: Program, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, str]]:
    """Return the outputs and the words of a run by a method, in a process of its own without a deep learning library.

    UMAP compiles for six seconds there, so each method runs once.
    """

    @cache
    def run(method: str) -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp(method)
        answer = without_torch(*command(folder), "--metadata", METADATA, "--method", method)
        assert answer.returncode == 0, answer.stderr
        return folder, answer.stderr

    return run


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_the_other_maps_say_that_their_distances_mean_little(
    alone: Callable[[str], tuple[Path, str]], method: str
) -> None:
    folder, _ = alone(method)
    text = " ".join(read(folder / "report.html").text.split())
    assert "Distances between groups, their sizes and their gaps mean little" in text
    assert "of the variance)" not in (folder / "map.svg").read_text()
    assert ("umap-learn" in record(folder)["libraries"]) == (method == "umap")


@pytest.mark.usefixtures("umap_is_compiled")
@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_two_equal_runs_give_equal_files(
    done: Done, alone: Callable[[str], tuple[Path, str]], tmp_path: Path, method: str
) -> None:
    done(*command(tmp_path), "--metadata", METADATA, "--method", method)
    found = []
    for folder in (tmp_path, alone(method)[0]):
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
        assert all(str(folder).encode() not in content for content in found[-1].values())
    assert set(found[0]) == set(OUTPUTS.values())
    assert found[0] == found[1]


def test_every_format_of_embeddings_gives_the_same_map(done: Done, tmp_path: Path) -> None:
    generator, names = np.random.default_rng(1), [f"p{number}" for number in range(30)]
    values = generator.normal(size=(30, 12)).astype(np.float32)
    found = []
    for form in get_args(Form):
        (folder := tmp_path / form).mkdir()
        write_vectors(folder / "vectors.dat", names, values, form)
        done(*command(folder, folder / "vectors.dat"))
        found.append([(folder / name).read_bytes() for name in OUTPUTS.values() if name != "run.json"])
        assert record(folder)["counts"] == record(tmp_path / "tabular")["counts"]
    # the report gives the file's checksum
    assert found[0][:4] == found[1][:4] == found[2][:4]


def test_three_proteins_make_a_map_without_clusters(done: Done, tmp_path: Path) -> None:
    (tmp_path / "three.tsv").write_text("id\tx\na\t1\nb\t2\nc\t4\n")
    said = done(*command(tmp_path, tmp_path / "three.tsv"))
    assert "note: clusters: none of at least 5 proteins were found" in said
    assert [row["x"] for row in rows(tmp_path / "coordinates.tsv")] == ["-1.333333", "-0.333333", "1.666667"]
    assert record(tmp_path)["counts"]["variance_of_two_components"] == 1


def test_a_number_colours_by_a_scale(done: Done, tmp_path: Path) -> None:
    done(*command(tmp_path), "--metadata", METADATA, "--colour-column", "length")
    assert record(tmp_path)["counts"]["coloured_by"] == "number"
    assert rows(tmp_path / "coordinates.tsv")[0]["value"] == "101"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("id\t1\na\t1\nb\t2\n", "embeddings: 2 proteins make no map; give at least 3"),
        ("id\t1\na\t1\nb\t2\nc\t2\nd\t1\n", "embeddings: 2 different ones make no map; give at least 3"),
        ("id\t1\na\t1\nb\tx\nc\t3\n", "embeddings, line 3, column 2: 'x' is not a number; give what plm embed writes"),
        ("id\t1\na\t1\na\t2\nc\t3\n", "embeddings, line 3: the name 'a' stands already in line 2"),
    ],
)
def test_embeddings_that_make_no_map_are_refused(refused: Refused, tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "e.tsv").write_text(content)
    assert refused("embeddings", *command(tmp_path, tmp_path / "e.tsv")).startswith(told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--metadata", TEST_DATA / "protein_labels.tsv"], "metadata: column 'id' holds none of the embedded proteins"),
        (["--metadata", METADATA, "--colour-column", "x"], "metadata: there is no column 'x'"),
        (
            ["--metadata", METADATA, "--colour-as", "number"],
            "metadata, line 2: 'kinase' is not a finite number; mend it, or colour by category",
        ),
        (["--colour-column", "family"], "--colour-column is a column of the metadata: add --metadata, or leave it out"),
        (["--method", "mds"], 'unable to convert "mds" into one of'),
        (["--components", "1"], "--components must be at least 2, not 1"),
        (["--neighbours", "1"], "--neighbours must be at least 2, not 1"),
        (["--smallest-cluster", "1"], "--smallest-cluster must be at least 2, not 1"),
        (["--near", "1.1"], "--near must be between 0 and 1, not 1.1"),
        (["--seed", "-1"], "--seed must be"),
    ],
)
def test_wrong_options_are_answered_in_one_line(
    refused: Refused, tmp_path: Path, options: list[object], told: str
) -> None:
    assert told in refused("", *command(tmp_path), *options)


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_no_language_model_library_is_loaded(alone: Callable[[str], tuple[Path, str]], method: str) -> None:
    _, said = alone(method)
    assert said.endswith("39 proteins placed on a map\n")
    assert "Warning" not in said
