"""Take pictures of what a tutorial shows: cropped to what is meant, and small."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import FrameLocator, Locator, Page

from tests.browser.session import HEIGHT, WIDTH, Session

MOST_BYTES = 200_000
COLOURS = 128
MARGIN = 8
TALL = 4000


@dataclass(frozen=True)
class Camera:
    """Takes pictures of a page; folder: where they go."""

    session: Session
    folder: Path

    def form(self, name: str, section: Locator | None = None, height: int = TALL) -> Path:
        """Take the open form of a tool, or a section of it."""
        page = self.session.page
        with tall(page):
            if section is not None:
                return self._keep(name, _box(section.locator("xpath=ancestor-or-self::*[contains(@class, 'ui-portlet-section')][1]")), height)
            header, body = page.locator(".tool-header"), page.locator("#tool-card-body > div").first
            return self._keep(name, _around(_box(header), _box(body)), height)

    def workflow_form(self, name: str, height: int = TALL) -> Path:
        """Take the open form of a workflow."""
        page = self.session.page
        with tall(page):
            fields = page.locator("#center .ui-form-element, #center .form-group, #center .workflow-run-form-simple")
            boxes = [_box(one) for one in fields.filter(visible=True).all()]
            boxes.append(_box(self.session.at("workflow_run.run_workflow")))
            return self._keep(name, _around(*boxes), height)

    def element(self, name: str, element: Locator, height: int = TALL) -> Path:
        """Take one element."""
        element.scroll_into_view_if_needed()
        return self._keep(name, _box(element), height)

    def dataset(self, name: str, begin: str, height: int) -> Path:
        """Take what is shown of the open dataset, from some words on."""
        page = self.session.page
        with tall(page):
            page.wait_for_timeout(1000)  # tables and pictures come after the page
            inside = shown(page)
            whole = _box(page.locator("#center"))
            if begin:
                words = inside.get_by_text(begin).first
                words.scroll_into_view_if_needed()
                top = _box(words)[1]
            else:
                top = _first(inside)
            return self._keep(name, (whole[0], top, whole[2], whole[1] + whole[3] - top), height)

    def _keep(self, name: str, box: tuple[float, float, float, float], height: int) -> Path:
        """Take a part of the page: left, top, width, height."""
        left, top, width, tall_ = box
        clip = {
            "x": max(0, left - MARGIN),
            "y": max(0, top - MARGIN),
            "width": width + 2 * MARGIN,
            "height": min(tall_ + 2 * MARGIN, height),
        }
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # a tooltip under the mouse is not meant
        self.session.page.mouse.move(0, 0)
        path.write_bytes(small(self.session.page.screenshot(clip=clip, animations="disabled")))  # type: ignore[arg-type]
        return path


def shown(page: Page) -> FrameLocator | Locator:
    """Return where the content of the open dataset is: a frame for HTML, else the page."""
    frame = page.locator("#center iframe").filter(visible=True)
    return frame.first.content_frame if frame.count() else page.locator("#center")


def small(png: bytes) -> bytes:
    """Return a PNG of few colours without its empty lower end, at half its size if it still is too large."""
    image = _trimmed(Image.open(io.BytesIO(png)).convert("RGB"))
    for scale in (1.0, 0.5, 0.35):
        size = (round(image.width * scale), round(image.height * scale))
        data = io.BytesIO()
        scaled = image.resize(size, Image.Resampling.LANCZOS) if scale < 1 else image
        scaled.quantize(COLOURS, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
        if data.tell() < MOST_BYTES:
            break
    return data.getvalue()


def _trimmed(image: Image.Image) -> Image.Image:
    """Cut off rows of one colour at the lower end, but for a margin."""
    last = image.crop((0, image.height - 1, image.width, image.height)).resize((1, 1)).getpixel((0, 0))
    empty = Image.new("RGB", image.size, last)
    from PIL import ImageChops

    content = ImageChops.difference(image, empty).getbbox()
    return image.crop((0, 0, image.width, min(image.height, content[3] + 4 * MARGIN))) if content else image


@contextmanager
def tall(page: Page) -> Iterator[None]:
    """Make the window so tall that nothing scrolls."""
    page.set_viewport_size({"width": WIDTH, "height": TALL})
    page.wait_for_timeout(600)
    try:
        yield
    finally:
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def _box(element: Locator) -> tuple[float, float, float, float]:
    box = element.bounding_box()
    if box is None:
        raise LookupError("nothing to take a picture of")
    return box["x"], box["y"], box["width"], box["height"]


def _around(*boxes: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top


def _first(inside: FrameLocator | Locator) -> float:
    body = inside.locator("body") if isinstance(inside, FrameLocator) else inside
    return _box(body)[1]
