"""Pictures of every tool's form and of what the tools give, for people to look at: nothing is compared."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.galaxy.server import Address
from tests.browser.accounts import new_account
from tests.browser.camera import Camera, tall
from tests.browser.log import Log
from tests.browser.session import Session, open_galaxy
from tests.server.histories import History
from tests.server.kinds import FILES, KINDS, TEST_DATA

SHOWN = {"html", "png", "svg"}
MOST_BYTES = 3_000_000
CLOSED = ".ui-portlet-section:has(> .portlet-content:not(:visible)) > .portlet-header.cursor-pointer"


def take_gallery(address: Address, folder: Path, log: Log) -> None:
    """Run each kind of job on small inputs, then take the forms, and the outputs that are made to be seen."""
    account = new_account(address, "gallery")
    history = History(address.url, account.key, "gallery")
    jobs = run_kinds(history, log)
    with open_galaxy(address.url, account.email, account.password) as session:
        session.get(f"/history/set_as_current?id={history.id}")
        camera = Camera(session, MOST_BYTES)
        for tool in sorted(one["id"] for one in session.get("/api/tools?in_panel=false")):
            if tool.startswith("plm_"):
                with counted(session, log, f"form of {tool}"):
                    take_form(camera, folder / "forms", tool)
        for job, kind in jobs.items():
            for name, output in history.outputs(job).items():
                if output["extension"] in SHOWN:
                    path = folder / "outputs" / f"{kind.replace(', ', '-')}-{name}.png"
                    with counted(session, log, path.name):
                        keep(path, taken_output(camera, output["id"]))


def run_kinds(history: History, log: Log) -> dict[str, str]:
    """Run a job of each kind; return the kinds by the ids of their jobs."""
    begin = time.monotonic()
    datasets = {name: history.upload(TEST_DATA / name, kind) for name, kind in FILES.items()}
    history.wait_for_datasets(datasets.values())
    jobs = {history.run(kind.tool, kind.filled(datasets)): name for name, kind in KINDS.items()}
    states = history.wait(jobs, seconds=3600)
    bad = [f"{jobs[job]}: {state}: {history.job(job)['stderr']}" for job, state in states.items() if state != "ok"]
    log.count(f"{len(jobs)} jobs", time.monotonic() - begin, bad)
    return jobs


def take_form(camera: Camera, folder: Path, tool: str) -> None:
    """Take a form as it opens, and with all of its sections open."""
    session = camera.session
    session.go(f"/?tool_id={tool}")
    session.at("tool_form.execute").first.wait_for()
    session.settle()
    keep(folder / f"{tool}.png", camera.form())
    with tall(session.page):
        while (closed := session.page.locator(CLOSED)).count():
            closed.first.click()
            session.page.wait_for_timeout(300)
    keep(folder / f"{tool}-open.png", camera.form())


def taken_output(camera: Camera, dataset: str) -> bytes:
    """Return a picture of a dataset as Galaxy shows it."""
    camera.session.go(f"/datasets/{dataset}/preview")
    camera.session.at("dataset_view.details_tab").wait_for()
    camera.session.page.wait_for_load_state("networkidle")
    return camera.result()


def keep(path: Path, png: bytes) -> None:
    """Keep a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png)


@contextmanager
def counted(session: Session, log: Log, words: str) -> Iterator[None]:
    """Count one thing to do; go on when it fails."""
    begin, problems = time.monotonic(), list[str]()
    try:
        yield
    except Exception as problem:  # the next picture may succeed
        problems.append(f"{type(problem).__name__}: {str(problem).strip()[:800]}")
    log.count(words, time.monotonic() - begin, [*problems, *session.taken_errors()])
