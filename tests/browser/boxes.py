"""Read the hands-on boxes of a Galaxy Training Network tutorial as steps to do; docs/tutorial/README.md tells how."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.browser.parameters import Parameter, read_parameters
from tests.browser.pictures import COMMENT, Picture, read_picture

READING = ("Look", "Compare", "Read", "Find", "Note", "Answer")


class TutorialError(Exception):
    """A tutorial says what the driver does not understand; the message names the line."""


@dataclass(frozen=True)
class Step:
    """One step of a box: the line it stands on, and its words."""

    line: int
    words: str


@dataclass(frozen=True)
class NewHistory(Step):
    """Create a history; name: empty if it needs none."""

    name: str


@dataclass(frozen=True)
class Upload(Step):
    """Upload files; names: as the links end; datatype: empty if Galaxy detects it."""

    names: tuple[str, ...]
    datatype: str


@dataclass(frozen=True)
class Paste(Step):
    """Upload a pasted text."""

    text: str
    name: str
    datatype: str


@dataclass(frozen=True)
class Rename(Step):
    """Give a dataset another name."""

    old: str
    new: str


@dataclass(frozen=True)
class Datatype(Step):
    """Check that a dataset has a datatype, or change it."""

    dataset: str
    datatype: str


@dataclass(frozen=True)
class RunTool(Step):
    """Fill in a tool's form and run it."""

    tool: str
    name: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class ImportWorkflow(Step):
    """Import a published workflow."""

    name: str


@dataclass(frozen=True)
class RunWorkflow(Step):
    """Fill in a workflow's form and run it."""

    name: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Look(Step):
    """Open a dataset, or with the name `workflow report` that report; tool: by its name, empty for any."""

    name: str
    tool: str


@dataclass(frozen=True)
class Reading(Step):
    """Only thought is asked for."""


Lines = Sequence[tuple[int, str]]


def read_tutorial(path: Path) -> list[Step | Picture]:
    """Return steps and pictures in the order of the tutorial. Raises TutorialError."""
    lines = path.read_text().splitlines()
    found: list[Step | Picture] = [step for box in _boxes(lines) for step in _steps(box)]
    for number, line in enumerate(lines, 1):
        if comment := COMMENT.search(line):
            shown = next((text for text in lines[number:] if text.strip("> ")), "")
            try:
                found.append(read_picture(number, comment.group(1), shown))
            except ValueError as problem:
                raise TutorialError(f"{path.name}, line {number}: {problem}") from None
    return sorted(found, key=lambda one: one.line)


def _boxes(lines: Sequence[str]) -> Iterator[Lines]:
    """Yield the lines of each hands-on box without their first >, with their numbers, without boxes inside it."""
    box: list[tuple[int, str]] | None = None
    fenced = False
    for number, line in enumerate(lines, 1):
        if line.startswith("> <hands-on-title>"):
            box, fenced = [], False
        elif box is not None and line.startswith("{: .hands_on}"):
            yield box
            box = None
        elif box is not None:
            text = re.sub("^> ?", "", line)
            fence = text.strip().startswith("```")
            fenced = fenced != fence
            # a > in a fence is FASTA; else a box in the box, for people
            if fenced or fence or not re.match(r"\s*(>|\{: \.)", text):
                box.append((number, text))
    if box is not None:
        raise TutorialError(f"line {box[0][0] if box else len(lines)}: a hands-on box has no end {{: .hands_on}}")


def _steps(box: Lines) -> Iterator[Step]:
    """Divide a box at its numbers."""
    begins = [index for index, (_, text) in enumerate(box) if re.match(r"\d+\. ", text)]
    if not begins:
        raise TutorialError(f"line {box[0][0] if box else 0}: a hands-on box has no numbered step")
    for begin, end in zip(begins, [*begins[1:], len(box)], strict=True):
        yield _step([(number, text) for number, text in box[begin:end] if text.strip()])


def _step(lines: Lines) -> Step:
    """Say what a step asks for."""
    line = lines[0][0]
    text = "\n".join(text for _, text in lines)
    words = re.sub(r"^\d+\. ", "", lines[0][1]).strip()
    marks = [read for mark, read in MARKS.items() if re.search(mark, text)]
    if len(marks) > 1:
        raise TutorialError(f"line {line}: two things in one step; divide it: {words}")
    try:
        if marks:
            return marks[0](line, words, lines)
        if words.startswith(READING):
            return Reading(line, words)
    except ValueError as problem:
        where = "" if str(problem).startswith("line ") else f"line {line}: "
        raise TutorialError(f"{where}{problem}: {words}") from None
    raise TutorialError(f"line {line}: not understood: {words}")


