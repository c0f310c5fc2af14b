from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from plmkit.output.report import verdict

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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.targets += [value or "" for key, value in attrs if key in ("href", "src", "action", "style")]
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(params=["tuned_on_windows", "tuned_on_proteins"])
def report(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder / "report.html"


def test_the_report_is_whole_html_which_loads_nothing(report: Path) -> None:
    reader = read(report)
    assert not {"script", "link", "iframe", "object"} & set(reader.seen)
    assert len(reader.targets) == 1
    assert reader.targets[0].startswith("data:image/png;base64,")
    content = report.read_text(encoding="utf-8")
    assert "http" not in content
    assert "url(" not in content
    assert "@import" not in content


def test_the_report_gives_the_verdict_and_the_numbers_of_the_table(report: Path) -> None:
    text = " ".join(read(report).text.split())
    assert "Result. " in text
    assert "logistic regression" in text
    rows = [line.split("\t") for line in (report.parent / "metrics.tsv").read_text().splitlines()[1:]]
    assert len(rows) == 13
    for _, _, _, value, low, high in rows:
        assert f"{float(value):.3f} {float(low):.3f} to {float(high):.3f}" in text


def test_labels_are_text_and_never_markup(done: Done, tmp_path: Path) -> None:
    evil = ["<b>x</b>", "</table><script>alert(1)</script>"]
    rows = [f"{'ACDEFGHIKLMNPQRSTVWY'[n]}MK\t{evil[n % 2]}\n" for n in range(20)]
    (tmp_path / "e.tsv").write_text("sequence\tlabel\n" + "".join(rows))
    command = ["finetune", "--examples", tmp_path / "e.tsv", "--bundle", tmp_path / "b.zip", "--epochs", 1]
    done(*command, "--report", tmp_path / "r.html", "--model-name", "<i>model</i>")
    reader = read(tmp_path / "r.html")
    assert not {"script", "b", "i"} & set(reader.seen)
    assert all(f"predicted {label}" in reader.text for label in evil)
    assert "<i>model</i>, tuned by LoRA" in reader.text


def rows(value: float, low: float | None, high: float | None) -> list[dict[str, object]]:
    found = {"fine-tuned model": 0.7 + value, "logistic regression": 0.7}
    each = [{"method": method, "metric": "auroc", "value": area, "low": 0, "high": 1} for method, area in found.items()]
    difference = "fine-tuned model minus logistic regression"
    return [*each, {"method": difference, "metric": "auroc", "value": value, "low": low, "high": high}]


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (
            (0.2, 0.1, 0.3),
            "On the validation examples the tuned model is better than a logistic regression: area under the ROC "
            "curve 0.900 against 0.700, a difference of +0.200 (95 % interval +0.100 to +0.300).",
        ),
        (
            (-0.2, -0.3, -0.1),
            "On the validation examples the tuned model is worse than a logistic regression: area under the ROC "
            "curve 0.500 against 0.700, a difference of -0.200 (95 % interval -0.300 to -0.100). "
            "Use the simple method, or a trained or larger language model.",
        ),
        (
            (0.1, -0.1, 0.3),
            "The validation examples do not show that the tuned model is better than a logistic regression on the "
            "residues alone: area under the ROC curve 0.800 against 0.700, a difference of +0.100 (95 % interval "
            "-0.100 to +0.300).",
        ),
    ],
)
def test_the_verdict_is_better_worse_or_open(difference: tuple[float, float, float], sentence: str) -> None:
    assert verdict(rows(*difference)) == sentence


def test_without_an_interval_there_is_no_verdict() -> None:
    assert verdict(rows(0.1, None, None)).startswith("Too few validation examples")
    assert verdict([]).startswith("Too few validation examples")
