"""One file from which an interrupted training goes on exactly where it was: safetensors, no pickle."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from plmkit.errors import UserError

_KEY = "plmkit"
_ROLE = "checkpoint"


@dataclass
class Checkpoint:
    """The file, and the run it belongs to.

    identity: all that the result depends on, JSON values by name; a checkpoint of another run is refused.
    minutes: time between two saves.
    """

    path: Path
    identity: Mapping[str, Any]
    minutes: float
    _last: float = field(default_factory=time.monotonic)

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Return the saved tensors and values; None when there is no such file yet. Raises UserError."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, framework="pt") as opened:
                saved = json.loads((opened.metadata() or {})[_KEY])
                tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            identity, values = saved["identity"], saved["values"]
        except (SafetensorError, OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{_ROLE}: {self.path.name!r} is no whole checkpoint; remove it to begin anew") from None
        names = identity.keys() | self.identity.keys()
        if other := sorted(name for name in names if identity.get(name) != self.identity.get(name)):
            raise UserError(
                f"{_ROLE}: {self.path.name!r} belongs to a run with another {', '.join(other)}; "
                "give the same command as then, or remove the file to begin anew"
            )
        return tensors, values

    def is_due(self) -> bool:
        """Say whether it is time to save."""
        return time.monotonic() - self._last >= self.minutes * 60

    def save(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Replace the file by the present state; it is whole at any moment."""
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        text = json.dumps({"identity": dict(self.identity), "values": dict(values)})
        try:
            save_file({name: tensor.detach().cpu() for name, tensor in tensors.items()}, beside, metadata={_KEY: text})
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)
        self._last = time.monotonic()
