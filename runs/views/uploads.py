"""Many runs from a CSV file: sent, looked at, started by the workers, and what came of each row."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from designer.access import permission_required
from designer.requests import is_htmx
from runs.actions import add_upload, begin_upload, stop_upload
from runs.forms.triggers import UploadForm
from runs.queries.uploads import UploadPage, veiled_rows
from runs.sheet import LARGEST_FILE, MOST_ROWS, FileRefused, read_sheet, text_of

from .loading import asked, get_published_version, get_upload

SHOWN, MOST_BAD = 20, 100


@require_http_methods(["GET", "POST"])
@permission_required("runs.start_run")
def upload(request: HttpRequest, key: str) -> HttpResponse:
    version = get_published_version(request.user, key)
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
    """Before the start the first rows and all that are not right; after it what becomes of each."""
    kept = get_upload(request.user, key, upload_id)
    if kept.started_at is not None and request.method != "POST":
        page = UploadPage(kept, asked(request, "page"), request.user)
        part = "#changing" if is_htmx(request) else ""
        return render(request, f"runs/upload_started.html{part}", {"upload": kept, "page": page})
    sheet = read_sheet(kept.text, kept.version.document.get("input", {}))
    if request.method == "POST":
        begin_upload(upload=kept, sheet=sheet, by=request.user)
        return redirect("runs:upload", key, kept.pk)
    first, bad = (
        veiled_rows(sheet.columns, rows, kept.version, request.user)
        for rows in (sheet.rows[:SHOWN], sheet.bad[:MOST_BAD])
    )
    context: dict[str, Any] = {"first": first, "bad": bad}
    return render(request, "runs/upload.html", context | {"upload": kept, "sheet": sheet})


@require_POST
@permission_required("runs.start_run")
def stop(request: HttpRequest, key: str, upload_id: UUID) -> HttpResponse:
    stop_upload(upload=get_upload(request.user, key, upload_id), by=request.user)
    return redirect("runs:upload", key, upload_id)
