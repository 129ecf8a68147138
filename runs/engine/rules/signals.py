"""Signals: publishing one, and saying which ones a step waits for."""

from typing import Any

from designer.graph import Emit, awaited_signals
from runs.engine import carrying
from runs.engine import events as e
from runs.engine.commands import Publish, Subscribe
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault

from .derived import Derived
from .leaving import succeed

LONGEST_KEY = 200


def enter_emit(sit: Situation, step: ActiveStep) -> Derived:
    """The signal is ordered with the decision and published after it: never lost, and by its id never twice."""
    definition = sit.definition(step)
    assert isinstance(definition, Emit)
    told = {
        "signal": f"{sit.values.run['id']}.{step.no}",
        "name": definition.signal,
        "key": _key(sit, step, definition.signal, definition.correlation),
    }
    bare = definition.data is None and definition.flow is not None
    data = carrying.given(sit, step) if bare else carrying.fill(sit, step, definition.data)
    output = {"id": told["signal"], "name": told["name"], "key": told["key"]}
    return [
        e.SignalEmitted(at=sit.at, no=step.no, **told),
        Publish(no=step.no, data=data, keep=definition.keep, **told),
        *succeed(sit, step, next=definition.next, output=output),
    ]


def listen(sit: Situation, step: ActiveStep) -> Derived:
    derived: Derived = []
    for arrival, awaited in awaited_signals(sit.definition(step)).items():
        told = {"arrival": arrival, "name": awaited.name, "key": _key(sit, step, awaited.name, awaited.key)}
        derived += [e.SignalAwaited(at=sit.at, no=step.no, **told), Subscribe(no=step.no, **told)]
    return derived


def _key(sit: Situation, step: ActiveStep, name: str, template: Any) -> str:
    """Raises Broken: what is correlated by nothing would go to everybody, or to nobody."""
    key = carrying.fill(sit, step, template)
    if isinstance(key, str | int) and not isinstance(key, bool) and 0 < len(str(key)) <= LONGEST_KEY:
        return str(key)
    message = (
        f"The key of the signal {name} must be a text of 1 to {LONGEST_KEY} characters, or a whole number."
    )
    raise Broken(Fault(name="BadKey", message=message, step=step.key, retryable=False))
