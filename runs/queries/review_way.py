"""How a run came to a review, and where it goes on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.graph import Choice, Graph, SetVariables, question_of, usual_way
from designer.graph import Review as ReviewStep
from runs.engine import Status
from runs.models import Review, StepRun
from runs.wording import step_wording

from .evidence import Comparison, comparisons, plain_number
from .values import shown_output

BEFORE, AFTER = 4, 3  # steps drawn around the review
SIGNS = {">=": "the limit", ">": "more than", "<=": "at most", "<": "less than"}


@dataclass(frozen=True, slots=True)
class Passing:
    """A step on the line that the run takes past its review; ``state`` is done, here or ahead."""

    name: str
    icon: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class Way:
    """The choice that led to a review: “Is it risky?” took “Score of 70 or more”, because score is 82."""

    choice: str
    label: str
    because: Sequence[str]


def way_to(review: Review, graph: Graph) -> Way | None:
    """None where no choice led here."""
    taken = review.run.journal.filter(kind="BranchTaken", no__lt=review.no).order_by("-seq").first()
    if taken is None or taken.data["next"] != review.key:
        return None
    step = review.run.step_runs.filter(no=taken.no or 0).only("key").first()
    choice = graph.steps.get(step.key) if step else None
    if not isinstance(choice, Choice):
        return None
    label = taken.data["label"]
    options = (one for one in choice.options if one.next == review.key and label in (one.label, one.when))
    option = next(options, None)
    because = [_because(review, one) for one in comparisons(option)] if option else []
    return Way(choice.name, label, [text for text in because if text])


def passing_of(review: Review, graph: Graph) -> Sequence[Passing]:
    """The steps of the review's own scope: those before it, itself, and what usually follows."""
    known = graph.steps.get(review.key)
    step = question_of(known) if known else None
    if step is None:
        return []
    before = _before(review, graph, step)
    leads = next((one.next for one in step.outcomes), "")
    ahead = [graph.steps[key] for key in usual_way(graph, leads, 3 * AFTER)] if leads else []
    shown = [one for one in ahead if not isinstance(one, Choice | SetVariables) and one.key != step.key][
        :AFTER
    ]
    return [
        *before,
        Passing(step.name, "review", "review", "here"),
        *(Passing(one.name, "idle", "idle", "ahead") for one in shown),
    ]


def _before(review: Review, graph: Graph, step: ReviewStep) -> list[Passing]:
    newest: dict[str, StepRun] = {}
    for run in (
        review.run.step_runs.filter(no__lt=review.no).order_by("no").only("no", "key", "status", "reason")
    ):
        known = graph.steps.get(run.key)
        if known and known.scope == step.scope and not isinstance(known, Choice | SetVariables):
            newest.pop(run.key, None)  # the newest visit says where it stands in the line
            newest[run.key] = run
    newest.pop(step.key, None)
    return [_passed(graph, run) for run in list(newest.values())[-BEFORE:]]


def _passed(graph: Graph, run: StepRun) -> Passing:
    wording = step_wording(run.status or Status.SUCCEEDED, run.reason)
    return Passing(graph.steps[run.key].name, wording.icon, wording.tone, "done")


def _because(review: Review, one: Comparison) -> str:
    value = _value_at(review, one.path)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    name = str(one.path[-1]).replace("_", " ")
    return f"{name} is {plain_number(value)}, {SIGNS[one.sign]} {plain_number(one.limit)}"


def _value_at(review: Review, path: tuple[str | int, ...]) -> Any:
    """What stands at a path that begins with the run's input or a step's output."""
    match path:
        case ("input", *rest):
            envelope = type(review.run).objects.values_list("input", flat=True).get(pk=review.run_id)
        case ("steps", str(key), "output", *rest):
            earlier = review.run.step_runs.filter(key=key, no__lt=review.no).order_by("-no")
            envelope = earlier.values_list("output", flat=True).first()
        case _:
            return None
    found = shown_output(review.run, envelope)
    for part in rest:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
