"""Find the files of a language model: the embedded one, a folder, or a zip archive. Loads nothing."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plmkit.data.opening import sha256_of
from plmkit.errors import UserError
from plmkit.models.archive import is_zip, unpack
from plmkit.models.families import Family, family_of

EMBEDDED = "embedded"
EMBEDDED_FOLDER = Path(__file__).parent / "embedded" / "plmkit-tiny-2"
_MOST_BYTES = 200 << 30
_NEEDED = ("config.json", "vocab.txt")
_SIZES = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
_SETTINGS = (
    "emb_layer_norm_before",
    "layer_norm_eps",
    "mask_token_id",
    "num_attention_heads",
    "num_hidden_layers",
    "pad_token_id",
    "token_dropout",
)
_NAMELESS = "a model without a name"


@dataclass(frozen=True)
class ModelFiles:
    """A language model on disk.

    name is what records call it; sha256 is over the weight files alone, so that the same weights are known
    again wherever they lie.
    """

    name: str
    folder: Path
    family: Family
    config: dict[str, Any]
    sha256: str
    is_trained: bool

    @property
    def limits(self) -> str:
        """What the model is not for, in the words of whoever made it, or ""; one line."""
        return " ".join(str(self.config.get("plmkit_limits") or "").split())

    @property
    def trained_length(self) -> int:
        """Residues of the longest proteins seen in training; longer ones work, with less certainty."""
        return int(self.config.get("plmkit_trained_length") or self.family.trained_length)

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
            "settings": {key: self.config.get(key) for key in _SETTINGS},
        }

    def notes(self) -> list[str]:
        """Say what the user must know of this model."""
        if not self.is_trained:
            return [
                f"model: {self.name} has random weights and was never trained on proteins; it shows that everything "
                "works, its predictions are for tests and teaching only; for research choose a trained model"
            ]
        return [f"model: {self.name} {self.limits}"] if self.limits else []


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
    missing = [needed for needed in _NEEDED if not (folder / needed).is_file()]
    if missing:
        raise UserError(f"model: {' and '.join(missing)} missing; give the whole folder of the model")
    config = _read_config(folder / "config.json")
    family = family_of(config.get("model_type"))
    _check_sizes(config)
    _check_kind(folder, config)
    if not (weights := sorted(folder.glob("*.safetensors"))):
        raise UserError("model: no *.safetensors file; convert the weights to safetensors, pickles are not read")
    return ModelFiles(
        name=name or _own_name(config) or otherwise or folder.name,
        folder=folder,
        family=family,
        config=config,
        sha256=_weights_sha256(weights),
        is_trained=not config.get("plmkit_untrained", False),
    )


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


def _check_sizes(config: Mapping[str, Any]) -> None:
    for size in _SIZES:
        if type(value := config.get(size)) is not int or value < 1:
            raise UserError(f"model: {size} in config.json is {value!r}, not a size; download the model again")


def _check_kind(folder: Path, config: Mapping[str, Any]) -> None:
    if (folder / "adapter_config.json").exists():
        raise UserError("model: the folder holds an adapter: this is a tuned model; give it as the tuned model")
    if config.get("position_embedding_type") != "rotary":
        raise UserError("model: its positions are not rotary as those of ESM-2; this kind of model is not supported")
    if config.get("quantization_config"):
        raise UserError("model: its weights are quantised; give the original ones")


def _weights_sha256(weights: list[Path]) -> str:
    if len(weights) == 1:
        return sha256_of(weights[0])
    return hashlib.sha256("".join(sha256_of(path) for path in weights).encode()).hexdigest()
