"""Write what a local Galaxy reads at its start: the templates of config/, and the packages its jobs find."""

import base64
import hashlib
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from xml.etree.ElementTree import Element

ROOT = Path(__file__).resolve().parent.parent.parent
REPOSITORY = ROOT / "build" / "shed" / "plm"
DATA_MANAGER = ROOT / "build" / "shed" / "data_manager_plm_models"
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
    values: Values = NOTHING,
    settings: Values = NOTHING,
) -> None:
    """Fill the templates in for a server whose files live in `state`.

    overlay: templates that take the place of those of the same name, or join them; values: what else they name;
    settings: options of galaxy.yml by name, in place of those of the template.
    """
    filled: dict[str, object] = {
        "root": ROOT,
        "repository": REPOSITORY,
        "data_manager": DATA_MANAGER,
        "state": state,
        "url": url,
        "user": user,
        "secret": secret,
        "vault_key": base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode(),
        "cores": os.cpu_count() or 1,
        "destinations": "destinations_gpu.yml" if gpu else "destinations.yml",
        **values,
    }
    config = state / "config"
    config.mkdir(parents=True, exist_ok=True)
    folders = [TEMPLATES] if overlay is None else [TEMPLATES, overlay]
    for template in (file for folder in folders for file in folder.iterdir() if file.is_file()):
        (config / template.name).write_text(Template(template.read_text()).substitute(filled))
    (state / "tool-data" / "huggingface.loc").touch()
    manager = (DATA_MANAGER / "data_manager_conf.xml").read_text()
    # as an installation from a Tool Shed would: where the tool is, is not the repository's to say
    placed = manager.replace("<data_managers>", f'<data_managers tool_path="{DATA_MANAGER}">')
    (config / "data_manager_conf.xml").write_text(placed)
    galaxy = config / "galaxy.yml"
    galaxy.write_text(with_settings(galaxy.read_text(), settings))


def with_settings(text: str, settings: Mapping[str, object]) -> str:
    """Return galaxy.yml with some options in place of its own, as JSON, which YAML contains."""
    for name, value in settings.items():
        text = re.sub(rf"^  {re.escape(name)}:.*\n", "", text, flags=re.MULTILINE)
        text += f"  {name}: {json.dumps(value)}\n"
    return text


def database_settings(url: str, queue: str | None = None) -> dict[str, object]:
    """Return the options of a server on PostgreSQL.

    queue: another database, for the tasks of the worker and what came of them: Galaxy refuses a new database that holds
    tables already, and the worker may be the first to write. None: in files of SQLite.
    """
    if queue is None:
        return {"database_connection": url}
    routes = {"galaxy.fetch_data": "galaxy.external", "galaxy.set_job_metadata": "galaxy.external"}
    return {
        "database_connection": url,
        "amqp_internal_connection": f"sqlalchemy+{queue}",
        "celery_conf": {"result_backend": f"db+{queue}", "task_routes": routes},
    }


def requirements(repository: Path) -> dict[str, str]:
    """Return name and version of each package that the wrappers of a realised repository require."""
    paths = sorted([*repository.glob("*.xml"), *repository.glob("data_manager/*.xml")])
    roots = {path.name: ElementTree.parse(path).getroot() for path in paths}  # our own files
    imported = {name.text or "" for root in roots.values() for name in root.iter("import")}
    used = [root for name, root in roots.items() if root.tag == "tool" or name in imported]
    tokens = {token.get("name", ""): token.text or "" for root in used for token in root.iter("token")}
    macros = {macro.get("name", ""): macro for root in used for macro in root.iter("xml")}
    found: dict[str, str] = {}
    for file, root in roots.items():
        for requirement in required(root, macros) if root.tag == "tool" else ():
            name, version = (requirement.text or "").strip(), requirement.get("version", "")
            for token, value in tokens.items():
                version = version.replace(token, value)
            if found.setdefault(name, version) != version:
                raise DeployError(f"{file}: requires {name} {version}, other wrappers {found[name]}")
    if not found:
        raise DeployError(f"no requirements in {repository}; run `make shed`")
    return found


def required(element: Element, macros: Mapping[str, Element]) -> Iterator[Element]:
    """Give the requirements in an element and in the macros it expands, and those expand in turn."""
    yield from element.iter("requirement")
    for expand in element.iter("expand"):
        yield from required(macros[expand.get("macro", "")], macros)


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
