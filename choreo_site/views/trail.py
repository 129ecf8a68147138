"""The audit trail: who did what, and whether it is as it was written; as a file too."""

import csv
import json
from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from choreo_site.forms import TrailFilter
from designer.access import permission_required
from designer.chain import trail_head
from designer.models import AuditEntry
from designer.queries.trail import WantedEntries, found_entries, trail_page

NEEDED = "designer.view_trail"
COLUMNS = ("number", "at", "by", "verb", "kind", "name", "about", "facts", "digest")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for something to work out


@require_GET
@never_cache
@permission_required(NEEDED)
def show_trail(request: HttpRequest) -> HttpResponse:
    form = TrailFilter(request.GET)
    context: dict[str, Any] = {"form": form, "head": trail_head()}
    if form.is_valid():
        context |= {"wanted": form.wanted, "page": trail_page(form.wanted, form.cleaned_data["before"])}
    return render(request, "kept/audit.html", context)


@require_GET
@never_cache
@permission_required(NEEDED)
def export_trail(request: HttpRequest) -> HttpResponse:
    form = TrailFilter(request.GET)
    if not form.is_valid():
        return render(request, "kept/audit.html", {"form": form, "head": trail_head()}, status=422)
    answer = StreamingHttpResponse(lines(form.wanted), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return cast(HttpResponse, answer)  # the two share a base, and what views promise is the other


class Echo:
    """What csv writes into, to have each line back."""

    def write(self, line: str) -> str:
        return line


def lines(wanted: WantedEntries) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for entry in found_entries(wanted).iterator(chunk_size=1_000):
        yield writer.writerow([harmless(cell) for cell in cells(entry)])


def cells(entry: AuditEntry) -> list[str]:
    link = getattr(entry, "link", None)
    facts = json.dumps(entry.facts, ensure_ascii=False, sort_keys=True) if entry.facts else ""
    told = (entry.at.isoformat(), entry.by_name, entry.verb, entry.kind, entry.name, entry.about, facts)
    return [str(link.number) if link else "", *told, link.digest if link else ""]


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell
