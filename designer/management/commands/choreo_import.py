"""Import a document from a file, and bind what another language left open in it."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser

from designer.actions import bind_steps, import_document
from designer.drafts import graph_of_draft
from designer.forms import BadBinding, read_bindings
from designer.graph import DocumentError, read_document, read_value, spoken
from designer.interop.asl import BadAsl, located
from designer.models import Draft
from designer.queries import ImportReport, find_workflow, import_report, unbound_steps
from designer.refusals import Refused


class Command(BaseCommand):
    help = "Imports a definition, ours or a state machine of the Amazon States Language, as a draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSON or YAML")
        parser.add_argument("--key", default="", help="the key of the workflow to make, for a state machine")
        parser.add_argument("--title", default="", help="what to call it; as the file, if left out")
        parser.add_argument(
            "--into", default="", metavar="KEY", help="replace the draft of this workflow instead"
        )
        parser.add_argument(
            "--bind",
            metavar="FILE",
            help="JSON or YAML: by the key of a step, its way and what that has to know",
        )
        parser.add_argument("--team", default="", help="the team that alone sees it; everybody, if left out")
        parser.add_argument("--by", default="", metavar="USER", help="in whose name")

    def handle(self, *, file: str, bind: str | None, **options: Any) -> None:
        text = _text(Path(file))
        try:
            draft = self._imported(Path(file), text, **options)
            if bind:
                bindings = read_bindings(
                    graph_of_draft(draft), read_value(_text(Path(bind))), draft.workflow.team_id
                )
                by = draft.edited_by
                draft = bind_steps(draft=draft, bindings=bindings, revision=draft.revision, by=by)
        except DocumentError as error:
            raise CommandError("\n".join(map(str, error.problems))) from None
        except BadAsl as error:
            raise CommandError("\n".join(map(str, located(error.problems, text)))) from None
        except BadBinding as error:
            raise CommandError(
                "\n".join(f"{'.'.join(place)}: {said}" for place, said in error.flaws)
            ) from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self._tell(draft)

    def _imported(
        self, file: Path, text: str, *, key: str, title: str, into: str, by: str, team: str, **options: Any
    ) -> Draft:
        document, person = read_document(text), _person(by)
        workflow = find_workflow(into) if into else None
        if into and workflow is None:
            raise CommandError(f"There is no workflow “{into}”.")
        revision = workflow.draft.revision if workflow else None
        title = title or spoken(file.name.partition(".")[0])
        how: dict[str, Any] = {"workflow": workflow, "revision": revision, "key": key, "title": title}
        return import_document(document=document, text=text, by=person, team=_team(team), **how)

    def _tell(self, draft: Draft) -> None:
        steps = draft.steps.count()
        self.stdout.write(f"{draft.workflow.key}: {steps} step{'' if steps == 1 else 's'} in the draft.")
        if report := import_report(draft):
            self._tell_report(report)
        for step in unbound_steps(graph_of_draft(draft)):
            self.stdout.write(f"unbound\t{step.key}\t{step.resource}")

    def _tell_report(self, report: ImportReport) -> None:
        self.stdout.write(", ".join(f"{count} {name.lower()}" for name, count in report.figures[1:]) + ".")
        for treatment in ("refused", "ignored"):
            for line in report.lines[treatment]:
                self.stdout.write(f"{treatment}\t{line.state} {line.field}\t{line.sentence}")
        for problem in report.problems:
            where = f"line {problem['line']} " if problem.get("line") else ""
            self.stdout.write(f"doubtful\t{where}{problem['place']}\t{problem['message']}")


def _person(name: str) -> Any:
    """Raises CommandError."""
    person = get_user_model().objects.filter(username=name).first() if name else None
    if name and person is None:
        raise CommandError(f"There is nobody called “{name}”.")
    return person


def _team(name: str) -> Group | None:
    """Raises CommandError."""
    team = Group.objects.filter(name=name, permissions=None).first() if name else None
    if name and team is None:
        raise CommandError(f"There is no team “{name}”.")
    return team


def _text(file: Path) -> str:
    """Raises CommandError."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}.") from None
