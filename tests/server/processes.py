"""The processes of the tools on this machine: which run for a server, their memory, the files they leave."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
SECONDS_BETWEEN_LOOKS = 0.2


@dataclass(frozen=True)
class Usage:
    """What one process of a tool took; memory in MiB, times in seconds; what came after the last look is missing."""

    command: str
    memory: float
    processor: float
    elapsed: float


def tool_processes(jobs: Path) -> dict[int, list[str]]:
    """Return the command lines of the tools' processes whose working folders lie in the folder of all jobs."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                place = Path(str((entry / "cwd").readlink()).removesuffix(" (deleted)"))
                if any(Path(word).name in ("plmkit", "mmseqs") for word in words) and place.is_relative_to(jobs):
                    found[int(entry.name)] = words
    return found


def pythons(jobs: Path) -> dict[int, str]:
    """Return the commands (embed, finetune ...) of the running Python processes of the tools, by process id."""
    found = {}
    for pid, words in tool_processes(jobs).items():
        if "plmkit" in words[:-1] and "python" in Path(words[0]).name and "--version" not in words:
            found[pid] = words[words.index("plmkit") + 1]
    return found


def wait_until_gone(jobs: Path, seconds: float) -> float | None:
    """Wait until no process of the tools is left; return how long it took, None when some are."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if not tool_processes(jobs):
            return time.monotonic() - begin
        time.sleep(0.1)
    return None


def usage(pid: int, command: str) -> Usage:
    """Return what a process has taken up to now. Raises OSError when it is gone."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    running = float(Path("/proc/uptime").read_text().split()[0]) - int(fields[19]) / TICKS
    return Usage(command, peak / 1024, (int(fields[11]) + int(fields[12])) / TICKS, running)


def resident(pid: int) -> float:
    """Return the memory of a process now, in MiB; pages that several share count for each."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def watched(jobs: Path) -> Iterator[dict[int, Usage]]:
    """Look at the processes of the tools for as long as the block lasts; the last look at each is kept."""
    seen: dict[int, Usage] = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            for pid, command in pythons(jobs).items():
                with suppress(OSError, StopIteration):
                    seen[pid] = usage(pid, command)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def leftovers(place: Path) -> list[Path]:
    """Return what an unfinished run of a tool left in a folder and those beneath it."""
    return [path for name in ("*.part", ".*.unfinished", "plmkit-*") for path in place.rglob(name)]
