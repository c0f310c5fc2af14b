"""python -m deploy.containers.render: write what containers are built from, after tools/macros.xml changed.

environment.yml holds the packages for the Dockerfiles; mulled-hash.txt the name by which Galaxy looks for a container
of BioContainers; multi_package_container.tsv the row that makes BioContainers build it.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.galaxy.render import ROOT, requirements

FOLDER = Path(__file__).parent
# conda-forge first: BioContainers and bioconda build so
CHANNELS = ("conda-forge", "bioconda")
BASE_IMAGE = "quay.io/bioconda/base-glibc-busybox-bash:latest"
BUILD = "0"


def main() -> None:
    """Write the three files."""
    for name, content in files(requirements(ROOT / "tools")).items():
        (FOLDER / name).write_text(content)


def files(packages: Mapping[str, str]) -> dict[str, str]:
    """Return name and content of each file, for packages with their conda versions."""
    targets = ",".join(f"{name}={version}" for name, version in packages.items())
    return {
        "environment.yml": environment(packages),
        "mulled-hash.txt": f"{mulled_hash(packages)}\n",
        "multi_package_container.tsv": f"#targets\tbase_image\timage_build\n{targets}\t{BASE_IMAGE}\t{BUILD}\n",
    }


def environment(packages: Mapping[str, str]) -> str:
    """Return the conda environment file."""
    lines = ["# Written by `python -m deploy.containers.render` from tools/macros.xml.", "channels:"]
    lines += [f"  - {channel}" for channel in CHANNELS]
    lines += ["  - nodefaults", "dependencies:"]
    lines += [f"  - {name}={version}" for name, version in packages.items()]
    return "\n".join([*lines, ""])


def mulled_hash(packages: Mapping[str, str]) -> str:
    """Return the image name that the program mulled-hash (galaxy-tool-util) gives, version 2.

    Two SHA-1 sums, of the names and of the versions in the order of the names; one package alone keeps its name.
    """
    names = sorted(packages)
    versions = [packages[name] for name in names]
    if len(names) == 1:
        return f"{names[0]}:{versions[0]}"
    # part of the format, no protection
    sums = [hashlib.sha1("\n".join(words).encode(), usedforsecurity=False).hexdigest() for words in (names, versions)]
    return f"mulled-v2-{sums[0]}:{sums[1]}"


if __name__ == "__main__":
    main()
