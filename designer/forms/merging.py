"""Two people in one section: what each of them changed is put together, field by field.

A page sends back what it showed beside what it says now. So a field that was not touched takes what the other person
wrote, and only one that both changed is a question. A list is one unit: its rows may have moved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.datastructures import MultiValueDict

from .fields import said

if TYPE_CHECKING:
    from .section import Section

type Sent = dict[str, list[str]]  # what a browser sends of a form, by the names of its controls
CHOICE = "settle-"  # before the name of a unit: mine or theirs


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed, or a whole list."""

    name: str
    label: str
    mine: str
    theirs: str

    @property
    def choice(self) -> str:
        return f"{CHOICE}{self.name}"


def sent(section: "Section") -> Sent:
    """What a browser sends of the section as it stands in the draft."""
    found: Sent = {}
    for form in _drawn(section):
        for name, field in form.fields.items():
            value = form.get_initial_for_field(field, name)
            found[form.add_prefix(name)] = _texts(field, value)
    for name, rows in section.rows.items():
        found[f"{name}-order"] = [",".join(str(number) for number in range(len(rows.initials) + 1))]
    return found


def settled(data: Any) -> Any:
    """What was sent, with what the other person wrote wherever that was chosen."""
    chosen = {
        name.removeprefix(CHOICE) for name in data if name.startswith(CHOICE) and data.get(name) == "theirs"
    }
    seen = seen_in(data)
    if not chosen or not seen:
        return data
    kept = {name: data.getlist(name) for name in data if not _is_of(name, chosen)}
    theirs = {name: texts for name, texts in seen.items() if _is_of(name, chosen)}
    return MultiValueDict({**kept, **theirs})


def seen_in(data: Any) -> Sent:
    """What the page showed when it was filled in; nothing where it does not say so."""
    try:
        seen = json.loads(data.get("seen", ""))
    except (ValueError, RecursionError):
        return {}
    return {
        str(name): [str(text) for text in texts] if isinstance(texts, list) else []
        for name, texts in (seen.items() if isinstance(seen, dict) else ())
    }


def merge(section: "Section", data: Any) -> tuple[MultiValueDict[str, str], list[Conflict]]:
    """What to save of ``data``, which was written over an older draft than the section's, and what to ask."""
    seen, theirs = seen_in(data), sent(section)
    written = {name: data.getlist(name) for name in data} | _orders(section, data)
    merged = MultiValueDict(written)
    conflicts = []
    for name, label in _units(section).items():
        unit = {name}
        mine = _part(written, unit)
        base, other = _part(seen, unit), _part(theirs, unit)
        if _same(mine, other):
            continue
        if _same(mine, base):
            for gone in mine:
                merged.pop(gone, None)
            for one, texts in other.items():
                merged.setlist(one, texts)
        elif not _same(other, base):
            conflicts.append(Conflict(name, label, _words(section, name, mine), _words(section, name, other)))
    merged["seen"] = json.dumps(theirs)
    return merged, conflicts


def _orders(section: "Section", data: Any) -> Sent:
    """The order of the list of which a row was moved or removed, as it is then."""
    _, _, rest = str(data.get("do", "")).partition(":")
    name = rest.partition(":")[0]
    rows = section.rows.get(name)
    return {f"{name}-order": [",".join(str(row.number) for row in rows)]} if rows else {}


def _drawn(section: "Section") -> Sequence[forms.Form]:
    """The forms as the draft has them, whatever was sent."""
    rows = [rows.row_of(number) for rows in section.rows.values() for number in range(len(rows.initials) + 1)]
    return [section, *rows, *(form for part in section.parts.values() for form in _drawn(part))]


def _units(section: "Section") -> dict[str, str]:
    """What is merged as one, with what it is called."""
    found = {name: str(field.label or name) for name, field in section.fields.items()}
    for part in section.parts.values():
        found |= _units(part)
    return found | {name: f"The list of {name.replace('_', ' ')}" for name in section.rows}


def _is_of(name: str, units: set[str]) -> bool:
    """Whether a control belongs to one of the units: ``options-0-when`` is of the list ``options``."""
    head, _, rest = name.partition("-")
    return name in units or (head in units and (rest == "order" or rest[:1].isdigit()))


def _part(data: Mapping[str, list[str]], units: set[str]) -> Sent:
    return {name: texts for name, texts in data.items() if _is_of(name, units)}


def _same(one: Sent, other: Sent) -> bool:
    return _plain(one) == _plain(other)


def _plain(data: Sent) -> Sent:
    """Without what is empty: a box that is not ticked and a field that is blank say nothing."""
    written = {name: [text.strip() for text in texts if text.strip()] for name, texts in data.items()}
    return {name: texts for name, texts in written.items() if texts}


def _texts(field: forms.Field, value: Any) -> list[str]:
    value = field.prepare_value(value)
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.MultipleChoiceField):
        offered = [str(key) for key, _ in list(field.choices)]  # type: ignore[arg-type]
        return [str(value)] if str(value) in offered else offered[:1]
    if isinstance(value, bool):
        return ["on"] if value else []
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]


def _words(section: "Section", name: str, data: Sent) -> str:
    if name in section.rows:
        blank = f"{name}-{','.join(data.get(f'{name}-order', ())).rpartition(',')[2]}-"
        told = {one: held for one, held in data.items() if not one.endswith("-order")}
        texts = [text for one, held in told.items() if not one.startswith(blank) for text in held if text]
        return ", ".join(texts) or "nothing"
    field = next(form.fields[name] for form in section.all_forms() if name in form.fields)
    texts = data.get(name, [])
    if isinstance(field, forms.BooleanField):
        return "yes" if texts else "no"
    return said(field, texts if len(texts) > 1 else "".join(texts))
