"""docs/benchmarks.md is what `make bench` has measured: written from its figures, whatever of them is missing."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.bench import report
from tests.bench.charts import draw
from tests.bench.figures import FIGURES

MACHINE = {
    "cores": 2,
    "model": "Slow",
    "memory": "4 GiB",
    "kernel": "6",
    "python": "3.13",
    "sqlite": "3",
    "commit": "",
}


def measured() -> dict[str, Any]:
    several = {"p50": 1.25, "p95": 2.5, "values": [1.25, 2.5]}
    stages = [{"size": size, **several} for size in (10, 10_000)]
    pair = {"empty": 1.0, "full": 1.1, "ratio": 1.1}
    beside = {"stages": [{"size": size, "in_a_row": pair, "side_by_side": pair} for size in (0, 1_000_000)]}
    rest = {name: {"cpu": 0.25, "mib": 100.0, "processes": 3} for name in ("up", "work", "PostgreSQL")}
    readers = {"p50": 40.0, "p95": 77.0, "n": 9, "of": 10}
    return {
        **dict.fromkeys(("W1", "W2", "W3", "W3 items", "W4", "W5"), several),
        "W6": {**readers, "browsers": 5, "sockets": 45, "web_cpu": 40.0, "at_sockets": readers},
        "W7 length": {"stages": stages, "first_tenth": 1.0, "last_tenth": 1.0},
        "W7 finished": beside,
        "W7 waiting": beside,
        "rest": {"start": rest, "runs": rest},
        "limits": {
            "appends": 1_000.0,
            "overwrites": 1_000.0,
            "commits": 500.0,
            "datagram": 0.1,
            "hand_over": 0.1,
        },
    }


def figures(**databases: Any) -> dict[str, Any]:
    return {"scale": "full", "machine": MACHINE, "date": "2026-11-23", "databases": databases}


def test_the_page_says_every_figure_beside_its_bar(tmp_path: Path):
    report.write(figures(sqlite=measured()), tmp_path)
    text = (tmp_path / "benchmarks.md").read_text()
    assert (
        "| **W1** One run of 100 steps in a row | ms a step | ≤ 1 / 1.4 | ≤ 0.5 / 0.8 | 1.25 | 1.25 |" in text
    )
    assert "| **W6** Commit to document, 50 viewers, p95 | ms | ≤ 250 | ≤ 100 | 77 | **0.31** |" in text
    assert "| **memory** Memory of all processes (PSS) | MiB | ≤ 350 | ≤ 250 | 200 | **0.57** |" in text
    assert all(f"**{figure.name}** {figure.title}" in text for figure in FIGURES)


def test_what_failed_is_said_and_the_rest_is_shown(tmp_path: Path):
    broken = measured() | {name: {"failed": "The disk was full."} for name in ("W2", "W6", "limits")}
    broken["rest"] = {"start": {"failed": "Gone."}, "runs": {"failed": "Gone."}}
    del broken["W7 waiting"]
    report.write(figures(sqlite=broken, postgres={}), tmp_path)
    text = (tmp_path / "benchmarks.md").read_text()
    assert "**SQLite, W2: not measured.** The disk was full." in text
    assert "**SQLite, rest: not measured.** Gone." in text
    assert "| 1.25 | 1.25 |" in text


def test_what_is_written_by_hand_stays(tmp_path: Path):
    page = tmp_path / "benchmarks.md"
    page.write_text(f"old\n{report.BEGIN}\nMost of it is the disk.\n{report.END}\nold\n")
    report.write(figures(sqlite=measured()), tmp_path)
    assert f"{report.BEGIN}\nMost of it is the disk.\n{report.END}\n" in page.read_text()
    assert "old" not in page.read_text()


@pytest.mark.parametrize(
    ("name", "told"), [("bars.svg", "77"), ("peers.svg", "1.25"), ("growth.svg", "1.10")]
)
def test_a_chart_is_well_formed_and_has_the_figures(name: str, told: str):
    for databases in ({"sqlite": measured(), "postgres": measured()}, {}):
        words = [
            one.text
            for one in ElementTree.fromstring(draw(databases)[name]).iter()
            if one.tag.endswith("text")
        ]
        assert (told in words) == bool(databases)


def test_the_page_is_what_its_figures_say():
    """Whoever edits it outside the marks, or takes figures without writing it, is told."""
    page = (report.DOCS / "benchmarks.md").read_text()
    by_hand = report.BY_HAND.search(page)
    assert by_hand
    found = json.loads(report.FILE.read_text())
    assert "\n".join(report.written(found, by_hand[1])) == page
    for name, drawn in draw(found["databases"]).items():
        assert (report.DOCS / "benchmarks" / name).read_text() == drawn
