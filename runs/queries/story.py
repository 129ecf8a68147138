"""Stories: the runs that are about the same thing, as their signals tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from runs.models import Reception, Run, Signal

MOST_TOLD = 50


def story_of(run: Run, visible: QuerySet[Run]) -> Mapping[str, Sequence[Run]]:
    """The other runs that have sent or received signals with the same keys, the oldest first; by key.

    ``visible`` are those that whoever asks may see.
    """
    own = Q(run=run) | Q(receptions__run=run)
    keys = list(Signal.objects.filter(own).order_by().values_list("key", flat=True).distinct()[:MOST_TOLD])
    if not keys:
        return {}
    told: dict[str, set[Any]] = defaultdict(set)
    sent = Signal.objects.filter(key__in=keys, run__isnull=False).order_by("-id")
    got = Reception.objects.filter(signal__key__in=keys).order_by("-id")
    for key, other in (
        *sent.values_list("key", "run")[: 4 * MOST_TOLD],
        *got.values_list("signal__key", "run")[: 4 * MOST_TOLD],
    ):
        told[key].add(other)
    wanted = set().union(*told.values()) - {run.pk}
    rows = visible.filter(pk__in=list(wanted)).select_related("workflow").order_by("pk")[:MOST_TOLD]
    runs = {one.pk: one for one in rows}
    found = {key: [runs[pk] for pk in runs if pk in told[key]] for key in keys}
    return {key: those for key, those in found.items() if those}
