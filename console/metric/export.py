"""CSV of what a page shows, in pieces: UTF-8 with its mark for Excel, raw numbers, ISO dates, no formulas.

Not here: what is in it, large files (cdp/pipeline/exports.py).
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cdp.pipeline import exports, wake
from kernel import audit, limits
from kernel.web import format
from kernel.web.access import WorkspaceRequest

BOM = "\ufeff"
NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
# What a spreadsheet would take for a formula; a quote before it keeps it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ROWS_A_PIECE = 200


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def safe(value: Any) -> str:
    """A cell as text that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = ", ".join(str(item) for item in value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not NUMBER.match(text) else text


def lines(head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The text of the file, piece by piece."""
    writer = csv.writer(_Echo())
    held = [BOM + str(writer.writerow([safe(cell) for cell in head]))]
    for row in rows:
        held.append(str(writer.writerow([safe(cell) for cell in row])))
        if len(held) >= ROWS_A_PIECE:
            yield "".join(held)
            held = []
    yield "".join(held)


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
        audit.by(request, "export", name, query=request.GET.urlencode()[:500])
    return found


def _patiently(text: Iterator[str]) -> Iterator[str]:
    with limits.unlimited(connection):
        yield from text


def _later(request: WorkspaceRequest, name: str, total: int) -> HttpResponse:
    exports.start(request, name, total)
    audit.by(request, "export", name, query=request.GET.urlencode()[:500])
    wake.notify()
    said = _("A file of %(n)s rows is being prepared; its progress is shown above.") % {
        "n": format.number(total)
    }
    messages.info(request, said)
    return redirect("work")
