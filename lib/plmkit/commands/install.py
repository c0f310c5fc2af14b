"""plm install: fetch or copy a protein language model, check it, try it out, and only then put it in its place."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plmkit.config import InstallConfig
from plmkit.data.opening import sha256_of
from plmkit.errors import UserError
from plmkit.models.catalogue import CatalogueModel, catalogue, find
from plmkit.models.manifest import NAME, Manifest, allows_commercial_use, checksums, read_manifest, stated_licence
from plmkit.models.source import EMBEDDED_FOLDER, open_model
from plmkit.output.staging import Staging, staged

if TYPE_CHECKING:
    from plmkit.models.download import HubModel

log = logging.getLogger(__name__)

_COMMIT = 40


@dataclass(frozen=True)
class _Wanted:
    """What is asked for: a model of the Hub (revision: a commit, branch or tag), or one on this machine."""

    config: InstallConfig
    known: CatalogueModel | None
    name: str
    revision: str
    folder: Path | None

    def licence(self, found: str) -> str:
        """Return the licence: the one given, the catalogue's, or the one found with the model."""
        return self.config.licence or (self.known.licence if self.known else found)

    def check(self, licence: str) -> bool | None:
        """Return whether commercial use is allowed; raises UserError for one that forbids it and was not confirmed."""
        is_stated_here = self.known is not None and self.config.licence is None
        allows = self.known.commercial_use if self.known and is_stated_here else allows_commercial_use(licence)
        if allows is False and not self.config.non_commercial_use:
            raise UserError(
                f"model: the licence of {self.name}, {licence}, forbids commercial use; if nobody here makes such use "
                "of it, say so with --non-commercial-use"
            )
        return allows


def run(config: InstallConfig) -> None:
    """Install one model and say where it lies, as one line of JSON."""
    wanted = _wanted(config)
    if wanted.known:
        wanted.check(wanted.licence(""))
    with staged([config.table_entry], inputs=[wanted.folder]) as outputs:
        _make(config.into)
        manifest, target, is_new = _from_folder(wanted) if wanted.folder else _from_hub(wanted)
        _report(manifest, target, is_new, config, outputs)


def _make(into: Path) -> None:
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--into: the folder cannot be made ({error.strerror}); choose another place") from None


def _wanted(config: InstallConfig) -> _Wanted:
    if config.folder is not None:
        name = config.name or ""
        return _Wanted(config, find(name), name, config.revision or "", config.folder)
    known = find(config.catalogue or config.hub or "")
    if config.catalogue is not None and known is None:
        names = ", ".join(model.name for model in catalogue())
        raise UserError(f"--catalogue: there is no {config.catalogue!r}; there are {names}; others by --hub")
    if known is not None and known.embedded:
        if config.revision:
            raise UserError(f"--revision: {known.name} comes with plmkit and has only one; leave the option out")
        return _Wanted(config, known, known.name, "", EMBEDDED_FOLDER)
    name = known.name if known else str(config.hub)
    revision = config.revision or (known.revision if known else "")
    if not revision:
        raise UserError(f"--revision: none is known for {name}; give the commit of its page on the Hub, or main")
    return _Wanted(config, known, name, revision, None)


def _from_hub(wanted: _Wanted) -> tuple[Manifest, Path, bool]:
    """Return what is installed of a model of the Hub, where, and whether it was not there before."""
    from plmkit.models.download import look_up
    from plmkit.models.installing import folder_name, installed, staging

    into, revision, model = wanted.config.into, wanted.revision, None
    if len(revision) != _COMMIT:
        model = look_up(wanted.name, revision, wanted.config.endpoint)
        revision = model.revision
    target = into / folder_name(wanted.name, revision)
    if present := installed(target):  # needs no network
        wanted.check(present.licence)
        return present, target, False
    model = model or look_up(wanted.name, revision, wanted.config.endpoint)
    with staging(into, target.name) as folder:
        _fetch(wanted, model, folder)
        return _finish(replace(wanted, revision=model.revision), folder)


def _fetch(wanted: _Wanted, model: HubModel, folder: Path) -> None:
    """Fetch what is small first: an unknown architecture or a licence is told before hours of download."""
    from plmkit.models.conversion import is_converted

    model.fetch(folder, ("*.json", "*.txt", "*.md", "LICENSE*"))
    wanted.check(wanted.licence(stated_licence(folder)))
    _check_architecture(folder)
    pickles = [file.name for file in model.files if file.name.endswith(".bin")]
    if not is_converted(folder, pickles):
        model.fetch(folder)
    expected = wanted.known.sha256 if wanted.known and wanted.known.revision == model.revision else {}
    for name, sha256 in expected.items():
        if (folder / name).is_file() and sha256_of(folder / name) != sha256:
            raise UserError(f"model: {name} of {wanted.name} has not the checksum that plmkit's catalogue knows")


