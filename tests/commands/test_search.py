import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from tests.forked import Program
from tests.shape import LAYERS
from tests.vector_files import write_vectors

from plmkit.commands import search
from plmkit.output.vectors import Form

TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"
QUERIES, REFERENCES = TEST_DATA / "search_queries.tsv", TEST_DATA / "search_references.tsv"
LABELS, TRUTH = TEST_DATA / "search_labels.tsv", TEST_DATA / "search_truth.tsv"
Refused = Callable[..., str]
Done = Callable[..., str]
Rows = list[dict[str, str]]


def table(path: Path) -> Rows:
    header, *lines = [line.split("\t") for line in path.read_text().splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def searching(folder: Path, *more: object, queries: Path = QUERIES, references: Path = REFERENCES) -> list[object]:
    return ["search", "--queries", queries, "--references", references, "--hits", folder / "hits.tsv", *more]


def judging(folder: Path, *more: object) -> list[object]:
    outputs = ("--transfers", folder / "transfers.tsv", "--metrics", folder / "metrics.tsv")
    return ["--labels", LABELS, "--truth", TRUTH, *outputs, "--record", folder / "run.json", *more]


def write_archive(path: Path, names: list[str], values: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Path:
    with path.open("wb") as handle:
        np.savez(handle, ids=np.array(names), embeddings=values)
    return path


def test_neighbours_at_distances_known_by_hand(done: Done, tmp_path: Path) -> None:
    said = done(*searching(tmp_path))
    rows = table(tmp_path / "hits.tsv")
    same = [(row["reference"], row["distance"], row["similarity"]) for row in rows if row["query"] == "same"]
    assert same == [
        ("start", "0", "1.000000"),
        ("unlabelled", "0.5", "0.500000"),
        ("five", "5", "0.090909"),
        ("ten", "10", "0.047619"),
    ]
    assert {row["label"] for row in rows} == {"NA"}
    assert "note: queries: 1 with the same vector as a reference of another name\n" in said
    assert "100 % searched" in said


def test_labels_are_transferred_down_to_the_threshold(done: Done, tmp_path: Path) -> None:
    done(*searching(tmp_path, *judging(tmp_path, "--threshold", 0.1)))
    assert (tmp_path / "transfers.tsv").read_text().splitlines() == [
        "query\tlabel\treliability\thits\treferences\tflag",
        "same\tnucleus\t1.000000\t1\tstart\ttransferred",
        "same\tcytosol\t1.000000\t1\tstart\ttransferred",
        "near\tmembrane\t0.500000\t1\tfive\ttransferred",
        "far\tNA\t0.012346\t1\tten\tno transfer",
    ]
    assert table(tmp_path / "hits.tsv")[0]["label"] == "nucleus;cytosol"


def test_the_transfer_is_judged_by_true_labels_and_by_leaving_references_out(done: Done, tmp_path: Path) -> None:
    done(*searching(tmp_path, *judging(tmp_path, "--threshold", 0.1)))
    rows = table(tmp_path / "metrics.tsv")
    of_queries = [row for row in rows if row["examples"] == "queries"]
    assert of_queries[0]["method"] == "most frequent label"  # membrane: right for one of three
    assert of_queries[0]["accuracy"] == "0.333333"
    chosen = next(row for row in of_queries if row["threshold"] == "0.100000")
    assert (chosen["answered"], chosen["coverage"], chosen["accuracy"]) == ("2", "0.666667", "0.500000")
    # start gets membrane (wrong), ten gets membrane from five (right); five is 5 away from both: start comes first
    (all_answered, *_) = [row for row in rows if row["examples"].startswith("references")][1:]
    assert (all_answered["answered"], all_answered["accuracy"]) == ("3", "0.333333")
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["model"] is None
    assert record["counts"]["transferred"] == 2
    assert [entry["role"] for entry in record["inputs"]] == ["queries", "references", "labels", "truth"]
    assert record["metrics"][0]["accuracy"] == 0.333333


@pytest.mark.parametrize("form", ["npz", "parquet"])
def test_all_against_all_agrees_with_scikit_learn(
    done: Done, tmp_path: Path, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LEFT_OUT_AT_MOST", 60)
    generator = np.random.default_rng(1)
    classes = generator.integers(3, size=80)
    values = (generator.normal(size=(80, 12)) + classes[:, None]).astype(np.float32)
    names = [f"p{row}" for row in range(80)]
    write_vectors(tmp_path / "all", names, values, form)
    (tmp_path / "labels.csv").write_text(
        "name,place\n" + "".join(f"{name},{place}\n" for name, place in zip(names, classes, strict=True))
    )
    both = tmp_path / "all"
    labels = ("--labels", tmp_path / "labels.csv", "--label-column", "place")
    outputs = ("--transfers", tmp_path / "transfers.tsv", "--metrics", tmp_path / "metrics.tsv")
    said = done(*searching(tmp_path, *labels, *outputs, queries=both, references=both))
    assert "note: queries: 80 do not find the reference of their own name" in said
    right = 0
    given = table(tmp_path / "transfers.tsv")
    for row in range(80):
        others = np.arange(80) != row
        nearest = KNeighborsClassifier(1, algorithm="brute").fit(values[others], classes[others])
        expected = nearest.predict(values[row : row + 1])[0]
        assert given[row]["label"] == str(expected)
        right += expected == classes[row]
    judged = next(row for row in table(tmp_path / "metrics.tsv") if row["method"] == "transfer")
    assert judged["answered"] == "60"  # of more references, so many are drawn
    assert float(judged["accuracy"]) == pytest.approx(right / 80, abs=0.15)


def test_equal_runs_give_equal_files(done: Done, tmp_path: Path) -> None:
    contents = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        done(*searching(folder, *judging(folder)))
        contents.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert contents[0] == contents[1]


def test_torch_is_never_loaded(without_torch: Program, tmp_path: Path) -> None:
    answer = without_torch(*searching(tmp_path, *judging(tmp_path)))
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "metrics.tsv").exists()


def test_run_records_tell_whether_one_model_made_both(
    done: Done, refused: Refused, tmp_path: Path, proteins: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("embedded")
    for layer in (1, 2):
        made = ("--layer", layer, "--vectors", folder / f"{layer}.tsv", "--record", folder / f"{layer}.json")
        done("embed", "--proteins", proteins, *made)
    both = {"queries": folder / "1.tsv", "references": folder / "1.tsv"}
    records = ("--queries-record", folder / "1.json", "--references-record")
    said = done(*searching(folder, *records, folder / "1.json", **both))
    assert "note: model: by their run records plmkit-tiny-2 made both sets, with one layer and pooling\n" in said
    both["references"] = folder / "2.tsv"
    message = refused("references' run record", *searching(tmp_path, *records, folder / "2.json", **both))
    assert message == (
        "references' run record: layers is [2], that of the queries' run record is [1]; embed both sets in one way"
    )
    message = refused("references' run record", *searching(tmp_path, *records, LABELS, **both))
    assert message == "references' run record: this is no run record; give the JSON file that plm embed wrote"
    both["references"] = REFERENCES
    assert "embed both sets with one model" in refused("references", *searching(tmp_path, **both))


def test_the_usual_layer_and_the_last_one_are_the_same_way(done: Done, tmp_path: Path, proteins: Path) -> None:
    for name, options in (("usual", []), ("last", ["--layer", -1]), ("number", ["--layer", LAYERS])):
        made = ("--vectors", tmp_path / f"{name}.tsv", "--record", tmp_path / f"{name}.json")
        done("embed", "--proteins", proteins, *made, *options)
    files = {"queries": tmp_path / "usual.tsv", "references": tmp_path / "last.tsv"}
    for other in ("last", "number"):
        records = ("--queries-record", tmp_path / "usual.json", "--references-record", tmp_path / f"{other}.json")
        assert "made both sets, with one layer and pooling\n" in done(*searching(tmp_path, *records, **files))


def test_a_record_of_other_vectors_is_refused(
    done: Done, refused: Refused, tmp_path: Path, proteins: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("embedded")
    done("embed", "--proteins", proteins, "--vectors", folder / "v.tsv", "--record", folder / "run.json")
    lines = (folder / "v.tsv").read_text().splitlines(keepends=True)
    (folder / "fewer.tsv").write_text("".join(lines[:3]))
    more = ("--queries-record", folder / "run.json", "--references-record", folder / "run.json")
    message = refused(
        "references' run record",
        *searching(tmp_path, *more, queries=folder / "v.tsv", references=folder / "fewer.tsv"),
    )
    assert "it tells of 3 proteins, but the references are 2" in message


@pytest.mark.parametrize(
    ("more", "role", "told"),
    [
        (["--references", TEST_DATA / "search_wider.tsv"], "references", "have 3 numbers, those of the queries 2"),
        (["--references", TEST_DATA / "gap.fasta"], "references", "plm embed"),
        (["--neighbours", "0"], "--neighbours", "must be at least 1"),
        (["--voters", "11"], "--voters 11 are more than --neighbours 10", "raise these"),
        (["--threshold", "1.5"], "--threshold", "between 0 and 1"),
        (["--metrics", "m.tsv"], "--metrics needs the labels", "add --labels"),
        (["--truth", TRUTH], "--truth needs the labels", "add --labels"),
        (["--queries-record", TRUTH], "--queries-record and --references-record", "give both or none"),
        (["--labels", LABELS, "--label-column", "place"], "labels", "there is no column 'place'"),
        (["--labels", LABELS, "--truth", TEST_DATA / "protein_labels.tsv"], "truth", "is among the queries"),
    ],
)
def test_mistakes_are_told_in_one_line(
    refused: Refused, tmp_path: Path, more: list[object], role: str, told: str
) -> None:
    command = searching(tmp_path, *more)
    if more[0] == "--references":
        command = searching(tmp_path, references=Path(str(more[1])))
    assert told in refused(role, *command)


def test_a_zero_vector_has_no_angle(
    refused: Refused, done: Done, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("zero")
    values = np.array([[0, 0], [1, 2]], dtype=np.float32)
    zero = write_archive(folder / "zero.npz", ["none", "some"], values)
    message = refused("references", *searching(tmp_path, "--distance", "cosine", references=zero))
    assert message == (
        "references, 'none': all numbers are zero, so it has no angle; leave it out, or take --distance euclidean"
    )
    done(*searching(folder, references=zero))


def test_numbers_that_are_none_and_names_given_twice_are_refused(
    refused: Refused, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    values = np.array([[1, np.nan], [1, 2]], dtype=np.float32)
    broken = write_archive(folder / "nan.npz", ["a", "b"], values)
    assert "number 2 of 'a' is nan" in refused("queries, row 1", *searching(tmp_path, queries=broken))
    twice = write_archive(folder / "twice.npz", ["a", "a"], np.ones((2, 2), dtype=np.float32))
    assert "'a' stands already in row 1" in refused("references, row 2", *searching(tmp_path, references=twice))
