"""A CSV file as inputs of runs: columns are fields by their name, cells are typed by the workflow's input schema."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from designer.graph import violations
from designer.reading import Unreadable, fits, read_json

LARGEST_FILE = 5 * 1024**2
MOST_ROWS = 5_000
DELIMITERS = ",;\t|"
FIRST_ROW = 2  # as spreadsheets count: the header is row 1
WHOLE, DECIMAL = (
    re.compile(r"[+-]?\d{1,20}", re.ASCII),
    re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII),
)
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class FileRefused(ValueError):
    """A file that cannot be read; the sentence says why, and what would be right."""


class CellRefused(ValueError):
    """A cell that does not fit its field."""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    path: tuple[str, ...]  # empty: no field of the input has its name
    schema: Mapping[str, Any]
    required: bool

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def words(self) -> str:
        """What its cells are read as."""
        return SPOKEN[_kind(self.schema)]


@dataclass(slots=True)
class Row:
    number: int
    cells: list[str]
    value: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Its cells in a line."""
        return " · ".join(cell.strip() for cell in self.cells if cell.strip())


@dataclass(frozen=True, slots=True)
class Sheet:
    columns: list[Column]
    rows: list[Row]

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if not row.problems]

    @property
    def bad(self) -> list[Row]:
        return [row for row in self.rows if row.problems]

    @property
    def unused(self) -> list[Column]:
        return [column for column in self.columns if not column.path]


def text_of(data: bytes) -> str:
    """Raises FileRefused."""
    if len(data) > LARGEST_FILE:
        raise FileRefused(f"The file is larger than {LARGEST_FILE // 1024**2} MB. Cut it into several.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"The file is not text in UTF-8: line {line} holds a byte that does not belong there. Save it as"
            " “CSV UTF-8” and try again."
        ) from None
    if "\0" in text:
        raise FileRefused("The file holds NUL characters, so it is no text. Save it as “CSV UTF-8”.")
    if not text.strip():
        raise FileRefused("The file is empty. The first row names the fields of the input.")
    return text


def read_sheet(text: str, schema: Mapping[str, Any]) -> Sheet:
    """Raises FileRefused."""
    sheet = read_part(text, schema, 0, MOST_ROWS + 1)
    if len(sheet.rows) > MOST_ROWS:
        raise FileRefused(f"The file has more than {MOST_ROWS:,} rows. Cut it into several.")
    if not sheet.rows:
        raise FileRefused("The file has a header and no rows.")
    return sheet


def read_part(text: str, schema: Mapping[str, Any], first: int, most: int) -> Sheet:
    """``most`` rows at most, after the ``first`` ones; none where there are no more. Raises FileRefused."""
    records = _records(text)
    _, header = next(records)
    columns = _columns(header, schema)
    wanted = islice(records, first, first + most)
    return Sheet(columns, [_row(number, cells, columns, schema) for number, cells in wanted])


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records with their numbers; those without any value are left out. Raises FileRefused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, cells in enumerate(reader, FIRST_ROW - 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise FileRefused(f"The file cannot be read near line {reader.line_num}: {error}.") from None


def _delimiter(text: str) -> str:
    """The one that the first line has most of, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(DELIMITERS, key=first.count)


def _columns(header: list[str], schema: Mapping[str, Any]) -> list[Column]:
    """Raises FileRefused."""
    known = dict(_fields(schema))
    spoken = {_spoken(".".join(path)): path for path in known}
    columns = []
    for title in (cell.strip() for cell in header):
        path = spoken.get(_spoken(title), ())
        inner, required = known.get(path, ({}, False))
        columns.append(Column(title, path, inner, required))
    named = [column.name for column in columns if column.path]
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise FileRefused(f"Two columns are called “{twice}”. Take one of them out.")
    if not named:
        there = ", ".join(".".join(path) for path in known) or "none"
        raise FileRefused(f"No column is called as a field of the input. The fields are: {there}.")
    return columns


def _fields(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], tuple[Mapping[str, Any], bool]]]:
    """Each field that a column may fill; those of objects within are called customer.name."""
    needed = schema.get("required", ())
    for name, found in schema.get("properties", {}).items():
        inner = found if isinstance(found, Mapping) else {}
        if inner.get("type") == "object" and inner.get("properties"):
            yield from _fields(inner, (*path, name))
        else:
            yield (*path, name), (inner, name in needed)


def _spoken(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _row(number: int, cells: list[str], columns: list[Column], schema: Mapping[str, Any]) -> Row:
    row = Row(number, cells)
    if len(cells) > len(columns):
        row.problems.append(f"It has {len(cells)} values, and the header names {len(columns)}.")
        return row
    for column, cell in zip(columns, cells, strict=False):
        try:
            _put(row.value, column, cell)
        except CellRefused as refusal:
            row.problems.append(f"{column.name}: {refusal}")
    if not row.problems:
        row.problems = [f"{found.path or 'It'}: {found.message}" for found in violations(schema, row.value)]
    return row


def _put(value: dict[str, Any], column: Column, cell: str) -> None:
    """Raises CellRefused."""
    kind = _kind(column.schema)
    if not column.path or (not cell.strip() and not (column.required and kind == "string")):
        return
    place = value
    for name in column.path[:-1]:
        place = place.setdefault(name, {})
    place[column.path[-1]] = READ[kind](cell if kind == "string" else cell.strip())


def _kind(schema: Mapping[str, Any]) -> str:
    """The first type that its field may have, but null."""
    kinds = schema.get("type", "string")
    named = [kinds] if isinstance(kinds, str) else kinds
    return next((each for each in named if isinstance(each, str) and each in READ), "string")


def _text(cell: str) -> str:
    return cell


def _whole(cell: str) -> int:
    if not WHOLE.fullmatch(cell) or not fits(int(cell)):
        raise CellRefused(f"“{cell[:40]}” is no whole number.")
    return int(cell)


def _decimal(cell: str) -> float | int:
    if WHOLE.fullmatch(cell) and fits(int(cell)):
        return int(cell)
    if not DECIMAL.fullmatch(cell) or abs(float(cell)) == float("inf"):
        raise CellRefused(f"“{cell[:40]}” is no number. Write it as 1234.5.")
    return float(cell)


def _truth(cell: str) -> bool:
    if cell.casefold() not in TRUTHS:
        raise CellRefused(f"“{cell[:40]}” is neither true nor false.")
    return TRUTHS[cell.casefold()]


def _json(cell: str) -> Any:
    try:
        return read_json(cell.encode())
    except Unreadable as flaw:
        raise CellRefused(str(flaw)) from None


READ = {
    "string": _text,
    "integer": _whole,
    "number": _decimal,
    "boolean": _truth,
    "array": _json,
    "object": _json,
}
SPOKEN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "array": "list, as JSON",
    "object": "object, as JSON",
}
