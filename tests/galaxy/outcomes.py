"""What came of a test, and how to read it from the reports of pytest and planemo."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """One test; `details` says why it failed."""

    name: str
    passed: bool
    details: str = ""


def from_junit(path: Path, name: str) -> list[Outcome]:
    """Read the outcomes of a pytest run; a run without tests has failed."""
    if not path.exists():
        return [Outcome(name, False, "pytest wrote no report")]
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    if not cases:
        return [Outcome(name, False, "no test ran")]
    run = [case for case in cases if case.find("skipped") is None]
    return [
        Outcome(f"{case.get('classname')}.{case.get('name')}", passed=not is_failed(case), details="see above")
        for case in run
    ]


def is_failed(case: ElementTree.Element) -> bool:
    """Tell whether a JUnit test case failed or broke."""
    return case.find("failure") is not None or case.find("error") is not None


def from_planemo(report: Mapping[str, Any], name: str, expected: int) -> list[Outcome]:
    """Read the outcomes of a planemo run of `expected` tests; a test that left no trace has failed."""
    outcomes = [
        Outcome(test["id"], has_passed(test["data"]), describe(test["data"])) for test in report.get("tests", [])
    ]
    missing = expected - len(outcomes)
    lost = Outcome(name, False, f"{missing} of {expected} tests left no result in planemo's report")
    return outcomes + [lost] * max(missing, 0)


def has_passed(data: Mapping[str, Any]) -> bool:
    """Tell whether a test passed and proves something.

    A skipped test does not; nor does one whose failure is expected and whose inputs planemo could not give: no job ran.
    """
    return data["status"] == "success" and bool(data.get("job") or data.get("invocation_details"))


def describe(data: Mapping[str, Any]) -> str:
    """Say everything planemo knows about a test that failed."""
    problems = [data.get("execution_problem") or "", *(data.get("output_problems") or [])]
    job = data.get("job")
    said = describe_job(job) if job else "no job ran; planemo could not give its inputs, or they were refused before"
    return "\n".join([f"status: {data['status']}", *filter(None, problems), said])


def describe_job(job: Mapping[str, Any]) -> str:
    """Show what a job ran and what it said."""
    names = ("tool_id", "state", "exit_code", "command_line", "stdout", "stderr", "job_stderr", "job_messages")
    return "\n".join(f"{name}: {job[name]}" for name in names if job.get(name) not in (None, "", []))
