"""Build the Tool Shed repositories of .shed.yml under build/shed, as an administrator would receive them.

Runs in planemo's environment. `planemo shed_build` cannot do this: it writes every repository of a tree with
several to one archive.
"""

import importlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHED = ROOT / "build" / "shed"


def realise(source: Path, destination: Path) -> list[Path]:
    """Write each repository that source/.shed.yml describes to destination/<name>; return their folders."""
    # by name, because the checks of this file run where planemo is not installed
    shed = importlib.import_module("planemo.shed")
    cli = importlib.import_module("planemo.cli")
    shutil.rmtree(destination, ignore_errors=True)
    folders: list[Path] = []

    def keep(repository: object) -> int:
        folder = destination / str(getattr(repository, "config")["name"])  # noqa: B009  planemo has no types
        shutil.copytree(str(getattr(repository, "path")), folder)  # noqa: B009
        remove_empty_folders(folder)
        folders.append(folder)
        return 0

    context = cli.PlanemoCliContext()
    if shed.for_each_repository(context, keep, [str(source)], fail_fast=True) != 0 or not folders:
        sys.exit(f"{source / '.shed.yml'} could not be realised")
    return folders


def remove_empty_folders(folder: Path) -> None:
    """Remove folders that hold no file: planemo makes one for each folder a pattern meets, archives have none."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


if __name__ == "__main__":
    for repository_folder in realise(ROOT, SHED):
        files = sum(path.is_file() for path in repository_folder.rglob("*"))
        print(f"{repository_folder.relative_to(ROOT)}: {files} files")
