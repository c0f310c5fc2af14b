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
from typing import Any

from plmkit.data.dataset import Unit
from plmkit.errors import UserError
from plmkit.models.archive import pack, unpack
from plmkit.models.source import ModelFiles

ROLE = "tuned model"
CARD_FILE = "plmkit.json"
README_FILE = "README.md"
SCHEMA_VERSION = 1
_FILES = (CARD_FILE, "adapter_config.json", "adapter_model.safetensors", "head.safetensors")
_MOST_BYTES = 8 << 30
_SHOWN = 12


@dataclass(frozen=True)
class Bundle:
    """An unpacked tuned model: its folder and what its plmkit.json says."""

    folder: Path
    card: Mapping[str, Any]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes in the order of the head's scores."""
        return tuple(self.card["labels"])

    @property
    def unit(self) -> Unit:
        """What was learned from: whole proteins or windows."""
        unit: Unit = self.card["task"]["unit"]
        return unit

    @property
    def window_length(self) -> int:
        """Residues of each window; raises UserError for a model of whole proteins."""
        length = self.card["task"]["window_length"]
        if length is None:
            raise UserError(
                f"{ROLE}: it was tuned on whole proteins; sites need one tuned on windows (plm finetune --unit window)"
            )
        return int(length)

    def known(self, sequences: Sequence[str]) -> int:
        """Count the sequences which were among the examples, in training or in validation."""
        examples = set(self.card["data"]["sequences"])
        return sum(digest in examples for digest in map(sequence_digest, sequences))

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
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise UserError(f"{ROLE}: {', '.join(missing)} missing; give the archive which plm finetune wrote")
        yield Bundle(folder, _read_card(folder / CARD_FILE))


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
        is_newer = isinstance(version, int) and version > SCHEMA_VERSION
        describes_a_model = is_newer or _describes_a_model(card)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{ROLE}: its {CARD_FILE} cannot be read ({error!r}); the archive was changed") from None
    if is_newer:
        raise UserError(f"{ROLE}: made by a newer plmkit (schema {version}); update plmkit to read it")
    if not describes_a_model:
        raise UserError(f"{ROLE}: its {CARD_FILE} does not describe a tuned model; the archive was changed")
    checked: Mapping[str, Any] = card
    return checked


def _describes_a_model(card: Mapping[str, Any]) -> bool:
    labels, task, base = card["labels"], card["task"], card["base_model"]
    return (
        card["schema_version"] == SCHEMA_VERSION
        and isinstance(labels, list)
        and all(isinstance(label, str) for label in labels)
        and len(set(labels)) == len(labels) > 1
        and task["kind"] == "classification"
        and _describes_a_unit(task, labels)
        and all(isinstance(base[key], str) for key in ("name", "sha256"))
        and isinstance(base["settings"], dict)
        and isinstance(card["data"]["sequences"], list)
        and card["pooling"] in ("mean", "cls", "max", "centre")
    )


def _describes_a_unit(task: Mapping[str, Any], labels: Sequence[str]) -> bool:
    if task["unit"] == "protein":
        return task["window_length"] is None and (task["negative_label"] is None or task["negative_label"] in labels)
    return (
        task["unit"] == "window"
        and type(task["window_length"]) is int
        and task["window_length"] % 2 == 1
        and task["window_length"] > 0
        and isinstance(task["centre_residues"], str)
        and task["negative_label"] in labels
    )
