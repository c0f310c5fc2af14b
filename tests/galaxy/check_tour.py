"""Read the tours of docs/tours as Galaxy does: python -m tests.galaxy.check_tour, with Galaxy's Python.

Galaxy's own model of a tour must accept them; each element must be one that Galaxy's own browser tests use; what is
pasted must be the proteins and sites of test-data.
"""

import csv
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOURS = ROOT / "docs" / "tours"
DATA = ROOT / "test-data" / "human_phosphosites"
# what a step may add to an element: the field in it
WITHIN = r"( input| textarea)?"


def main() -> int:
    """Print each problem; return 1 if there is any."""
    paths = sorted(TOURS.glob("*.yaml"))
    problems = [problem for path in paths for problem in problems_of(path)]
    for problem in problems:
        say(problem)
    say(f"{len(paths)} tours, {len(problems)} problems")
    return 1 if problems or not paths else 0


def problems_of(path: Path) -> list[str]:
    """Return what is wrong with a tour, one line each."""
    warnings: list[str] = []
    tour = import_module("galaxy.tours._impl").load_tour_from_path(path, warn=warnings.append)
    try:
        import_module("galaxy.schema.tours").TourDetails(**tour)
    except ValueError as error:
        return [f"{path.name}: {error}"]
    steps = enumerate(tour["steps"], 1)
    found = [f"{path.name}, step {number}: {problem}" for number, step in steps for problem in problems_of_step(step)]
    if tour.get("id") != path.stem:
        found.append(f"{path.name}: the id is the name of the file for Galaxy, not {tour.get('id')!r}")
    return [*warnings, *found]


def problems_of_step(step: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a step."""
    known = {"title", "content", "element", "placement", "preclick", "postclick", "textinsert", "orphan"}
    if unknown := sorted(set(step) - known):
        yield f"Galaxy does not know {', '.join(unknown)}"
    clicks = [step.get(key) for key in ("preclick", "postclick")]
    for element in [step.get("element"), *(one for click in clicks if isinstance(click, list) for one in click)]:
        if element and not any(selector.fullmatch(element) for selector in selectors()):
            yield f"no selector of Galaxy's is like {element!r}"
    pasted = step.get("textinsert", "")
    if pasted.startswith(">") and pasted not in (proteins_to_scan(), proteins_with_sites()):
        yield f"{step['title']}: these are not the proteins of test-data"


@cache
def selectors() -> list[re.Pattern[str]]:
    """Return Galaxy's selectors as patterns; a name to fill in stands for any text, and quotes for each other."""
    content = import_module("yaml").safe_load((files("galaxy.navigation") / "navigation.yml").read_text())
    return [re.compile(pattern_of(text) + WITHIN) for text in sorted(set(texts_of(content)))]


def texts_of(content: object) -> Iterator[str]:
    """Yield all texts of nested lists and dictionaries but those which are no CSS, or begin with a name to fill in."""
    if isinstance(content, dict):
        if content.get("type") not in ("xpath", "sizzle"):
            for value in content.values():
                yield from texts_of(value)
    elif isinstance(content, list):
        for value in content:
            yield from texts_of(value)
    elif isinstance(content, str) and re.match(r"[.#\[]?[a-z]", content):
        yield content


def pattern_of(selector: str) -> str:
    """Return the regular expression of a selector such as `#upload-row-${n} .upload-title`."""
    quoted = re.escape(re.sub(r"\$\{\w+\}", "\0", selector))
    return re.sub("[\"']", "[\"']", quoted).replace(re.escape("\0"), r"[^\[\]]+")


def proteins_to_scan() -> str:
    """Return what the tour pastes as the proteins to scan."""
    return (DATA / "scan.fasta").read_text()


def proteins_with_sites() -> str:
    """Return the proteins that are not held out, with # behind each site, in lines of 100 letters."""
    held_out = set(re.findall(r">\w+\|(\w+)\|", (DATA / "heldout_windows.fasta").read_text()))
    with (DATA / "sites.tsv").open() as file:
        sites = {
            (row["accession"], int(row["position"]))
            for row in csv.DictReader(file, delimiter="\t")
            if row["label"] == "1"
        }
    lines = []
    for record in (DATA / "proteins.fasta").read_text().split(">")[1:]:
        header, _, sequence = record.partition("\n")
        name, accession = header.split()[0], header.split("|")[1]
        if accession not in held_out:
            letters = enumerate(sequence.replace("\n", ""), 1)
            marked = "".join(f"{letter}#" if (accession, at) in sites else letter for at, letter in letters)
            lines += [f">{name}", *(marked[at : at + 100] for at in range(0, len(marked), 100))]
    return "".join(f"{line}\n" for line in lines)


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
