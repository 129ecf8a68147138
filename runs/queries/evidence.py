"""Evidence, as a page shows it: a number against its limit, what speaks for and against it, plain lines, the rest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from designer.graph import Choice, Graph, Option, Review, known_schema, plain_path, spoken

type Path = tuple[str | int, ...]  # as the graph spells one

MOST_BARS = 12
HEAVY = 2 / 3  # of the heaviest
CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF ", "JPY": "¥"}
_CURRENCY = re.compile(rf"\s*(?:\bin\s+|\()?\b({'|'.join(CURRENCIES)})\b\)?")
_AMOUNT = re.compile(r"^[€$£¥]\s?\d[\d.,]*$")
_COMPARED = re.compile(r"^\(?\s*([a-z_]\w*(?:\.\w+)+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*\)?$")
_OR_AND = re.compile(r"&&|\|\|")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number that a condition compares a value with."""

    path: Path
    sign: str
    limit: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One of several things that add up; left and width are in hundredths of the room for all of them."""

    name: str
    note: str
    value: float
    left: float
    width: float
    heavy: bool = False  # one of those that weigh most

    @property
    def signed(self) -> str:
        return f"{'+' if self.value > 0 else '−' if self.value < 0 else ''}{plain_number(abs(self.value))}"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number against its limit, on a scale that both fit on."""

    value: str
    limit: str
    most: str  # empty where nothing says how far the scale goes
    filled: float  # hundredths of the scale
    mark: float


@dataclass(frozen=True, slots=True)
class Evidence:
    label: str
    value: Any
    shape: str  # gauge, bars, plain, rows (a list of small objects) or json
    gauge: Gauge | None = None
    bars: Sequence[Bar] = field(default=())
    zero: float = 0  # where the bars begin


def evidence_of(graph: Graph, review: Review | None, shown: Sequence[Mapping[str, Any]]) -> list[Evidence]:
    """``shown`` is as it was kept when the review opened; ``review`` the step that it was opened by."""
    limits = limits_before(graph, review) if review else {}
    paths = [plain_path(line.value) for line in review.show] if review else []
    return [
        _one(graph, line["label"], line["value"], path, limits)
        for line, path in zip(shown, [*paths, *([None] * len(shown))], strict=False)
    ]


def limits_before(graph: Graph, review: Review) -> Mapping[Path, Comparison]:
    """The numbers that the choices right before a review compare with, by what they compare."""
    choices = (step for step in graph.steps.values() if isinstance(step, Choice))
    leading = (option for choice in choices for option in choice.options if option.next == review.key)
    return {one.path: one for option in leading for one in comparisons(option)}


def comparisons(option: Option) -> list[Comparison]:
    """The plain comparisons with numbers that a condition is made of."""
    text = option.when.strip().removeprefix("${").removesuffix("}").strip()
    parts = (_COMPARED.match(part.strip()) for part in _OR_AND.split(text))
    return [Comparison(tuple(m[1].split(".")), m[2], float(m[3])) for m in parts if m]


def amount_of(shown: Sequence[Mapping[str, Any]]) -> str:
    """The first amount of money among the evidence, as people write it."""
    return next((text for line in shown if (text := _money(line["label"], line["value"]))), "")


def subject_of(shown: Sequence[Mapping[str, Any]]) -> str:
    """Whom or what it is about: the first text that is no amount, without an address that follows a name."""
    texts = (line["value"] for line in shown if isinstance(line["value"], str))
    found = next((text for text in texts if text.strip() and not _AMOUNT.match(text)), "")
    return found.partition(" <")[0][:60]


def first_number_of(shown: Sequence[Mapping[str, Any]]) -> str:
    """“Risk score 82”: the first line that is a number and no amount, else the first short one."""
    plain = [line for line in shown if isinstance(line["value"], str | int | float)]
    numbers = (one for one in plain if _is_number(one["value"]) and not _money(one["label"], one["value"]))
    line = next(numbers, None) or next((one for one in plain if len(str(one["value"])) < 60), None)
    return f"{line['label']} {_told(line['value'])}" if line else ""


