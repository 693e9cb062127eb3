"""What an admin does in the studio: saving a version, going back to one, having what came read anew.

Not here: the page (studio.py), doing it (channels/studio/versions.py, cdp/pipeline/remaps.py).
"""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cdp.pipeline import remaps, wake
from channels.models import Connector
from channels.studio import versions
from console.channel import connector
from console.studio import history, said, studio
from kernel import audit, periods, values
from kernel.errors import BadRequest, NotFound
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest

EARLIEST = 1970  # year


@require_POST
@access.require_role("admin")
def save(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """A new version; what is wrong is said at its place, with all that was typed."""
    one = connector.found(request, slug, key)
    found, why = said.of_post(request.POST), values.text(request.POST.get("why", "")) or ""
    if found.made is None:
        trouble = _("It is not saved: mend what is wrong first.")
        return studio.page(request, one, found, status=BadRequest.status, trouble=trouble, why=why)
    listed = history.listed(one)
    newest = listed[0] if listed else None
    if newest is not None and str(newest.version) != request.POST.get("base", ""):
        return studio.page(request, one, found, status=BadRequest.status, why=why, meanwhile=newest)
    now = versions.text_of(connection, one)
    same = found.mode == said.FORM and now.version and said.of_text(now.text).draft == found.draft
    return _saved(request, one, now.text if same else found.text, why)


def _saved(request: WorkspaceRequest, one: Connector, text: str, why: str) -> HttpResponse:
    author = request.user.get_username()
    try:
        done = versions.save(connection, one, text, author, why)
    except BadRequest as wrong:
        return studio.page(request, one, said.of_text(text), status=wrong.status, trouble=str(wrong), why=why)
    if not done:
        messages.info(request, _("Nothing was different."))
        return _back(one)
    audit.by(request, "mapping.save", str(one.uuid), why=why[: versions.LONGEST_WHY])
    number = versions.text_of(connection, one).version
    messages.success(
        request,
        _("Version %(n)s reads what comes from now on. What came before can be re-processed below.")
        % {"n": number},
    )
    return _back(one)


@require_POST
@access.require_role("admin")
def back(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """An earlier version's text as the newest version: nothing is forgotten."""
    one = connector.found(request, slug, key)
    given = request.POST.get("version", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    found = versions.text_of(connection, one, number)
    if not found.version:
        raise NotFound(_("There is no such version."))
    return _saved(request, one, found.text, _("Back to version %(n)s") % {"n": found.version})


@require_POST
@access.require_role("admin")
def again(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """What came since a day, by the newest version: a job, whose progress stands above every page."""
    one, given = connector.found(request, slug, key), request.POST.get("day", "").strip()
    zone = periods.zone(one.workspace.timezone)
    try:
        since = periods.begins(_day(given), zone)
        remaps.ask(one, since)
    except BadRequest as wrong:
        found = said.of_text(versions.text_of(connection, one).text)
        return studio.page(request, one, found, status=wrong.status, day=given, day_problem=str(wrong))
    audit.by(request, "mapping.reprocess", str(one.uuid), since=since.isoformat())
    wake.notify()
    messages.info(
        request,
        _("What came since %(day)s is re-processed; the progress stands above.")
        % {"day": format.day(_day(given), year=True)},
    )
    return _back(one)


def _day(given: str) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise BadRequest(_("A day is written 2026-01-06.")) from None
    if found.year < EARLIEST:
        raise BadRequest(_("A day is written 2026-01-06."))
    return found


def _back(one: Connector) -> HttpResponse:
    return redirect("mapping", slug=one.channel.slug, key=one.uuid)
