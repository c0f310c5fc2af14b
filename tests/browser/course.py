"""Do tutorials one after the other, each as a new user of one server, and count."""

import argparse
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import Address, running_server, status
from deploy.galaxy.workflows import import_workflows
from tests.browser.accounts import new_account
from tests.browser.boxes import Step, TutorialError, read_tutorial
from tests.browser.gallery import take_gallery
from tests.browser.learner import Learner
from tests.browser.log import Log
from tests.browser.pictures import Picture
from tests.browser.session import open_galaxy
from tests.browser.tour import take_tours

TUTORIALS = ROOT / "docs" / "tutorial"
REPORT = ROOT / "build" / "reports" / "browser"
STATE = ROOT / "build" / "galaxy-browser"
TEST_DATA = ROOT / "test-data"


def run_course(arguments: argparse.Namespace) -> int:
    """Run tutorials, or take pictures of the forms; return the exit code."""
    shutil.rmtree(REPORT, ignore_errors=True)
    REPORT.mkdir(parents=True)
    log = Log(REPORT / "log.txt")
    with server(arguments.server) as address:
        import_workflows(address)
        if arguments.tutorials == ["forms"]:
            take_gallery(address, REPORT, log)
        if arguments.tutorials == ["tour"]:
            take_tours(address, log)
        for tutorial in chosen(arguments.tutorials):
            log.say(f"== {tutorial.stem if tutorial.name != 'tutorial.md' else tutorial.parent.name}")
            follow(tutorial, address, [*arguments.data, TEST_DATA], log, arguments.pictures)
    log.say(f"\n{log.steps} steps, {log.failed} failed")
    return 1 if log.failed else 0


@contextmanager
def server(state: Path | None) -> Iterator[Address]:
    """Give a running server: one that is there already, or a fresh one."""
    if state is None:
        with running_server(STATE) as address:
            yield address
    else:
        address_there = status(state.resolve())
        if address_there is None:
            raise SystemExit(f"no server runs in {state}")
        yield address_there


def chosen(names: Sequence[str]) -> list[Path]:
    """Return the tutorials that are meant: names of folders, or paths of files."""
    if names in (["forms"], ["tour"]):
        return []
    if not names:
        return sorted(TUTORIALS.glob("*/tutorial.md"))
    return [Path(name) if name.endswith(".md") else TUTORIALS / name / "tutorial.md" for name in names]


def follow(tutorial: Path, address: Address, folders: Sequence[Path], log: Log, keep: bool) -> None:
    """Do a tutorial from its beginning to its end, or to the first step that fails: what follows rests on it."""
    name = tutorial.parent.name
    try:
        found = read_tutorial(tutorial)
    except (TutorialError, OSError) as problem:
        log.count(f"read {tutorial}", 0, [str(problem)])
        return
    steps = [one for one in found if isinstance(one, Step)]
    pictures = [one for one in found if isinstance(one, Picture)]
    account = new_account(address, f"learner-{name}")
    with open_galaxy(address.url, account.email, account.password) as session:
        learner = Learner(session, steps, pictures, folders, REPORT / name)
        if missing := learner.missing():
            log.say(f"skipped: not in {', '.join(map(str, folders))}: {', '.join(missing)}")
            return
        well = all(attempt(learner, one, log) for one in found)
    if well and keep:
        replace(tutorial.parent / "images", REPORT / name, pictures)


def attempt(learner: Learner, one: Step | Picture, log: Log) -> bool:
    """Do a step or take a picture; tell how it went."""
    begin, problems = time.monotonic(), []
    try:
        if isinstance(one, Step):
            learner.do(one)
        else:
            learner.show(one)
    except Exception as problem:  # whatever it was, the step failed, and the log says why
        problems.append(f"{type(problem).__name__}: {str(problem).strip()[:800]}")
        learner.session.page.screenshot(path=REPORT / f"failed-line-{one.line}.png")
    problems += learner.session.taken_errors()
    words = one.words if isinstance(one, Step) else f"picture {one.image}"
    log.count(f"line {one.line}: {words}", time.monotonic() - begin, problems)
    return not problems


def replace(images: Path, taken: Path, pictures: Sequence[Picture]) -> None:
    """Put the pictures where the tutorial shows them."""
    images.mkdir(exist_ok=True)
    for picture in pictures:
        shutil.copyfile(taken / picture.image, images / picture.image)
