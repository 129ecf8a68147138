"""Where steps lead: every step is begun somewhere, and every walk comes to an end."""

from collections.abc import Iterator

from designer.graph.edits.operations import Connect, Operation, RemovePart, RemoveStep, SetHeader
from designer.graph.edits.wiring import Connection, connections, free_exit
from designer.graph.flow import Walk
from designer.graph.model import ROOT, AnyStep, Parallel

from .problem import Fix, Found, asked, closest
from .view import View


def no_start(view: View) -> Iterator[Found]:
    if not view.graph.steps:
        yield Found("The workflow has no steps yet. Add one: it is where runs begin.", field="start")
        return
    for of in view.walks.values():
        if not view.graph.start_of(of.scope):
            first = next(iter(of.exits), None)
            begin = "A run" if of.scope == ROOT else _body(of)
            todo = "Say which." if first else "Add one to it."
            yield _at_start(of, f"{begin} has no step to begin with. {todo}", first, view)


def unknown_start(view: View) -> Iterator[Found]:
    for of in view.walks.values():
        named = view.graph.start_of(of.scope)
        if named and not of.start:
            meant = closest(named, of.exits) or next(iter(of.exits), None)
            there = "is not a step" if named not in view.graph.steps else "lies elsewhere and cannot begin it"
            begin = _body(of)
            message = f"{begin} is to begin with “{named}”, which {there}.{asked(meant)}"
            yield _at_start(of, message, meant, view)


def leads_nowhere(view: View) -> Iterator[Found]:
    for step in view.graph.steps.values():
        for way in connections(step):
            part, _, which = way.exit.partition(".")
            if not way.target and part in ("options", "outcomes", "first", "catch"):
                said = (
                    f"The {_NAMED[part]} “{which}”" if part in _NAMED else f"{_NAMES[part]} {int(which) + 1}"
                )
                fix = Fix(f"Remove {said[0].lower()}{said[1:]}", RemovePart(step.key, way.exit))
                yield Found(
                    f"{said} of “{step.name}” leads nowhere. Say which step follows.", *_place(step, way), fix
                )


def dangling_next(view: View) -> Iterator[Found]:
    for step in view.graph.steps.values():
        known = view.walks[step.scope].exits if step.scope in view.walks else {}
        for way in connections(step):
            if not way.target or way.target in known or way.exit.partition(".")[0] in ("branches", "start"):
                continue
            meant = closest(way.target, (key for key in known if key != step.key))
            other = view.graph.steps.get(way.target)
            why = f"which lies in {view.home(other)}" if other else "which is not a step"
            message = f"“{step.name}” leads to “{way.target}”, {why}.{asked(meant)}"
            fix = (
                Fix(f"Lead to {meant}", Connect(step.key, way.exit, meant))
                if meant
                else Fix("Lead nowhere", Connect(step.key, way.exit, None))
            )
            yield Found(message, *_place(step, way), fix)


def unreachable_step(view: View) -> Iterator[Found]:
    """Of steps that lead to each other only the first is told: mend that and the others are reached."""
    for step in view.graph.steps.values():
        if step.scope not in view.walks:
            message = f"“{step.name}” lies in “{step.scope}”, which nothing opens, so it never runs."
            yield Found(message, step.key, "", Fix("Remove the step", RemoveStep(step.key)))
    for of in view.walks.values():
        if not of.start or (of.opener and not view.reached(of.opener)):
            continue
        for key in _unreached(of):
            step = view.graph.steps[key]
            yield Found(f"No step leads to “{step.name}”, so it never runs.", key, "", _reach(view, of, step))


def no_way_to_end(view: View) -> Iterator[Found]:
    for of in view.walks.values():
        if not of.start or of.start in of.ending or any(circle & of.reachable for circle in _traps(of)):
            continue
        stuck = next(key for key in of.exits if key in of.reachable and not of.exits[key])
        message = f"{_body(of)} can never end: “{view.graph.steps[stuck].name}” leads nowhere."
        yield Found(message, stuck, "next")


def cycle_without_exit(view: View) -> Iterator[Found]:
    for of in view.walks.values():
        for circle in _traps(of):
            keys = [key for key in of.exits if key in circle]
            names = " → ".join(view.graph.steps[key].name for key in [*keys[:6], keys[0]])
            message = (
                f"Once begun, {names} goes round for ever. Let one of these steps lead out of the circle."
            )
            yield Found(message, keys[0], "next", _leave(view, keys))


def _traps(of: Walk) -> Iterator[frozenset[str]]:
    for circle in of.circles():
        stays = all(target in circle for key in circle for target in of.exits[key])
        if stays and circle & of.reachable and not circle & of.ending:
            yield circle


def _leave(view: View, keys: list[str]) -> Fix | None:
    """End the scope after the last step of the circle that may end it."""
    for key in reversed(keys):
        step = view.graph.steps[key]
        if step.next in keys:
            return Fix(f"End after “{step.name}”", Connect(key, "next", None))
    return None


def _unreached(of: Walk) -> Iterator[str]:
    """Of the steps that are never reached, those from which all others of them are."""
    left = [key for key in of.exits if key not in of.reachable]
    covered: set[str] = set()
    for alone in (True, False):
        for key in left:
            if key not in covered and (not alone or not of.entries[key]):
                yield key
                covered |= of.reached_from(key)


def _reach(view: View, of: Walk, step: AnyStep) -> Fix:
    """Let the step before it lead to it, if that one leads nowhere yet; else take it out."""
    keys = list(of.exits)
    for key in reversed(keys[: keys.index(step.key)]):
        before = view.graph.steps[key]
        exit = free_exit(before)
        if (
            key in of.reachable
            and exit
            and not any(way.target for way in connections(before) if way.exit == exit)
        ):
            return Fix(f"Lead from “{before.name}” to it", Connect(key, exit, step.key))
    return Fix("Remove the step", RemoveStep(step.key))


def _at_start(of: Walk, message: str, start: str | None, view: View) -> Found:
    operation: Operation | None = None
    if start and of.opener:
        operation = Connect(of.opener.key, _entry(of), start)
    elif start:
        operation = SetHeader({"start": start})
    fix = Fix(f"Begin with “{view.graph.steps[start].name}”", operation) if start and operation else None
    if of.opener is None:
        return Found(message, field="start", fix=fix)
    return Found(message, of.opener.key, _entry(of), fix)


def _entry(of: Walk) -> str:
    """The exit by which the opener of a scope leads into it."""
    return f"branches.{_branch(of)}" if isinstance(of.opener, Parallel) else "start"


def _body(of: Walk) -> str:
    """A scope, at the beginning of a sentence."""
    if of.opener is None:
        return "The workflow"
    return (
        f"The branch “{_branch(of)}”"
        if isinstance(of.opener, Parallel)
        else f"The body of “{of.opener.name}”"
    )


def _branch(of: Walk) -> str:
    return of.scope.partition("/")[2]


def _place(step: AnyStep, way: Connection) -> tuple[str, str]:
    inner = "" if way.exit in ("next", "otherwise") else ".next"
    return step.key, way.exit + inner


_NAMED = {"outcomes": "outcome", "first": "arrival"}
_NAMES = {"options": "Option", "catch": "Catch"}
