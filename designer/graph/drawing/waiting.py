"""Which branches of a parallel stand after which: what each needs, as far as a picture can show it."""

from collections.abc import Mapping

from designer.graph.model import AnyOpener, Parallel
from designer.graph.parts import Branch, needed_by

Needs = Mapping[str, tuple[str, ...]]  # by branch


def needs_drawn(step: AnyOpener) -> Needs:
    """What each branch needs, without those that do not exist, and those that need it in turn."""
    if not isinstance(step, Parallel):
        return {body.name: () for body in step.bodies}
    names = {branch.name for branch in step.branches}
    return {
        branch.name: tuple(
            need
            for need in dict.fromkeys(branch.needs)
            if need in names and need != branch.name and branch.name not in needed_by(step.branches, need)
        )
        for branch in step.branches
    }


def bodies_in_order(step: AnyOpener) -> list[Branch]:
    """The bodies in the order of definition, each after those it needs."""
    needs = needs_drawn(step)
    if not any(needs.values()):
        return list(step.bodies)
    bodies = {body.name: body for body in step.bodies}
    found: dict[str, Branch] = {}
    waiting = list(reversed(bodies))
    while waiting:
        name = waiting[-1]
        missing = [need for need in needs[name] if need not in found]
        if missing and name not in found:
            waiting += reversed(missing)
        else:
            found.setdefault(waiting.pop(), bodies[name])
    return list(found.values())


def first_to_open(step: AnyOpener) -> list[Branch]:
    """The bodies that wait for none."""
    needs = needs_drawn(step)
    return [body for body in step.bodies if not needs[body.name]]


def waiting_for(step: AnyOpener, name: str) -> list[Branch]:
    """The branches that are opened when this one has ended."""
    needs = needs_drawn(step)
    return [body for body in step.bodies if name in needs[body.name]]