def _tool(line: int, words: str, lines: Lines) -> Step:
    name, tool = _one(r"\{% tool \[(.+?)\]\((.+?)\) %\}", words)
    return RunTool(line, words, tool, name, read_parameters(lines[1:]))


def _workflow(line: int, words: str, lines: Lines) -> Step:
    (name,) = _one(r"(?<!\*)\*([^*\"]+)\*(?!\*)", words)
    if "**Import**" in words:
        return ImportWorkflow(line, words, name)
    return RunWorkflow(line, words, name, read_parameters(lines[1:]))


def _look(line: int, words: str, lines: Lines) -> Step:
    (name,) = _one(r"(?:(?<!\*)\*|`)([^*`]+)(?:\*(?!\*)|`)", words)
    tool = re.search(r"\*\*(.+?)\*\*", words)
    return Look(line, words, name, tool.group(1) if tool else "")


def _history(line: int, words: str, lines: Lines) -> Step:
    name = re.search(r"(?<!\*)\*([^*]+)\*", words)
    return NewHistory(line, words, name.group(1) if name else "")


def _upload(line: int, words: str, lines: Lines) -> Step:
    text = _text(lines)
    links = _fenced(lines)
    said = re.search(r"<!-- data: (.+?) -->", text)
    names = re.split(r"[,\s]+", said.group(1)) if said else [_file(link) for link in links]
    if len(names) != len(links):
        raise ValueError(f"{len(names)} files named for {len(links)} links")
    return Upload(line, words, tuple(names), _given(text, "format"))


def _paste(line: int, words: str, lines: Lines) -> Step:
    text = _text(lines)
    content = "".join(f"{one}\n" for one in _fenced(lines))
    return Paste(line, words, content, _given(text, "name"), _given(text, "format"))


def _rename(line: int, words: str, lines: Lines) -> Step:
    old, new = _quoted(words, 2)
    return Rename(line, words, old, new)


def _datatype(line: int, words: str, lines: Lines) -> Step:
    dataset = _quoted(words, 1)[0]
    return Datatype(line, words, dataset, _given(_text(lines), "datatype"))


MARKS = {
    r"\{% tool \[": _tool,
    r"\{% icon workflow %\}": _workflow,
    r"\{% icon galaxy-eye %\}": _look,
    r"snippet faqs/galaxy/histories_create_new": _history,
    r"snippet faqs/galaxy/datasets_import_via_link": _upload,
    r"snippet faqs/galaxy/datasets_create_new_file": _paste,
    r"snippet faqs/galaxy/datasets_rename": _rename,
    r"snippet faqs/galaxy/datasets_change_datatype": _datatype,
}


def _text(lines: Lines) -> str:
    return "\n".join(text for _, text in lines)


def _fenced(lines: Lines) -> list[str]:
    """Return the lines of the code block of a step, without its indentation."""
    fences = [index for index, (_, text) in enumerate(lines) if text.strip().startswith("```")]
    if len(fences) != 2:
        raise ValueError("one code block is wanted")
    indent = len(lines[fences[0]][1]) - len(lines[fences[0]][1].lstrip())
    return [text[indent:].rstrip() for _, text in lines[fences[0] + 1 : fences[1]]]


def _file(link: str) -> str:
    """Return the name of the file that a link names."""
    name = link.split("?")[0].removesuffix("/content").rpartition("/")[2]
    if "." not in name:
        raise ValueError(f"the link ends in no name of a file; name it in a comment: {link}")
    return name


def _given(text: str, name: str) -> str:
    """Return what a snippet is given, empty if nothing."""
    found = re.search(rf'\b{name}="([^"]*)"', text)
    return found.group(1) if found else ""


def _one(pattern: str, words: str) -> tuple[str, ...]:
    found = re.search(pattern, words)
    if not found:
        raise ValueError("a name is missing")
    return found.groups()


def _quoted(words: str, count: int) -> list[str]:
    found = re.findall("`([^`]+)`", words)
    if len(found) < count:
        raise ValueError(f"{count} names in backticks are wanted")
    return [str(one) for one in found]