def _one(
    graph: Graph,
    label: str,
    value: Any,
    path: Path | None,
    limits: Mapping[Path, Comparison],
) -> Evidence:
    if path and _is_number(value) and path in limits:
        schema = known_schema(graph, path) or {}
        gauge = _gauge(value, limits[path].limit, schema.get("maximum"))
        return Evidence(label, value, "gauge", gauge=gauge)
    if parts := _parts(value):
        return Evidence(label, value, "bars", bars=_bars(parts), zero=_zero(parts))
    if money := _money(label, value):
        return Evidence(_CURRENCY.sub("", label), money, "plain")
    return Evidence(label, _told(value), _shape(value))


def _gauge(value: float, limit: float, most: Any) -> Gauge:
    known = isinstance(most, int | float) and most > 0
    scale = float(most) if known else 1.2 * max(value, limit, 1)
    filled, mark = (min(100, max(0, round(100 * number / scale, 1))) for number in (value, limit))
    return Gauge(plain_number(value), plain_number(limit), plain_number(most) if known else "", filled, mark)


def _parts(value: Any) -> list[tuple[str, str, float]]:
    """Name, note and number of each part, where a value is made of named numbers."""
    if isinstance(value, dict):
        named = [(spoken(name), "", part) for name, part in value.items()]
        return named if 0 < len(named) <= MOST_BARS and all(_is_number(part) for *_, part in named) else []
    if not isinstance(value, list) or not 0 < len(value) <= MOST_BARS:
        return []
    found = [_part(row) for row in value]
    return [part for part in found if part] if all(found) else []


def _part(row: Any) -> tuple[str, str, float] | None:
    """A small object with one number that is no count of things, beside one text or two."""
    if not isinstance(row, dict) or not 2 <= len(row) <= 3:
        return None
    texts = [part for part in row.values() if isinstance(part, str)]
    numbers = [(name, part) for name, part in row.items() if _is_number(part)]
    if len(numbers) != 1 or len(texts) != len(row) - 1 or numbers[0][0] in ("n", "quantity", "count"):
        return None
    return texts[0], texts[1] if len(texts) > 1 else "", numbers[0][1]


def _bars(parts: Sequence[tuple[str, str, float]]) -> list[Bar]:
    scale, zero = _scale(parts), _zero(parts)
    most = max(number for *_, number in parts)
    return [
        Bar(
            name,
            note,
            number,
            left=round(min(zero, zero + number * scale), 1),
            width=round(abs(number) * scale, 1),
            heavy=number > 0 and number >= HEAVY * most,
        )
        for name, note, number in parts
    ]


def _zero(parts: Sequence[tuple[str, str, float]]) -> float:
    return round(_scale(parts) * max(0, *(-number for *_, number in parts), 0), 1)


def _scale(parts: Sequence[tuple[str, str, float]]) -> float:
    up, down = (max(0, *(sign * number for *_, number in parts), 0) for sign in (1, -1))
    return 100 / ((up + down) or 1)


def _money(label: str, value: Any) -> str:
    if isinstance(value, dict) and value.keys() == {"amount", "currency"} and _is_number(value["amount"]):
        return f"{CURRENCIES.get(str(value['currency']), str(value['currency']) + ' ')}{value['amount']:,.2f}"
    if isinstance(value, str):
        return value if _AMOUNT.match(value) else ""
    named = _CURRENCY.search(label)
    return f"{CURRENCIES[named[1]]}{value:,.2f}" if named and _is_number(value) else ""


def _shape(value: Any) -> str:
    if not isinstance(value, dict | list):
        return "plain"
    rows = isinstance(value, list) and all(isinstance(row, dict) and 0 < len(row) <= 3 for row in value)
    return "rows" if rows and value else "json"


def _told(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    return plain_number(value) if _is_number(value) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain_number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")
