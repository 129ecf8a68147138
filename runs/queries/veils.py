"""Veils of runs. A run is veiled unless it was read for somebody who may see what is marked."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from designer.graph import names_marked_in
from designer.versions import graph_of
from runs.models import DeadLetter, Keeper, Review, Run, Signal
from runs.refusals import NotAllowed
from runs.veil import Veil, names_in, values_named

SEES = "runs.see_sensitive"
MOST = 5_000  # step runs whose values are looked at, the newest
MOST_KEPT = 256
NOTHING = Veil(())
COLUMNS = ("input", "output", "undo_input")

# By run and journal entry: a run that has not moved hides what it did.
_kept: dict[tuple[UUID, int], Veil] = {}


@lru_cache(maxsize=1_024)
def marks_of(version_id: UUID) -> frozenset[str]:
    """The names of fields that a version marks."""
    return names_marked_in(graph_of(version_id))


def sees_all(user: Any) -> bool:
    return bool(user.has_perm(SEES))


def veil_of(run: Run, *, now: bool = False) -> Veil:
    """What may not be seen of it by whoever it was read for, as of when it was read; or as of ``now``, for what was
    read of it since: it may have moved meanwhile."""
    if run.seen_whole:
        return NOTHING
    names = marks_of(run.version_id)
    if not names and not _inherits(run.parent_id):
        return NOTHING
    seq = Run.objects.values_list("seq", flat=True).get(pk=run.pk) if now else run.seq
    place = (run.pk, seq)
    veil = _kept.get(place)
    if veil is None:
        veil = (Veil(names, _values(run, names)) if names else NOTHING) | _handed_down(run)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[place] = veil
    return veil


def veiled(run: Run, answer: Any) -> Any:
    """What programs are told of the run, as far as whoever it was read for may see it now that all of it is read."""
    return veil_of(run, now=True).told(answer)


def read_for[R: Run | None](user: Any, run: R) -> R:
    """The run as it was, now for the eyes of ``user``."""
    if run is not None:
        run.seen_whole = sees_all(user)
    return run


def veiled_review(review: Review, user: Any) -> Review:
    """The review with the evidence and the data that ``user`` may see."""
    veil = veil_of(read_for(user, review.run))
    if veil.hides:
        review.evidence = [line | {"value": veil.value(line["value"])} for line in review.evidence]
        review.editable, review.proposed = veil.value(review.editable), veil.value(review.proposed)
        review.title, review.decision_reason = veil.text(review.title), veil.text(review.decision_reason)
    return review


def veiled_letter(letter: DeadLetter, user: Any) -> DeadLetter:
    veil = veil_of(read_for(user, letter.run))
    letter.fault = letter.fault | {"message": veil.text(str(letter.fault.get("message", "")))}
    return letter


def veiled_signals(signals: Iterable[Signal], user: Any) -> list[Signal]:
    """With the keys and the data that ``user`` may see."""
    found = list(signals)
    for signal in found if not sees_all(user) else ():
        veil = veil_of_signal(signal)
        signal.key, signal.subject = veil.text(signal.key), veil.text(signal.subject)
        if "data" not in signal.get_deferred_fields():
            signal.data = veil.value(signal.data)
        if signal.fault:
            signal.fault = signal.fault | {"message": veil.text(signal.fault["message"])}
    return found


def check_sees_corrections(review: Review, user: Any) -> None:
    """Whoever corrects data has to see all of it. Raises NotAllowed."""
    if not sees_all(user) and marks_of(review.run.version_id) & names_in(review.editable):
        raise NotAllowed(
            "Some of the data is hidden from you, so you cannot correct it. A trusted person can."
        )


def veil_of_signal(signal: Signal) -> Veil:
    """Of the run that has sent it, and of those that have received it."""
    runs = [signal.run] if signal.run else []
    runs += [one.run for one in signal.receptions.select_related("run")[:5]]
    veil = NOTHING
    for run in runs:
        veil |= veil_of(run)
    return veil


@lru_cache(maxsize=4_096)
def _inherits(run_id: UUID | None) -> bool:
    """Whether this run or one above it marks anything. What a run is of never changes, so it is read once."""
    if run_id is None:
        return False
    version, parent = Run.objects.values_list("version", "parent").get(pk=run_id)
    return bool(marks_of(version)) or _inherits(parent)


def _handed_down(run: Run) -> Veil:
    """What a run was given by the one that started it is hidden there, so it is hidden here."""
    return veil_of(run.parent) if run.parent else NOTHING


def _values(run: Run, names: frozenset[str]) -> list[Any]:
    """All that stands in marked fields, read anew: the row at hand may have been read without what is large."""
    stored = Run.objects.values_list("input", "output").get(pk=run.pk)
    steps = run.step_runs.order_by("-no").values_list(*COLUMNS)[:MOST]
    variables = dict(run.variables.values_list("name", "value")[:MOST])
    reviews = run.reviews.values_list("editable", "proposed")[:MOST]
    found = [_opened(run, each) for each in (*stored, *(part for row in steps for part in row))]
    found += [{name: _opened(run, value)} for name, value in variables.items()]
    found += [part for row in reviews for part in row]
    found += [_opened(run, item) for item in run.items.values_list("value", flat=True)[:MOST]]
    return [value for each in found for value in values_named(each, names)]


def _opened(run: Run, envelope: Any) -> Any:
    """The whole value; of one that is made of others only what they say where they stand."""
    if envelope is None or "gathered" in envelope or "collected" in envelope:
        return None
    return Keeper(run).open(envelope)
