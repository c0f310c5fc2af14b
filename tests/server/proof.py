"""What a trial on real servers proves: one line for each statement, a count at the end, all of it kept as a report."""

import sys

from deploy.galaxy.render import ROOT

REPORTS = ROOT / "build" / "reports"


class Proof:
    """Statements that held or did not; the report is written as they come, so that a crash leaves it."""

    def __init__(self, trial: str) -> None:
        REPORTS.mkdir(parents=True, exist_ok=True)
        self.report = (REPORTS / f"{trial}.txt").open("w", buffering=1, encoding="utf-8")
        self.held: list[bool] = []

    def that(self, statement: str, holds: bool, details: object = "") -> None:
        """Count a statement; the details say what was seen where it did not hold."""
        self.held.append(holds)
        self.say(f"{'proved' if holds else 'FAILED'}  {statement}" + ("" if holds else f"\n        {details}"))

    def say(self, line: str) -> None:
        """Show a line and keep it."""
        for stream in (sys.stdout, self.report):
            stream.write(f"{line}\n")
            stream.flush()

    def finish(self) -> int:
        """Count; return 1 when anything failed or nothing was proved."""
        failed = self.held.count(False)
        self.say(f"\n{len(self.held) - failed} proved, {failed} failed")
        return 1 if failed or not self.held else 0
