"""The history a learner works in: which datasets it holds, and whether they are green."""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.browser.session import Session

SECONDS = 3600
GREEN = {"ok", "empty", "deferred"}
WAITING = {"new", "queued", "running", "upload", "setting_metadata", "new_populated_state", "submitted"}


@dataclass(frozen=True)
class Item:
    """A dataset or collection."""

    identifier: str
    number: int
    name: str
    state: str
    collection: bool


@dataclass
class History:
    """The present history; labels: ids of what the last workflow gave, by the labels of its outputs."""

    session: Session
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """Return its id."""
        return str(self.session.get("/history/current_history_json")["id"])

    def items(self) -> list[Item]:
        """Return what it holds, the newest first."""
        found = self.session.get(f"/api/histories/{self.identifier}/contents?limit=1000&deleted=false")
        items = [_item(one) for one in found if not one["deleted"]]
        return sorted(items, key=lambda item: item.number, reverse=True)

    def last(self) -> int:
        """Return the number of the newest dataset."""
        return max((item.number for item in self.items()), default=0)

    def find(self, name: str, tool: str = "") -> Item:
        """Return the newest dataset of a name, or whose name ends in these words; tool: the id of what made it.

        With a tool the name may also be that of one of its outputs, as its wrapper calls them.
        """
        words = name.lower()
        for item in self.items():
            if self._is_called(item, words) and (not tool or self._maker(item)["tool_id"] == tool):
                return item
        for item in [item for item in self.items() if tool and not item.collection]:
            job = self._maker(item)
            if job["tool_id"] == tool and job["outputs"].get(name, {}).get("id") == item.identifier:
                return item
        there = ", ".join(sorted({item.name for item in self.items()}))
        raise LookupError(f"no dataset {name!r}{f' of {tool}' if tool else ''}; there are: {there}")

    def wait(self, after: int, numbers: int = 1) -> list[Item]:
        """Wait until at least so many datasets after a number are there, and all of them green."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            items = [item for item in self.items() if item.number > after]
            bad = [item for item in items if item.state not in GREEN | WAITING]
            if bad:
                raise RuntimeError("; ".join(self._told(item) for item in bad))
            if len(items) >= numbers and all(item.state in GREEN for item in items):
                self._shown_green(items)
                return items
            self.session.page.wait_for_timeout(1500)
        raise TimeoutError(f"{SECONDS} s were not enough for dataset {after + 1} and those after it")

    def _shown_green(self, items: list[Item]) -> None:
        """Wait until the panel shows it too; it holds only what fits, so the newest stands for all."""
        panel = self.session.at("history_panel._")
        number = max(item.number for item in items)
        panel.locator(f'[data-hid="{number}"]').and_(panel.locator('[data-state="ok"], [data-state="empty"]')).or_(
            panel.locator(f'[data-hid="{number}"]').and_(panel.locator(".dataset-collection"))
        ).first.wait_for()

    def _is_called(self, item: Item, words: str) -> bool:
        name = item.name.lower()
        labelled = {label.lower(): identifier for label, identifier in self.labels.items()}
        return name == words or name.endswith(f": {words}") or labelled.get(words) == item.identifier

    def _maker(self, item: Item) -> dict[str, Any]:
        """Return the job that made a dataset."""
        dataset = self.session.get(f"/api/datasets/{item.identifier}")
        job: dict[str, Any] = self.session.get(f"/api/jobs/{dataset['creating_job']}?full=true")
        return job

    def _told(self, item: Item) -> str:
        dataset = {} if item.collection else self.session.get(f"/api/datasets/{item.identifier}")
        return f"{item.number}: {item.name} is in state {item.state}: {str(dataset.get('misc_info')).strip()[:300]}"


def _item(content: dict[str, Any]) -> Item:
    collection = content["history_content_type"] == "dataset_collection"
    state = content.get("state") or content.get("populated_state") or "new"
    return Item(content["id"], content["hid"], content["name"], state, collection)
