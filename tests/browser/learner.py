"""Do the steps of a tutorial in an open Galaxy, and take its pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from playwright.sync_api import Locator
from tests.browser import boxes
from tests.browser.boxes import Step
from tests.browser.camera import Camera
from tests.browser.forms import Form, press
from tests.browser.history import History
from tests.browser.pictures import Picture
from tests.browser.session import Session
from tests.browser.uploads import Uploads, find_file, under_name
from tests.browser.workflows import Workflows

REPORT = "workflow report"
PANELS = {"history": "history_panel._", "tools": "tool_panel.toolbox"}


@dataclass
class Learner:
    """Somebody who follows a tutorial; folders: where the files of its links lie; desk: where what it takes goes."""

    session: Session
    steps: Sequence[Step]
    pictures: Sequence[Picture]
    folders: Sequence[Path]
    desk: Path
    taken: set[str] = field(default_factory=set)

    @cached_property
    def camera(self) -> Camera:
        """What pictures are taken with."""
        return Camera(self.session)

    @cached_property
    def history(self) -> History:
        """The learner's history."""
        return History(self.session)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Ids of tools by the names that boxes give them."""
        return {step.name: step.tool for step in self.steps if isinstance(step, boxes.RunTool)}

    @cached_property
    def form(self) -> Form:
        """The form that is open."""
        return Form(self.session, self.history, self.names)

    @cached_property
    def workflows(self) -> Workflows:
        """The learner's workflows."""
        return Workflows(self.session, self.history, self.form)

    @cached_property
    def actions(self) -> Mapping[type[Step], Callable[..., None]]:
        """What is done for each kind of step."""
        return {
            boxes.NewHistory: self.begin_history,
            boxes.Upload: self.upload,
            boxes.Paste: self.paste,
            boxes.Rename: self.rename,
            boxes.Datatype: self.datatype,
            boxes.RunTool: self.run_tool,
            boxes.ImportWorkflow: lambda step: self.workflows.take(step.name),
            boxes.RunWorkflow: self.run_workflow,
            boxes.Look: self.look,
            boxes.Reading: lambda step: None,
        }

    def do(self, step: Step) -> None:
        """Do a step."""
        self.actions[type(step)](step)

    def missing(self) -> list[str]:
        """Return the files of its links that are nowhere."""
        names = [name for step in self.steps if isinstance(step, boxes.Upload) for name in step.names]
        return [name for name in names if find_file(name, self.folders) is None]

    def begin_history(self, step: boxes.NewHistory) -> None:
        """Create a history and name it."""
        with self.session.page.expect_response(lambda answer: "create_new_current" in answer.url):
            self.session.at("history_panel.new_history_button").click()
        self.session.page.get_by_text("This history is empty").filter(visible=True).first.wait_for()
        if step.name:
            self.session.at("history_panel.history_name_edit_label").click()
            box = self.session.at("history_panel.history_name_edit_input")
            box.fill(step.name)
            box.press("Enter")
            self._in_panel(step.name).wait_for()

    def upload(self, step: boxes.Upload) -> None:
        """Choose local files, in place of those that links would fetch."""
        found = [(find_file(name, self.folders), self.desk / "files" / name) for name in step.names]
        paths = [under_name(path, named) for path, named in found if path is not None]
        self._uploads(step).files(paths, step.datatype)

    def paste(self, step: boxes.Paste) -> None:
        """Paste a text and name it."""
        self._uploads(step).text(step.text, step.name, step.datatype)

    def _uploads(self, step: Step) -> Uploads:
        def shoot(window: Locator) -> None:
            for picture in self._pictures_of(step, "upload"):
                self.keep(picture, self.camera.element(window))

        return Uploads(self.session, self.history, shoot)

    def rename(self, step: boxes.Rename) -> None:
        """Give a dataset another name on its page of attributes."""
        self._edit(step.old)
        self.session.at("edit_dataset_attributes.name_input").fill(step.new)
        self.session.at("edit_dataset_attributes.save_button").click()
        self._in_panel(step.new).wait_for()

    def datatype(self, step: boxes.Datatype) -> None:
        """Look at a dataset's datatype; change it where it is another."""
        item = self.history.find(step.dataset)
        if self.session.get(f"/api/datasets/{item.identifier}")["file_ext"] == step.datatype:
            return
        self._edit(step.dataset)
        self.session.at("edit_dataset_attributes.datatypes_tab").click()
        self.session.at("edit_dataset_attributes.datatype_dropdown").click()
        self.session.page.keyboard.type(step.datatype)
        self.session.page.keyboard.press("Enter")
        self.session.page.get_by_role("button", name="Save").filter(visible=True).first.click()
        self.history.wait(item.number - 1)

    def _edit(self, name: str) -> None:
        self.session.go(f"/datasets/{self.history.find(name).identifier}/edit")
        self.session.at("edit_dataset_attributes._").wait_for()

    def run_tool(self, step: boxes.RunTool) -> None:
        """Look for a tool in the panel, fill in its form, run it, wait until all is green."""
        self.open_tool(step.tool, step.name)
        scope = self.session.page.locator("#tool-card-body")
        self.form.fill(scope, step.parameters)
        for picture in self._pictures_of(step, "form"):
            section = self.form.opened(scope, picture.section) if picture.section else None
            self.keep(picture, self.camera.form(section, picture.height))
        after = self.history.last()
        press(self.session, self.session.at("tool_form.execute").first)
        self.history.wait(after)

    def open_tool(self, tool: str, name: str) -> None:
        """Search for a tool by its name and open its form."""
        panel = self.session.page.locator("#toolbox-panel")
        if not panel.is_visible():
            self.session.page.locator("#activity-tools").click()
        panel.locator("input.search-query, .search-query input").first.fill(name)
        panel.locator(f'a[href*="tool_id={tool}"]').first.click()
        self.session.page.locator(f'[tool_id="{tool}"]').wait_for()
        self.session.at("tool_form.execute").first.wait_for()
        self.session.settle()

    def run_workflow(self, step: boxes.RunWorkflow) -> None:
        """Run a workflow by its form."""

        def shoot() -> None:
            for picture in self._pictures_of(step, "workflow form"):
                self.keep(picture, self.camera.workflow_form(picture.height))

        self.workflows.run(step.name, step.parameters, shoot)

    def look(self, step: boxes.Look) -> None:
        """Open what is to be looked at."""
        if step.name == REPORT:
            self.workflows.open_report()
        else:
            self.open_dataset(step.name, self.names.get(step.tool, step.tool))

    def open_dataset(self, name: str, tool: str) -> None:
        """Press the eye of a dataset."""
        item = self.history.find(name, tool)
        row = self.session.at("history_panel._").locator(f'[data-hid="{item.number}"]').first
        row.scroll_into_view_if_needed()
        row.locator(".display-btn").first.click()
        self.session.page.locator("#center").get_by_text(f"{item.number}:").first.wait_for()
        self.session.at("dataset_view.details_tab").wait_for()
        self.session.page.wait_for_load_state("networkidle")

    def _in_panel(self, text: str) -> Locator:
        return self.session.at("history_panel._").get_by_text(text, exact=True).filter(visible=True).first

    def show(self, picture: Picture) -> None:
        """Take a picture that belongs to its place in the text; those of forms were taken by the steps."""
        if picture.kind in ("form", "workflow form", "upload"):
            if picture.image not in self.taken and not self._to_come(picture):
                raise LookupError(f"no step fills in the {picture.kind} that {picture.image} shows")
            return
        if picture.kind in PANELS:
            self.keep(picture, self.camera.element(self.session.at(PANELS[picture.kind]), picture.height))
            return
        if picture.kind == REPORT:
            self.workflows.open_report()
        else:
            self.open_dataset(picture.name, picture.tool)
        self.keep(picture, self.camera.result(picture.begin, picture.height))

    def keep(self, picture: Picture, png: bytes) -> None:
        """Keep a picture under its name."""
        self.desk.mkdir(parents=True, exist_ok=True)
        (self.desk / picture.image).write_bytes(png)
        self.taken.add(picture.image)

    def _to_come(self, picture: Picture) -> bool:
        return any(picture in self._pictures_of(step, picture.kind) for step in self.steps)

    def _pictures_of(self, step: Step, kind: str) -> list[Picture]:
        """Return the pictures that this step gives: the first such step after a picture, else the last before it."""
        tool = getattr(step, "tool", "")
        able = [one for one in self.steps if isinstance(one, type(step)) and getattr(one, "tool", "") == tool]
        found = []
        for picture in self.pictures:
            if picture.kind == kind and picture.tool in ("", tool):
                later = [one for one in able if one.line > picture.line]
                if step is (later[0] if later else able[-1]):
                    found.append(picture)
        return found
