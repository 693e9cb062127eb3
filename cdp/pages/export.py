"""CSV of what a page shows, in pieces: UTF-8 with its mark for Excel, raw numbers, ISO dates, no formulas.

Not here: what is in it, large files (cdp/exports.py).
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cdp import exports, wake
from cdp.kernel import speech
from cdp.kernel.models import Audit

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
    request: HttpRequest,
    name: str,
    head: Iterable[Any],
    rows: Iterable[Iterable[Any]],
    total: Callable[[], int] | None = None,
) -> HttpResponseBase:
    """The file as an answer that streams; one of too many rows becomes a job. Who took what is noted."""
    if total and not hasattr(request, "whole") and (many := total()) > exports.MANY:
        return _later(request, name, many)
    found = StreamingHttpResponse(lines(head, rows), content_type="text/csv; charset=utf-8")
    found["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    found["Cache-Control"] = "no-store"
    if not hasattr(request, "whole"):
        _note(request, name)
    return found


def _later(request: HttpRequest, name: str, total: int) -> HttpResponse:
    exports.start(request, name, total)
    _note(request, name)
    wake.ring()
    said = _("The file of %(n)s rows is being made; how far it is stands above.") % {
        "n": speech.number(total)
    }
    messages.info(request, said)
    return redirect("work")


def _note(request: HttpRequest, name: str) -> None:
    Audit.objects.create(
        workspace=request.workspace,  # type: ignore[attr-defined]
        actor=request.user.get_username(),
        action="export",
        target=name,
        detail={"query": request.GET.urlencode()[:500]},
    )
