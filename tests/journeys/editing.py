"""The editor, as somebody uses it who reads labels and clicks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

from designer.forms.expressions import write_condition, write_value
from designer.graph import (
    Action,
    AnyStep,
    Choice,
    Compensate,
    Fail,
    Graph,
    Parallel,
    Retry,
    Review,
    Succeed,
    format_duration,
)

TYPES = {"string": "text", "object": "object", "array": "list", "integer": "whole number", "number": "number"}


class Editor:
    """One draft in one browser. Nothing here saves: going on to the next section does, as it does for people."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def form(self) -> Locator:
        return self.page.locator("form.section-form[data-guard]")

    def row(self, name: str) -> Locator:
        return self.form.get_by_role("group", name=name, exact=True)

    def open_section(self, name: str) -> None:
        tab = self.page.get_by_role("navigation", name="Sections").get_by_role(
            "link", name=re.compile(f"^{name}")
        )
        tab.first.click()
        expect(tab.first).to_have_attribute("aria-current", "true")

    def open_step(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Steps").get_by_role(
            "link", name=re.compile(f"^{re.escape(name)}")
        ).first.click()
        expect(self.page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()

    def field(self, label: str, within: Locator | None = None) -> Locator:
        return (within or self.form).get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s+optional)?\s*$"))

    def write(self, label: str, text: str, *, within: Locator | None = None) -> None:
        self.field(label, within).fill(text)

    def choose(self, label: str, value: str, *, within: Locator | None = None) -> None:
        self.field(label, within).select_option(value)

    def tick(self, label: str, ticked: bool, *, within: Locator | None = None) -> None:
        self.field(label, within).set_checked(ticked)

    def mapped(self, name: str) -> Locator:
        """The field that maps an input."""
        return self.form.get_by_label(re.compile(rf"^\s*{re.escape(name)}\b"))

    def map(self, name: str, value: Any) -> None:
        self.mapped(name).fill(write_value(value))

    @contextmanager
    def saving(self) -> Iterator[None]:
        """What is written inside is saved when the block ends, by the key that says so."""
        yield
        self.page.keyboard.press("Control+Enter")
        self.expect_saved()

    def expect_saved(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-editor", "saved")

    # --- what a graph says, written into the forms -----------------------------------------------------------------

    def add_step(self, step: AnyStep, where: str) -> None:
        self.page.get_by_role("link", name=re.compile("^Add step")).first.click()
        add = self.page.locator("form.add-form")
        self.field("Kind", add).select_option(step.kind)
        if isinstance(step, Action):
            self.field("Step type", add).fill(step.does)
        self.field("Title", add).fill(step.title)
        self.field("Key", add).fill(step.key)
        self.field("Where", add).select_option(where)
        add.get_by_role("button", name="Add step", exact=True).click()
        expect(self.page.get_by_role("heading", level=2, name=step.title, exact=True)).to_be_visible()

    def write_settings(self, graph: Graph) -> None:
        self.open_section("Workflow")
        self.write("Business key", write_value(graph.business_key))
        self.write("Notes", graph.notes)

    def write_input(self, graph: Graph) -> None:
        self.open_section("Input")
        for name, schema in graph.input["properties"].items():
            with self.saving():
                self._write_field(name, schema, required=name in graph.input["required"])
        self.tick("Refuse fields that are not listed", graph.input.get("additionalProperties") is False)

    def _write_field(self, name: str, schema: dict[str, Any], *, required: bool) -> None:
        row = self.row("New field")
        self.write("Field", name, within=row)
        self.choose("Type", schema["type"], within=row)
        self.write("Title", schema.get("title", ""), within=row)
        default = schema.get("default", "")
        self.write("Default", default if isinstance(default, str) else write_value(default), within=row)
        self.write("One of", ", ".join(schema.get("enum", ())), within=row)
        self.tick("Required", required, within=row)
        more = {
            part: said for part, said in schema.items() if part not in ("type", "title", "default", "enum")
        }
        if more:
            row.locator("summary").click()
            self.write("More rules", write_value(more), within=row)

    def write_action(self, step: Action) -> None:
        self.write("Time limit", format_duration(step.timeout) if step.timeout else "")
        for name, value in step.inputs.items():
            self.map(name, value)
        self.open_section("Retry")
        self.write_retry(step.retry)
        for name in step.retry.never_on:
            self.form.get_by_role("group", name="Never retry on").get_by_text(name, exact=True).click()
        if step.compensate:
            self.write_undo(step.compensate)

    def write_retry(self, retry: Retry) -> None:
        self.write("Attempts", str(retry.attempts))
        self.write("First wait", format_duration(retry.wait))
        self.write("Factor", f"{retry.factor:g}")
        self.write("Longest", format_duration(retry.longest))

    def write_undo(self, undo: Compensate) -> None:
        self.open_section("Undo")
        with self.saving():
            self.choose("Undo step", undo.does)
        self.write("Time limit of the undo", format_duration(undo.timeout) if undo.timeout else "")
        for name, value in undo.inputs.items():
            self.map(name, value)
        self.write_retry(undo.retry)

    def write_catches(self, step: AnyStep) -> None:
        self.open_section("Links")
        for catch in step.catch:
            with self.saving():
                self.write("On these errors", ", ".join(catch.on), within=self.row("New catch"))
                self.choose("Next", catch.next, within=self.row("New catch"))

    def write_choice(self, step: Choice) -> None:
        for option in step.options:
            with self.saving():
                row = self.row("New choice")
                self.write("If", write_condition(option.when), within=row)
                self.write("Called", option.label, within=row)
                self.choose("Next", option.next, within=row)
        self.choose("Otherwise", step.otherwise or "")

    def write_branches(self, step: Parallel) -> None:
        """A new parallel has two branches, which are given other names."""
        for number, branch in enumerate(step.branches, 1):
            if number > 2:
                self.add_branch(branch.name, branch.title)
                continue
            name = self.page.get_by_label(f"Branch {number}", exact=True)
            name.fill(branch.name)
            self.page.locator("form", has=name).get_by_role("button", name="Rename", exact=True).click()
            with self.saving():
                self.write("Title", branch.title, within=self.row(branch.name))

    def add_branch(self, name: str, title: str = "") -> None:
        self.page.get_by_label("New branch", exact=True).fill(name)
        self.page.get_by_label("Its title", exact=True).fill(title)
        self.page.get_by_role("button", name="Add branch", exact=True).click()
        expect(self.row(name)).to_be_visible()

    def write_review(self, step: Review) -> None:
        self.write("Teams who decide", ", ".join(step.reviewers.groups))
        self.write("Approvals needed", str(step.reviewers.approvals))
        self.tick("Whoever started the run may not decide", step.reviewers.four_eyes)
        self.write("Due within", format_duration(step.due) if step.due else "")
        self.choose("When it is late", step.on_due)
        self.open_section("Evidence")
        for shown in step.show:
            with self.saving():
                self.write("Label", shown.label, within=self.row("New evidence"))
                self.write("Value", write_value(shown.value), within=self.row("New evidence"))
        for name, value in step.edit.items():
            with self.saving():
                self.write("Name", name, within=self.row("New field"))
                self.write("Value", write_value(value), within=self.row("New field"))
        self.open_section("General")
        self.write("Owner", step.owner)

    def write_outcomes(self, step: Review) -> None:
        self.open_section("Outcomes")
        for number, outcome in enumerate(step.outcomes, 1):
            row = self.row(f"Outcome {number}")
            self.write("Button", outcome.title, within=row)
            self.write("Name", outcome.name, within=row)
            self.choose("Next", outcome.next, within=row)
            self.tick("Reason required", outcome.reason_required, within=row)

    def write_output(self, step: Succeed) -> None:
        for name, value in step.output.items():
            with self.saving():
                self.write("Name", name, within=self.row("New value"))
                self.write("Value", write_value(value), within=self.row("New value"))

    def write_variables(self, step: AnyStep) -> None:
        self.open_section("Output")
        for name, value in step.assign.items():
            with self.saving():
                self.write("Variable", name, within=self.row("New variable"))
                self.write("Value", write_value(value), within=self.row("New variable"))

    def write_error(self, step: Fail) -> None:
        self.write("Error name", step.error)
        self.write("Message", step.message)
        self.tick("Undo the steps that succeeded", step.compensate)
