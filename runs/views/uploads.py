"""Many runs from a CSV file: sent, looked at, started, and what came of each row."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from designer.access import permission_required
from runs.actions import add_upload, start_rows
from runs.forms.triggers import UploadForm
from runs.models import Upload
from runs.queries.uploads import runs_of_rows
from runs.sheet import LARGEST_FILE, MOST_ROWS, FileRefused, Sheet, read_sheet, text_of

from .loading import get_published_version, get_upload

SHOWN, PAGE = 20, 100


@require_http_methods(["GET", "POST"])
@permission_required("runs.start_run")
def upload(request: HttpRequest, key: str) -> HttpResponse:
    version = get_published_version(key)
    is_sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    if is_sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            text = text_of(file.read(LARGEST_FILE + 1))
            read_sheet(text, version.document.get("input", {}))
            kept = add_upload(version=version, name=file.name.replace("\0", ""), text=text, by=request.user)
            return redirect("runs:upload", key, kept.pk)
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
    context = {"version": version, "form": form, "most": MOST_ROWS, "size": LARGEST_FILE // 1024**2}
    return render(request, "runs/start_many.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@permission_required("runs.start_run")
def show_upload(request: HttpRequest, key: str, upload_id: UUID) -> HttpResponse:
    """Before the start the first rows and all that are not right; after it what became of each."""
    kept = get_upload(key, upload_id)
    sheet = read_sheet(kept.text, kept.version.document.get("input", {}))
    if request.method == "POST":
        refused = start_rows(
            upload=kept, rows=[(row.number, row.value) for row in sheet.good], by=request.user
        )
        for number, sentence in refused[:SHOWN]:
            messages.error(request, f"Row {number}: {sentence}")
        return redirect("runs:upload", key, kept.pk)
    context = {"upload": kept, "version": kept.version, "sheet": sheet, "first": sheet.rows[:SHOWN]}
    return render(request, "runs/upload.html", context | results(request, kept, sheet))


def results(request: HttpRequest, upload: Upload, sheet: Sheet) -> dict[str, Any]:
    if upload.started_at is None:
        return {"bad": sheet.bad[:PAGE]}
    page = Paginator(sheet.rows, PAGE).get_page(request.GET.get("page"))
    runs = runs_of_rows(upload, [row.number for row in page])
    return {"page": page, "results": [(row, runs.get(row.number)) for row in page]}
