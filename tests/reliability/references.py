"""Twelve reference workflows, one for each construct: the effects they leave, and how they end."""

from dataclasses import dataclass
from typing import Any

from runs.engine import RunStatus
from tests.actions.flows import branches, echo, flow, review, undoable
from tests.factories import action


@dataclass(frozen=True)
class Reference:
    """A workflow, what else must be published, and how a run of it ends."""

    document: dict[str, Any]
    others: tuple[dict[str, Any], ...] = ()
    status: RunStatus = RunStatus.SUCCEEDED


def mark(note: str, **fields: Any) -> dict[str, Any]:
    """A step with an effect that counts how often it happens."""
    return action("acme.record", **{"with": {"note": note}, **fields})


def inside(kind: str, body: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "start": "one", "steps": {"one": body}, **fields}


SOON = {"attempts": 2, "wait": "5ms"}
CHILD = {"key": "child", "title": "Child", **flow(inner=mark("inner", next="more"), more=mark("more"))}
TOLD = {"kind": "emit", "signal": "order.told", "key": "A-1", "data": {"n": 1}}

REFERENCES: dict[str, Reference] = {
    "sequence": Reference(flow(a=mark("a", next="b"), b=mark("b", next="c"), c=mark("c"))),
    "choice": Reference(
        flow(
            pick={"kind": "choice", "choose": [{"when": "${ 1 > 2 }", "next": "no"}], "otherwise": "yes"},
            yes=mark("yes"),
            no=mark("no"),
        )
    ),
    "parallel": Reference(
        flow(
            both=branches(a=mark("a"), b=mark("b"), x=echo(1), y=echo(2), z=echo(3), next="last"),
            last=mark("last"),
        )
    ),
    "map": Reference(
        flow(each=inside("map", mark("${ item }"), items=["x", "y", "z"], next="last"), last=mark("last"))
    ),
    "loop": Reference(
        flow(
            again=inside("loop", mark("${ 'round ' + string(index) }"), times=3, next="last"),
            last=mark("last"),
        )
    ),
    "wait": Reference(
        flow(a=mark("a", next="nap"), nap={"kind": "wait", "for": "10ms", "next": "b"}, b=mark("b"))
    ),
    "signal": Reference(
        flow(
            tell={**TOLD, "next": "hear"},
            hear={"kind": "wait", "signal": {"name": "order.paid", "key": "A-1"}, "next": "a"},
            a=mark("a"),
        )
    ),
    "sub-run": Reference(
        flow(a=mark("a", next="sub"), sub={"kind": "workflow", "runs": "child", "next": "b"}, b=mark("b")),
        (CHILD,),
    ),
    "retry and fallback": Reference(
        flow(
            shaky=action("acme.flaky", **{"with": {"times": 1}, "retry": SOON, "next": "broken"}),
            broken=action("acme.fail", catch=[{"on": ["Refused"], "next": "instead"}], next="instead"),
            instead=mark("instead", next="stuck"),
            stuck=action("acme.fail", on_exhausted="dead_letter", next="last"),
            last=mark("last"),
        )
    ),
    "saga undone": Reference(
        flow(a=undoable("a", next="b"), b=undoable("b", next="c"), c=action("acme.fail")),
        status=RunStatus.FAILED,
    ),
    "review": Reference(
        flow(a=mark("a", next="ask"), ask=review(), yes=mark("yes"), no={"kind": "fail", "error": "No"})
    ),
    "lock": Reference(flow(both=branches(a=mark("a", lock="one"), b=mark("b", lock="one")))),
}
