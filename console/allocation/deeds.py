"""What is done with a statement on its page: sent, answered, taken back, closed; its files. Not here: who may."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.allocation import asked, statement
from console.allocation.asked import Asked
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.allocation import notes, statements, statements_api
from metrics.allocation.notes import Attached
from metrics.allocation.store import Statement


@require_POST
@access.require_role("viewer", of_channel=True)
def act(request: WorkspaceRequest, number: int, name: str) -> HttpResponse:
    """One of statements_api.ACTS, or `drop`; what cannot be is said on the page."""
    given = asked.of(request)
    found = statements.one(given.settings, number, given.actor)
    try:
        if name == "drop":
            statements.drop(given.settings, number, given.actor)
            messages.info(request, _("The draft is dropped."))
            return redirect("statements")
        _deed(request, given, number, name)
    except (BadRequest, Conflict) as wrong:
        return statement.page(request, given, statements.one(given.settings, number, given.actor), str(wrong))
    return redirect("statement", number=found.number)


def _deed(request: WorkspaceRequest, given: Asked, number: int, name: str) -> Statement:
    settings, actor, now = given.settings, given.actor, timezone.now()
    comment = request.POST.get("comment", "")
    if name in {"agree", "dispute"}:
        channel = statements.channel_of(settings, request.POST.get("channel", ""), actor)
        if name == "agree":
            return statements.agree(settings, number, channel, actor, now, comment)
        return statements.dispute(settings, number, channel, actor, now, comment, _file(request))
    deeds: dict[str, Callable[[], Statement]] = {
        "refresh": lambda: statements.refresh(settings, number, actor, now),
        "send": lambda: statements.send(settings, number, actor, now, comment),
        "reopen": lambda: statements.reopen(settings, number, actor, now, comment),
        "close": lambda: statements.close(settings, number, actor, now),
    }
    if name not in deeds:
        raise NotFound(_("A statement cannot be “%(act)s”.") % {"act": name[:20]})
    return deeds[name]()


def _file(request: WorkspaceRequest) -> Attached | None:
    file = request.FILES.get("file")
    if file is None:
        return None
    data = file.read() if (file.size or 0) <= notes.LARGEST_FILE else b""
    return notes.attached(file.name or "", data)


@access.require_role("viewer", of_channel=True)
def download(request: WorkspaceRequest, number: int, note: int) -> HttpResponse:
    """A file that came with a comment."""
    given = asked.of(request)
    found = statements.one(given.settings, number, given.actor)
    return statements_api.file_answer(found, note, given.actor)


@access.require_role("viewer", of_channel=True)
def workbook(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The statement as a workbook."""
    given = asked.of(request)
    found = statements.one(given.settings, number, given.actor)
    return statements_api.workbook_answer(given, found)
