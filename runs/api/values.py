"""Values: as they are, and where a part is kept aside because of its size, the address to get it from."""

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.reverse import reverse

from designer.api.operations import operation
from designer.api.view import ApiView
from runs.models import Run
from runs.models.outputs import each_part, made_of
from runs.queries.veils import veil_of
from runs.views.loading import get_run

ASIDE = "$value"
LARGEST_NUMBER = 2**31 - 1


def told_value(run: Run, envelope: Any, request: Request) -> Any:
    """A value for programs, as far as whoever asks may see it. What is kept aside is ``{"$value": address,
    "bytes": size}``."""
    told = _told(run, envelope, request)
    return veil_of(run, now=True).value(told)


def _told(run: Run, envelope: Any, request: Request) -> Any:
    if envelope is None:
        return None
    if (made := made_of(run, envelope)) is not None:
        return each_part(made, lambda part: _told(run, part, request))
    if "parts" in envelope:
        return {name: _told(run, part, request) for name, part in envelope["parts"].items()}
    if "stored" in envelope:
        size = run.stored_values.values_list("size", flat=True).get(pk=envelope["stored"])
        return {
            ASIDE: reverse("runs-api:value", [run.pk, envelope["stored"]], request=request),
            "bytes": size,
        }
    return envelope["is"]


class StoredValue(ApiView):
    needs = {"GET": "runs.view_run"}

    @operation(
        "getValue", "Download a value that is kept aside", tag="Runs", answer=OpenApiTypes.ANY,
        said="The value as JSON. Its address stands where the value would: `{\"$value\": address, \"bytes\": size}`.",
    )  # fmt: skip
    def get(self, request: Request, run_id: UUID, number: int) -> HttpResponse:
        run = get_run(request.user, run_id)
        stored = run.stored_values.filter(pk=number).first() if number <= LARGEST_NUMBER else None
        if stored is None:
            raise Http404("This run has no such value.")
        name = f'attachment; filename="{run.short_id}-{number}.json"'
        veil = veil_of(run, now=True)
        data = json.dumps(veil.value(json.loads(stored.data))) if veil.hides else stored.data
        return HttpResponse(data, content_type="application/json", headers={"Content-Disposition": name})
