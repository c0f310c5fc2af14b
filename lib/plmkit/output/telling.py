"""What a text on methods has told already, so that the next paragraph does not say it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plmkit.models.families import FAMILIES
from plmkit.output.templates import cited

Record = Mapping[str, Any]

_TITLES = {family.name: family.title for family in FAMILIES}


class Telling:
    """Which language models (by the checksum of their weights) and which versions of programs a text has named."""

    def __init__(self) -> None:
        self._models: set[str] = set()
        self._versions: dict[str, str] = {}

    def model(self, record: Record) -> str:
        """Name the language model of a run record; at its first time with its source."""
        model = record["model"]
        if model["sha256"] in self._models:
            return str(model["name"])
        self._models.add(model["sha256"])
        revision = f", revision {model['revision']}" if model.get("revision") else ""
        source = f"{_TITLES.get(model['family'], model['family'])} family, {cited(model['citation'])}"
        if not model.get("is_trained", True):
            return f"the network {model['name']}{revision}, with random weights and not trained ({source}),"
        return f"the protein language model {model['name']}{revision} ({source})"

    def software(self, record: Record, *libraries: str) -> str:
        """Name plmkit and the libraries that a run used, each version once."""
        program = self.program("plmkit", record["plmkit"])
        named = [self._named(name, record["libraries"][name]) for name in libraries]
        told = ", ".join(filter(None, named))
        return program + (f" ({told})" if told else "")

    def program(self, name: str, version: str | None) -> str:
        """Name a program, with its version unless that was told."""
        return (self._named(name, version) if version else "") or name

    @property
    def programs(self) -> set[str]:
        """Names of the programs that were told with their versions."""
        return set(self._versions)

    def _named(self, name: str, version: str) -> str:
        if self._versions.get(name) == version:
            return ""
        self._versions[name] = version
        return f"{name} {version}"


def opened(sentence: str) -> str:
    """Return a text that begins with an article as a sentence begins; names keep their letters."""
    return "The" + sentence.removeprefix("the") if sentence.startswith("the ") else sentence
