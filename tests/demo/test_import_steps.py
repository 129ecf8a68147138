"""The import's step types, held against a computation that shares no code with them."""

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from choreo_site.demo import import_steps as steps
from choreo_site.demo.data import make_shipments
from choreo_site.demo.models import Shipment, TableLoad
from choreo_site.demo.shipments import BadRow, table_row
from choreo_site.demo.staging import stage
from designer.catalog import ContractViolation, StepError, step_error, step_type_of
from designer.catalog.testing import perform

FILE = Path(make_shipments.__file__).with_name("shipments.csv")


def expected_table() -> dict[str, tuple]:
    """What the table must hold by shipment number: read the file anew, judge each line with plain patterns."""
    patterns = {
        1: r"\d{4}-(?!02-30)\d\d-\d\d|\d\d\.\d\d\.\d{4}",
        4: r"(?i)de|at|ch|fr|nl|pl",
        5: r"\d+([.,]\d+)?",
        6: r"\d+\.\d\d",
        7: r"EUR|USD|CHF|GBP",
    }
    rates = {"EUR": 100, "USD": 92, "CHF": 104, "GBP": 117}
    expected: dict[str, tuple] = {}
    for line, cells in enumerate(csv.reader(FILE.read_text(encoding="utf-8").splitlines()), start=1):
        good = (
            len(cells) == 8
            and cells[0]
            and all(re.fullmatch(p, cells[n].strip()) for n, p in patterns.items())
        )
        if line == 1 or not good or cells[0] in expected:
            continue
        day = cells[1] if "-" in cells[1] else "-".join(reversed(cells[1].split(".")))
        cents_times_100 = int(Decimal(cells[6]) * 100) * rates[cells[7]]
        grams = int(Decimal(cells[5].replace(",", ".")) * 1000)
        city = cells[3].strip()
        expected[cells[0]] = (
            line,
            day,
            cells[2],
            city,
            cells[4].upper(),
            grams,
            (cents_times_100 + 50) // 100,
        )
    return expected


def table_now(load: int) -> dict[str, tuple]:
    columns = ["number", "line", "shipped_on", "sender", "city", "country", "weight_g", "price_cents"]
    rows = Shipment.objects.filter(load=load).values_list(*columns)
    return {number: (line, day.isoformat(), *rest) for number, line, day, *rest in rows}


def import_file(key: str = "run-1") -> dict:
    read = perform(steps.read_csv, file="shipments.csv")
    checked = perform(steps.validate_rows, rows=read["rows"])
    transformed = perform(steps.transform_rows, rows=checked["valid"])
    loaded = perform(steps.load_table, rows=transformed["rows"], file="shipments.csv", idempotency_key=key)
    return {"read": read, "checked": checked, "transformed": transformed, "loaded": loaded}


@pytest.mark.django_db
def test_the_table_equals_an_independent_computation(data_dir):
    done, expected = import_file(), expected_table()
    assert len(expected) > 2_800
    assert table_now(done["loaded"]["load"]) == expected
    assert done["checked"]["count_valid"] == done["loaded"]["count"] == len(expected)
    assert done["read"]["count"] == 3_000 == len(expected) + done["checked"]["count_rejected"]
    assert done["transformed"]["totals"]["price_cents"] == sum(row[-1] for row in expected.values())
    assert done["transformed"]["totals"]["weight_g"] == sum(row[-2] for row in expected.values())
    assert sum(done["transformed"]["totals"]["by_country"].values()) == len(expected)


def test_every_kind_of_mistake_is_in_the_file_and_named(data_dir):
    read = perform(steps.read_csv, file="shipments.csv")
    reasons = " ".join(row["reason"] for row in perform(steps.validate_rows, rows=read["rows"])["rejected"])
    for reason in [
        "no shipment number",
        "shipment SH-100001 stands in line 2 already",
        "'2026-02-30' is not a date",
        "'soon' is not a date",
        "unknown country 'XX'",
        "the weight '-3' is not between 0 and 1,000,000",
        "the weight 'heavy' is not a number",
        "the price '' is not a number",
        "unknown currency 'DOGE'",
        "5 columns instead of 8",
        "9 columns instead of 8",
    ]:
        assert reason in reasons


