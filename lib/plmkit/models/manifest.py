"""What an installed model says of itself: plmkit_model.json beside its weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plmkit.data.opening import sha256_of
from plmkit.errors import UserError

NAME = "plmkit_model.json"
SCHEMA_VERSION = 1
# The files of a published model that are kept: settings, tokenizer, weights, and what one must know of it.
WANTED = ("*.json", "*.txt", "*.model", "*.safetensors", "README.md", "LICENSE*")
# Weights that are taken only where there are no safetensors, and converted.
PICKLED = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
# The Hub's words for licences, and SPDX's.
_SPDX = {
    "afl-3.0": "AFL-3.0",
    "apache-2.0": "Apache-2.0",
    "bsd-3-clause": "BSD-3-Clause",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "cc0-1.0": "CC0-1.0",
    "gpl-3.0": "GPL-3.0-only",
    "mit": "MIT",
}
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)^---\s*$", re.DOTALL | re.MULTILINE)
_LICENCE = re.compile(r"^license:\s*[\"']?([\w.+-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Manifest:
    """An installed model.

    name: owner/name as on the Hub, or what the administrator called it; title: what people read. revision: the commit
    on the Hub, or sha256- and the beginning of the weights' checksum. licence: SPDX name, "" unknown; commercial_use:
    whether it allows that, None: not known. source: "hub", "folder" or "embedded"; converted: the weights were a
    pickle. width: numbers for each residue, None: it was not tried out. files: SHA-256 of each.
    """

    name: str
    title: str
    revision: str
    family: str
    licence: str
    commercial_use: bool | None
    source: str
    converted: bool
    width: int | None
    files: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The group of models in Galaxy's table, from which wrappers choose."""
        return f"plm-{self.family}"

    def write(self, folder: Path) -> None:
        """Write it beside the files; equal models give equal bytes."""
        content = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        (folder / NAME).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    def row(self, path: str) -> dict[str, str]:
        """Return the model's row of Galaxy's data table `huggingface`."""
        return {
            "value": self.name,
            "name": self.title,
            "pipeline_tag": "feature-extraction",
            "domain": "sequence",
            "free_tag": self.tag,
            "version": self.revision,
            "path": path,
        }

    def damaged(self, folder: Path) -> list[str]:
        """Return the files that are missing or hold other bytes than when the model was installed."""
        paths = {name: folder / name for name in self.files}
        return [name for name, path in paths.items() if not path.is_file() or sha256_of(path) != self.files[name]]


def read_manifest(folder: Path) -> Manifest | None:
    """Return what an installed model says of itself; None: it says nothing. Raises UserError for a damaged file."""
    try:
        content: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        content.pop("schema_version")
        return Manifest(**content)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"model: {NAME} is damaged; take it out of the folder, or install the model again") from None


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a model folder, by name; hidden ones are no part of the model."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    return {path.name: sha256_of(path) for path in files if path.name != NAME}


def stated_licence(folder: Path) -> str:
    """Return the licence that a model card (README.md) names, as SPDX has it where it is known; "": none is named."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    head = _FRONT_MATTER.match(text)
    found = _LICENCE.search(head[1]) if head else None
    word = found[1].lower() if found else ""
    return "" if word in ("other", "unknown") else _SPDX.get(word, word)


def allows_commercial_use(licence: str) -> bool | None:
    """Say whether a licence allows commercial use; None: not known here."""
    if "NC" in licence.upper().split("-"):
        return False
    return True if licence in _SPDX.values() else None
