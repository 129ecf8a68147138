"""Payload templates of JSONPath states: a name that ends with `.$` has a path or a call for its value."""

from collections.abc import Iterator
from typing import Any

from .flow import RUNTIME, Flaw, FlowError
from .intrinsics import evaluate, is_call, read_call, readable_call
from .paths import Path, read_path
from .scanning import Unreadable
from .view import View, readable
from .weighing import check_weight

_DYNAMIC = ".$"


def fill(template: Any, view: View, field: str) -> Any:
    """The template with its paths and calls answered.

    Raises FlowError.
    """
    filled = _fill(template, view, field)
    check_weight(filled, field)
    return filled


def _fill(template: Any, view: View, field: str) -> Any:
    match template:
        case dict():
            return {_plain(name): _filled(name, value, view, field) for name, value in template.items()}
        case list():
            return [_fill(value, view, field) for value in template]
        case _:
            return template


def _filled(name: str, value: Any, view: View, field: str) -> Any:
    place = f"{field}.{name}"
    return answer(value, view, place) if name.endswith(_DYNAMIC) else _fill(value, view, place)


def answer(text: Any, view: View, field: str) -> Any:
    """What a path or a call gives.

    Raises FlowError.
    """
    if not isinstance(text, str):
        raise FlowError(RUNTIME, f"{field} should be a path or a call, and is {text!r:.100}.")
    if is_call(text):
        return evaluate(readable_call(text, field), view, field)
    return view.read(readable(text, field), field)


def _plain(name: str) -> str:
    return name.removesuffix(_DYNAMIC)


def paths_in(template: Any) -> Iterator[Path]:
    """Every path of a template that can be read."""
    for _, text in dynamic(template, ""):
        try:
            if isinstance(text, str):
                yield from read_call(text).paths() if is_call(text) else (read_path(text),)
        except Unreadable:
            continue


def flaws_in(template: Any, field: str) -> Iterator[Flaw]:
    """What in a template is neither a path nor a call, though it should be."""
    for place, text in dynamic(template, field):
        yield from flaws_of(text, place)


def flaws_of(text: Any, place: str) -> Iterator[Flaw]:
    if not isinstance(text, str):
        yield Flaw(
            path=place, message="This should be a path that begins with $, or a call of a States function."
        )
        return
    try:
        read_call(text) if is_call(text) else read_path(text)
    except Unreadable as error:
        yield Flaw(path=place, message=f"{text} cannot be read: {error.message}.")


def dynamic(template: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Each place of a template that is worked out, and its text."""
    match template:
        case dict():
            for name, value in template.items():
                inner = f"{place}.{name}"
                if name.endswith(_DYNAMIC):
                    yield inner, value
                else:
                    yield from dynamic(value, inner)
        case list():
            for index, value in enumerate(template):
                yield from dynamic(value, f"{place}[{index}]")
