"""Find the files of a language model: the embedded one, a folder, or a zip archive. Loads nothing."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.data.opening import sha256_of
from plmkit.errors import UserError
from plmkit.models.archive import is_zip, unpack
from plmkit.models.catalogue import find
from plmkit.models.families import Family, family_of
from plmkit.models.manifest import Manifest, allows_commercial_use, read_manifest, stated_licence

EMBEDDED = "embedded"
EMBEDDED_FOLDER = Path(__file__).parent / "embedded" / "plmkit-tiny-2"
_MOST_BYTES = 200 << 30
# by architecture: any one of these says what the ids of residues are; ESM C's are part of transformers
_VOCABULARIES = {
    "esm": ("vocab.txt",),
    "bert": ("vocab.txt",),
    "t5": ("tokenizer.json", "spiece.model"),
    "esmc": (),
}
_NAMELESS = "a model without a name"


@dataclass(frozen=True)
class ModelFiles:
    """A language model on disk.

    name is what records call it; sha256 is over the weight files alone, so that the same weights are known
    again wherever they lie. licence: of the weights (SPDX), "" where nobody states it; is_commercial: whether it allows
    commercial use. manifest: what `plm install` wrote beside them, if anything.
    """

    name: str
    folder: Path
    family: Family
    config: dict[str, Any]
    sha256: str
    is_trained: bool
    licence: str
    is_commercial: bool
    manifest: Manifest | None = None

    @property
    def limits(self) -> str:
        """What the model is not for, in the words of whoever made it, or ""; one line."""
        return " ".join(str(self.config.get("plmkit_limits") or self.family.limits).split())

    @property
    def window(self) -> int:
        """Residues read at once unless the user says otherwise."""
        usual = int(self.config.get("plmkit_trained_length") or self.family.window)
        return usual if self.longest is None else min(usual, self.longest)

    @property
    def longest(self) -> int | None:
        """Residues which can be read at once at most; None: any number."""
        if self.family.reserved is None:
            return None
        return int(self.config["max_position_embeddings"]) - self.family.reserved

    @property
    def width(self) -> int:
        """D, the numbers for each residue."""
        return int(self.config[self.family.width])

    @property
    def layers(self) -> int:
        """The number of transformer layers."""
        return int(self.config[self.family.layers])

    @property
    def is_half(self) -> bool:
        """Whether its weights are stored in half precision."""
        return "float16" in (self.config.get("dtype"), self.config.get("torch_dtype"))

    def describe(self) -> dict[str, Any]:
        """Return what records keep of it; no path. settings: those of config.json which change states."""
        return {
            "name": self.name,
            "family": self.family.name,
            "sha256": self.sha256,
            "is_trained": self.is_trained,
            "citation": self.family.citation,
            "licence": self.licence or None,
            "revision": self.manifest.revision if self.manifest else None,
            "settings": {key: self.config.get(key) for key in self.family.settings},
        }

    @property
    def reads_states(self) -> bool:
        """Whether it reads states of structures beside residues."""
        return bool(self.family.states)

    def notes(self, with_states: bool = False) -> list[str]:
        """Say what the user must know of this model; with_states: whether it reads all with states of structures."""
        if not self.is_trained:
            return [
                f"model: {self.name} has random weights and was never trained on proteins; it shows that everything "
                "works, its predictions are for tests and teaching only; for research choose a trained model"
            ]
        is_limited = self.limits and not (with_states and self.reads_states)
        notes = [f"model: {self.name} {self.limits}"] if is_limited else []
        if not self.is_commercial:
            notes.append(
                f"model: {self.name} is under {self.licence}: for non-commercial use alone, and so is whatever is made "
                "with it; whoever passes a tuned model on does so under the same licence"
            )
        return notes

    def check_pooling(self, pooling: Collection[str | None]) -> None:
        """Raise UserError for the state of a start token that the model does not have."""
        if "cls" in pooling and not self.family.has_start:
            raise UserError(f"--pooling cls: {self.name} has no start token; take mean")

    def check_licence(self, is_non_commercial: bool) -> None:
        """Raise UserError for weights under a non-commercial licence, unless the user confirmed such a use."""
        if not self.is_commercial and not is_non_commercial:
            raise UserError(
                f"model: {self.name} is under {self.licence}, for non-commercial use alone; confirm that yours is with "
                "--non-commercial-use, or choose another model"
            )


@contextmanager
def open_model(model: str, name: str | None) -> Iterator[ModelFiles]:
    """Yield the files of the model called "embedded", or of a folder or zip archive.

    name is what records call it; None: the name in the archive's or folder's own description. Raises
    UserError when files are missing, hold pickles only, or are of an unknown architecture.
    """
    if model == EMBEDDED:
        yield _describe(EMBEDDED_FOLDER, name)
        return
    path = Path(model)
    if path.is_dir():
        yield _describe(path, name)
        return
    if not path.is_file():
        raise UserError(f"model: there is no folder or archive {path.name!r}; check the path, or leave it out")
    if not is_zip(path):
        raise UserError("model: neither a folder nor a zip archive; give a folder with config.json, packed as zip")
    with tempfile.TemporaryDirectory(prefix="plmkit-model-") as temporary:
        unpack(path, Path(temporary), "model", _MOST_BYTES, refuse_pickles=False)
        folder = _model_folder(Path(temporary))
        # The temporary folder's own name is another one each time.
        yield _describe(folder, name, _NAMELESS if folder == Path(temporary) else folder.name)


def _model_folder(unpacked: Path) -> Path:
    found = sorted(path.parent for path in unpacked.rglob("config.json"))
    if len(found) != 1:
        raise UserError(f"model: the archive holds {len(found)} files config.json; it must hold one model")
    return found[0]


def _describe(folder: Path, name: str | None, otherwise: str | None = None) -> ModelFiles:
    if not (folder / "config.json").is_file():
        raise UserError("model: config.json missing; give the whole folder of the model")
    config = _read_config(folder / "config.json")
    _check_kind(folder, config)
    family = family_of(config)
    _check_sizes(config, family)
    _check_vocabulary(folder, family)
    manifest = read_manifest(folder)
    if not (weights := sorted(folder.glob("*.safetensors"))):
        raise UserError("model: no *.safetensors file; convert the weights to safetensors, pickles are not read")
    name = name or (manifest and manifest.name) or _own_name(config) or otherwise or folder.name
    licence = _licence(name, folder, family, config, manifest)
    return ModelFiles(
        name=name,
        folder=folder,
        family=family,
        config=config,
        sha256=_weights_sha256(weights),
        is_trained=not config.get("plmkit_untrained", False),
        licence=licence,
        is_commercial=_is_commercial(licence, family, manifest),
        manifest=manifest,
    )


def _licence(name: str, folder: Path, family: Family, config: Mapping[str, Any], manifest: Manifest | None) -> str:
    """Return the licence that the manifest, config.json, the catalogue or the model's card states, or "".

    That others of a family are free says nothing of these weights; that they are not, does.
    """
    if manifest and manifest.licence:
        return manifest.licence
    known = find(name)
    told = config.get("plmkit_licence") or (known and known.licence) or stated_licence(folder)
    return str(told or ("" if family.is_commercial else family.licence))


def _is_commercial(licence: str, family: Family, manifest: Manifest | None) -> bool:
    told = manifest.commercial_use if manifest else None
    allows = allows_commercial_use(licence) if told is None else told
    return family.is_commercial if allows is None else allows


def _own_name(config: Mapping[str, Any]) -> str:
    """Return what a config.json calls its model, or ""; of a path on the machine it was made on, the last part."""
    found = str(config.get("plmkit_name") or config.get("_name_or_path") or "")
    return Path(found).name if Path(found).is_absolute() else found


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise UserError("model: config.json is not valid JSON; give the whole folder of the model") from None
    if not isinstance(config, dict):
        raise UserError("model: config.json holds no settings; give the whole folder of the model")
    return config


def _check_sizes(config: Mapping[str, Any], family: Family) -> None:
    positions = () if family.reserved is None else ("max_position_embeddings",)
    for size in (family.width, family.layers, family.heads, "vocab_size", *positions):
        if type(value := config.get(size)) is not int or value < 1:
            raise UserError(f"model: {size} in config.json is {value!r}, not a size; download the model again")


def _check_vocabulary(folder: Path, family: Family) -> None:
    names = _VOCABULARIES[family.model_type]
    if names and not any((folder / name).is_file() for name in names):
        raise UserError(f"model: {' or '.join(names)} missing; give the whole folder of the model")


def _check_kind(folder: Path, config: Mapping[str, Any]) -> None:
    if (folder / "adapter_config.json").exists():
        raise UserError("model: the folder holds an adapter: this is a tuned model; give it as the tuned model")
    if config.get("quantization_config"):
        raise UserError("model: its weights are quantised; give the original ones")


def _weights_sha256(weights: list[Path]) -> str:
    if len(weights) == 1:
        return sha256_of(weights[0])
    return hashlib.sha256("".join(sha256_of(path) for path in weights).encode()).hexdigest()