def test_the_file_is_what_its_script_writes(tmp_path):
    make_shipments.write(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == FILE.read_bytes()
    assert FILE.stat().st_size < 300_000


class Killed(BaseException):
    """A worker that dies: nothing catches it."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [1, 700, 2_800])
def test_a_kill_in_the_middle_of_loading_leaves_neither_gap_nor_double(data_dir, monkeypatch, after):
    load_all = Shipment.objects.bulk_create

    def die_after(rows):
        load_all(list(rows)[:after])
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Shipment.objects, "bulk_create", die_after)
        with pytest.raises(Killed):
            import_file()
    assert (TableLoad.objects.count(), Shipment.objects.count()) == (0, 0)
    assert table_now(import_file()["loaded"]["load"]) == expected_table()
    assert TableLoad.objects.count() == 1


@pytest.mark.django_db
def test_loading_again_under_the_same_key_finds_the_first_loading(data_dir):
    first, again = import_file("run-1")["loaded"], import_file("run-1")["loaded"]
    assert first == again
    assert Shipment.objects.count() == first["count"]
    other = import_file("run-2")["loaded"]
    assert other["load"] != first["load"]
    assert table_now(other["load"]) == table_now(first["load"])


@pytest.mark.django_db
def test_unloading_takes_out_one_loading_and_no_other(data_dir):
    first, second = import_file("run-1")["loaded"], import_file("run-2")["loaded"]
    assert perform(steps.unload_table, load=first["load"]) == {"removed": first["count"]}
    assert perform(steps.unload_table, load=first["load"]) == {"removed": 0}
    assert table_now(second["load"]) == expected_table()
    assert TableLoad.objects.count() == 1


@pytest.mark.django_db
def test_the_report_tells_what_was_loaded_and_what_was_not(data_dir):
    done = import_file()
    told = {
        "file": "shipments.csv",
        "load": done["loaded"]["load"],
        "read": done["read"]["count"],
        "loaded": done["loaded"]["count"],
        "rejected": done["checked"]["rejected"],
        "totals": done["transformed"]["totals"],
    }
    path = data_dir / perform(steps.write_import_report, **told)["path"]
    first = path.read_text()
    assert f"3000 rows read, {told['loaded']} loaded, {len(told['rejected'])} rejected." in first
    assert f"| {told['rejected'][0]['line']} | {told['rejected'][0]['reason']} |" in first
    perform(steps.write_import_report, **told)
    assert path.read_text() == first
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_long_list_of_rejected_rows_is_cut_in_the_report(data_dir):
    rejected = [{"line": line, "reason": "no"} for line in range(500)]
    totals = {"weight_g": 0, "price_cents": 0, "by_country": {}}
    told = perform(
        steps.write_import_report, file="a.csv", load=1, read=500, loaded=0, rejected=rejected, totals=totals
    )
    assert "| … | and 300 more |" in (data_dir / told["path"]).read_text()


def test_a_step_tried_again_stages_the_same_file(data_dir):
    first, again = (perform(steps.read_csv, file="shipments.csv") for _ in range(2))
    assert first == again
    assert len(list((data_dir / "staging").iterdir())) == 1


def test_staged_rows_that_are_gone_or_changed_are_noticed(data_dir):
    rows = stage([{"line": 1, "cells": []}])
    staged_file = data_dir / "staging" / rows["sha256"]
    staged_file.write_text(json.dumps({"line": 1, "cells": ["forged"]}))
    with pytest.raises(Exception, match="were changed by someone else") as caught:
        perform(steps.validate_rows, rows=rows)
    staged_file.unlink()
    with pytest.raises(Exception, match=r"are gone; run the import again\."):
        perform(steps.validate_rows, rows=rows)
    error = step_error(step_type_of(steps.validate_rows).contract, caught.value)
    assert (error.name, error.retryable, error.declared) == ("RowsLost", False, True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file other.csv in the demo's data folder."),
        (b"a,b\n1,2\n", "other.csv begins with a, b; it should be shipment, shipped_on"),
        (b"", "other.csv begins with ; it should be shipment"),
        (b"\xff\xfe", "other.csv cannot be read as CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(data_dir, tmp_path, monkeypatch, content, sentence):
    monkeypatch.setattr(steps, "DATA", tmp_path)
    if content is not None:
        (tmp_path / "other.csv").write_bytes(content)
    with pytest.raises(StepError, match=sentence) as caught:
        perform(steps.read_csv, file="other.csv")
    assert caught.value.declared
    assert not caught.value.retryable


@pytest.mark.parametrize("file", ["../settings.py", "/etc/passwd", "a/b.csv", ".csv", "shipments.csv\n"])
def test_a_file_elsewhere_is_never_opened(file):
    with pytest.raises(ContractViolation, match=r"^input\.file must match the pattern"):
        perform(steps.read_csv, file=file)


def test_half_a_cent_is_rounded_up_once():
    cells = ["SH-1", "2026-01-01", "A", "B", "DE", "1.2345", "0.625", "EUR"]
    assert table_row({"line": 2, "cells": cells})["price_cents"] == 63
    assert table_row({"line": 2, "cells": cells})["weight_g"] == 1235


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        (5, "NaN", "the weight 'NaN' is not between 0 and 1,000,000"),
        (6, "Infinity", "the price 'Infinity' is not between"),
        (6, "0", "the price '0' is not between"),
        (2, "x" * 101, "a cell with more than 100 characters, or with a NUL"),
        (3, "a\0b", "a cell with more than 100 characters, or with a NUL"),
        (4, "", "unknown country ''"),
    ],
)
def test_a_cell_no_table_can_hold_is_a_bad_row(column, text, reason):
    cells = ["SH-1", "2026-01-01", "A", "B", "DE", "1", "1", "EUR"]
    with pytest.raises(BadRow, match=re.escape(reason)):
        table_row({"line": 2, "cells": [*cells[:column], text, *cells[column + 1 :]]})
