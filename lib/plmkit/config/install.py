"""The options of plm install."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from plmkit.errors import UserError

_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_TITLE = re.compile(r"[^\t\r\n]*\S[^\t\r\n]*")
_REVISION = re.compile(r"\w[\w./-]*")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+")
_ADDRESS = re.compile(r"https?://\S+")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class InstallConfig:
    """Install a protein language model for a server: fetch or copy it, check it, try it out, and say its table row."""

    into: Path
    """Folder that holds the installed models; each gets a folder of its own there."""
    catalogue: str | None = None
    """A model of plmkit's catalogue by its name on the Hugging Face Hub, such as facebook/esm2_t6_8M_UR50D."""
    hub: str | None = None
    """Any model of a supported architecture by its name on the Hub, owner/name."""
    folder: Path | None = None
    """A folder, or a zip archive of one, on this machine; it is copied and never changed. No network is needed."""
    revision: str | None = None
    """Commit on the Hub (40 letters and digits); a branch or tag is resolved to one; default: the catalogue's."""
    name: str | None = None
    """What the model of a folder is called, owner/name; default: the name it gives itself."""
    title: str | None = None
    """What users read in the menu; default: the catalogue's title, or the name."""
    licence: str | None = None
    """SPDX name of the weights' licence; default: the catalogue's, or the one named by the model card."""
    non_commercial_use: bool = False
    """Confirm that models whose licence forbids commercial use are used for nothing else here."""
    endpoint: str | None = None
    """Address of a mirror of the Hub; default: HF_ENDPOINT, or the public Hub. A token is taken from HF_TOKEN alone."""
    trial: bool = True
    """Embed one protein before the model is offered; takes the memory of the whole model."""
    table_entry: Path | None = None
    """File to write the row of Galaxy's data table huggingface to (JSON of a data manager)."""

    def __post_init__(self) -> None:
        """Check where the model comes from, and that names can stand in a table."""
        sources = {"--catalogue": self.catalogue, "--hub": self.hub, "--folder": self.folder}
        given = [option for option, value in sources.items() if value is not None]
        if len(given) != 1:
            raise UserError(f"give one of {', '.join(sources)}" + (f", not {' and '.join(given)}" if given else ""))
        if self.name is not None and self.folder is None:
            raise UserError("--name is for --folder; a model of the Hub keeps its name, --title changes the menu")
        _check("--hub", self.hub, _HUB_NAME, "owner/name, as on the Hub")
        _check("--name", self.name, _NAME, "letters, digits, '.', '_' and '-', as in owner/name")
        _check("--title", self.title, _TITLE, "one line without tabs")
        _check("--revision", self.revision, _REVISION, "a commit, branch or tag of the Hub")
        _check("--licence", self.licence, _SPDX, "an SPDX name, such as MIT or CC-BY-NC-SA-4.0")
        _check("--endpoint", self.endpoint, _ADDRESS, "an address that begins with https://")


def _check(option: str, value: str | None, form: re.Pattern[str], wanted: str) -> None:
    if value is not None and not form.fullmatch(value):
        raise UserError(f"{option} {value!r}: give {wanted}")
