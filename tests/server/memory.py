"""How much memory all processes of a server hold together, pages that several share counted once."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def proportional_memory(folders: Sequence[Path]) -> float:
    """Return the memory in MiB of the processes that work in some folders or beneath, and of all they started.

    Of a page that several processes share each counts its part (PSS in smaps_rollup, which root may read of all).
    """
    parents = _parents()
    found = {pid for pid in parents if any(_place(pid).is_relative_to(folder) for folder in folders)}
    grown = 0
    while grown != len(found):
        grown = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return sum(_proportional(pid) for pid in found)


def _parents() -> dict[int, int]:
    """Return the parent of each process."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    return parents


def _place(pid: int) -> Path:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink()
    return Path("/nowhere")


def _proportional(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
