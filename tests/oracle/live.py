"""Cases in the database: their steps are bound to a world outside that answers as the mocks of the case say.

What somebody else has to report comes by a signal, with the token that the run has published; what is an execution
of another machine is a run of another workflow; anything else is a call of a step type.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from designer.graph import Graph, encode
from designer.interop.asl import AwaitSignal, Binding, RunAnother, UseStepType, bind, unbound
from runs.actions import publish_signal, start_run
from runs.engine import OVER, Fault, Phase, RunStatus
from runs.models import Keeper, Run, Signal, Work
from runs.simulation import Call, Simulated, Stop, Visit
from tests.acme import answers
from tests.factories import a_version, action

from .running import imported

ASKED, ANSWERED = "asked.", "answered."
CHILD = "the_other_machine"
Case = Mapping[str, Any]


class Stage:
    """Where cases are played: started here, answered from outside, and told as a simulation tells them."""

    def __init__(self, cases: Iterable[Case], *, killing: str = "") -> None:
        self.cases = {case["id"]: case for case in cases}
        self.answered: set[Any] = set()
        answers.write({of: outside(case, killing) for of, case in self.cases.items()})
        a_version(CHILDREN)
        self.runs = {case["id"]: begun(case) for case in self.cases.values()}

    def report_what_is_asked(self) -> bool:
        """As somebody who is given tokens: report what the mocks say, once each. Whether there was anything."""
        asked = Signal.objects.filter(name__startswith=ASKED, published_at__isnull=False)
        new = [signal for signal in asked.order_by("pk") if signal.pk not in self.answered]
        for signal in new:
            self.answered.add(signal.pk)
            self._report(signal)
        return bool(new)

    def _report(self, signal: Signal) -> None:
        of = next(of for of, run in self.runs.items() if run.pk == signal.run_id)
        state = signal.name.removeprefix(ASKED)
        told = answers.result_of(of, state, signal.data, str(signal.pk))
        if told.get("timeout"):
            return
        key = next(text for text in texts(signal.data) if text.startswith(f"{signal.run_id}."))
        if "output" in told:
            came: dict[str, Any] = {"data": told["output"]}
        else:
            came = {"fault": Fault(name=told["error"], message=told["cause"] or "")}
        publish_signal(name=ANSWERED + state, key=key, source="/outside", **came)

    def let_time_pass(self) -> None:
        """Whoever has nothing else to do waits no longer for the clock."""
        now = timezone.now()
        busy = Work.objects.exclude(worker=None) | Work.objects.filter(due_at__lte=now)
        for run in Run.objects.exclude(pk__in=busy.values("run_id")):
            following = Work.objects.filter(run=run, worker=None).order_by("due_at").first()
            if following is not None:
                Work.objects.filter(pk=following.pk, worker=None).update(due_at=now)

    @property
    def are_over(self) -> bool:
        return not Run.objects.exclude(status__in=OVER).exists()

    def came(self, of: str) -> Simulated:
        return told(self.runs[of], self.cases[of])


def outside(case: Case, killing: str) -> dict[str, Any]:
    """What is answered, by the key of the step that asks; the first call of the state ``killing`` kills the worker."""
    keys = {step.title: step.key for step in imported(case).steps.values()}
    how = {
        "repeat_last": case.get("mock_mode") == "repeat_last",
        "by_request": bool(case["flags"].get("mock_order_sensitive")),
    }
    return {
        keys[state]: {**how, "answers": mocks, "kills": state == killing}
        for state, mocks in (case["mocks"] or {}).items()
    }


CHILDREN = {
    "key": CHILD,
    "title": "Another machine",
    "start": "ask",
    "steps": {
        "ask": action(
            "acme.answer",
            **{"with": {name: f"${{ input.{name} }}" for name in ("of", "state", "sent")}, "next": "end"},
        ),
        "end": {"kind": "succeed", "output": "${ steps.ask.output }"},
    },
}


def begun(case: Case) -> Run:
    return start_run(version=a_version(encode(bound(case))), inputs=case["input"])


def bound(case: Case) -> Graph:
    """The machine with something that does each of its steps. A mock says all that the service would answer."""
    graph = imported(case)
    calls = [(step.key, step.resource) for step in unbound(graph)]
    made = bind(graph, {key: binding(case["id"], key, resource) for key, resource in calls})
    return replace(made, steps={key: replace(step, returns=None) for key, step in made.steps.items()})


def binding(of: str, key: str, resource: str) -> Binding:
    inputs = {"of": of, "state": key, "sent": "${ arguments }"}
    if resource.endswith(".waitForTaskToken"):
        return AwaitSignal(asks=ASKED + key, answer=ANSWERED + key)
    if ":states:startExecution" in resource:
        return RunAnother(runs=CHILD, inputs=inputs)
    return UseStepType(does="acme.answer", inputs=inputs)


def texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


# --- what came of it -----------------------------------------------------------------------------------------


def told(run: Run, case: Case) -> Simulated:
    """What a run has done, in the words of a simulation."""
    run.refresh_from_db()
    titles = {step.key: step.title for step in imported(case).steps.values()}
    fault = run.fault or {}
    return Simulated(
        status=RunStatus(run.status),
        stopped=Stop.ENDED,
        why="",
        output=Keeper(run).open(run.output) if run.output is not None else None,
        error=fault.get("name"),
        cause=fault.get("message", ""),
        visits=tuple(visits(run, titles)),
        calls=tuple(calls(case["id"], titles, run.created_at)),
        started_at=run.created_at,
        ended_at=run.ended_at or run.created_at,
    )


def visits(run: Run, titles: Mapping[str, str]) -> Iterable[Visit]:
    for step in run.step_runs.filter(key__in=titles).order_by("no"):
        told: Any = {"no": step.no, "step": step.key, "title": titles[step.key], "scope": step.scope}
        yield Visit(**told, at=step.entered_at)


def calls(of: str, titles: Mapping[str, str], at: datetime) -> Iterable[Call]:
    for state, payload in answers.sent(of):
        told: Any = {"no": 0, "step": state, "title": titles[state], "attempt": 0, "phase": Phase.DO}
        yield Call(**told, payload=payload, at=at)
