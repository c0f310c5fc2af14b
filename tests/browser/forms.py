"""Fill in a form as a person does: find each field under its label, then type or choose."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator
from tests.browser.history import History
from tests.browser.parameters import NOTHING, Parameter, Value
from tests.browser.session import Session

SECTION = ".ui-portlet-section"
ELEMENT = ".ui-form-element"
SOON = 10_000


@dataclass(frozen=True)
class Form:
    """A form on the page; names: ids of tools by the names that boxes give them."""

    session: Session
    history: History
    names: Mapping[str, str]

    def fill(self, scope: Locator, parameters: Sequence[Parameter]) -> None:
        """Fill in the fields of a part of the form. Raises LookupError for what is not there."""
        for parameter in parameters:
            if parameter.inserts:
                self.fill(self._inserted(scope, parameter.label), parameter.within)
            elif parameter.values:
                self._set(_field(scope, parameter.label), parameter)
                self.session.settle()
                self.fill(scope, parameter.within)
            else:
                self.fill(self.opened(scope, parameter.label), parameter.within)

    def opened(self, scope: Locator, title: str) -> Locator:
        """Open a section and return what it holds; of a repeat, which has none, the part it is in."""
        if scope.get_by_role("button", name=f"Insert {title}").count():
            return scope
        titles = scope.page.locator(".portlet-title-text", has_text=_exactly(title))
        section = scope.locator(SECTION).filter(has=scope.page.locator("> .portlet-header").filter(has=titles))
        if not section.count():
            raise LookupError(f"no section {title!r}; there are: {_texts(scope.locator('.portlet-title-text'))}")
        content = section.last.locator("> .portlet-content")
        if not content.is_visible():
            section.last.locator("> .portlet-header").click()
            content.wait_for(timeout=SOON)
        return content

    def _inserted(self, scope: Locator, label: str) -> Locator:
        """Ask for one more of a repeat and return it."""
        button = scope.get_by_role("button", name=label).last
        if not button.count():
            raise LookupError(f"no button {label!r}; there are: {_texts(scope.get_by_role('button'))}")
        button.click()
        self.session.settle()
        title = re.compile(rf"^\s*\d+: {re.escape(label.removeprefix('Insert '))}\s*$")
        titles = scope.page.locator(".portlet-title-text", has_text=title)
        return scope.locator(SECTION).filter(has=titles).last.locator("> .portlet-content")

    def _set(self, field: Locator, parameter: Parameter) -> None:
        if field.locator(".custom-switch").count():
            _switch(field, parameter.values[0].text)
        elif field.locator(".form-data").count():
            self._choose_data(field, parameter.values)
        elif field.locator(".multiselect").count():
            self._choose(field, [_option(value.text) for value in parameter.values])
        elif field.locator("input[type=checkbox], input[type=radio]").count():
            for value in parameter.values:
                field.get_by_label(value.text, exact=True).check(force=True)
        else:
            _type(field, parameter.values[0].text)

    def _choose_data(self, field: Locator, values: Sequence[Value]) -> None:
        if len(values) > 1 and field.get_by_title("Single dataset").count():
            field.get_by_title("Multiple datasets").click()
            self.session.settle()
        if values[0].text == NOTHING:
            self._choose(field, [_option(NOTHING)])
            return
        items = [self.history.find(value.text, self._tool(value.tool)) for value in values]
        self._choose(field, [re.compile(rf"^\s*{item.number}: ") for item in items])

    def _tool(self, name: str) -> str:
        if name and name not in self.names:
            raise LookupError(f"no step before runs a tool {name!r}")
        return self.names.get(name, "")

    def _choose(self, field: Locator, options: Sequence[re.Pattern[str]]) -> None:
        """Choose in a list; one that takes several loses what it had."""
        box = field.locator(".multiselect").first
        if not box.count():
            raise LookupError(f"nothing to choose from: {_texts(field)}")
        while (tags := box.locator(".multiselect__tag-icon")).count():
            tags.first.click()
        several = bool(box.locator(".multiselect__tags-wrap").is_visible()) or len(options) > 1
        for option in options:
            _pick(box, option)
            self.session.settle()
            box = field.locator(".multiselect").first
        if several:
            field.page.keyboard.press("Escape")


def press(session: Session, button: Locator) -> None:
    """Press a button that may still be out of order; say what the form complains of if it stays so."""
    session.settle()
    for _ in range(40):
        if "g-disabled" not in (button.get_attribute("class") or ""):
            button.click()
            return
        session.page.wait_for_timeout(250)
    complaints = session.page.locator(".ui-form-error-text").filter(visible=True)
    raise RuntimeError(f"the form is not ready: {_texts(complaints)}")


def _pick(box: Locator, wanted: re.Pattern[str]) -> None:
    """Open a list, choose one, and see that it stands there."""
    if not box.locator(".multiselect__content-wrapper").is_visible():
        box.locator(".multiselect__tags").click()
    every = box.locator(".multiselect__element .multiselect__option")
    every.first.wait_for(timeout=SOON)
    option = every.filter(has_text=wanted)
    if not option.count():
        raise LookupError(f"no choice {wanted.pattern!r}; there are: {_texts(every)}")
    option.first.scroll_into_view_if_needed()
    option.first.click()
    shown = box.locator(".multiselect__single, .multiselect__tag").filter(has_text=wanted)
    shown.first.wait_for(timeout=SOON)


def _switch(field: Locator, wanted: str) -> None:
    switch = field.locator(".custom-switch input")
    if wanted not in ("Yes", "No"):
        raise LookupError(f"a switch is Yes or No, not {wanted!r}")
    if switch.is_checked() != (wanted == "Yes"):
        field.locator(".custom-control-label").click()


def _type(field: Locator, text: str) -> None:
    """Type letter by letter, as people do: a form may make something else of what is set at once."""
    inputs = field.locator("input:not([type=range]), textarea")
    if not inputs.count():
        raise LookupError("neither a field to type in nor a list")
    inputs.first.click()
    field.page.keyboard.press("Control+A")
    field.page.keyboard.press("Delete")
    field.page.keyboard.type(text)
    inputs.first.blur()
    field.page.wait_for_timeout(500)
    if (shown := inputs.first.input_value()) != text:
        raise ValueError(f"{text!r} was typed, {shown!r} stands there")


def _field(scope: Locator, label: str) -> Locator:
    """Return the element of the form under a label; of several, the last."""
    quoted = json.dumps(label)
    plain = scope.locator(f"{ELEMENT}:has(> div > .ui-form-field[data-label={quoted}])")
    chosen = scope.locator(f"{SECTION}:has(> .portlet-header > b:text-is({quoted})) > .portlet-content > {ELEMENT}")
    fields = plain.or_(chosen).filter(visible=True)
    if not fields.count():
        labels = scope.locator(".ui-form-title-text, .portlet-header > b").filter(visible=True)
        raise LookupError(f"no field {label!r}; there are: {_texts(labels)}")
    return fields.last


def _option(text: str) -> re.Pattern[str]:
    """Match an option by its text; of a column its name alone is enough."""
    return re.compile(rf"^\s*(c\d+: |\d+: |Column: \d+ \()?{re.escape(text)}\)?\s*$")


def _exactly(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


def _texts(elements: Locator) -> str:
    return ", ".join(" ".join(text.split()) for text in elements.all_inner_texts() if text.strip())[:600]