def _check_architecture(folder: Path) -> None:
    from plmkit.models.families import family_of

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        family_of(config)
    except (OSError, ValueError, AttributeError):
        raise UserError("model: it has no readable config.json; plmkit cannot tell what it is") from None


def _from_folder(wanted: _Wanted) -> tuple[Manifest, Path, bool]:
    """Return what is installed of a model on this machine, where, and whether it was not there before."""
    from plmkit.models.installing import copy_model, forget, staging

    with ExitStack() as stack:
        source = _source(Path(wanted.folder or ""), stack)
        said = read_manifest(source)
        if said and (damaged := said.damaged(source)):
            raise UserError(f"model: {damaged[0]} is not what {NAME} of the folder says; fetch the model again")
        folder = stack.enter_context(staging(wanted.config.into, f"from-{Path(wanted.folder or source).stem}"))
        try:
            copy_model(source, folder)
            told = _told(wanted, said)
            told.check(told.licence(stated_licence(folder)))
            return _finish(told, folder, said.converted if said else False)
        except BaseException:
            forget(folder)  # copying again is cheap, and may be of another folder
            raise


def _source(folder: Path, stack: ExitStack) -> Path:
    """Return the folder of a model that is given as a folder or a zip archive."""
    if folder.is_dir():
        return folder
    return stack.enter_context(open_model(str(folder), None)).folder


def _told(wanted: _Wanted, said: Manifest | None) -> _Wanted:
    """Take over what an earlier installation said of the model, unless the options say otherwise."""
    if said is None:
        return wanted
    config, name = wanted.config, wanted.name or said.name
    config = replace(config, licence=config.licence or said.licence or None, title=config.title or said.title)
    return _Wanted(config, wanted.known or find(name), name, wanted.revision or said.revision, wanted.folder)


def _finish(wanted: _Wanted, folder: Path, was_converted: bool = False) -> tuple[Manifest, Path, bool]:
    """Convert, try out, describe and publish what lies in a staging folder."""
    from plmkit.models.conversion import convert
    from plmkit.models.installing import folder_name, forget, installed, publish, try_out

    converted = bool(convert(folder)) or was_converted
    with open_model(str(folder), wanted.name or None) as files:
        name = wanted.name or (files.name if files.name != folder.name else Path(str(wanted.folder)).stem)
        revision = wanted.revision or f"sha256-{files.sha256[:40]}"
        width = try_out(files) if wanted.config.trial else None
        family = files.family.name
    known = wanted.known
    if known and (known.family != family or width not in (None, known.width)):
        raise UserError(
            f"model: {name} should be of the family {known.family} with {known.width} numbers for each residue, not of "
            f"{family} with {width}; it is another model"
        )
    licence = wanted.licence(stated_licence(folder))
    title = wanted.config.title or (known.title if known else name)
    manifest = Manifest(
        name=name,
        title=title,
        revision=revision,
        family=family,
        licence=licence,
        commercial_use=wanted.check(licence),
        source=_kind(wanted),
        converted=converted,
        width=width,
        files=checksums(folder),
    )
    target = wanted.config.into / folder_name(name, revision)
    if present := installed(target):
        forget(folder)
        return present, target, False
    manifest.write(folder)
    publish(folder, target)
    return manifest, target, True


def _kind(wanted: _Wanted) -> str:
    if wanted.folder is None:
        return "hub"
    return "embedded" if wanted.folder == EMBEDDED_FOLDER else "folder"


def _report(manifest: Manifest, target: Path, is_new: bool, config: InstallConfig, outputs: Staging) -> None:
    """Say what is there, for people, for scripts and for Galaxy."""
    log.info("%s %s", manifest.name, "is installed" if is_new else "was there already, and its checksums are right")
    if manifest.commercial_use is None:
        log.warning("note: model: the licence of %s is not known here; look at it before you offer it", manifest.name)
    shown = {"name": manifest.name, "revision": manifest.revision, "licence": manifest.licence, "new": is_new}
    manifest = replace(manifest, title=config.title or manifest.title)  # of one that was there already, a new one
    place = str(target.resolve())
    row = "\t".join(manifest.row(place).values())
    sys.stdout.write(json.dumps({**shown, "folder": place, "row": row}, sort_keys=True) + "\n")
    if config.table_entry is not None:
        # Galaxy moves the folder; data_manager_conf.xml says where to
        entry = {"data_tables": {"huggingface": [manifest.row(target.name)]}}
        outputs[config.table_entry].write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")
