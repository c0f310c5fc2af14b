"""The tuned model as one zip archive: peft's adapter, the head, plmkit.json and a model card.

The archive unpacked is a folder which stock `peft.PeftModel.from_pretrained` loads. Needs no torch.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from plmkit.data.negatives import positive_class
from plmkit.data.task import Kind, Task, Unit
from plmkit.errors import UserError
from plmkit.models.archive import pack, unpack
from plmkit.models.shape import AdapterMethod, AdapterSettings, HeadPooling, Shape
from plmkit.models.source import ModelFiles

ROLE = "tuned model"
CARD_FILE = "plmkit.json"
README_FILE = "README.md"
SCHEMA_VERSION = 2
_FILES = (CARD_FILE, "head.safetensors")
_FILES_OF_ADAPTERS = ("adapter_config.json", "adapter_model.safetensors")
_FILES_OF_MODELS = ("config.json", "model.safetensors")
_MOST_BYTES = 8 << 30
_SHOWN = 12
_UNITS: dict[Unit, str] = {
    "protein": "whole proteins",
    "residue": "the residues of whole proteins",
    "pair": "pairs of proteins",
    "window": "windows",
}


@dataclass(frozen=True)
class Bundle:
    """An unpacked tuned model: its folder and what its plmkit.json says."""

    folder: Path
    card: Mapping[str, Any]

    @property
    def task(self) -> Task:
        """What it predicts; labels in the order of the head's scores."""
        return Task(self.card["task"]["unit"], self.card["task"]["kind"], tuple(self.card["labels"]))

    @property
    def shape(self) -> Shape:
        """What it consists of."""
        return _shape(self.card, self.task)

    @property
    def positive(self) -> int:
        """The number of the class that measures of two classes are about."""
        return positive_class(self.task.labels, self.card["task"]["negative_label"])

    @property
    def window_length(self) -> int:
        """Residues of each window; raises UserError for a model of whole proteins."""
        length = self.card["task"]["window_length"]
        if length is None:
            raise UserError(
                f"{ROLE}: it was tuned on {_UNITS[self.task.unit]}; sites need one tuned on windows "
                "(plm finetune --unit window)"
            )
        return int(length)

    def known(self, examples: Sequence[tuple[str, ...]]) -> int:
        """Count what was among the examples, in training or in validation: of pairs, those with both proteins."""
        met = set(self.card["data"]["sequences"])
        return sum(all(sequence_digest(sequence) in met for sequence in example) for example in examples)

    @property
    def with_states(self) -> int:
        """Of how many of its examples it read states of structures."""
        return int(self.card["data"].get("with_states", 0))

    def states_notes(self, with_states: int, count: int, role: str) -> list[str]:
        """Say where proteins come with states of structures to a model that was tuned without, or the reverse.

        with_states: of how many of the proteins, `count` in all, states are read.
        """
        learned, examples = self.with_states, self.card["data"]["examples"]
        if learned and with_states < count:
            return [
                f"{role}: {count - with_states} of {count} come without states of structures, but the model was tuned "
                f"with states of {learned} of {examples} examples; what it says of them is less sure than its measures"
            ]
        if with_states and not learned:
            return [
                f"{role}: {with_states} of {count} come with states of structures, but the model was tuned on amino "
                "acids alone; what it says of them is less sure than its measures, leave the states out"
            ]
        return []

    def check_base(self, files: ModelFiles) -> None:
        """Raise UserError unless the model given is the one that was tuned."""
        base = self.card["base_model"]
        if base["sha256"] != files.sha256:
            raise UserError(
                f"{ROLE}: it was tuned on {base['name']} (weights {base['sha256'][:_SHOWN]}), the model given is "
                f"{files.name} (weights {files.sha256[:_SHOWN]}); choose {base['name']} as the model"
            )
        if base["settings"] != (given := files.describe()["settings"]):
            raise UserError(
                f"{ROLE}: it was tuned on {base['name']} with the settings {base['settings']}, the config.json given "
                f"says {given}; restore it"
            )


