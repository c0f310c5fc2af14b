"""Read which pictures a tutorial asks for."""

import re
from dataclasses import dataclass

COMMENT = re.compile(r"<!-- *screenshot: *(.+?) *-->")
IMAGE = re.compile(r"!\[[^\]]*\]\(\s*([^\s)]+)")
SUBJECT = re.compile(
    r"(?:(?P<form>form) (?P<tool>\w+)"
    r'|(?P<dataset>dataset) "(?P<name>[^"]+)"(?: of (?P<maker>\w+))?'
    r"|(?P<other>history|tools|upload|workflow form|workflow report))"
    r'(?:, section "(?P<section>[^"]+)")?(?:, from "(?P<begin>[^"]+)")?(?:, height (?P<height>\d+))?'
)
HEIGHT, FORM = 900, 1200


@dataclass(frozen=True)
class Picture:
    """A picture that a tutorial shows.

    kind: form, dataset, history, tools, upload, workflow form or workflow report; tool: an id, empty if any will do;
    name: of the dataset; section: of a form; begin: words where the picture begins; height: in pixels, at most.
    """

    line: int
    image: str
    kind: str
    tool: str = ""
    name: str = ""
    section: str = ""
    begin: str = ""
    height: int = HEIGHT


def read_picture(line: int, subject: str, shown: str) -> Picture:
    """Read the words of a comment and the line of the image after it. Raises ValueError."""
    said, image = SUBJECT.fullmatch(subject), IMAGE.search(shown)
    if not said:
        raise ValueError(f"a screenshot of what? {subject}")
    if not image:
        raise ValueError("no image on the line after the comment")
    kind = said["form"] or said["dataset"] or said["other"]
    words = {name: said[group] or "" for name, group in (("name", "name"), ("section", "section"), ("begin", "begin"))}
    tool = said["tool"] or said["maker"] or ""
    height = int(said["height"] or (FORM if "form" in kind else HEIGHT))
    return Picture(line, image.group(1).rpartition("/")[2], kind, tool, height=height, **words)
