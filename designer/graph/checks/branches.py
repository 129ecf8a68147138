"""Branches and joins: whether scopes are opened as they should be, and joined as they can be."""

from collections.abc import Iterator
from dataclasses import replace

from designer.graph.beside import steps_beside
from designer.graph.edits.operations import ReplaceStep
from designer.graph.model import ROOT, Map, Parallel, Succeed
from designer.graph.parts import Branch, needed_by
from designer.graph.policies import Join, Rest

from .problem import Fix, Found, asked, closest
from .view import View

Joining = Parallel | Map


def no_branches(view: View) -> Iterator[Found]:
    for step in view.of(Parallel):
        if not step.branches:
            message = f"“{step.name}” has no branches. Add two or more that run side by side."
            yield Found(message, step.key, "branches")


def one_branch(view: View) -> Iterator[Found]:
    for step in view.of(Parallel):
        if len(step.branches) == 1:
            message = f"“{step.name}” has one branch, so nothing runs side by side. Add another."
            yield Found(message, step.key, "branches")


def maybe_no_branch(view: View) -> Iterator[Found]:
    for step in view.of(Parallel):
        if len(step.branches) > 1 and all(branch.when for branch in step.branches):
            message = (
                f"Every branch of “{step.name}” has a condition: where none of them holds, nothing is done and the"
                " run goes on. Let one of them run always, if that is not meant."
            )
            yield Found(message, step.key, "branches")


def unknown_need(view: View) -> Iterator[Found]:
    for step in view.of(Parallel):
        names = [branch.name for branch in step.branches]
        for branch in step.branches:
            for need in branch.needs:
                if need in names and need != branch.name:
                    continue
                taken = {branch.name, *branch.needs}
                meant = closest(need, [name for name in names if name not in taken])
                why = "which is itself" if need == branch.name else "and there is no such branch"
                message = f"The branch “{branch.name}” of “{step.name}” needs “{need}”, {why}.{asked(meant)}"
                yield Found(message, step.key, _needs(branch), _mended(step, branch, need, meant))


def needs_in_a_circle(view: View) -> Iterator[Found]:
    """Of branches that need each other only the first is told: mend that and the others can be opened."""
    for step in view.of(Parallel):
        told: set[str] = set()
        for branch in step.branches:
            circle = next((need for need in branch.needs if _leads_to(step, need, branch.name)), None)
            if circle is None or branch.name in told:
                continue
            told |= {branch.name, *needed_by(step.branches, branch.name)}
            message = (
                f"The branches “{branch.name}” and “{circle}” of “{step.name}” need each other, so neither is ever"
                " opened."
            )
            yield Found(message, step.key, _needs(branch), _mended(step, branch, circle, None))


def join_out_of_range(view: View) -> Iterator[Found]:
    """Of a map nobody knows how many items it will have, so only what fits no number is told."""
    for step in _joining(view):
        join, there = step.join, len(step.branches) if isinstance(step, Parallel) else None
        among = f"its {there} branches" if there is not None else "its items"
        if there == 0:
            continue
        if not _can_be_waited_for(join.wait_for, there):
            most = there or "any"
            right = f"Write all, any, a number up to {most} or a share such as 60%."
            if there is None:
                right = "Write all, any, a number or a share such as 60%."
            message = f"“{step.name}” waits for {join.wait_for} of {among}. {right}"
            fix = _joined(step, f"Wait for all {_scopes(step)}", replace(join, wait_for="all"))
            yield Found(message, step.key, "join.wait_for", fix)
        if there is not None and join.wait_for == "all" and _counted(join.tolerate, there) >= there:
            message = f"“{step.name}” lets {join.tolerate} of {among} fail, so that it never fails itself. Let fewer."
            fix = _joined(step, "Let none fail", replace(join, tolerate=0))
            yield Found(message, step.key, "join.tolerate", fix)


