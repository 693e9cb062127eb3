"""All files that were dropped, and dropping one. Not here: one of them (one.py), reading it (channels/imports/)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from cdp.pipeline import jobs, wake
from channels.imports import start, store
from channels.imports.words import TooLarge
from channels.models import Channel, Connector, Import
from console.imports import dropping
from kernel import normalise
from kernel.errors import BadRequest, Refused
from kernel.models import Workspace
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

PER_PAGE: Final = 25
SHOWN: Final = 5  # on a connector's own page
DAYS: Final = 30  # that the sentence above the list is about
LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An import in the list."""

    found: Import
    channel: Channel
    state: str
    tone: str
    took: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The list, and where a file is dropped. `problem`: why the last one was not taken."""

    finding: str
    rows: list[Row]
    newer: str
    older: str
    connector: Connector | None
    place: dropping.Place
    templates: list[dropping.Template]
    problem: str


@never_cache
@access.require_role("admin")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The list; a form sent here brings a file."""
    if request.method == "POST":
        return _dropped(request)
    size = normalise.whole(request.GET.get("too_large", ""), 1, LARGEST)
    return _refused(request, TooLarge(size)) if size else _page(request, None)


def _dropped(request: WorkspaceRequest) -> HttpResponse:
    """A script is told where the file is to be seen; a form goes there, or says here why it was not taken."""
    try:
        made = _start(request)
    except Refused as why:
        return _refused(request, why)
    place = reverse("import", args=[made.pk])
    return JsonResponse({"page": place}, status=202) if shell.by_program(request) else redirect(place)


def _refused(request: WorkspaceRequest, why: Refused) -> HttpResponse:
    if shell.by_program(request):
        return JsonResponse({"code": why.code, "message": str(why)}, status=why.status)
    return _page(request, why)


def _start(request: WorkspaceRequest) -> Import:
    file = request.FILES.get("file")
    if file is None:
        raise BadRequest(_("Choose a file first."), "no_file")
    connector = _connector(request.workspace, request.POST.get("connector", ""))
    if connector is None:
        raise BadRequest(_("Choose the connector that the file is for."), "unknown_connector")
    actor = request.user.get_username()
    return start.start(connector, file, actor, dry_run=True, wanted={}, notify=wake.notify)


def _connector(workspace: Workspace, uuid: str) -> Connector | None:
    try:
        key = UUID(uuid)
    except ValueError:
        return None
    return Connector.objects.select_related("channel").filter(workspace=workspace, uuid=key).first()


def _page(request: WorkspaceRequest, trouble: Refused | None) -> HttpResponse:
    given = request.GET.get("connector", "") or request.POST.get("connector", "")
    connector = _connector(request.workspace, given)
    narrowed = connector if "connector" in request.GET else None
    found = listed(request.workspace, narrowed)
    at = normalise.whole(request.GET.get("before", ""), 1, LARGEST)
    page = list((found.filter(pk__lt=at) if at else found)[: PER_PAGE + 1])
    targets = dropping.targets(request.workspace)
    offered = next((one.connector for one in targets if connector and one.connector.pk == connector.pk), None)
    shown = Page(
        finding=_finding(found),
        rows=rows(request, page[:PER_PAGE]),
        newer=shell.address(request, before="") if at else "",
        older=shell.address(request, before=str(page[PER_PAGE - 1].pk)) if len(page) > PER_PAGE else "",
        connector=narrowed,
        place=dropping.place(targets, offered),
        templates=dropping.templates(),
        problem=str(trouble or ""),
    )
    return render(request, "imports/imports.html", shown, status=trouble.status if trouble else 200)


def listed(workspace: Workspace, connector: Connector | None = None) -> QuerySet[Import]:
    """Imports, the newest first; of a file that was read again only the last time."""
    found = Import.objects.select_related("connector__channel", "job").filter(workspace=workspace)
    found = found.exclude(job__detail__has_key=store.NEXT).order_by("-pk")
    return found.filter(connector=connector) if connector else found


def rows(request: WorkspaceRequest, found: Sequence[Import]) -> list[Row]:
    """For the list."""
    roles = {request.workspace.pk: request.access.role}
    made = []
    for one in found:
        told = jobs.shown(one.job, request.workspace, roles, request.user.pk)
        tone = "warn" if told.tone == "good" and one.bad else told.tone
        state = _("tried") if one.dry_run and one.job.state == "done" else told.state
        made.append(
            Row(found=one, channel=one.connector.channel, state=state, tone=tone, took=took(one)),
        )
    return made


def took(found: Import) -> str:
    """How long it took, or has been taking."""
    open_still = found.job.state in store.OPEN
    until = found.ended_at or (timezone.now() if open_still else found.job.updated_at)
    return format.duration(max((until - found.created_at).total_seconds(), 0))


def _finding(found: QuerySet[Import]) -> str:
    """What came of the last days' files."""
    since = timezone.now() - timedelta(days=DAYS)
    taken = Q(dry_run=False, job__state="done", created_at__gte=since)
    counts = found.order_by().aggregate(
        files=Count("pk", filter=taken), good=Sum("good", filter=taken), bad=Sum("bad", filter=taken)
    )
    if not counts["files"]:
        return _("No file was taken in the last 30 days.")
    said = {name: format.number(value or 0) for name, value in counts.items()}
    return (
        ngettext(
            "%(files)s file in the last 30 days; rows taken: %(good)s, refused: %(bad)s.",
            "%(files)s files in the last 30 days; rows taken: %(good)s, refused: %(bad)s.",
            counts["files"],
        )
        % said
    )
