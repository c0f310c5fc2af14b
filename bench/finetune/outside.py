"""Measure biotrainer, which may live in a Python of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from bench.finetune.setting import ALPHA, BATCH, HEAD_EXAMPLES, RANK, RATE, Measured, Setting

from plmkit.models.families import ESM2

BIOTRAINER_LORA, BIOTRAINER_HEAD = "biotrainer lora", "biotrainer head"
_SCRIPT = Path(__file__).with_name("biotrainer_peer.py")


def biotrainer(python: Path, name: str, setting: Setting) -> Measured:
    """Measure one round of biotrainer by a Python that has it."""
    is_head = name == BIOTRAINER_HEAD
    asked = {
        "kind": "head" if is_head else "lora",
        "folder": str(setting.folder),
        "width": setting.width,
        "sequences": setting.sequences,
        "examples": HEAD_EXAMPLES if is_head else len(setting.sequences),
        "threads": setting.threads,
        "batch": BATCH,
        "rate": RATE,
        "lora": {"lora_r": RANK, "lora_alpha": ALPHA, "lora_target_modules": list(ESM2.adapter_targets)},
    }
    done = subprocess.run([python, _SCRIPT], input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"biotrainer cannot be measured; {python} said:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))
