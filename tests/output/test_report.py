from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.image as image
import numpy as np
import pytest
from tests.output.made_records import made_record, row

from plmkit.output.report import cell, labels, tables, write_report

Done = Callable[..., str]
EMPTY_ELEMENTS = {"meta", "img", "br", "hr", "link", "input"}


class Reader(HTMLParser):
    """Every element is closed in order; remembers elements, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.targets: list[str] = []
        self.text = ""
        self.cells: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        self.targets += [value or "" for key, value in attrs if key in ("href", "src", "action", "style")]
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1][-1] += data.replace("\xa0", " ")


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def written(tmp_path: Path) -> Callable[[dict[str, Any]], Reader]:
    """Write the report of a made record; return what a reader sees."""

    def write(record: dict[str, Any]) -> Reader:
        for name, width in (("curves.png", 600), ("figure.png", 3000)):
            image.imsave(tmp_path / name, np.zeros((2, width, 3)))
        write_report(tmp_path / "r.html", record, {name: tmp_path / f"{name}.png" for name in ("curves", "figure")})
        return read(tmp_path / "r.html")

    return write


Written = Callable[[dict[str, Any]], Reader]


@pytest.fixture(params=["tuned_on_windows", "tuned_on_proteins"])
def report(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder / "report.html"


def plain(reader: Reader) -> str:
    return " ".join(reader.text.split())


def test_the_report_is_whole_html_which_loads_nothing(report: Path) -> None:
    reader = read(report)
    assert not {"script", "link", "iframe", "object"} & set(reader.seen)
    assert len(reader.targets) == 3
    assert all(target.startswith("data:image/png;base64,") for target in reader.targets)
    content = report.read_text(encoding="utf-8")
    for picture in reader.targets:  # whose letters may say anything by chance
        content = content.replace(picture, "")
    assert "http" not in content
    assert "url(" not in content
    assert "@import" not in content


def test_the_report_gives_the_verdict_and_the_numbers_of_the_table(report: Path) -> None:
    reader = read(report)
    assert "Result. " in reader.text
    assert "logistic regression" in reader.text
    rows = [line.split("\t") for line in (report.parent / "metrics.tsv").read_text().splitlines()[1:]]
    cells = {text for line in reader.cells for text in line}
    for method, _, metric, value, low, high in rows:
        found = cell(row(method, "validation", metric, *map(float, (value, low, high))), " minus " in method)
        assert found in cells


def test_labels_are_text_and_never_markup(written: Written) -> None:
    evil = ["<b>x</b>", "</table><script>alert(1)</script>"]
    record = made_record(names=evil)
    record["model"]["name"] = "<i>model</i>"
    record["metrics"] += [row("fine-tuned model", "validation", f"f1 of {evil[0]}", 0.5, 0.25, 0.75)]
    reader = written(record)
    assert not {"script", "b", "i"} & set(reader.seen)
    assert ["Label <b>x</b>", "5", "5"] in reader.cells
    assert ["<b>x</b>", "5", "0.50 (0.25 to 0.75)"] in reader.cells
    assert "<i>model</i> was tuned by LoRA" in reader.text


def test_thresholds_are_told_for_validation_and_test(written: Written) -> None:
    record = made_record("window", names=["no", "yes"], tests=["test"])
    counts = {"positives": 5, "negatives": 1000, "true_positives": 4, "false_positives": 10, "mcc": 0.46}
    given = {"validation": counts, "test": counts | {"true_positives": 0, "false_positives": 0, "mcc": 0.0}}
    record["thresholds"] = [
        {"label": "yes", "rule": "fpr_1", "threshold": 0.0123, "parts": given},
        {"label": "yes", "rule": "precision_90", "threshold": None, "parts": {}},
    ]
    record["counts"] |= {
        "left_out": 900,
        "shares": [{"name": "yes", "training": 0.5, "training side": 0.05, "test": 0.1}],
    }
    record["config"]["negatives"] = 1.0
    reader = written(record)
    validation = ["80.0 % (4 of 5)", "1.0 % (10 of 1,000)", "28.6 % (4 of 14)", "0.46"]
    assert ["false-positive rate of at most 1 %", "0.0123", *validation] in reader.cells
    test = ["0.0 % (0 of 5)", "0.0 % (0 of 1,000)", "none", "0.00"]
    assert ["false-positive rate of at most 1 %", "0.0123", *test] in reader.cells
    assert ["precision of at least 90 %", "out of reach", "", "", "", ""] in reader.cells
    assert ["Label yes", "5 (50 %)", "5", "5 (10 %)"] in reader.cells
    text = plain(reader)
    assert "guessing reaches the share of the label, here 0.1." in text
    assert "900 negatives were left out; the probabilities stand for all of it, 5 % positives." in text
    assert "At most 1 negatives for each positive were learned from, drawn first from proteins with a positive" in text


def test_parts_come_test_first_each_with_a_row_for_each_method(written: Written) -> None:
    reader = written(made_record("protein", "regression", names=["Tm"], tests=["test", "test_hard"], folds=3))
    parts = [table.part for table in tables(made_record(tests=["test"], folds=3)["metrics"])]
    assert parts == ["test", "cross-validation", "validation"]
    text = plain(reader)
    places = [text.index(title) for title in ("Test set “test_hard” (", "Cross-validation (", "Validation set (")]
    assert places == sorted(places)
    interval = "0.75 (0.65 to 0.85)"
    assert reader.cells.count(["fine-tuned model", *[interval] * 5, ""]) == 4
    assert reader.cells.count(["ridge regression", *["0.50 (0.40 to 0.60)"] * 5, "+0.25 (+0.12 to +0.38)"]) == 4
    assert "Of root mean squared error and mean absolute error, lower is better" in text
    assert ["", "Training", "Validation", "Test", "Test_hard"] in reader.cells


def test_runs_stand_beneath_the_tuned_model_and_simple_methods_beneath_them() -> None:
    names = ["fine-tuned model", "logistic regression", "fine-tuned model minus logistic regression"]
    names += ["fine-tuned model, seed 2", "fine-tuned model, mean (lowest to highest) of 2 runs"]
    (table,) = tables([row(name, "test", "mcc", 0.5, 0.4, 0.6) for name in names])
    assert list(table.rows) == [names[0], names[3], names[4], names[1]]
    assert list(table.differences) == [names[1]]
    assert table.compared_by == "mcc"


def test_a_cell_is_a_value_with_its_interval() -> None:
    assert cell(row("m", "test", "mcc", 0.714, 0.65, 0.7649)) == "0.71 (0.65 to 0.76)"
    assert cell(row("m", "test", "r2", -0.001, -0.5, 0)) == "0.00 (-0.50 to 0.00)"
    assert cell(row("m", "test", "mcc", 0.1, -0.2, 0.3), is_difference=True) == "+0.10 (-0.20 to +0.30)"
    assert cell(row("m", "test", "mcc", 0.5, None, None)) == "0.50"
    assert cell(row("m", "test", "mcc", None, None, None)) == "not defined"
    assert cell(None) == ""


def test_the_linear_model_stands_beneath_each_label(written: Written) -> None:
    record = made_record(task="multilabel", names=["a", "b"])
    for method, value in (("fine-tuned model", 0.75), ("logistic regression", 0.25)):
        record["metrics"].append(row(method, "validation", "f1 of a", value, value - 0.1, value + 0.1))

    text = plain(written(record))
    assert "and beneath each label logistic regression." in text
    assert "0.75 (0.65 to 0.85)" in text
    assert "0.25 (0.15 to 0.35)" in text


def test_the_forty_most_frequent_labels_are_shown_and_the_others_counted(written: Written) -> None:
    record = made_record(task="multilabel", names=[f"label {number}" for number in range(50)])
    for number, label in enumerate(record["counts"]["labels"]):
        label["training"] = number
        record["metrics"].append(row("fine-tuned model", "validation", f"f1 of {label['name']}", 0.5, 0.4, 0.6))
    found = labels(record, "validation")
    assert [label["name"] for label in found.counts] == [f"label {number}" for number in range(49, 9, -1)]
    assert found.left_out == 10
    assert "The 40 most frequent labels; 10 more are in the table of metrics." in plain(written(record))


def test_the_way_to_use_the_model_fits_the_unit(written: Written) -> None:
    commands = {unit: plain(written(made_record(unit))) for unit in ("protein", "residue", "pair", "window")}
    begin = "plm predict --bundle tuned.zip --model MODEL --proteins "
    assert f"{begin}proteins.fasta --predictions predictions.tsv MODEL is" in commands["protein"]
    assert f"{begin}proteins.fasta --predictions predictions.tsv --track predictions.bed " in commands["residue"]
    assert f"{begin}proteins.fasta --pairs pairs.tsv --predictions predictions.tsv" in commands["pair"]
    assert f"{begin}windows.fasta --predictions predictions.tsv plm ptm --bundle tuned.zip" in commands["window"]
    assert "Windows have 21 residues, the site in the middle; plm ptm cuts them itself." in commands["window"]
    assert "plm ptm" not in plain(written(made_record("window", "regression", names=["Kd"])))
    assert "--track predictions.bedgraph" in plain(written(made_record("residue", "regression", names=["Z"])))


def test_the_embedded_model_needs_no_option(written: Written) -> None:
    record = made_record()
    record["model"]["name"] = "plmkit-tiny-2"
    assert "--bundle tuned.zip --proteins proteins.fasta" in plain(written(record))


def test_the_training_is_told_and_advice_is_left_to_the_verdict(written: Written) -> None:
    text = plain(written(made_record(seeds=2)))
    assert "9 of at most 20 epochs (passes over the training examples) were run; the weights of epoch 4" in text
    assert "where the F1, mean over labels of the validation examples was highest." in text
    assert "Of 2 runs with different seeds, the one kept is seed 1" in text
    assert "The first epoch" not in text
    assert "The last epoch" not in text
    first, last = made_record(), made_record()
    first["counts"]["best_epoch"], last["counts"]["best_epoch"] = 1, 20
    assert "The first epoch was the best one: what was learned later does not hold" in plain(written(first))
    assert "The last epoch was the best one: training ended while the model was still getting better." in plain(
        written(last)
    )
    assert "may help" not in plain(written(first))


def test_a_head_alone_is_never_called_a_tuned_model(written: Written) -> None:
    reader = written(made_record(method="head", folds=3))
    text = plain(reader)
    assert text.count("Head on a frozen protein language model") == 1
    assert "Beside the head on the frozen model stands what it should beat" in text
    assert "so they flatter the head on the frozen model a little" in text
    assert "Use the head on the frozen model" in text
    assert {"head on the frozen model", "logistic regression"} <= {row[0] for row in reader.cells}
    named = text.lower().replace("predict with a tuned protein language model", "")
    assert "tuned model" not in named
    assert "tuned protein" not in named


def test_figures_are_as_wide_as_the_text_at_most(written: Written, tmp_path: Path) -> None:
    written(made_record())
    content = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'alt="Predictions compared with the truth" width="800"' in content
    assert 'by epoch" width="400"' in content


def test_average_precision_and_pairs_are_explained(written: Written) -> None:
    text = plain(written(made_record("pair", names=["no", "yes"])))
    assert "Average precision is that of the label “yes”" in text
    assert "Pairs are taken as independent" in text
    assert "all labels, their mean" in plain(written(made_record()))
