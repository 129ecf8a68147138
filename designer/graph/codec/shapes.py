"""Shapes: how one value is read from a document, written into it, and described by JSON Schema.

A shape is three things that must agree, so they are kept together. Reading never raises: it notes a flaw at
its place and returns `NOTHING`, so that one reading finds all flaws.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Any, Final

from designer.graph.durations import BadDuration, format_duration, parse_duration
from designer.graph.keys import LONGEST, PATTERN, key_flaw

from .flaws import Place, described, did_you_mean


class Nothing(Enum):
    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Shape:
    read: Callable[[Any, Place], Any]
    schema: Mapping[str, Any]
    write: Callable[[Any], Any] = _same


def text(most: int = 200, *, empty: Any = "", hint: str = "") -> Shape:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str):
            return _refuse(place, f"This must be text{hint}, not {described(data)}.")
        if len(data) > most:
            return _refuse(place, f"This text has {len(data)} characters; at most {most} are allowed.")
        return data or empty

    return Shape(read, {"type": "string", "maxLength": most})


def key() -> Shape:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str):
            return _refuse(place, f"A key must be text, not {described(data)}.")
        message = key_flaw(data)
        return _refuse(place, message) if message else data

    return Shape(read, {"type": "string", "pattern": f"^{PATTERN}$", "maxLength": LONGEST})


def integer(least: int, most: int) -> Shape:
    def read(data: Any, place: Place) -> Any:
        if isinstance(data, bool) or not isinstance(data, int) or not least <= data <= most:
            return _refuse(
                place, f"This must be a whole number from {least} to {most}, not {described(data)}."
            )
        return data

    return Shape(read, {"type": "integer", "minimum": least, "maximum": most})


def number(least: float, most: float) -> Shape:
    def read(data: Any, place: Place) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float) or not least <= data <= most:
            return _refuse(place, f"This must be a number from {least:g} to {most:g}, not {described(data)}.")
        return float(data)

    def write(value: float) -> int | float:
        return int(value) if float(value).is_integer() else value

    return Shape(read, {"type": "number", "minimum": least, "maximum": most}, write)


def boolean() -> Shape:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, bool):
            return _refuse(place, f"This must be true or false, not {described(data)}.")
        return data

    return Shape(read, {"type": "boolean"})


def word[E: StrEnum](words: type[E]) -> Shape:
    known = [member.value for member in words]

    def read(data: Any, place: Place) -> Any:
        if data in known:
            return words(data)
        meant = did_you_mean(data, known) if isinstance(data, str) else ""
        return _refuse(place, f"This must be one of {listed(known)}, not {described(data)}.{meant}")

    return Shape(read, {"enum": known}, lambda value: value.value)


def duration() -> Shape:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str):
            return _refuse(
                place, f"This must be a duration such as 500ms, 30s or 1h30m, not {described(data)}."
            )
        try:
            return parse_duration(data)
        except BadDuration as bad:
            return _refuse(place, str(bad))

    def write(value: timedelta) -> str:
        return format_duration(value)

    return Shape(
        read, {"type": "string", "description": "A duration: 500ms, 30s, 1h30m, 2d or PT1H30M."}, write
    )


def template() -> Shape:
    """Any JSON; its strings may hold ``${ expressions }``."""
    return Shape(lambda data, place: data, {})


def schema() -> Shape:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, dict):
            return _refuse(place, f"This must be a JSON Schema, not {described(data)}.")
        return data

    return Shape(read, {"type": "object"}, dict)


def mapping(inner: Shape, names: Shape | None = None) -> Shape:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, dict):
            return _refuse(place, f"This must be an object of names and values, not {described(data)}.")
        if names is not None:
            for name in data:
                names.read(name, place.at(name))
        return {name: inner.read(value, place.at(name)) for name, value in data.items()}

    described_names = {"propertyNames": names.schema} if names else {}
    return Shape(
        read,
        {"type": "object", **described_names, "additionalProperties": inner.schema},
        lambda value: {name: inner.write(item) for name, item in value.items()},
    )


def several(inner: Shape) -> Shape:
    """A list, held as a tuple."""

    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, list | tuple):
            return _refuse(place, f"This must be a list, not {described(data)}.")
        return tuple(inner.read(item, place.at(index)) for index, item in enumerate(data))

    return Shape(
        read,
        {"type": "array", "items": inner.schema},
        lambda value: [inner.write(item) for item in value],
    )


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: its name in the document, the attribute it fills, its shape."""

    name: str
    shape: Shape
    attribute: str = ""
    default: Any = NOTHING  # only where the class has none
    required: bool = False

    @property
    def fills(self) -> str:
        return self.attribute or self.name


