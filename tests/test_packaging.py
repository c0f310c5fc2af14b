"""What containers and the conda package are built from agrees with the wrappers and with pyproject.toml."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from deploy.bioconda.render import RECIPE, UNKNOWN, render
from deploy.containers.render import FOLDER, files, mulled_hash
from deploy.galaxy.render import requirements

from plmkit import __version__

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}
DOCKERFILES = ("cpu.Dockerfile", "gpu.Dockerfile")


def recipe_section(name: str, section: str) -> list[str]:
    """Return the entries of a list of the recipe, such as requirements/run."""
    text = RECIPE.read_text(encoding="utf-8")
    block = re.search(rf"^{section}:\n(.*?)(?=^\S)", text, re.MULTILINE | re.DOTALL)
    assert block
    entries = re.search(rf"^  {name}:\n((?:    .*\n)+)", block[1], re.MULTILINE)
    assert entries
    return [line.strip()[2:] for line in entries[1].splitlines() if line.strip().startswith("- ")]


def project() -> dict[str, object]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def test_files_of_the_containers_are_those_of_the_wrappers() -> None:
    for name, content in files(requirements(ROOT / "tools")).items():
        written = (FOLDER / name).read_text(encoding="utf-8")
        assert written == content, "python -m deploy.containers.render"


def test_the_name_of_a_container_is_that_of_galaxys_own_program() -> None:
    # the examples in the documentation of galaxy.tool_util.deps.mulled
    examples = {
        "samtools:1.3.1": {"samtools": "1.3.1"},
        "mulled-v2-fe8faa35dbf6dc65a0f7f5d4ea12e31a79f73e40:4d0535c94ef45be8459f429561f0894c3fe0ebcf": {
            "samtools": "1.3.1",
            "bwa": "0.7.13",
        },
        "mulled-v2-8186960447c5cb2faa697666dc1e6d919ad23f3e:a6419f25efff953fc505dbd5ee734856180bb619": {
            "samtools": "1.3.1",
            "bedtools": "2.26.0",
        },
    }
    for name, packages in examples.items():
        assert mulled_hash(packages) == name


@pytest.mark.parametrize("name", DOCKERFILES)
def test_images_hold_the_packages_of_the_wrappers_and_no_others(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")

    assert text.count("micromamba create") == 1
    assert "--file /tmp/environment.yml" in text
    assert "pip install" not in text
    assert "apt-get" not in text
    assert f"plmkit-{name[:3]}:{__version__} " in text


def test_the_two_images_differ_only_in_cuda() -> None:
    processor, graphics = ((FOLDER / name).read_text(encoding="utf-8").splitlines() for name in DOCKERFILES)
    changed = set(processor) ^ set(graphics)

    assert 'ENV CONDA_OVERRIDE_CUDA=""' in changed
    assert "ENV CONDA_OVERRIDE_CUDA=12.9" in changed
    steps = [line for line in changed if not line.startswith("#")]
    assert all(re.search("CUDA|cuda|NVIDIA|TORCHINDUCTOR", line) for line in steps), steps


def test_the_recipe_requires_what_the_package_requires() -> None:
    wanted = {"python" + str(project()["requires-python"])}
    for requirement in project()["dependencies"]:  # type: ignore[attr-defined]
        name, bounds = re.fullmatch(r"([a-z0-9-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
        wanted.add(CONDA_NAMES.get(name, name) + bounds)
    recipe = {entry.replace(" ", "") for entry in recipe_section("run", "requirements")}

    assert {entry for entry in recipe if not entry.startswith("mmseqs2")} == wanted
    assert any(entry.startswith("mmseqs2>=") for entry in recipe)


def test_the_recipe_starts_the_program_and_is_built_as_pyproject_says() -> None:
    scripts = project()["scripts"]
    built_with = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]

    assert scripts == dict(entry.split(" = ") for entry in recipe_section("entry_points", "build"))
    assert set(built_with) <= {entry.replace(" ", "") for entry in recipe_section("host", "requirements")}


def test_the_recipe_is_completed_with_the_sum_of_the_published_file() -> None:
    recipe = RECIPE.read_text(encoding="utf-8")
    complete = render(recipe, f"plmkit-{__version__}.tar.gz", b"an sdist")

    assert f"  sha256: {hashlib.sha256(b'an sdist').hexdigest()}\n" in complete
    assert UNKNOWN in recipe
    assert UNKNOWN not in complete
    assert complete.startswith('{% set name = "plmkit" %}')


def test_the_recipe_refuses_an_sdist_of_another_version() -> None:
    with pytest.raises(SystemExit, match=r"plmkit-0\.0\.9\.tar\.gz is not of the version"):
        render(RECIPE.read_text(encoding="utf-8"), "plmkit-0.0.9.tar.gz", b"")
