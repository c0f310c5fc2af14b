"""Do the steps of a tutorial in an open Galaxy, and take its pictures."""

import gzip
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from playwright.sync_api import Locator

from tests.browser.boxes import (
    Datatype,
    ImportWorkflow,
    Look,
    NewHistory,
    Paste,
    Reading,
    Rename,
    RunTool,
    RunWorkflow,
    Step,
    Upload,
)
from tests.browser.camera import Camera
from tests.browser.forms import Form
from tests.browser.history import History
from tests.browser.pictures import Picture
from tests.browser.session import Session

REPORT = "workflow report"


@dataclass
class Learner:
    """Somebody who follows a tutorial; folders: where the files of its links lie."""

    session: Session
    camera: Camera
    steps: Sequence[Step]
    pictures: Sequence[Picture]
    folders: Sequence[Path]
    desk: Path
    invocation: str = ""
    done: set[str] = field(default_factory=set)

    @cached_property
    def history(self) -> History:
        """The learner's history."""
        return History(self.session)

    @cached_property
    def names(self) -> dict[str, str]:
        """Ids of tools by the names that boxes give them."""
        return {step.name: step.tool for step in self.steps if isinstance(step, RunTool)}

    @cached_property
    def form(self) -> Form:
        """The form that is open."""
        return Form(self.session, self.history, self.names)

    def do(self, step: Step) -> None:
        """Do a step."""
        actions: dict[type[Step], Callable[..., None]] = {
            NewHistory: self.begin_history,
            Upload: self.upload,
            Paste: self.paste,
            Rename: self.rename,
            Datatype: self.datatype,
            RunTool: self.run_tool,
            ImportWorkflow: self.import_workflow,
            RunWorkflow: self.run_workflow,
            Look: self.look,
            Reading: lambda _: None,
        }
        actions[type(step)](step)

    def begin_history(self, step: NewHistory) -> None:
        """Create a history and name it."""
        with self.session.page.expect_response(lambda answer: "create_new_current" in answer.url):
            self.session.at("history_panel.new_history_button").click()
        self.session.page.get_by_text("This history is empty").first.wait_for()
        if step.name:
            self.session.at("history_panel.history_name_edit_label").click()
            box = self.session.at("history_panel.history_name_edit_input")
            box.fill(step.name)
            box.press("Enter")
            self._in_panel(step.name).wait_for()

    def _in_panel(self, text: str) -> Locator:
        return self.session.at("history_panel._").get_by_text(text, exact=True).filter(visible=True).first

    def upload(self, step: Upload) -> None:
        """Choose local files, in place of those that links would fetch."""
        paths = [self.file(name) for name in step.names]
        self._upload(step, step.datatype, lambda box: self._choose_files(box, paths), len(paths))

    def paste(self, step: Paste) -> None:
        """Paste a text and name it."""

        def fill(box: Locator) -> None:
            box.locator("#btn-new").click()
            box.locator(".upload-text-content").last.fill(step.text)
            if step.name:
                box.locator(".upload-title").last.fill(step.name)

        self._upload(step, step.datatype, fill, 1)

    def _upload(self, step: Step, datatype: str, fill: Callable[[Locator], None], count: int) -> None:
        after = self.history.last()
        self.session.at("upload.start").click()
        box = self.session.page.locator("#regular")
        box.wait_for()
        if (reset := box.locator("#btn-reset")).is_enabled() and "g-disabled" not in (reset.get_attribute("class") or ""):
            reset.click()
        fill(box)
        if datatype:
            box.locator(".upload-footer-extension").click()
            self.session.page.keyboard.type(datatype)
            box.locator(".upload-footer-extension .multiselect__option").get_by_text(datatype, exact=True).first.click()
        for picture in self._pictures_of(step, "upload"):
            window = self.session.page.locator(".modal-content").filter(has=box)
            self.take(picture.image, lambda name: self.camera.element(name, window))
        self.session.at("upload.start_button").click()
        self.history.wait(after, count)
        self.session.at("upload.close_button").click()

    def _choose_files(self, box: Locator, paths: Sequence[Path]) -> None:
        with self.session.page.expect_file_chooser() as chosen:
            box.locator("#btn-local").click()
        chosen.value.set_files([str(path) for path in paths])

    def missing(self) -> list[str]:
        """Return the files of its links that are nowhere."""
        names = [name for step in self.steps if isinstance(step, Upload) for name in step.names]
        return [name for name in names if not self._found(name)]

    def file(self, name: str) -> Path:
        """Return the file that a link means, under its own name. Raises FileNotFoundError."""
        found = self._found(name)
        if found is None:
            raise FileNotFoundError(name)
        return _under_name(found, self.desk / name)

    def _found(self, name: str) -> Path | None:
        patterns = (name, f"{name}.gz", f"*_{name}", f"*_{name}.gz")
        found = [path for folder in self.folders for one in patterns for path in sorted(folder.rglob(one))]
        return found[0] if found else None

    def rename(self, step: Rename) -> None:
        """Give a dataset another name on its page of attributes."""
        self._edit(step.old)
        box = self.session.at("edit_dataset_attributes.name_input")
        box.fill(step.new)
        self.session.at("edit_dataset_attributes.save_button").click()
        self._in_panel(step.new).wait_for()

    def datatype(self, step: Datatype) -> None:
        """Look at a dataset's datatype; change it where it is another."""
        item = self.history.find(step.dataset)
        if self.session.get(f"/api/datasets/{item.identifier}")["file_ext"] == step.datatype:
            return
        self._edit(step.dataset)
        self.session.at("edit_dataset_attributes.datatypes_tab").click()
        self.session.at("edit_dataset_attributes.datatype_dropdown").click()
        self.session.page.keyboard.type(step.datatype)
        self.session.page.keyboard.press("Enter")
        self.session.page.locator("#dataset-attributes-change-datatype, #dataset-edit-datatype-save").first.click()
        self.history.wait(item.number - 1)

    def _edit(self, name: str) -> None:
        item = self.history.find(name)
        self.session.go(f"/datasets/{item.identifier}/edit")
        self.session.at("edit_dataset_attributes._").wait_for()

    def run_tool(self, step: RunTool) -> None:
        """Look for a tool in the panel, fill in its form, run it, wait until all is green."""
        self.open_tool(step.tool, step.name)
        scope = self.session.page.locator("#tool-card-body")
        self.form.fill(scope, step.parameters)
        self.session.settle()
        for picture in self._pictures_of(step, "form"):
            section = self.form.opened(scope, picture.section) if picture.section else None
            self.take(picture.image, lambda name, at=section, high=picture.height: self.camera.form(name, at, high))  # type: ignore[misc]
        after = self.history.last()
        self._press(self.session.at("tool_form.execute").first)
        self.history.wait(after)

    def open_tool(self, tool: str, name: str) -> None:
        """Search for a tool by its name and open its form."""
        panel = self.session.at("tool_panel.toolbox")
        if not panel.is_visible():
            self.session.page.locator("#activity-tools").click()
        search = self.session.page.locator("#toolbox-panel").locator("input.search-query, .search-query input").first
        search.fill(name)
        self.session.page.locator(f'#toolbox-panel a[href*="tool_id={tool}"]').first.click()
        self.session.page.locator(f'[tool_id="{tool}"]').wait_for()
        self.session.at("tool_form.execute").first.wait_for()
        self.session.settle()

    def import_workflow(self, step: ImportWorkflow) -> None:
        """Import a published workflow."""
        self.session.go("/workflows/list_published")
        card = self._card(step.name)
        card.locator('button[title="Import workflow"], [id^="g-card-action-import"], [id*="import"]').first.click()
        self.session.go("/workflows/list")
        self._card(f"imported: {step.name}").or_(self._card(step.name)).first.wait_for()

    def run_workflow(self, step: RunWorkflow) -> None:
        """Open a workflow's form, fill it in, run it, wait until all is green."""
        self.session.go("/workflows/list" if self._imported(step.name) else "/workflows/list_published")
        self._card(step.name).locator('[id*="run"]').first.click()
        run = self.session.at("workflow_run.run_workflow")
        run.wait_for()
        self.session.settle()
        scope = self.session.page.locator("#center")
        self.form.fill(scope, step.parameters)
        self.session.settle()
        for picture in self._pictures_of(step, "workflow form"):
            self.take(picture.image, lambda name, high=picture.height: self.camera.workflow_form(name, high))  # type: ignore[misc]
        after = self.history.last()
        with self.session.page.expect_response(lambda answer: answer.url.endswith("/invocations")) as answer:
            self._press(run)
        started = answer.value.json()
        self.invocation = str((started[0] if isinstance(started, list) else started)["id"])
        self._follow_invocation()
        self.history.wait(after)
        told = self.session.get(f"/api/invocations/{self.invocation}")
        self.history.labels = {label: str(output["id"]) for label, output in told["outputs"].items()}

    def _follow_invocation(self) -> None:
        """Wait until every step of the workflow has its jobs."""
        while True:
            state = self.session.get(f"/api/invocations/{self.invocation}")["state"]
            if state in ("scheduled", "completed"):
                return
            if state not in ("new", "ready", "requires_materialization"):
                raise RuntimeError(f"the workflow is in state {state}")
            self.session.page.wait_for_timeout(1500)

    def _imported(self, name: str) -> bool:
        return any(name in str(workflow["name"]) for workflow in self.session.get("/api/workflows"))

    def _card(self, name: str) -> Locator:
        title = self.session.page.locator(".g-card-title, [id^='g-card-title']").get_by_text(name)
        return self.session.page.locator(".workflow-card, .g-card").filter(has=title).first

    def _press(self, button: Locator) -> None:
        """Press a button that may still be out of order; say what the form complains of if it stays so."""
        for _ in range(40):
            if "g-disabled" not in (button.get_attribute("class") or ""):
                button.click()
                return
            self.session.page.wait_for_timeout(250)
        complaints = self.session.page.locator(".ui-form-error-text").filter(visible=True).all_inner_texts()
        raise RuntimeError(f"the form is not ready: {complaints}")

    def look(self, step: Look) -> None:
        """Open what is to be looked at."""
        if step.name == REPORT:
            self.open_report()
        else:
            self.open_dataset(step.name, self.names.get(step.tool, step.tool))

    def open_dataset(self, name: str, tool: str) -> None:
        """Press the eye of a dataset."""
        item = self.history.find(name, tool)
        panel = self.session.at("history_panel._")
        row = panel.locator(f'[data-hid="{item.number}"]')
        row.scroll_into_view_if_needed()
        row.locator(".display-btn").first.click()
        self.session.page.locator(f"#center .dataset-view, #center iframe").first.wait_for()
        self.session.page.wait_for_load_state("networkidle")

    def open_report(self) -> None:
        """Open the report of the last run of a workflow."""
        self.session.go(f"/workflows/invocations/{self.invocation}/report")
        self.session.page.locator("#center .markdown-wrapper, #center .markdown-component, #center .invocation-report").first.wait_for()
        self.session.page.wait_for_load_state("networkidle")

    def show(self, picture: Picture) -> None:
        """Take a picture that belongs to its place in the text, not to a form."""
        if picture.kind in ("form", "workflow form", "upload"):
            if picture.image not in self.done:
                raise LookupError(f"no step fills in the {picture.kind} that {picture.image} shows")
            return
        if picture.kind == "dataset":
            self.open_dataset(picture.name, picture.tool)
        if picture.kind == REPORT:
            self.open_report()
        self.take(picture.image, lambda name: self._shoot(name, picture))

    def _shoot(self, name: str, picture: Picture) -> None:
        panels = {"history": "history_panel._", "tools": "tool_panel.toolbox"}
        if picture.kind in panels:
            self.camera.element(name, self.session.at(panels[picture.kind]), picture.height)
        else:
            self.camera.dataset(name, picture.begin, picture.height)

    def take(self, name: str, shoot: Callable[[str], object]) -> None:
        """Take a picture once."""
        if name not in self.done:
            shoot(name)
            self.done.add(name)

    def _pictures_of(self, step: Step, kind: str) -> list[Picture]:
        """Return the pictures that this step can give: of the next step after each, else of the last before it."""
        able = [one for one in self.steps if isinstance(one, type(step)) and getattr(one, "tool", "") == getattr(step, "tool", "")]
        found = []
        for picture in self.pictures:
            if picture.kind == kind and picture.tool in ("", getattr(step, "tool", "")):
                later = [one for one in able if one.line > picture.line]
                if step is (later[0] if later else able[-1]):
                    found.append(picture)
        return found


def _under_name(found: Path, path: Path) -> Path:
    """Copy a file to its name in the tutorial, unpacked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if found.suffix == ".gz" and path.suffix != ".gz":
        with gzip.open(found) as packed, path.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    else:
        shutil.copyfile(found, path)
    return path
