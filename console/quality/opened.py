"""One reject beside the list: as received, what was done to it, the way to fix and replay it. Not here: the list."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext

from channels.inbox import rejects
from console.quality import reject_rows
from console.quality.reject_rows import Row
from kernel import audit
from kernel.errors import BadRequest
from kernel.web import access, format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

CHANGED = "rejects-changed"  # says htmx to the page: its counts are old


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a replay did, in words."""

    words: str
    good: bool  # something went in, and nothing was left


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One reject with its text, and what was done with it."""

    item: Row
    text: str  # to be changed
    problem: str
    done: Done | None
    life: str  # its address; "" where the id is masked
    alike: str  # the address where all alike are fixed at once; "" where it is alone
    next: str  # another one of its kind, after it is done
    next_page: str  # the address of the list with it


def of(
    request: WorkspaceRequest, key: UUID, text: str | None = None, problem: str = "", done: Done | None = None
) -> Opened:
    """What is shown of one."""
    workspace = request.workspace
    item = reject_rows.one(workspace.pk, key, masked=request.access.masked)
    life = ""
    if access.DOTS not in item.message_id:  # a masked id leads nowhere
        life = f"{reverse('events')}?{urlencode({'message': item.message_id, 'connector': item.connector})}"
    other = _other(workspace.pk, item) if done or item.state == "open" else ""
    kind = {"reason": item.reason, "field": item.field, "connector": item.connector}
    return Opened(
        item=item,
        text=(item.fixed or item.raw) if text is None else text,
        problem=problem,
        done=done,
        life=life,
        alike=f"{reverse('reject-fix')}?{urlencode(kind)}" if other and item.state == "open" else "",
        next=other if done else "",
        next_page=f"{reverse('rejects')}?{urlencode(kind | {'open': other})}" if done and other else "",
    )


def shown(request: WorkspaceRequest, found: Opened) -> HttpResponse:
    """As a piece; after something was done the page's counts are asked for again."""
    looks.page(request, found.item.message_id or found.item.id)
    answer = render(request, "quality/_reject.html", found)
    if found.done:
        answer["HX-Trigger"] = CHANGED
    return answer


@access.require_role("viewer")
def show(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """One reject; a piece."""
    return shown(request, of(request, key))


def fix(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """The message put right by hand, then replayed under its own messageId."""
    workspace, text = request.workspace, request.POST.get("raw", "")
    try:
        with transaction.atomic():
            said = rejects.mend(connection, workspace.pk, key, text, request.user.get_username())
            audit.by(request, "reject.mend", str(key), **said)
    except BadRequest as wrong:
        return shown(request, of(request, key, text, str(wrong)))
    return shown(request, of(request, key, text, done=told(said)))


def told(said: dict[str, int]) -> Done:
    """What a replay did, with its numbers."""
    sent = ngettext("%(n)s message replayed", "%(n)s messages replayed", said["replayed"]) % {
        "n": format.number(said["replayed"])
    }
    if not said["still_bad"]:
        return Done(words=sent, good=said["replayed"] > 0)
    left = ngettext("%(n)s still rejected", "%(n)s still rejected", said["still_bad"])
    return Done(words=f"{sent}, {left % {'n': format.number(said['still_bad'])}}", good=False)


def _other(workspace: int, item: Row) -> str:
    """The newest other one that waits for the same reason, in the same field and from the same connector."""
    page = rejects.page(
        connection,
        workspace,
        masked=True,
        reason=item.reason,
        field=item.field,
        connector=reject_rows.connector(workspace, item.connector),
        state="open",
        limit=2,
    )
    return next((one["id"] for one in page.items if one["id"] != item.id), "")
