"""Two versions of a mapping: what is different, line by line. Not here: the list of them (history.py)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels.models import Channel, Connector
from channels.studio import versions
from console.channel import connector
from console.studio import history
from kernel.errors import NotFound
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One version and another."""

    channel: Channel
    connector: Connector
    versions: list[history.Row]
    old: history.Row
    new: history.Row
    changes: list[history.Line]
    gone: int
    come: int


@access.require_role("viewer")
def show(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """`from` and `to`: their numbers; the newest and the one before it unless said."""
    one = connector.found(request, slug, key)
    listed = history.listed(one)
    if not listed:
        raise NotFound(_("There is no such version."))
    new = _named(listed, request.GET.get("to", ""), listed[0])
    older = next((row for row in listed if row.version < new.version), listed[-1])
    old = _named(listed, request.GET.get("from", ""), older)
    texts = [versions.text_of(connection, one, row.version).text for row in (old, new)]
    changes = history.changes(*texts)
    shown = Page(
        channel=one.channel,
        connector=one,
        versions=listed,
        old=old,
        new=new,
        changes=changes,
        gone=sum(line.kind == "gone" for line in changes),
        come=sum(line.kind == "new" for line in changes),
    )
    return render(request, "studio/compare.html", shown)


def _named(listed: list[history.Row], given: str, otherwise: history.Row) -> history.Row:
    if not given:
        return otherwise
    found = next((row for row in listed if str(row.version) == given), None)
    if found is None:
        raise NotFound(_("There is no such version."))
    return found
