"""The world outside, as mocks have it: what came of a call, and what is said where nothing answers."""

from collections.abc import Mapping
from typing import Any

from designer.catalog import ContractViolation, conform_output
from designer.graph import Contract, Graph, sample
from runs.engine import Event, Fault, Phase
from runs.engine import events as e

from .mocks import Answer, Deck, Mocks

UNBOUND = Contract(key="mocks.unbound", version="0.0.0", title="Nothing yet")  # takes anything
TIMEOUT, NOT_AS_PROMISED = "Timeout", "OutputInvalid"
EXAMPLES = {"review": '{"outcome": "approve"}', "wait": '{"data": {}}'}


class Unanswered(Exception):
    """Something was asked, and no mock answers it. The sentence says what would."""


class World:
    """Answers calls by the mocks of their steps, or else by the examples of their contracts."""

    def __init__(self, graph: Graph, mocks: Mocks) -> None:
        self.graph = graph
        decks = {
            name: {
                Phase.DO: Deck(mock.answers, mock.repeat_last),
                Phase.UNDO: Deck(mock.undo, mock.repeat_last),
            }
            for name, mock in mocks.items()
        }
        named = ((key, decks.get(key) or decks.get(step.title)) for key, step in graph.steps.items())
        self.decks: Mapping[str, Mapping[Phase, Deck]] = {key: deck for key, deck in named if deck}

    def answer(self, key: str, payload: Any, contract: Contract | None) -> Answer:
        """What comes of doing a step. Raises Unanswered."""
        if (deck := self.decks.get(key)) is not None:
            return self._drawn(key, deck[Phase.DO], payload)
        if contract is None or not contract.output:
            raise Unanswered(f"Nothing answers {self.named(key)}: give it a mock{self._such_as(key)}.")
        return Answer(output=sample(contract.output))

    def undone(self, key: str, payload: Any) -> Answer:
        """What comes of undoing a step: it goes well where no mock says otherwise. Raises Unanswered."""
        deck = self.decks[key][Phase.UNDO] if key in self.decks else None
        return self._drawn(key, deck, payload) if deck is not None and deck.answers else Answer()

    def find(self, key: str) -> Answer | None:
        """What comes to a step that waits, where a mock says so. Raises Unanswered."""
        deck = self.decks.get(key)
        return None if deck is None else self._drawn(key, deck[Phase.DO], None)

    def named(self, key: str) -> str:
        return f"“{self.graph.name_of(key)}”"

    def _drawn(self, key: str, deck: Deck, payload: Any) -> Answer:
        answer = deck.draw(payload)
        if answer is None:
            count = len(deck.answers)
            said = f"{count} answer{'' if count == 1 else 's'}"
            raise Unanswered(
                f"{self.named(key)} asks once more, and none of the {said} in its mock is left for it:"
                " add one, or say “repeat_last”."
            )
        return answer

    def _such_as(self, key: str) -> str:
        return f", such as {EXAMPLES.get(self.graph.step(key).kind, '{"output": {}}')}"


def outcome(
    answer: Answer, contract: Contract | None, *, no: int, attempt: int, phase: Phase, at: Any
) -> Event:
    """What a worker would report of an attempt."""
    told: dict[str, Any] = {"at": at, "no": no, "attempt": attempt, "phase": phase}
    if answer.timeout:
        fault = Fault(name=answer.error or TIMEOUT, message=answer.cause or "It did not end in time.")
        return e.AttemptFailed(fault=fault, **told)
    if answer.fails:
        return e.AttemptFailed(fault=fault_of(answer, contract), **told)
    if contract is not None and phase is Phase.DO and (flaw := _flaw(contract, answer.output)):
        return e.AttemptFailed(fault=Fault(name=NOT_AS_PROMISED, message=flaw, retryable=False), **told)
    return e.AttemptSucceeded(output=answer.output, **told)


def fault_of(answer: Answer, contract: Contract | None) -> Fault:
    declared = {error.name: error.retryable for error in contract.errors} if contract else {}
    name = answer.error or ""
    return Fault(name=name, message=answer.cause, retryable=declared.get(name, True))


def _flaw(contract: Contract, output: Any) -> str:
    try:
        conform_output(contract, output)
    except ContractViolation as violation:
        return str(violation)
    return ""
