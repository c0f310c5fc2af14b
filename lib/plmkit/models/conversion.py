"""Turn weights that are published as a pickle (pytorch_model.bin) into safetensors, without running code of it."""

from __future__ import annotations

import json
import pickle
import struct
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from plmkit.errors import UserError

_INDEX = "pytorch_model.bin.index.json"
_NEW_INDEX = "model.safetensors.index.json"


def convert(folder: Path) -> list[str]:
    """Write *.safetensors for the pytorch_model*.bin of a model folder, remove these, and return the new names.

    Weights keep their names, numbers and precision; those that share memory are written once each. Raises UserError
    for a pickle that is damaged or holds more than tensors: it is read by torch's reader of weights alone, which runs
    nothing.
    """
    pickles = sorted(folder.glob("pytorch_model*.bin"))
    new = {path.name: _name_of(path.name) for path in pickles}
    index = _new_index(folder / _INDEX, new) if pickles else None
    for path in pickles:
        _write(_weights(path), folder / new[path.name])
    if index is not None:
        (folder / _NEW_INDEX).write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for path in (*pickles, folder / _INDEX):
        path.unlink(missing_ok=True)
    return sorted(new.values())


def is_converted(folder: Path, pickled: Iterable[str]) -> bool:
    """Say whether an earlier run turned all of these pickles into safetensors: then they are not needed again."""
    names = [name for name in pickled if name.endswith(".bin")]
    return bool(names) and all((folder / _name_of(name)).is_file() for name in names) and not any(folder.glob("*.bin"))


def _name_of(pickled: str) -> str:
    return pickled.removeprefix("pytorch_").removesuffix(".bin") + ".safetensors"


def _weights(path: Path) -> dict[str, Tensor]:
    # mapped: of a file larger than memory only what is being written is held
    is_mapped = zipfile.is_zipfile(path)
    try:
        with warnings.catch_warnings(action="ignore"):  # what torch thinks of old pickles, we say in one line
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=is_mapped)
    except pickle.UnpicklingError:
        raise UserError(
            f"model: {path.name} holds more than weights, which could run code when it is read; take a model with "
            "*.safetensors"
        ) from None
    except (RuntimeError, EOFError, ValueError, TypeError, LookupError, AttributeError, struct.error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"model: {path.name} cannot be read ({reason}); download the model again") from None
    if not isinstance(found, dict) or not found or not all(_is_plain(name, value) for name, value in found.items()):
        raise UserError(f"model: {path.name} is no table of weights by name; take a model with *.safetensors")
    return found


def _is_plain(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, Tensor) and value.layout == torch.strided


def _write(weights: dict[str, Tensor], path: Path) -> None:
    """Write weights beside their place, then rename."""
    seen: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, weight in weights.items():
        storage = weight.untyped_storage().data_ptr()
        # safetensors takes no two weights that share memory; in these models those are small tables of 20 letters
        apart[name] = weight.clone() if storage in seen else weight
        apart[name] = apart[name].contiguous()
        seen.add(storage)
    part = path.with_name(f"{path.name}.part")
    save_file(apart, part, metadata={"format": "pt"})
    part.replace(path)


def _new_index(path: Path, new: dict[str, str]) -> dict[str, Any] | None:
    """Return the index of weights in several files, with the new files' names; None: there is none."""
    if not path.is_file():
        return None
    try:
        index: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = {weight: str(file) for weight, file in index["weight_map"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"model: {path.name} is damaged; download the model again") from None
    if missing := sorted(set(files.values()) - new.keys()):
        raise UserError(f"model: {missing[0]} is missing, which {path.name} names; download the model again")
    return index | {"weight_map": {weight: new[file] for weight, file in files.items()}}
