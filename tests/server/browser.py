"""What a browser sees: a few of Galaxy's pages, Local Data among them, answer a session only, never an API key."""

import json
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

from deploy.galaxy.server import Address


def local_data(galaxy: Address) -> dict[str, Any]:
    """Return what stands on the administrator's page Local Data: data managers and tables."""
    page = f"{galaxy.url}/data_manager/data_managers_list"
    with logged_in(galaxy).open(page, timeout=120) as answer:
        return dict(json.loads(answer.read()))


def logged_in(galaxy: Address) -> OpenerDirector:
    """Log the administrator in."""
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    browser.open(galaxy.url, timeout=120).close()  # a session begins with a page
    with browser.open(f"{galaxy.url}/context", timeout=120) as answer:
        token = json.loads(answer.read())["session_csrf_token"]
    form = {"login": galaxy.user, "password": galaxy.password, "session_csrf_token": token}
    headers = {"content-type": "application/json"}
    browser.open(Request(f"{galaxy.url}/user/login", json.dumps(form).encode(), headers), timeout=120).close()
    return browser
