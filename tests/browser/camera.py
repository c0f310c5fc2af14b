"""Take pictures of what a tutorial shows: cropped to what is meant, and small."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageChops
from playwright.sync_api import FloatRect, Locator, Page
from tests.browser.session import HEIGHT, WIDTH, Session

MOST_BYTES = 200_000
COLOURS = 256
MARGIN = 8
TALL, ABOVE = 7500, 150
AROUND = "xpath=ancestor::*[contains(@class, 'ui-portlet-section')][1]"
NEEDED = "Math.max(...[...document.querySelectorAll('#center, #center *')].map(one => one.scrollHeight))"
Box = tuple[float, float, float, float]  # left, top, width, height in pixels of the page


@dataclass(frozen=True)
class Camera:
    """Takes pictures of a page, as PNG; heights are in pixels of the page, at most."""

    session: Session
    most_bytes: int = MOST_BYTES

    def form(self, section: Locator | None = None, height: int = TALL) -> bytes:
        """Take the open form of a tool, or what a section of it holds, with its title."""
        page = self.session.page
        with tall(page):
            if section is not None:
                return self._taken(_box(section.locator(AROUND)), height)
            header, body = page.locator(".tool-header"), page.locator("#tool-card-body > div").first
            return self._taken(_around(_box(header), _box(body)), height)

    def workflow_form(self, height: int = TALL) -> bytes:
        """Take the open form of a workflow."""
        with tall(self.session.page):
            fields = self.session.page.locator("#center .ui-form-element").filter(visible=True).all()
            button = self.session.at("workflow_run.run_workflow")
            return self._taken(_around(_box(button), *(_box(field) for field in fields)), height)

    def element(self, element: Locator, height: int = TALL) -> bytes:
        """Take one element, and nothing around it."""
        element.scroll_into_view_if_needed()
        return self._taken(_box(element), height, margin=0)

    def result(self, begin: str = "", height: int = TALL) -> bytes:
        """Take what is shown in the middle, from some words on; of a dataset without what stands above it."""
        page = self.session.page
        with tall(page):
            page.wait_for_timeout(1000)  # tables and pictures come after the page
            # HTML is in a frame; the report of a workflow may hold frames, but is none
            frame = page.locator("#center iframe:not(.markdown-wrapper iframe)").filter(visible=True)
            inside = frame.first.content_frame if frame.count() else page.locator("#center")
            left, top, width, depth = _box(frame.first if frame.count() else page.locator("#center"))
            first = top
            tab = self.session.at("dataset_view.details_tab")
            if begin:
                words = inside.get_by_text(begin).filter(visible=True).first
                words.scroll_into_view_if_needed()
                first = _box(words)[1] - MARGIN
            elif tab.count() and not frame.count():
                first = _box(tab)[1] + _box(tab)[3] + MARGIN
            return self._taken((left + MARGIN, first, width - 2 * MARGIN, top + depth - first), height, margin=0)

    def _taken(self, box: Box, height: int, margin: int = MARGIN) -> bytes:
        """Take a part of the page."""
        left, top, width, depth = box
        clip: FloatRect = {
            "x": max(0, left - margin),
            "y": max(0, top - margin),
            "width": width + 2 * margin,
            "height": min(depth + 2 * margin, height),
        }
        self.session.page.mouse.move(0, 0)  # no tooltip
        return small(self.session.page.screenshot(clip=clip, animations="disabled"), self.most_bytes)


def small(png: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """Return a PNG of few colours without its empty lower end, of fewer pixels if it still is too large."""
    image = _trimmed(Image.open(io.BytesIO(png)).convert("RGB"))
    data = io.BytesIO()
    for scale in (1.0, 0.75, 0.5, 0.35):
        data = io.BytesIO()
        size = (round(image.width * scale), round(image.height * scale))
        scaled = image.resize(size, Image.Resampling.LANCZOS) if scale < 1 else image
        scaled.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
        if data.tell() < most_bytes:
            break
    return data.getvalue()


def _trimmed(image: Image.Image) -> Image.Image:
    """Cut off the lower rows that are all the same, but for a margin."""
    last = image.crop((0, image.height - 1, image.width, image.height)).resize(image.size)
    content = ImageChops.difference(image, last).getbbox()
    return image.crop((0, 0, image.width, min(image.height, content[3] + 4 * MARGIN))) if content else image


@contextmanager
def tall(page: Page) -> Iterator[None]:
    """Make the window so tall that nothing scrolls."""
    # what the first look makes visible may need more
    for _ in range(2):
        needed = page.evaluate(NEEDED)
        page.set_viewport_size({"width": WIDTH, "height": max(HEIGHT, min(TALL, needed + ABOVE))})
        page.wait_for_timeout(600)
    try:
        yield
    finally:
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def _box(element: Locator) -> Box:
    box = element.bounding_box()
    if box is None:
        raise LookupError("nothing to take a picture of")
    return box["x"], box["y"], box["width"], box["height"]


def _around(*boxes: Box) -> Box:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top