@dataclass(frozen=True, slots=True)
class Record:
    """An object with a fixed set of fields. Fields at their default are not written."""

    of: type
    fields: tuple[Field, ...]
    called: str
    defaults: Mapping[str, Any]
    also: tuple[str, ...] = ()  # fields that belong to the object and are read elsewhere

    def read(self, data: Any, place: Place, **given: Any) -> Any:
        if not isinstance(data, dict):
            return _refuse(place, f"{self.called} must be an object, not {described(data)}.")
        before = len(place.flaws)
        values = {**self.defaults, **given}
        for field in self.fields:
            if data.get(field.name) is not None:
                values[field.fills] = field.shape.read(data[field.name], place.at(field.name))
            elif field.required:
                place.flaw(f"{self.called} needs “{field.name}”.")
        self._refuse_unknown(data, place)
        return self.of(**values) if len(place.flaws) == before else NOTHING

    def write(self, value: Any) -> dict[str, Any]:
        held = ((field, getattr(value, field.fills)) for field in self.fields)
        return {
            field.name: field.shape.write(item)
            for field, item in held
            if field.required or item != self.defaults.get(field.fills, NOTHING)
        }

    @property
    def schema(self) -> dict[str, Any]:
        required = [field.name for field in self.fields if field.required]
        return {
            "type": "object",
            "properties": {field.name: field.shape.schema for field in self.fields},
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }

    def shape(self) -> Shape:
        return Shape(self.read, self.schema, self.write)

    def _refuse_unknown(self, data: Mapping[str, Any], place: Place) -> None:
        known = [*(field.name for field in self.fields), *self.also]
        for name in data:
            if name not in known:
                meant = did_you_mean(str(name), known) or f" It takes {listed(known)}."
                place.at(str(name)).flaw(f"{self.called} has no field “{name}”.{meant}")


def record(of: type, called: str, *held: Field, base: Any = None, also: tuple[str, ...] = ()) -> Record:
    """A record of dataclass ``of``; the values of ``base`` are the defaults, where given, not the class's."""
    wanted = {field.fills: field for field in held}
    defaults = {}
    for known in fields(of):
        if known.name not in wanted:
            continue
        if base is not None:
            defaults[known.name] = getattr(base, known.name)
        elif known.default is not MISSING:
            defaults[known.name] = known.default
        elif known.default_factory is not MISSING:
            defaults[known.name] = known.default_factory()
        elif wanted[known.name].default is not NOTHING:
            defaults[known.name] = wanted[known.name].default
    return Record(of, held, called, defaults, also)


def named(inner: Record, called: str) -> Shape:
    """A tuple of records with a ``name``, written as an object by name."""

    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, dict):
            return _refuse(place, f"{called} must be an object by name, not {described(data)}.")
        names = key()
        for name in data:
            names.read(name, place.at(str(name)))
        return tuple(inner.read(item, place.at(str(name)), name=name) for name, item in data.items())

    return Shape(
        read,
        {"type": "object", "propertyNames": key().schema, "additionalProperties": inner.schema},
        lambda value: {item.name: inner.write(item) for item in value},
    )


def listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _refuse(place: Place, message: str) -> Nothing:
    place.flaw(message)
    return NOTHING
