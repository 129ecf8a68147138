"""Runs beside the orders, made of what runs share: maps, parallels, sub-runs, locks, and signals between them.

Each run leaves lines in acme's ledger, in a file. `wrong_lines` reads there what stands at the end, and
`overlapping` reads in the journals whether two ever held one lock.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from runs.actions import add_upload, begin_upload, create_trigger, start_run
from runs.engine import RunStatus
from runs.models import Run, Upload
from runs.sheet import read_sheet
from tests.acme import ledger
from tests.actions.flows import flow, undoable
from tests.factories import a_version

PARTS = 6
CRANES = 3  # so that several runs want the same one
EVERY_THIRD = 3
RETRY = {"attempts": 4, "wait": "100ms", "longest": "1s"}


def noted(what: str, **fields: Any) -> dict[str, Any]:
    return undoable(f"${{ input.name }} {what}", retry=RETRY, timeout="10s", **fields)


def branch(key: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"start": key, "steps": {key: {"kind": kind, **fields}}}


CRANE = "crane ${ input.crane }"
PASSED_ON = {"name": "${ input.name }", "crane": "${ input.crane }"}
ASKED = {"name": "${ input.key }"}
PARTS_NOTED = branch(
    "each_part",
    "map",
    items=f"${{ {list(range(PARTS))} }}",
    max_concurrency=3,
    start="note_part",
    steps={"note_part": noted("part ${ item }")},
)
LIFTED = branch(
    "crane_work", "loop", times=2, lock=CRANE, start="lift", steps={"lift": noted("lift ${ index }")}
)
HANDED_OVER = branch("hand_over", "workflow", runs="mixed_child", **{"with": PASSED_ON})
MIXED = flow(
    all={
        "kind": "parallel",
        "branches": {"parts": PARTS_NOTED, "crane": LIFTED, "other": HANDED_OVER},
        "next": "ask",
    },
    ask={"kind": "emit", "signal": "mixed.asked", "key": "${ input.name }", "next": "hear"},
    hear={
        "kind": "wait",
        "signal": {"name": "mixed.answered", "key": "${ input.name }"},
        "next": "is_wanted",
    },
    is_wanted={
        "kind": "choice",
        "choose": [{"when": "input.fails", "next": "unwanted"}],
        "otherwise": "done",
    },
    unwanted={"kind": "fail", "error": "Unwanted"},
    done={"kind": "succeed"},
)
CHILD = flow(deep=noted("child", lock=CRANE))
ANSWER = flow(
    look=noted("answer", next="tell"),
    tell={"kind": "emit", "signal": "mixed.answered", "key": "${ input.name }"},
)
ROW = flow(load=noted("row"))
ROW_SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def publish_mix(by: Any) -> None:
    a_version({"key": "mixed_child", **CHILD})
    answer = a_version({"key": "mixed_answer", **ANSWER}).workflow
    told = {"kind": "signal", "title": "When one asks", "signal": "mixed.asked", "input": ASKED}
    create_trigger(workflow=answer, by=by, **told)


def start_mix(count: int) -> None:
    version = a_version({"key": "mixed", **MIXED})
    for number in range(count):
        fails = number % EVERY_THIRD == EVERY_THIRD - 1
        start_run(version=version, inputs={"name": f"m{number}", "crane": number % CRANES, "fails": fails})


def start_file(rows: int, by: Any) -> Upload:
    version = a_version({"key": "mixed_row", "input": ROW_SCHEMA, **ROW})
    text = "name\n" + "".join(f"r{number}\n" for number in range(rows))
    upload = add_upload(version=version, name="rows.csv", text=text, by=by)
    begin_upload(upload=upload, sheet=read_sheet(text, ROW_SCHEMA), by=by)
    return upload


def wrong_ends() -> list[tuple[str, str, str | None]]:
    """Of the runs of the mix: those that ended otherwise than they should."""
    wrong = []
    for run in Run.objects.filter(workflow__key__startswith="mixed").select_related("workflow"):
        wanted = (RunStatus.SUCCEEDED, None)
        fails = is_unwanted(named(run))
        if fails and run.workflow.key == "mixed":
            wanted = (RunStatus.FAILED, "rolled_back")
        elif fails and run.workflow.key == "mixed_child":
            wanted = (RunStatus.CANCELLED, "rolled_back")
        if (run.status, run.reason) != wanted:
            wrong.append((f"{run.workflow.key} {named(run)}", run.status, run.reason))
    return wrong


def wrong_lines(mixed: int, rows: int) -> Mapping[str, int]:
    """What stands in the ledger beside what should, by its note: 0 where it should and does not."""
    meant = Counter({f"r{number} row": 1 for number in range(rows)})
    for name in (f"m{number}" for number in range(mixed)):
        meant[f"{name} answer"] = 1
        if not is_unwanted(name):
            own = [*(f"part {part}" for part in range(PARTS)), "lift 0", "lift 1", "child"]
            meant.update(f"{name} {what}" for what in own)
    there = standing(ledger.lines())
    return {note: there[note] for note in meant.keys() | there.keys() if there[note] != meant[note]}


def standing(lines: Iterable[ledger.Line]) -> Counter[str]:
    """How often each note stands: done under so many keys, less those that were undone. One key counts once."""
    done, undone = defaultdict(set), defaultdict(set)
    for line in lines:
        (undone if line["kind"] == "unrecord" else done)[line["note"]].add(line["key"])
    return Counter({note: len(keys) - len(undone[note]) for note, keys in done.items()})


def overlapping() -> list[str]:
    """Locks that two steps held at a time, by the journals."""
    held: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for run in Run.objects.filter(workflow__key__in=["mixed", "mixed_child"]):
        granted: dict[int | None, datetime] = {}
        for entry in run.journal.filter(kind__in=["LockGranted", "LockReleased"]).order_by("seq"):
            if entry.kind == "LockGranted":
                granted[entry.no] = entry.at
            elif entry.no in granted:
                held[entry.data["name"]].append((granted.pop(entry.no), entry.at))
    return [
        f"{name}: {first} and {second}"
        for name, times in held.items()
        for first, second in zip(sorted(times), sorted(times)[1:], strict=False)
        if second[0] < first[1]
    ]


def named(run: Run) -> str:
    return str(run.input["is"]["name"])


def is_unwanted(name: str) -> bool:
    return name.startswith("m") and int(name[1:]) % EVERY_THIRD == EVERY_THIRD - 1
