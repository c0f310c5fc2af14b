"""What is printed and kept of a run."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Log:
    """What is printed and kept; counts steps."""

    path: Path
    steps: int = 0
    failed: int = 0

    def say(self, line: str) -> None:
        """Print a line and keep it."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        with self.path.open("a") as file:
            file.write(f"{line}\n")

    def count(self, words: str, seconds: float, problems: Sequence[str]) -> None:
        """Tell how a step went."""
        self.steps += 1
        self.failed += bool(problems)
        self.say(f"{'FAILED' if problems else 'ok    '} {seconds:6.1f} s  {words[:110]}")
        for problem in problems:
            self.say(f"            {problem}")
