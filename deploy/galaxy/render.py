"""Write what a local Galaxy reads at its start: the templates of config/, and the packages its jobs find."""

import os
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parent.parent.parent
REPOSITORY = ROOT / "build" / "shed" / "plm"
TOOLS_ENVIRONMENT = ROOT / "build" / "env" / "tools"
TEMPLATES = Path(__file__).parent / "config"
PYPI_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
MMSEQS = "mmseqs2"

Values = Mapping[str, object]
NOTHING: Values = {}


class DeployError(Exception):
    """A setup that cannot work; the message says what to do."""


def render_configuration(
    state: Path,
    url: str,
    user: str,
    secret: str,
    gpu: bool,
    overlay: Path | None = None,
    more: Values = NOTHING,
) -> None:
    """Fill the templates in for a server whose files live in `state`.

    overlay: templates that take the place of those of the same name, or join them; more: further values.
    """
    values: dict[str, object] = {
        "root": ROOT,
        "repository": REPOSITORY,
        "state": state,
        "url": url,
        "user": user,
        "secret": secret,
        "cores": os.cpu_count() or 1,
        "destinations": "destinations_gpu.yml" if gpu else "destinations.yml",
        **more,
    }
    config = state / "config"
    config.mkdir(parents=True, exist_ok=True)
    folders = [TEMPLATES] if overlay is None else [TEMPLATES, overlay]
    for template in (file for folder in folders for file in folder.iterdir() if file.is_file()):
        (config / template.name).write_text(Template(template.read_text()).substitute(values))


def requirements(repository: Path) -> dict[str, str]:
    """Return name and version of each package that the wrappers of a realised repository require."""
    found: dict[str, str] = {}
    for path in sorted(repository.glob("*.xml")):
        root = ElementTree.parse(path).getroot()  # our own files
        tokens = {token.get("name", ""): token.text or "" for token in root.iter("token")}
        for requirement in root.iter("requirement"):
            name, version = (requirement.text or "").strip(), requirement.get("version", "")
            for token, value in tokens.items():
                version = version.replace(token, value)
            if found.setdefault(name, version) != version:
                raise DeployError(f"{path.name}: requires {name} {version}, other wrappers {found[name]}")
    if not found:
        raise DeployError(f"no requirements in {repository}; run `make shed`")
    return found


def installed_versions(python: Path) -> dict[str, str]:
    """Return the version of each distribution of an environment, and Python's own, without local build labels."""
    script = (
        "import importlib.metadata as m, platform; print('python', platform.python_version());"
        "[print(d.name.lower(), d.version) for d in m.distributions()]"
    )
    listing = subprocess.run([python, "-I", "-c", script], check=True, capture_output=True, text=True).stdout
    return {name: version.split("+")[0] for name, version in (line.split() for line in listing.splitlines())}


def mmseqs_version(program: Path, wanted: str) -> str:
    """Return the wanted version, release and commit as conda has it, if the program is of that commit; else its own."""
    if not program.exists():
        return "nothing"
    commit = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.strip()
    return wanted if commit.startswith(wanted.rpartition(".")[2]) else commit


def link_requirements(wanted: dict[str, str], environment: Path, folder: Path) -> None:
    """Make folder/<name>/<version> point at the environment, for each requirement it really holds.

    Raises DeployError for a requirement with another version there: Galaxy would otherwise run such a job in
    its own Python without a word.
    """
    installed = installed_versions(environment / "bin" / "python")
    for name, version in wanted.items():
        if name == MMSEQS:
            have = mmseqs_version(environment / "bin" / "mmseqs", version)
        else:
            have = installed.get(PYPI_NAMES.get(name, name).lower(), "nothing")
        if have != version and not (name == "python" and have.startswith(f"{version}.")):
            raise DeployError(
                f"the wrappers require {name} {version}, the tools environment has {have}; "
                "make tools/macros.xml and deploy/requirements/tools.txt agree"
            )
        link = folder / name / version
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(environment)
