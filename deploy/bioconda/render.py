"""python -m deploy.bioconda.render SDIST: write the complete recipe for a published sdist to build/bioconda/plmkit."""

import argparse
import hashlib
import re
import sys
from pathlib import Path

from deploy.galaxy.render import ROOT

RECIPE = Path(__file__).parent / "meta.yaml"
UNKNOWN = "FILLED-IN-BY-deploy.bioconda.render"


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sdist", type=Path, help="plmkit-VERSION.tar.gz, the very file that PyPI has")
    sdist = parser.parse_args().sdist
    destination = ROOT / "build" / "bioconda" / "plmkit" / "meta.yaml"
    recipe = render(RECIPE.read_text(), sdist.name, sdist.read_bytes())
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.write_text(recipe)
    print(f"{destination.relative_to(ROOT)}: name the maintainers in it, then submit the folder to bioconda-recipes")


def render(recipe: str, name: str, sdist: bytes) -> str:
    """Return the recipe for an sdist, without the note that it is not complete; exits for one of another version."""
    version = re.search(r'{% set version = "([^"]+)" %}', recipe)
    if version is None or name != f"plmkit-{version[1]}.tar.gz":
        sys.exit(f"{name} is not of the version that meta.yaml names; make it and lib/plmkit agree")
    complete = recipe.replace(UNKNOWN, hashlib.sha256(sdist).hexdigest())
    return complete[complete.index("{% set name") :]


if __name__ == "__main__":
    main()
