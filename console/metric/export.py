"""CSV of what a page shows, as an answer or as a job.

Not here: what is in it, how it is written (kernel/web/spreadsheet.py), large files (cdp/pipeline/exports.py).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cdp.pipeline import exports, wake
from kernel import audit, limits
from kernel.web import format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.spreadsheet import lines as lines
from kernel.web.spreadsheet import safe as safe


def answer(
    request: WorkspaceRequest,
    name: str,
    head: Iterable[Any],
    rows: Iterable[Iterable[Any]],
    total: Callable[[], int] | None = None,
) -> HttpResponseBase:
    """The file as an answer that streams; one of too many rows becomes a job. Who took what is noted."""
    if total and not hasattr(request, "whole") and (many := total()) > exports.MANY:
        return _later(request, name, many)
    found = StreamingHttpResponse(_patiently(lines(head, rows)), content_type="text/csv; charset=utf-8")
    found["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    found["Cache-Control"] = "no-store"
    if not hasattr(request, "whole"):
        audit.by(request, "export", name, query=looks.asked(request.GET), masked=request.access.masked)
    return found


def _patiently(text: Iterator[str]) -> Iterator[str]:
    with limits.unlimited(connection):
        yield from text


def _later(request: WorkspaceRequest, name: str, total: int) -> HttpResponse:
    exports.start(request, name, total)
    audit.by(request, "export", name, query=looks.asked(request.GET), masked=request.access.masked)
    wake.notify()
    said = _("A file of %(n)s rows is being prepared; its progress is shown above.") % {
        "n": format.number(total)
    }
    messages.info(request, said)
    return redirect("work")
