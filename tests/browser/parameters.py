"""Read what a hands-on box says about a form: labels and values, the one below the other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LABEL = re.compile(
    r"^(?P<indent>\s*)- (?:\{% icon [\w-]+ %\} *)?(?P<section>In )?"
    r'\*"(?P<label>.+?)"\*(?P<rest>.*)$'
)
VALUE = re.compile(r"`([^`]+)`(?: *\((?:output of )?\*\*(.+?)\*\*[^)]*\))?")
INSIDE = re.compile(r"^(.*?) \(output of \*\*(.+?)\*\*.*\)$")
EMPTY = " "
NOTHING = "Nothing selected"


@dataclass(frozen=True)
class Value:
    """What is typed or chosen; tool: by its name, of whose output the text is the end of the name."""

    text: str
    tool: str = ""


@dataclass(frozen=True)
class Parameter:
    """A field and its values; a section has none, nor has `Insert X` of a repeat. within: what it holds."""

    line: int
    label: str
    values: tuple[Value, ...] = ()
    within: tuple["Parameter", ...] = ()

    @property
    def inserts(self) -> bool:
        """Tell whether this asks for one more of a repeat."""
        return not self.values and self.label.startswith("Insert ")


def read_parameters(lines: Sequence[tuple[int, str]]) -> tuple[Parameter, ...]:
    """Return the parameters of some lines, nested as they are indented. Raises ValueError."""
    found = [(number, match) for number, text in lines if (match := _read(number, text))]
    return _nest(found)


def _read(number: int, text: str) -> re.Match[str] | None:
    """Match a line of a parameter; words between are for people, but no other point of a list."""
    match = LABEL.match(text)
    if not match and re.match(r"\s*- ", text):
        raise ValueError(f'line {number}: a parameter is written *"Label"*: `value`, not {text.strip()}')
    return match


def _nest(found: Sequence[tuple[int, re.Match[str]]]) -> tuple[Parameter, ...]:
    parameters = []
    while found:
        (number, match), found = found[0], found[1:]
        depth = len(match["indent"])
        below = next((at for at, (_, one) in enumerate(found) if len(one["indent"]) <= depth), len(found))
        parameters.append(_parameter(number, match, _nest(found[:below])))
        found = found[below:]
    return tuple(parameters)


def _parameter(number: int, match: re.Match[str], within: tuple[Parameter, ...]) -> Parameter:
    label, values = match["label"], tuple(_value(*one) for one in VALUE.findall(match["rest"]))
    bare = bool(match["section"]) or label.startswith("Insert ")
    if bare == bool(values):
        raise ValueError(f"line {number}: {label} has {'a value too much' if bare else 'no value in backticks'}")
    return Parameter(number, label, values, within)


def _value(text: str, tool: str) -> Value:
    if inside := INSIDE.match(text):
        return Value(inside.group(1), inside.group(2))
    return Value("" if text == EMPTY else text, tool)
