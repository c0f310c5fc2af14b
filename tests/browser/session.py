"""A Galaxy opened in Chromium by a learner; what goes wrong on its pages is kept."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from galaxy.navigation.data import load_root_component
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# root cannot have Chromium's sandbox; the page is our own
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTH, HEIGHT = 1400, 1000
SECONDS = 90
COMPONENTS = load_root_component()
# what Galaxy's own client asks for in vain on any server like ours
KNOWN = {(403, "/api/unprivileged_tools")}


@dataclass
class Session:
    """An open page of a server."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    building: set[Request] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Open a page of the server."""
        self.page.goto(self.url + path, wait_until="domcontentloaded")

    def at(self, path: str, **values: str) -> Locator:
        """Return what Galaxy's own tests find under a name in navigation.yml, in the page."""
        component: Any = COMPONENTS
        for name in path.split("."):
            component = component[name]
        by, locator = (component(**values) if values else component).selenium_locator
        return self.page.locator(f"xpath={locator}" if by == "xpath" else locator)

    def get(self, path: str) -> Any:
        """Return what the server's API answers to the learner."""
        answer = self.page.request.get(self.url + path)
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer.json()

    def settle(self) -> None:
        """Wait until a form that was changed has been built anew by the server."""
        self.page.wait_for_timeout(400)  # the client waits a little too, for the next letter
        deadline = time.monotonic() + SECONDS
        while self.building and time.monotonic() < deadline:
            self.page.wait_for_timeout(100)

    def taken_errors(self) -> list[str]:
        """Return what went wrong since the last call."""
        errors, self.errors = self.errors, []
        return errors

    def watch(self) -> None:
        """Keep errors of the page, and which forms the server builds."""
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {str(error)[:300]}"))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._finished)
        self.page.on("requestfailed", self._failed)

    def _asked(self, request: Request) -> None:
        if _builds(request):
            self.building.add(request)

    def _finished(self, request: Request) -> None:
        self.building.discard(request)

    def _heard(self, message: ConsoleMessage) -> None:
        # a failed request is told by its answer, with its address
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(f"console: {message.text[:300]}")

    def _answered(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and (response.status, path) not in KNOWN:
            self.errors.append(f"{response.status} {response.request.method} {path}")

    def _failed(self, request: Request) -> None:
        self.building.discard(request)
        # a page that is left behind gives up its requests; other servers are out of reach
        if request.url.startswith(self.url) and request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.failure} {request.method} {urlsplit(request.url).path}")


@contextmanager
def open_galaxy(url: str, user: str, password: str) -> Iterator[Session]:
    """Open a server and log in; nothing but this server can be reached."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        window = {"width": WIDTH, "height": HEIGHT}
        context = browser.new_context(viewport=window, device_scale_factor=2, reduced_motion="reduce")
        _stay_here(context, url)
        session = Session(context.new_page(), url)
        session.page.set_default_timeout(SECONDS * 1000)
        session.watch()
        session.go("/login/start")
        session.page.fill("#login-form-name", user)
        session.page.fill("#login-form-password", password)
        session.at("login.submit").click()
        session.at("history_panel._").wait_for()
        try:
            yield session
        finally:
            browser.close()


def _stay_here(context: BrowserContext, url: str) -> None:
    context.route(lambda address: not address.startswith((url, "data:", "blob:")), lambda route: route.abort())


def _builds(request: Request) -> bool:
    path: str = urlsplit(str(request.url)).path
    return path.startswith("/api/tools/") and path.endswith("/build")