def tolerates_in_vain(view: View) -> Iterator[Found]:
    for step in _joining(view):
        if step.join.wait_for != "all" and _counted(step.join.tolerate, 100) > 0:
            message = (
                f"“{step.name}” lets {step.join.tolerate} fail, which counts only where all {_scopes(step)} are waited"
                f" for. It waits for {step.join.wait_for}."
            )
            fix = _joined(step, "Let none fail", replace(step.join, tolerate=0))
            yield Found(message, step.key, "join.tolerate", fix)


def absorbed_by_the_end(view: View) -> Iterator[Found]:
    """What goes on after the join is cancelled when the run ends, so there must be something that gives it time."""
    for step in _joining(view):
        if step.join.rest is Rest.ABSORB and step.join.wait_for != "all" and _ends_after(view, step):
            message = (
                f"What “{step.name}” has not waited for is to go on, but the run ends right after it, and that stops"
                " everything."
            )
            fix = _joined(step, f"Wait for all {_scopes(step)}", replace(step.join, wait_for="all"))
            yield Found(message, step.key, "join.rest", fix)


def share_of_an_open_list(view: View) -> Iterator[Found]:
    for step in view.of(Map):
        for field in ("wait_for", "tolerate"):
            written = getattr(step.join, field)
            if step.open_ended and str(written).endswith("%"):
                message = (
                    f"“{step.name}” reckons with {written} of a list that stays open, so nobody knows of how many"
                    " before it is closed."
                )
                yield Found(message, step.key, f"join.{field}")


def cancels_unknown(view: View) -> Iterator[Found]:
    for step in view.graph.steps.values():
        beside = [one.key for one in steps_beside(view.graph, step)] if step.cancels else []
        for key in step.cancels:
            if key in beside:
                continue
            other = view.graph.steps.get(key)
            meant = closest(key, [each for each in beside if each not in step.cancels])
            why = (
                f"which lies in {view.home(other)} and never runs beside it"
                if other
                else "and there is no such step"
            )
            message = f"“{step.name}” is to cancel “{key}”, {why}.{asked(meant)}"
            mended = replace(step, cancels=_respelled(step.cancels, key, meant))
            fix = Fix(f"Cancel {meant}" if meant else "Take it out", ReplaceStep(mended))
            yield Found(message, step.key, "cancels", fix)


def _needs(branch: Branch) -> str:
    return f"branches.{branch.name}.needs"


def _mended(step: Parallel, branch: Branch, need: str, meant: str | None) -> Fix:
    """Take a need out, or write what was meant by it."""
    needs = _respelled(branch.needs, need, meant)
    branches = tuple(replace(one, needs=needs) if one is branch else one for one in step.branches)
    label = f"Let it need {meant}" if meant else f"Let it not need {need}"
    return Fix(label, ReplaceStep(replace(step, branches=branches)))


def _respelled(names: tuple[str, ...], name: str, meant: str | None) -> tuple[str, ...]:
    if meant is None:
        return tuple(one for one in names if one != name)
    return tuple(meant if one == name else one for one in names)


def _leads_to(step: Parallel, need: str, name: str) -> bool:
    return need != name and name in needed_by(step.branches, need)


def _joined(step: Joining, label: str, join: Join) -> Fix:
    return Fix(label, ReplaceStep(replace(step, join=join)))


def _scopes(step: Joining) -> str:
    return "branches" if isinstance(step, Parallel) else "items"


def _can_be_waited_for(wanted: str | int, there: int | None) -> bool:
    if wanted in ("all", "any"):
        return True
    if isinstance(wanted, int):
        return wanted >= 1 and (there is None or wanted <= there)
    return wanted.endswith("%") and wanted[:-1].isdecimal() and 1 <= int(wanted[:-1]) <= 100


def _counted(tolerate: str | int, there: int) -> int:
    """How many may fail of so many."""
    text = str(tolerate)
    number = text.removesuffix("%")
    if not number.isdecimal():
        return 0
    return int(number) * there // 100 if text != number else int(number)


def _ends_after(view: View, step: Joining) -> bool:
    after = view.graph.steps.get(step.next or "")
    return step.scope == ROOT and (step.next is None or isinstance(after, Succeed))


def _joining(view: View) -> Iterator[Joining]:
    return (step for step in view.graph.steps.values() if isinstance(step, Parallel | Map))
