"""Environments that only these trials need, under build/env, from the pins of deploy/requirements."""

import shutil
import subprocess
from pathlib import Path

from deploy.galaxy.render import ROOT

ENVIRONMENTS = ROOT / "build" / "env"
PINS = ROOT / "deploy" / "requirements"
UV = ENVIRONMENTS / "boot" / "bin" / "uv"


def environment(name: str) -> Path:
    """Return build/env/<name> with what deploy/requirements/<name>.txt names; build it where it holds other things."""
    folder, pins = ENVIRONMENTS / name, PINS / f"{name}.txt"
    stamp = folder / "stamp"
    if not stamp.exists() or stamp.read_text() != pins.read_text():
        new_environment(folder)
        install(folder, "--no-deps", "-r", pins)
        stamp.write_text(pins.read_text())
    return folder


def new_environment(folder: Path, python: str = "python3.11") -> None:
    """Make an empty environment."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([UV, "venv", "--quiet", "--python", python, folder], check=True)


def install(folder: Path, *what: str | Path) -> None:
    """Install into an environment."""
    python = folder / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *what], check=True)
