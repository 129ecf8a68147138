"""What expressions read: that it exists, that it is there by then, and that it is what it is taken for."""

from collections.abc import Iterator

from designer.graph.codec import DocumentError
from designer.graph.complaints import ExpressionError
from designer.graph.edits.operations import ReplaceStep
from designer.graph.edits.wiring import renamed_in_step
from designer.graph.expressions import Expression
from designer.graph.model import AnyStep, Map, Parallel
from designer.graph.paths import Path, dotted
from designer.graph.schema_paths import MISSING, property_names
from designer.graph.schemas import TYPE_NAMES

from .problem import Fix, Found, asked, closest, listed
from .slots import Use, at, changed
from .sources import result_of, said_of
from .view import CAUGHT, View

_ONLY = {
    "item": "is known inside a map only",
    "index": "is known inside maps and loops only",
    "output": "is known in “assign” and “compensate” only, where the step has succeeded",
    "arguments": "is known in steps with a flow only, where they say what they do with what they are given",
    "secret": "is known in “with” only, where a step type is called",
    "error": "is known only after an error was caught on every way to this step",
}


def bad_expression(view: View) -> Iterator[Found]:
    for use in view.uses:
        if isinstance(use.expression, ExpressionError):
            yield _found(use, str(use.expression))


def name_not_known_here(view: View) -> Iterator[Found]:
    for use, path in view.paths:
        root, known_here = path[0], view.roots(use.slot)
        uncaught = root == "error" and use.slot.step is not None and not view.knows(use.slot.step, CAUGHT)
        if root in ("vars", "steps") and len(path) == 1 and root in known_here:
            example = "vars.name" if root == "vars" else "steps.key.output"
            yield _found(
                use, f"“{root}” can only be read one by one: write {example}, with the name written out."
            )
        elif root not in known_here or (uncaught and not use.guards(path)):
            why = _ONLY.get(str(root), "is not known before the run has begun")
            known = listed(sorted(known_here - {"error", "secret"}))
            yield _found(use, f"“{root}” {why}. Here an expression can read {known}.")


def unknown_step(view: View) -> Iterator[Found]:
    for use, step, key in view.steps_read:
        other = view.graph.steps.get(key)
        if other is None:
            visible = [each.key for each in _visible(view, use) if each.key != step.key]
            meant = closest(key, visible)
            message = f"“{step.name}” reads steps.{key}, and there is no such step.{asked(meant)}"
            yield _found(use, message, _respell(step, ("steps", key), meant))
        elif other.scope not in view.seen(use.slot.within) and step.scope in view.walks:
            yield _out_of_sight(view, use, step, other)


def value_not_always_there(view: View) -> Iterator[Found]:
    for use, step, key in view.steps_read:
        other = view.graph.steps.get(key)
        if other is None or other.scope not in view.seen(use.slot.within) or view.has(use, ("steps", key)):
            continue
        if other is step:
            yield _found(use, f"“{step.name}” reads its own output before it has one.")
            continue
        message = (
            f"There are ways to “{step.name}” on which “{other.name}” has not succeeded before, so that"
            f" steps.{key}.output is not there. Lead through it on every way, or ask has(steps.{key}) first."
        )
        yield _found(use, message, _guard(use, f"has(steps.{key}) && steps.{key}.output != null"))


def unknown_variable(view: View) -> Iterator[Found]:
    for use, step, name in view.variables_read:
        setting = view.assigning.get(name, [])
        if not setting:
            meant = closest(name, view.assigning)
            message = f"“{step.name}” reads vars.{name}, which no step sets.{asked(meant)}"
            yield _found(use, message, _respell(step, ("vars", name), meant))
        elif step.scope in view.walks and not any(
            each.scope in view.around(use.slot.within) for each in setting
        ):
            home = view.home(setting[0])
            message = f"vars.{name} is set in {home} and known only there. “{step.name}” cannot read it."
            yield _found(use, message)


def variable_not_always_set(view: View) -> Iterator[Found]:
    for use, step, name in view.variables_read:
        around = view.around(use.slot.within)
        setting = [each for each in view.assigning.get(name, ()) if each.scope in around]
        if setting and not view.has(use, ("vars", name)):
            message = (
                f"There are ways to “{step.name}” on which vars.{name} has not been set before: “{setting[0].name}”"
                f" sets it. Set it on every way, or ask has(vars.{name}) first."
            )
            yield _found(use, message, _guard(use, f"has(vars.{name})"))


