"""The tours of docs/tours, done as Galaxy leads them: every step shows itself where it says."""

import time

from deploy.galaxy.server import Address
from tests.browser.accounts import new_account
from tests.browser.log import Log
from tests.browser.session import SECONDS, Session, open_galaxy

POPOVER = ".tour-element"
WAIT = "Your history"  # here the tour asks to wait for green datasets


def take_tours(address: Address, log: Log) -> None:
    """Do every tour that the server has."""
    account = new_account(address, "tourist")
    with open_galaxy(address.url, account.email, account.password) as session:
        for tour in session.get("/api/tours"):
            log.say(f"== tour {tour['id']}")
            _take(session, tour["id"], log)


def _take(session: Session, tour: str, log: Log) -> None:
    """Go on from step to step; each must come, in the order of the tour."""
    titles = [step["title"] for step in session.get(f"/api/tours/{tour}")["steps"]]
    session.get("/history/create_new_current")
    session.go(f"/tours/{tour}")
    for place, title in enumerate(titles):
        begin, shown = time.monotonic(), session.page.locator(f"{POPOVER} .tour-title", has_text=title)
        try:
            # two steps of one title follow each other never, so the title tells that the tour went on
            shown.wait_for(timeout=SECONDS * 1000)
            if title == WAIT:
                session.page.locator("[data-hid][data-state=ok]").nth(1).wait_for(timeout=SECONDS * 1000)
            if place + 1 < len(titles):
                session.page.locator(f"{POPOVER} .tour-next").click()
            problems = session.taken_errors()
        except Exception as problem:  # whatever it was, the step failed, and the log says why
            problems = [f"{type(problem).__name__}: {str(problem).strip()[:400]}", *session.taken_errors()]
        log.count(f"{place + 1}. {title}", time.monotonic() - begin, problems)
        if problems:
            return
