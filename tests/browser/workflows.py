"""Import a workflow, run it by its form, look at its report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator
from tests.browser.forms import Form, press
from tests.browser.history import History
from tests.browser.parameters import Parameter
from tests.browser.session import Session


@dataclass
class Workflows:
    """The workflows of a learner; invocation: the last run's id."""

    session: Session
    history: History
    form: Form
    invocation: str = ""

    def take(self, name: str) -> None:
        """Import a published workflow."""
        self.session.go("/workflows/list_published")
        card = self._card(name)
        with self.session.page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
            card.locator('[id^="g-card-action-workflow-import"]').click()
        if not self._own(name):
            raise RuntimeError(f"{name} is not among the learner's workflows after its import")

    def run(self, name: str, parameters: Sequence[Parameter], before_start: Callable[[], None]) -> None:
        """Fill in a workflow's form, run it, wait until all is green; before_start: what is done with the form."""
        self.session.go("/workflows/list" if self._own(name) else "/workflows/list_published")
        self._card(name).locator('[id^="g-card-action-workflow-run"]').first.click()
        button = self.session.at("workflow_run.run_workflow")
        refusal = self.session.at("workflow_run.warning").or_(self.session.at("workflow_run.run_error"))
        button.or_(refusal).first.wait_for()
        if not button.is_visible():
            raise RuntimeError(f"Galaxy does not open the form: {refusal.first.inner_text()}")
        self.session.settle()
        self.form.fill(self.session.page.locator("#center"), parameters)
        before_start()
        after = self.history.last()
        with self.session.page.expect_response(lambda answer: answer.url.endswith("/invocations")) as answer:
            press(self.session, button)
        started = answer.value.json()
        self.invocation = str((started[0] if isinstance(started, list) else started)["id"])
        self._follow()
        self.history.wait(after)
        told = self.session.get(f"/api/invocations/{self.invocation}")
        self.history.labels = {label: str(output["id"]) for label, output in told["outputs"].items()}

    def _follow(self) -> None:
        """Wait until every step of the workflow has its jobs."""
        while True:
            state = self.session.get(f"/api/invocations/{self.invocation}")["state"]
            if state in ("scheduled", "completed"):
                return
            if state not in ("new", "ready", "requires_materialization"):
                raise RuntimeError(f"the workflow is in state {state}")
            self.session.page.wait_for_timeout(1500)

    def open_report(self) -> None:
        """Open the report of the last run."""
        self.session.go(f"/workflows/invocations/{self.invocation}/report")
        self.session.page.locator("#center h1, #center h2").filter(visible=True).first.wait_for()
        self.session.page.wait_for_load_state("networkidle")

    def _own(self, name: str) -> bool:
        workflows = self.session.get("/api/workflows?show_published=false")
        return any(name in str(workflow["name"]) for workflow in workflows)

    def _card(self, name: str) -> Locator:
        title = self.session.page.locator("[id^='g-card-title']").filter(has_text=name)
        card = self.session.page.locator(".g-card.workflow-card").filter(has=title).first
        card.wait_for()
        return card