def unknown_path(view: View) -> Iterator[Found]:
    for use, path in view.paths:
        answer, missing = said_of(view, use.slot.step, path)
        if answer is MISSING:
            yield _no_such_field(view, use, missing)
        elif path[0] == "steps" and len(path) > 2 and path[1] in view.graph.steps:
            errors = isinstance(view.graph.steps[str(path[1])], Parallel | Map)
            if path[2] != "output" and not (errors and path[2] == "errors"):
                fix = _respell(use.slot.step, _texts(path[:3]), "output") if use.slot.step else None
                has = (
                    "This one has an output and errors" if errors else "A step has an output and nothing else"
                )
                yield _found(use, f"{has}: write {dotted(path[:2])}.output.", fix)


def condition_not_boolean(view: View) -> Iterator[Found]:
    for use, _ in view.reads:
        types = view.schemas.types(result_of(view, use)) if use.slot.condition else None
        if types and "boolean" not in types:
            kind = " or ".join(TYPE_NAMES.get(name, name) for name in sorted(types))
            yield _found(
                use, f"A condition must be true or false, and this one is {kind}. Compare it with something."
            )


def _no_such_field(view: View, use: Use, missing: Path) -> Found:
    parent, name = missing[:-1], missing[-1]
    above, _ = said_of(view, use.slot.step, parent)
    known = property_names(above) if above and above is not MISSING else ()
    meant = closest(str(name), known)
    has = f" It has {listed(known)}." if known and not meant else ""
    where = (
        f"“{dotted(parent)}” has no field “{name}”."
        if isinstance(name, str)
        else f"“{dotted(parent)}” is no list."
    )
    step = use.slot.step
    fix = (
        _respell(step, _texts(missing), meant) if step and all(isinstance(p, str) for p in missing) else None
    )
    if step is None and meant and isinstance(use.expression, Expression):
        text = use.slot.template.replace(dotted(missing), dotted((*parent, meant)))
        fix = Fix(f"Write {meant}", use.slot.put(text)) if text != use.slot.template else None
    return _found(use, f"{where}{asked(meant)}{has}", fix)


def _out_of_sight(view: View, use: Use, step: AnyStep, other: AnyStep) -> Found:
    message = f"“{other.name}” lies in {view.home(other)}, where “{step.name}” cannot see it."
    of = view.walks.get(other.scope)
    opener = of.opener if of else None
    around = view.around(use.slot.within)
    beside = opener in [view.walks[scope].opener for scope in around]
    if opener is None or beside or opener.scope not in around:
        why = "A branch sees its own steps, those before the parallel and those of branches that it needs."
        return _found(use, f"{message} {why}")
    output = f"steps.{opener.key}.output"
    output += f".{other.scope.partition('/')[2]}" if isinstance(opener, Parallel) else ""
    whole = "the branch" if isinstance(opener, Parallel) else "it"
    message += f" What {whole} leaves is {output}."
    last = of is not None and other.key in of.ends and not isinstance(opener, Map)
    return _found(use, message, _read_instead(use, f"steps.{other.key}.output", output) if last else None)


def _visible(view: View, use: Use) -> Iterator[AnyStep]:
    seen = view.seen(use.slot.within)
    return (each for each in view.graph.steps.values() if each.scope in seen)


def _respell(step: AnyStep | None, path: tuple[str, ...], meant: str | None) -> Fix | None:
    if step is None or meant is None:
        return None
    try:
        right = renamed_in_step(step, path, meant)
    except DocumentError:  # something else about the step is beyond what the format holds
        return None
    return Fix(f"Use {dotted((*path[:-1], meant))}", ReplaceStep(right)) if right is not step else None


def _guard(use: Use, asked_first: str) -> Fix | None:
    """Read it only where it is there, and null where it is not."""
    if (
        not use.alone
        or use.slot.condition
        or not isinstance(use.expression, Expression)
        or not use.expression.plain
    ):
        return None
    text = f"${{ {asked_first} ? {use.expression.text} : null }}"
    return Fix("Use null where it is not there", use.slot.put(changed(use.slot.template, use.path, text)))


def _read_instead(use: Use, old: str, new: str) -> Fix | None:
    text = use.slot.template if use.slot.condition else at(use.slot.template, use.path)
    if old not in text:
        return None
    return Fix(f"Read {new}", use.slot.put(changed(use.slot.template, use.path, text.replace(old, new))))


def _texts(path: Path) -> tuple[str, ...]:
    return tuple(str(part) for part in path)


def _found(use: Use, message: str, fix: Fix | None = None) -> Found:
    return Found(message, use.slot.key, use.field, fix)
