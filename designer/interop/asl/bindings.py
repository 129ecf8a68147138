"""What a step can be bound to that came without anything to do it. Each is a value, for forms and programs to fill."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.graph import Template

ARGUMENTS = "${ arguments }"  # what the step is given, as its flow puts it together
RUN = "${ run.id }"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHttp:
    """Call a service; what it answers is the result."""

    url: str
    method: str = "POST"
    headers: Mapping[str, Template] = field(default_factory=dict)
    body: Template = ARGUMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class UseStepType:
    """Let a step type do it. Without ``inputs`` it is given the arguments as they are."""

    does: str
    inputs: Mapping[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitSignal:
    """Publish what is asked, with the token, and wait for the signal with that key. Its data is the result."""

    asks: (
        str  # the name of the signal that is published; empty: none is, and the answer's key is the run's id
    )
    answer: str  # the name of the signal that is waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPeople:
    """Ask a person. The result is ``{outcome, reason, by, data}``."""

    groups: tuple[str, ...] = ()
    approvals: int = 1
    outcomes: tuple[str, ...] = ("approve", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAnother:
    """Start a run of another workflow. Without ``inputs`` its input is what the state hands to its machine."""

    runs: str
    inputs: Mapping[str, Template] = field(default_factory=dict)
    awaited: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSignal:
    """Publish a signal and go on."""

    signal: str
    key: Template = RUN
    data: Template = ARGUMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAlways:
    """A stub: always this result, and nothing is done."""

    result: Any = field(default_factory=dict)


Binding = CallHttp | UseStepType | AwaitSignal | AskPeople | RunAnother | PublishSignal | AnswerAlways
