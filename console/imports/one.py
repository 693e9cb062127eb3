"""A file that was dropped: how it was read, what its rows would become, taking it in, what became of it.

Not here: all of them (imports.py), the words (words.py), the form of its reading (columns.py), its rows (preview.py).
"""

from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Final

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.pipeline import jobs, wake
from channels.connect import setup as connecting
from channels.imports import outcome, start, store
from channels.imports import words as said
from channels.imports.work import PREVIEW
from channels.models import Channel, Connector, Import
from console.imports import columns, dropping, imports, preview, words
from kernel import audit
from kernel.errors import Conflict, NotFound
from kernel.web import access, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

TROUBLED: Final = ("failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that is shown of an import; while it is read all of it renews itself."""

    found: Import
    connector: Connector
    channel: Channel
    rows: str  # what its rows are, for people
    verdict: words.Verdict
    size: str
    took: str
    written: str  # how the file is
    problem: str  # why nothing can be taken, or why it stopped
    notes: str  # what was noticed
    job: jobs.Shown
    own_job: int  # shown here, and not above the page
    open: bool
    renews: str  # where it is asked for anew; a page that has the newest gets nothing
    kept: bool  # its file is still there: it can be read again, or taken in
    taking: bool  # it can be taken in as it was read
    whys: list[words.Why]
    reading: columns.Reading | None
    preview: preview.Preview | None
    place: dropping.Place | None


@never_cache
@access.require_role("admin")
def show(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The page; one that was read again since leads there."""
    found = _found(request, number)
    if store.NEXT in found.job.detail:
        return redirect("import", number=found.job.detail[store.NEXT])
    return render(request, "imports/one.html", _page(request, found))


@never_cache
@access.require_role("admin")
def now(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The same as a piece, for the page that is open; nothing while nothing is new."""
    found = _found(request, number)
    if request.GET.get("seen") == _seen(found) and found.job.state in store.OPEN:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "imports/_one.html", _page(request, found))


def _seen(found: Import) -> str:
    """Stands for how far it is."""
    return f"{found.job.state}-{found.rows}-{found.good}"


def _found(request: WorkspaceRequest, number: int) -> Import:
    found = store.one(request.workspace.pk, number) if number <= imports.LARGEST else None
    if found is None:
        raise NotFound(_("There is no such import in this workspace."))
    if found.job.state not in store.OPEN and found.ended_at is None:
        store.ended(found)  # it was cancelled among the other jobs
    if found.job.state in TROUBLED and not found.dry_run:
        outcome.settle(connection, found)  # no worker looks after it any more
        found = store.one(request.workspace.pk, number) or found
    return found


def _page(request: WorkspaceRequest, found: Import) -> Page:
    state = found.job.state
    if found.preview:
        looks.page(request, f"import {found.pk}")
    target = dropping.target(found.connector)
    runs, failed = state in store.OPEN, state == "failed"
    kept = not runs and store.is_kept(connection, found)
    tried = found.dry_run and state == "done"
    notes = said.text(found.notes)
    return Page(
        found=found,
        connector=found.connector,
        channel=found.connector.channel,
        rows=target.label,
        verdict=words.verdict(found),
        size=words.size(found),
        took=imports.took(found),
        written=words.written(found.form),
        problem=notes if failed else "",
        notes="" if failed else notes,
        job=jobs.shown(
            found.job, request.workspace, {request.workspace.pk: request.access.role}, request.user.pk
        ),
        own_job=found.job_id,
        open=runs,
        renews=f"{reverse('import-now', args=[found.pk])}?seen={_seen(found)}",
        kept=kept,
        taking=kept and ((tried and found.good > 0) or (not found.dry_run and not failed)),
        whys=words.whys(found) if tried and found.bad else [],
        reading=columns.of(found, target.rows) if kept and found.columns else None,
        preview=_preview(found, target.rows),
        place=dropping.place([target], found.connector) if not runs and _again(found, kept) else None,
    )


def _again(found: Import, kept: bool) -> bool:
    """Whether another file is what comes next: the mended rows, or one that can be read."""
    return not kept or (found.job.state == "failed" and not found.columns)


def _preview(found: Import, table: str) -> preview.Preview | None:
    if found.job.state in store.OPEN:
        return None
    if found.preview:
        return preview.of(found, table)
    if found.bad and not found.dry_run:
        return preview.refused(found, islice(outcome.problems(connection, found), PREVIEW))
    return None


@require_POST
@access.require_role("admin")
def again(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The file read as the form says, or taken in; what was chosen for its columns is kept at the connector.

    Nothing is taken in that was not looked at: with other choices it is read again first.
    """
    found = _found(request, number)
    if store.NEXT in found.job.detail or found.job.state in store.OPEN:
        raise Conflict(_("The file is being read, or was read again: look at its newest page."))
    wanted = columns.wanted(found, request.POST)
    take = request.POST.get("do") == "take"
    with transaction.atomic():
        changed = _remembered(request, found)
        differs = changed or any(text != found.wanted.get(name, "") for name, text in wanted.items())
        actor = request.user.get_username()
        made = start.again(found, actor, dry_run=differs or not take, wanted=wanted, notify=lambda: None)
    wake.notify()
    if take and differs:
        messages.info(request, _("Something was changed: look at the rows once more, then import."))
    return redirect("import", number=made.pk)


def _remembered(request: WorkspaceRequest, found: Import) -> bool:
    """The choices for its columns, kept at the connector; whether any is new."""
    if not any(name.startswith(columns.FIELD) for name in request.POST):
        return False
    connector = found.connector
    kept = columns.chosen(found, connector, request.POST, dropping.rows_of(connector))
    changed = connecting.change(connector, settings={"columns": kept})
    if changed:
        audit.by(request, "connector.change", str(connector.uuid), changed=changed)
    return bool(changed)


@require_POST
@access.require_role("admin")
def cancel(request: WorkspaceRequest, number: int) -> HttpResponse:
    """It stops after the rows it is at."""
    start.cancel(_found(request, number), request.user.get_username())
    return redirect("import", number=number)
