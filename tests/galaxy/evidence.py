"""What a Galaxy job leaves behind, and what it proves: which packages and which code the job ran with.

Galaxy runs a job whose requirement it cannot resolve in its own Python, without a word, so a passed test alone does
not show that the tools environment works.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """A job: its tool, the command, the packages Galaxy reports, and the whole script that ran."""

    job_id: str
    tool_id: str
    command: str
    dependencies: Sequence[Mapping[str, Any]]
    script: str


def problems(evidence: Evidence, wanted: Mapping[str, str], deps: Path, environment: Path, code: Path) -> list[str]:
    """Say what shows that a job did not run in the environment, or not the code beside its wrapper.

    deps holds <name>/<version> links for the wanted requirements, all to the environment; code is the folder of
    the realised repository.
    """
    found = []
    before = evidence.script.partition(evidence.command)[0]
    if not evidence.command or evidence.command not in evidence.script:
        found.append("its script does not hold its command")
    if f"PYTHONPATH='{code}' python -m plmkit " not in evidence.command:
        found.append(f"does not run the plmkit of {code}")
    for name, version in wanted.items():
        folder = deps / name / version
        if f'PATH="{folder}/bin:$PATH"' not in before:
            found.append(f"{name} {version} is not on its PATH")
        if folder.resolve() != environment.resolve():
            found.append(f"{name} {version} is not in {environment}")
    return found + reported_problems(evidence.dependencies, wanted)


def reported_problems(dependencies: Sequence[Mapping[str, Any]], wanted: Mapping[str, str]) -> list[str]:
    """Compare what Galaxy says it resolved with what the wrapper requires.

    Galaxy reports nothing for the first job of a tool after its start; the job's script is checked in any case.
    """
    if not dependencies:
        return []
    exact = {found["name"]: found["version"] for found in dependencies if found["exact"]}
    return [f"{name} {version} was not resolved" for name, version in wanted.items() if exact.get(name) != version]


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file beneath a folder, except what Python compiled."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
