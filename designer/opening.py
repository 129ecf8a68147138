"""Opening documents: Choreo's own, and machines of the Amazon States Language, which are told by what they hold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from designer.graph import Graph, decode, suggest_key
from designer.interop.asl import Imported, located, read_asl
from designer.models import Workflow

MACHINE = ("StartAt", "States")
UNNAMED = "State machine"
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as a graph, and for one of another language what became of its parts, for a row to keep."""

    graph: Graph
    report: dict[str, Any] | None = None


def is_machine(document: Any) -> bool:
    """Whether somebody meant it as a machine: one of the two is enough, so that the other is asked for."""
    return (
        isinstance(document, Mapping)
        and "choreo" not in document
        and any(name in document for name in MACHINE)
    )


def open_document(document: Any, *, key: str = "", title: str = "", text: str = "") -> Opened:
    """``key`` and ``title`` name a machine, which has neither; without a key it gets a free one.

    ``text`` is what the document was read from: its report names the lines.

    Raises DocumentError, BadAsl.
    """
    if not is_machine(document):
        return Opened(replace(decode(document), contracts={}))
    title = title.strip() or _name_in(document)
    imported = read_asl(document, key=key or free_key(title), title=title)
    return Opened(imported.graph, told(imported, text))


def told(imported: Imported, text: str = "") -> dict[str, Any]:
    problems = [
        {"place": one.place, "message": one.message, "line": one.line}
        for one in located(imported.problems, text)
    ]
    return {"lines": [asdict(line) for line in imported.report.lines], "problems": problems}


def free_key(title: str) -> str:
    stem = suggest_key(title)
    return suggest_key(
        title, set(Workflow.objects.filter(key__startswith=stem).values_list("key", flat=True))
    )


def _name_in(machine: Mapping[str, Any]) -> str:
    """The first sentence of its comment, where that is short enough to be a name."""
    comment = machine.get("Comment")
    sentence = (
        comment.strip().partition("\n")[0].partition(". ")[0].rstrip(".") if isinstance(comment, str) else ""
    )
    return sentence if 0 < len(sentence) <= LONGEST_NAME and "\0" not in sentence else UNNAMED
