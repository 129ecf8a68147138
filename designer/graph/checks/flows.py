"""Flows: whether what a step says about its data can be read, and whether it is bound to anything."""

from collections.abc import Iterator, Mapping

from designer.dataflow import flaws, reads
from designer.graph.model import Action, AnyStep, Choice

from .problem import Found, asked, closest
from .view import View

# What each kind of step is called in ASL. All that is not here does some work, as its Task does.
KINDS: Mapping[str, str] = {
    "choice": "Choice",
    "parallel": "Parallel",
    "map": "Map",
    "set": "Pass",
    "succeed": "Succeed",
    "fail": "Fail",
}


def bad_flow(view: View) -> Iterator[Found]:
    for step in _with_flow(view):
        assert step.flow is not None
        for flaw in flaws(step.flow, _kind(step)):
            message = f"The data of “{step.name}” cannot be worked out: {flaw.message}"
            yield Found(message, step.key, f"flow.{flaw.path}" if flaw.path else "flow")


def unbound_step(view: View) -> Iterator[Found]:
    for step in view.of(Action):
        if not step.does and step.resource:
            called = f"It called {step.resource}; choose what it does here."
            message = f"“{step.name}” is not bound to anything yet. {called}"
            yield Found(message, step.key, "does")


def flow_reads_unknown_variable(view: View) -> Iterator[Found]:
    for step in _with_flow(view):
        assert step.flow is not None
        conditions = tuple(option.when for option in step.options) if isinstance(step, Choice) else ()
        around = view.around(step.scope)
        known = [
            name for name, setting in view.assigning.items() if any(one.scope in around for one in setting)
        ]
        for name in sorted(reads(step.flow, conditions) - set(known)):
            meant = closest(name, known)
            message = (
                f"“{step.name}” reads the variable {name}, and no step around it assigns it.{asked(meant)}"
            )
            yield Found(message, step.key, "flow")


def _with_flow(view: View) -> Iterator[AnyStep]:
    return (step for step in view.graph.steps.values() if step.flow is not None)


def _kind(step: AnyStep) -> str:
    if step.kind == "wait" and not getattr(step, "signal", None) and not getattr(step, "first", ()):
        return "Wait"
    return KINDS.get(step.kind, "Task")