def sequence_digest(sequence: str) -> str:
    """Return a short fingerprint of a sequence, by which a tuned model knows its examples without holding them."""
    return hashlib.sha256(sequence.encode()).hexdigest()[:_SHOWN]


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Unpack and check a tuned model; yield it. Raises UserError for what is none."""
    with tempfile.TemporaryDirectory(prefix="plmkit-bundle-") as temporary:
        folder = Path(temporary)
        unpack(path, folder, ROLE, _MOST_BYTES, refuse_pickles=True)
        _check_files(folder, _FILES)
        bundle = Bundle(folder, _read_card(folder / CARD_FILE))
        if bundle.shape.adapter is not None:
            _check_files(folder, _FILES_OF_ADAPTERS)
        if bundle.shape.method == "full":
            _check_files(folder, _FILES_OF_MODELS)
        yield bundle


def _check_files(folder: Path, names: Sequence[str]) -> None:
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise UserError(f"{ROLE}: {', '.join(missing)} missing; give the archive which plm finetune wrote")


def write_bundle(folder: Path, card: Mapping[str, Any], readme: str, archive: Path) -> None:
    """Add plmkit.json and the model card to a folder of weights and pack it, equal content as equal bytes."""
    text = json.dumps(card, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / README_FILE).write_text(readme, encoding="utf-8")
    pack(folder, archive)


def _read_card(path: Path) -> Mapping[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        version = card["schema_version"]
        is_another = isinstance(version, int) and version != SCHEMA_VERSION
        describes_a_model = is_another or _describes_a_model(card)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{ROLE}: its {CARD_FILE} cannot be read ({error!r}); the archive was changed") from None
    if is_another:
        remedy = "update plmkit to read it" if version > SCHEMA_VERSION else "tune it again"
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        raise UserError(f"{ROLE}: made by {age} plmkit (schema {version}); {remedy}")
    if not describes_a_model:
        raise UserError(f"{ROLE}: its {CARD_FILE} does not describe a tuned model; the archive was changed")
    checked: Mapping[str, Any] = card
    return checked


def _shape(card: Mapping[str, Any], task: Task) -> Shape:
    adapter = None if card["adapter"] is None else AdapterSettings(card["method"], **card["adapter"])
    return Shape(task, card["method"], card["pooling"], adapter)


def _describes_a_model(card: Mapping[str, Any]) -> bool:
    labels, task, base = card["labels"], card["task"], card["base_model"]
    return (
        card["schema_version"] == SCHEMA_VERSION
        and isinstance(labels, list)
        and all(isinstance(label, str) for label in labels)
        and len(set(labels)) == len(labels) > (task["kind"] == "classification")
        and task["kind"] in get_args(Kind)
        and _describes_a_unit(task, labels)
        and all(isinstance(base[key], str) for key in ("name", "sha256"))
        and isinstance(base["settings"], dict)
        and isinstance(card["data"]["sequences"], list)
        and isinstance(card["data"].get("with_states", 0), int)
        and card["pooling"] in get_args(HeadPooling)
        and (card["pooling"] == "residues") == (task["unit"] == "residue")
        and _describes_a_method(card["method"], card["adapter"])
    )


def _describes_a_method(method: object, adapter: object) -> bool:
    if method in ("head", "full"):
        return adapter is None
    return (
        method in get_args(AdapterMethod)
        and isinstance(adapter, dict)
        and adapter.keys() == {"rank", "alpha", "dropout", "layers"}
        and all(_is_count(adapter[name]) for name in ("rank", "alpha"))
        and (adapter["layers"] is None or _is_count(adapter["layers"]))
        and isinstance(adapter["dropout"], int | float)
    )


def _is_count(value: object) -> bool:
    return type(value) is int and value > 0


def _describes_a_unit(task: Mapping[str, Any], labels: Sequence[str]) -> bool:
    if task["unit"] in ("protein", "residue", "pair"):
        return task["window_length"] is None and (task["negative_label"] is None or task["negative_label"] in labels)
    return (
        task["unit"] == "window"
        and _is_count(task["window_length"])
        and task["window_length"] % 2 == 1
        and isinstance(task["centre_residues"], str)
        and (task["kind"] != "classification" or task["negative_label"] in labels)
    )
