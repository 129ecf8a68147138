"""Choices, reviews and ends: whether each has what its kind needs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from designer.graph.edits.operations import AddOutcome, ReplaceStep
from designer.graph.model import Choice, Fail, Review, SetVariables

from .problem import Fix, Found, asked, closest, listed
from .view import View

MOST_CHOICES = 2  # one behind the other
RESPONSES = ("remind", "escalate")
A_DAY = timedelta(days=1)


def choice_without_options(view: View) -> Iterator[Found]:
    for step in view.of(Choice):
        if not step.options:
            yield Found(
                f"“{step.name}” has no options to choose from. Add a condition and where it leads.", step.key
            )


def option_without_condition(view: View) -> Iterator[Found]:
    for step in view.of(Choice):
        for index, option in enumerate(step.options):
            if not option.when.strip():
                message = f"Option {index + 1} of “{step.name}” has no condition. Write one such as input.amount > 100."
                yield Found(message, step.key, f"options.{index}.when")


def choice_without_otherwise(view: View) -> Iterator[Found]:
    for step in view.of(Choice):
        if step.otherwise is None and step.options:
            message = (
                f"Where no condition of “{step.name}” holds, the run fails. Say where it leads otherwise."
            )
            last = step.options[-1]
            always = Fix(
                "Let the last option be what happens otherwise",
                ReplaceStep(replace(step, options=step.options[:-1], otherwise=last.next)),
            )
            yield Found(
                message, step.key, "otherwise", always if last.next and len(step.options) > 1 else None
            )


def choice_too_deep(view: View) -> Iterator[Found]:
    """Choices that lead straight to choices are hard to read; a list of conditions is not."""
    choices = {step.key: step for step in view.of(Choice)}
    behind = set(choices)  # choices with so many choices right before them
    for _ in range(MOST_CHOICES):
        behind = {
            way.next
            for key in behind
            for way in choices[key].exits()
            if way.next in choices and way.next != key
        }
    for key in choices:
        if key in behind and not _circle_of(view, key, choices):
            message = (
                f"“{choices[key].name}” is the third choice in a row. Put the conditions into one choice,"
                " one below the other: the first that holds wins."
            )
            yield Found(message, key, "options")


def _circle_of(view: View, key: str, choices: dict[str, Choice]) -> bool:
    """Whether choices alone lead back to this one: a circle has no depth."""
    seen, waiting = set(), [key]
    while waiting:
        for way in choices[waiting.pop()].exits():
            if way.next == key:
                return True
            if way.next in choices and way.next not in seen:
                seen.add(way.next)
                waiting.append(way.next)
    return False


def review_without_outcomes(view: View) -> Iterator[Found]:
    for step in view.of(Review):
        if not step.outcomes:
            message = f"“{step.name}” has no outcomes, so nobody can decide it. Add some such as approve and reject."
            yield Found(
                message, step.key, "outcomes", Fix("Add the outcome approve", AddOutcome(step.key, "approve"))
            )


def unknown_on_due(view: View) -> Iterator[Found]:
    for step in view.of(Review):
        known = [*RESPONSES, *(outcome.name for outcome in step.outcomes)]
        if step.on_due in known:
            continue
        meant = closest(step.on_due, known) or "remind"
        message = (
            f"When “{step.name}” is due, “{step.on_due}” is to happen, which means nothing."
            f" Write one of {listed(known)}.{asked(meant)}"
        )
        yield Found(
            message, step.key, "on_due", Fix(f"Write {meant}", ReplaceStep(replace(step, on_due=meant)))
        )


def on_due_without_due(view: View) -> Iterator[Found]:
    for step in view.of(Review):
        if step.due is None and step.on_due != "remind":
            message = f"“{step.name}” says what happens when it is due, but not when that is."
            yield Found(
                message,
                step.key,
                "due",
                Fix("Make it due after a day", ReplaceStep(replace(step, due=A_DAY))),
            )


def set_without_assign(view: View) -> Iterator[Found]:
    for step in view.of(SetVariables):
        if not step.assign and step.flow is None:
            yield Found(f"“{step.name}” sets no variables. Add one, or remove the step.", step.key, "assign")


def fail_without_error(view: View) -> Iterator[Found]:
    for step in view.of(Fail):
        if not step.error.strip() and step.flow is None:
            message = f"“{step.name}” fails without a name for the error. Write one such as Rejected."
            yield Found(
                message, step.key, "error", Fix("Call it Failed", ReplaceStep(replace(step, error="Failed")))
            )
