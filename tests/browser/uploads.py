"""Bring files and texts into a history by the window for uploads."""

import gzip
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator
from tests.browser.history import History
from tests.browser.session import Session


@dataclass(frozen=True)
class Uploads:
    """The window for uploads; before_start: what is done with the window when it is filled in."""

    session: Session
    history: History
    before_start: Callable[[Locator], None]

    def files(self, paths: Sequence[Path], datatype: str) -> None:
        """Choose files; datatype: empty if Galaxy detects it."""
        box = self._opened()
        with self.session.page.expect_file_chooser() as chosen:
            box.locator("#btn-local").click()
        chosen.value.set_files([str(path) for path in paths])
        self._start(box, datatype, len(paths))

    def text(self, text: str, name: str, datatype: str) -> None:
        """Paste a text and name it."""
        box = self._opened()
        box.locator("#btn-new").click()
        box.locator(".upload-text-content").last.fill(text)
        if name:
            box.locator(".upload-title").last.fill(name)
        self._start(box, datatype, 1)

    def _opened(self) -> Locator:
        self.session.at("upload.start").click()
        box = self.session.page.locator("#regular")
        box.wait_for()
        reset = box.locator("#btn-reset")
        if reset.is_enabled() and "g-disabled" not in (reset.get_attribute("class") or ""):
            reset.click()
        return box

    def _start(self, box: Locator, datatype: str, count: int) -> None:
        """Set the datatype, start, wait until all is green."""
        after = self.history.last()
        if datatype:
            types = box.locator(".upload-footer-extension")
            types.click()
            self.session.page.keyboard.type(datatype)
            types.locator(".multiselect__option").get_by_text(datatype, exact=True).first.click()
        self.before_start(self.session.page.locator(".modal-content").filter(has=box))
        self.session.at("upload.start_button").click()
        self.history.wait(after, count)
        self.session.at("upload.close_button").click()


def find_file(name: str, folders: Sequence[Path]) -> Path | None:
    """Return the file that a link means: itself, packed, or with something and _ before its name."""
    patterns = (name, f"{name}.gz", f"*_{name}", f"*_{name}.gz")
    found = (path for folder in folders for one in patterns for path in sorted(folder.rglob(one)))
    return next(found, None)


def under_name(found: Path, path: Path) -> Path:
    """Copy a file to the name that a tutorial gives it, unpacked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if found.suffix == ".gz" and path.suffix != ".gz":
        with gzip.open(found) as packed, path.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    else:
        shutil.copyfile(found, path)
    return path
