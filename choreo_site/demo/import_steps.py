"""A CSV file becomes rows of a table and a report. No step simulates anything."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from choreo_site.demo.shipments import HEADER, RawRow, Rejected, Totals, add_up, sort_out, table_row
from choreo_site.demo.staging import Rows, stage, staged, write_report
from choreo_site.demo.table import load_rows, unload_rows
from designer.catalog import Context, Ge, NotRetryable, Pattern, step

DATA = Path(__file__).with_name("data")
ROWS_LOST = NotRetryable("RowsLost", "The staged rows are gone or were changed.")
SHOWN = 200

type FileName = Annotated[str, Pattern("^[a-z0-9_-]+[.]csv$")]
type Count = Annotated[int, Ge(0)]


@dataclass(frozen=True, slots=True)
class ReadRows:
    rows: Rows
    count: Count


@dataclass(frozen=True, slots=True)
class SortedRows:
    valid: Rows
    rejected: list[Rejected]
    count_valid: Count
    count_rejected: Count


@dataclass(frozen=True, slots=True)
class TransformedRows:
    rows: Rows
    totals: Totals


@dataclass(frozen=True, slots=True)
class Loaded:
    load: int
    count: Count


@dataclass(frozen=True, slots=True)
class Unloaded:
    removed: Count


@dataclass(frozen=True, slots=True)
class Report:
    path: str


@step(
    "csv.read",
    version="1.0.0",
    icon="table",
    title="Read CSV file",
    owner="logistics",
    idempotent=True,
    errors=[
        NotRetryable("FileMissing", "There is no such file."),
        NotRetryable("FileRefused", "It is not such a file."),
    ],
)
def read_csv(file: FileName, *, context: Context) -> ReadRows:
    """Read every line of a file of shipments, good or bad."""
    try:
        with (DATA / file).open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            header = next(reader, [])
            rows: list[RawRow] = [{"line": reader.line_num, "cells": cells} for cells in reader if cells]
    except FileNotFoundError:
        raise context.error("FileMissing", f"There is no file {file} in the demo's data folder.") from None
    except (csv.Error, UnicodeDecodeError) as problem:
        raise context.error("FileRefused", f"{file} cannot be read as CSV: {problem}.") from None
    if header != HEADER:
        raise context.error(
            "FileRefused", f"{file} begins with {', '.join(header)}; it should be {', '.join(HEADER)}."
        )
    return ReadRows(stage(rows), len(rows))


@step(
    "rows.validate",
    version="1.0.0",
    icon="check",
    title="Validate rows",
    owner="logistics",
    idempotent=True,
    errors=[ROWS_LOST],
)
def validate_rows(rows: Rows) -> SortedRows:
    """Set aside the rows that cannot be imported, each with its reason."""
    valid, rejected = sort_out(staged(rows))
    return SortedRows(stage(valid), rejected, len(valid), len(rejected))


@step(
    "rows.transform",
    version="1.0.0",
    icon="braces",
    title="Transform rows",
    owner="logistics",
    idempotent=True,
    errors=[ROWS_LOST],
)
def transform_rows(rows: Rows) -> TransformedRows:
    """One form of date, weights in grams, prices in euro cents."""
    transformed = [table_row(row) for row in staged(rows)]
    return TransformedRows(stage(transformed), add_up(transformed))


@step(
    "table.load",
    version="1.0.0",
    icon="database",
    title="Load table",
    owner="logistics",
    effect="undoable by table.unload",
    idempotent=True,
    errors=[ROWS_LOST],
)
def load_table(rows: Rows, file: FileName, *, context: Context) -> Loaded:
    """Put the rows into the shipments table, all of them and once."""
    load = load_rows(key=context.idempotency_key, file=file, rows=staged(rows))
    return Loaded(load.pk, load.shipments.count())


@step(
    "table.unload",
    version="1.0.0",
    icon="database",
    title="Unload table",
    owner="logistics",
    effect="permanent",
    idempotent=True,
)
def unload_table(load: int) -> Unloaded:
    """Take the rows of one loading out again."""
    return Unloaded(unload_rows(load=load))


@step(
    "report.write",
    version="1.0.0",
    icon="document",
    title="Write report",
    owner="logistics",
    effect="permanent",
    idempotent=True,
)
def write_import_report(
    file: FileName, load: int, read: Count, loaded: Count, rejected: list[Rejected], totals: Totals
) -> Report:
    """Write down what was loaded, what was not, and why."""
    lines = [
        f"# Import {load} of {file}",
        "",
        f"{read} rows read, {loaded} loaded, {len(rejected)} rejected.",
        f"Weight {totals['weight_g'] / 1000:,.3f} kg, value {totals['price_cents'] / 100:,.2f} EUR.",
        "",
        "| Country | Shipments |",
        "|---|---:|",
        *(f"| {country} | {count} |" for country, count in totals["by_country"].items()),
        "",
        "| Line | Why it was rejected |",
        "|---:|---|",
        *(f"| {row['line']} | {row['reason']} |" for row in rejected[:SHOWN]),
        *([f"| … | and {len(rejected) - SHOWN} more |"] if len(rejected) > SHOWN else []),
    ]
    return Report(write_report(f"{Path(file).stem}-{load}.md", "\n".join(lines) + "\n"))
