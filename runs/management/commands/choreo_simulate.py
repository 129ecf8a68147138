"""Simulate a run of a definition in a file, or of a published workflow."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from designer.graph import DocumentError, Graph, read_document, read_value
from designer.interop.asl import BadAsl
from designer.versions import find_version, graph_of
from designer.visibility import team_named
from runs.refusals import Refused
from runs.rehearsal import Flawed, graph_to_rehearse, rehearse
from runs.simulation import Simulated


class Command(BaseCommand):
    help = "Say what would come of a run. Mocks answer in place of the world, and nothing is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what", help="a file with a definition, or the key of a published workflow (order@^2)"
        )
        parser.add_argument("--input", default="{}", help="JSON or YAML, or @ and the name of a file")
        parser.add_argument("--mocks", default="{}", help="by the key or the title of a step; as for --input")
        parser.add_argument("--json", action="store_true", help="tell all of it, with the journal, as JSON")

    def handle(self, *args: Any, what: str, input: str, mocks: str, json: bool, **options: Any) -> None:
        try:
            came = rehearse(_graph(what), read_value(_said(input)), read_value(_said(mocks)))
        except (DocumentError, BadAsl, Flawed) as error:
            raise CommandError("\n".join(str(problem) for problem in error.problems)) from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(_as_json(came) if json else _as_text(came))


def _graph(what: str) -> Graph:
    """Raises CommandError, DocumentError, BadAsl, Flawed."""
    if Path(what).is_file():
        return graph_to_rehearse(read_document(_text(Path(what))))
    version = find_version(what, team_named(what))
    if version is None:
        raise CommandError(f"There is no file and no published workflow “{what}”.")
    return graph_of(version.pk)


def _said(argument: str) -> str:
    return _text(Path(argument[1:])) if argument.startswith("@") else argument


def _text(file: Path) -> str:
    """Raises CommandError."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}.") from None


def _as_json(came: Simulated) -> str:
    return json.dumps(came.told(), indent=2, ensure_ascii=False)


def _as_text(came: Simulated) -> str:
    error = f"{came.error}: {came.cause}" if came.cause else came.error
    lines = [
        f"{came.status.value}\t{came.why}",
        *([f"error\t{error}"] if error else [f"output\t{json.dumps(came.output, ensure_ascii=False)}"]),
        *(f"visited\t{visit.title}" + (f"\t{visit.scope}" if visit.scope else "") for visit in came.visits),
        *(f"called\t{call.title}\t{json.dumps(call.payload, ensure_ascii=False)}" for call in came.calls),
    ]
    return "\n".join(lines)
