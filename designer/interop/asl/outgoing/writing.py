"""A whole graph as a machine: steps with a flow as they were read, all others in JSONata."""

from typing import Any

from designer.dataflow import Language
from designer.graph import ROOT, AnyStep, Graph, Loop, Map, Parallel, Wait, secrets_named
from designer.interop.asl.checks.machine import ways_out
from designer.interop.asl.mending import whole_seconds, write_retry

from .calls import call_of
from .exported import Exported, Loss
from .flowing import PLAIN, flow_state
from .jsonata import bracketed
from .naming import Ways
from .native import WRITERS, tell_of_unsaid, undo_states
from .openers import loop, map_over, parallel
from .scenery import Scenery, States
from .undoing import losses_of

LANGUAGE = "QueryLanguage"


def write_asl(graph: Graph) -> Exported:
    """``graph`` as a machine that AWS takes. What the language cannot say is listed, never left out in silence.

    A graph that was read from a machine gives that machine back.
    """
    writing = _Writing(graph)
    machine = writing.machine()
    head: dict[str, Any] = {"Comment": graph.notes} if graph.notes else {}
    if writing.language is Language.JSONATA:
        head[LANGUAGE] = Language.JSONATA.value
    if graph.deadline is not None:
        machine["TimeoutSeconds"] = max(1, whole_seconds(graph.deadline))
    return Exported({**head, **machine}, tuple(writing.scene.losses))


class _Writing:
    """One walk over a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        flows = [step.flow for step in graph.steps.values() if step.flow is not None]
        self.scene = Scenery(graph, carries=bool(flows))
        spoken = {flow.language for flow in flows}
        self.language = Language.JSONPATH if Language.JSONPATH in spoken else Language.JSONATA
        self.readers = dict(_readers(graph))
        # A way to what reads the items of a map leads to the map, which has its reader again.
        names = self.scene.names.of
        self.entered = Ways({key: names[self.readers.get(key, key)] for key in graph.steps})

    def machine(self) -> dict[str, Any]:
        machine = self.scope(ROOT)
        if self.scene.undoings.order:
            undoing = self.in_jsonata(undo_states(self.scene))
            machine["States"] |= undoing
            machine = _without_unreached(self.set_up(machine, ROOT), undoing)
        self.scene.losses += [Loss(step, sentence) for step, sentence in losses_of(self.graph)]
        if names := sorted(secrets_named(self.graph)):
            said = f"Secrets ({', '.join(names)}) are substitutions here, and stand in the machine once filled in."
            self.scene.losses.append(Loss("", said))
        return machine

    def scope(self, scope: str) -> dict[str, Any]:
        """The machine of a scope."""
        states: States = {}
        for step in self.graph.within(scope):
            if step.key not in self.readers:
                states |= self.states(step)
        if scope in self.scene.ends:
            states |= self.in_jsonata({self.scene.ends[scope]: {"Type": "Succeed"}})
        start = self.graph.start_of(scope)
        return self.set_up({"StartAt": self.entered.get(start, start), "States": states}, scope)

    def set_up(self, machine: dict[str, Any], scope: str) -> dict[str, Any]:
        """With a state in front that gives nothing to what may be asked for before it has a value."""
        asked = sorted(name for name in self.scene.tested if self.scene.homes.get(name) == scope)
        if not asked:
            return machine
        self.scene.tested.difference_update(asked)
        begin = self.scene.names.free("Begin")
        state = {"Type": "Pass", "Assign": dict.fromkeys(asked), "Next": machine["StartAt"]}
        return {"StartAt": begin, "States": {**self.in_jsonata({begin: state}), **machine["States"]}}

    def states(self, step: AnyStep) -> States:
        plain = isinstance(step, PLAIN) and not (isinstance(step, Wait) and (step.signal or step.first))
        if step.flow is None or (not plain and call_of(step) is None):
            return self.in_jsonata(self.native(step))
        state = flow_state(step, self.entered) if plain else self.bound(step)
        if step.flow.language is not self.language:
            state[LANGUAGE] = step.flow.language.value
        if isinstance(step, Parallel):
            state["Branches"] = [self.scope(step.scope_of(branch.name)) for branch in step.branches]
        if isinstance(step, Map):
            config = step.flow.fields.get("ProcessorConfig")
            processor = self.scope(step.scope_of(Map.BODY))
            state["ItemProcessor"] = {"ProcessorConfig": config, **processor} if config else processor
            self.give_reader_back(step, state)
        if state["Type"] not in ("Choice", "Succeed", "Fail") and "Next" not in state:
            state |= {"Next": self.entered[step.next]} if step.next else self.scene.leads(step, None)
        return {self.scene.names.of[step.key]: state}

    def native(self, step: AnyStep) -> States:
        tell_of_unsaid(self.scene, step)
        match step:
            case Parallel():
                return parallel(self.scene, step, self.scope)
            case Map():
                return map_over(self.scene, step, self.scope)
            case Loop():
                return loop(self.scene, step, self.scope)
        return WRITERS[type(step)](self.scene, step)

    def bound(self, step: AnyStep) -> dict[str, Any]:
        """A state that was bound to something of ours: a task again, with its own data."""
        call = call_of(step)
        assert call is not None and step.flow is not None
        self.scene.lose(
            step, f"It is a call of {call.resource} with the data of its state; the binding stays here."
        )
        state: dict[str, Any] = {"Type": "Task", "Resource": call.resource}
        state |= {name: value for name, value in step.flow.fields.items() if name != "Catch"}
        if step.deadline is not None:
            state.setdefault("TimeoutSeconds", max(1, whole_seconds(step.deadline)))
        if retry := write_retry(step.retry):
            state["Retry"] = retry
        if ways := [way for way in step.exits() if not way.caught]:
            state["Next"] = self.entered[ways[0].next]
        return state

    def in_jsonata(self, states: States) -> States:
        """States of ours, which say so where the machine is in the other language."""
        for state in states.values():
            if self.language is not Language.JSONATA and LANGUAGE not in state:
                state[LANGUAGE] = Language.JSONATA.value
        return states

    def give_reader_back(self, step: Map, state: dict[str, Any]) -> None:
        assert step.flow is not None
        reader = next((self.graph.step(key) for key, over in self.readers.items() if over == step.key), None)
        if reader is None:
            return
        state["ItemReader"] = step.flow.fields["ItemReader"]
        state.pop("ItemsPath", None)
        if state.get("Items") == bracketed(f"${reader.key}"):
            del state["Items"]


def _readers(graph: Graph) -> list[tuple[str, str]]:
    """The steps that read the items of a map for it, each with the map."""
    return [
        (key, step.key)
        for step in graph.steps.values()
        if isinstance(step, Map) and step.flow is not None and "ItemReader" in step.flow.fields
        for key in graph.steps
        if graph.steps[key].next == step.key
        and f"${key}" in (step.flow.fields.get("ItemsPath"), str(step.flow.fields.get("Items", ""))[3:-3])
    ]


def _without_unreached(machine: dict[str, Any], extra: States) -> dict[str, Any]:
    """Without those of the further states that no way leads to."""
    states = machine["States"]
    found, waiting = {machine["StartAt"]}, [machine["StartAt"]]
    while waiting:
        ways = {target for _, target in ways_out(states.get(waiting.pop(), {}))} - found
        found |= ways
        waiting += ways
    return {
        **machine,
        "States": {name: state for name, state in states.items() if name in found or name not in extra},
    }
