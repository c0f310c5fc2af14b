"""The run record run.json: what was done, with what, on what, and what came out.

Keys: schema_version (rises when a key changes its meaning), plmkit, command, config (options but files),
model (name, family, sha256 of the weights, is_trained; null for a command without one), inputs (role, sha256,
records), device, libraries, counts, metrics, notes. No paths, dates or durations: two equal runs give equal files.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from plmkit import __version__
from plmkit.data.opening import sha256_of
from plmkit.models.source import ModelFiles

SCHEMA_VERSION = 1
LIBRARIES = ("torch", "transformers", "peft", "safetensors", "numpy", "scikit-learn")
_WITHOUT_EFFECT = {"model", "checkpoint_minutes", "non_commercial_use", "interrupted"}


def settings(config: Any) -> dict[str, Any]:
    """Return the options of a config which influence results: not files, folders and pauses, nor what has no effect."""
    names = [field.name for field in dataclasses.fields(config) if "Path" not in str(field.type)]
    idle = _WITHOUT_EFFECT | (config.without_effect() if hasattr(config, "without_effect") else set())
    return {name: getattr(config, name) for name in names if name not in idle}


def input_entry(role: str, path: Path, records: int) -> dict[str, Any]:
    """Describe one input."""
    return {"role": role, "sha256": sha256_of(path), "records": records}


def library_versions(names: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Return the versions of the libraries which results depend on."""
    return {name: version(name) for name in names}


def run_record(
    command: str,
    config: Any,
    files: ModelFiles | None,
    inputs: Sequence[Mapping[str, Any]],
    device: str,
    counts: Mapping[str, Any],
    metrics: Sequence[Mapping[str, Any]] = (),
    notes: Sequence[str] = (),
    libraries: Sequence[str] = LIBRARIES,
) -> dict[str, Any]:
    """Put a run record together; a command that needs no language model has none, and names its own libraries."""
    return {
        "schema_version": SCHEMA_VERSION,
        "plmkit": __version__,
        "command": command,
        "config": settings(config),
        "model": files.describe() if files else None,
        "inputs": list(inputs),
        "device": device,
        "libraries": library_versions(libraries),
        "counts": dict(counts),
        "metrics": list(metrics),
        "notes": list(notes),
    }


def write_record(record: Mapping[str, Any], path: Path) -> None:
    """Write a run record as JSON."""
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
