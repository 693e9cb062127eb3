"""One fix for all rejects that are alike: chosen, tried without a trace, then applied.

Not here: what a fix can say (channels/inbox/fixes.py), what it would do (previews.py), doing it (rejects.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels import queries, reasons
from channels.inbox import fixes, previews, rejects
from channels.inbox.fixes import Fix
from channels.inbox.previews import Preview
from channels.inbox.rejects import Act
from console.event import event_repairs
from console.quality import reject_rows, repair
from kernel.errors import BadRequest
from kernel.web import access, format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

FIRST = {  # by reason: what usually helps
    "missing_field": "copy",
    "no_identity": "copy",
    "bad_amount": "copy",
    "bad_time": "copy",
    "no_type": "set",
    "no_event_name": "copy",
    "bad_properties": "drop",
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A change that is part of the fix already: in words, as data, and the address without it."""

    words: str
    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Left:
    """Of those that would not be accepted: why, how many."""

    label: str
    field: str
    hint: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A group of rejects, the fix as far as it is said, and what it would do."""

    group: reject_rows.Group | None
    fields: previews.Fields | None = None
    form: dict[str, str] = field(default_factory=dict)
    earlier: list[Earlier] = field(default_factory=list)
    full: bool = False  # no further change fits
    problem: str = ""
    words: list[str] = field(default_factory=list)  # of the fix that was tried
    fix: str = ""  # the same as data
    preview: Preview | None = None
    left: list[Left] = field(default_factory=list)
    rest: int = 0  # messages that stay as they are
    money: list[tuple[str, Decimal]] = field(default_factory=list)
    finding: str = ""


@access.require_role("analyst")
def show(request: WorkspaceRequest) -> HttpResponseBase:
    """The form; with a fix in the address also what it would do."""
    given = request.GET
    group = _group(request, given)
    if group is None:
        return render(request, "quality/fix.html", Page(group=None))
    try:
        earlier = [change for text in given.getlist("change") for change in fixes.read(_json(text))]
        fix = [*earlier, *(fixes.read(_asked(given)) if given.get("do") else [])]
        if given.get("more"):
            return redirect(_address(given, fix))
        page = _page(request, group, earlier, fix)
        looks.listed(request, "reject-fix", page.preview.total if page.preview else 0)
        return render(request, "quality/fix.html", page)
    except BadRequest as wrong:
        page = _page(request, group, [], [], str(wrong))
        return render(request, "quality/fix.html", page, wrong.status)


@require_POST
@access.require_role("analyst")
def apply(request: WorkspaceRequest) -> HttpResponse:
    """The fix as it was tried, to all of the group: at once, or as a job."""
    fix = fixes.read(_json(request.POST.get("fix", "")))
    group = repair.group_of(request, request.POST)
    if group.reason is None:
        raise BadRequest(_("Say which rejects are meant: those of one reason."))
    return repair.many(request, Act(request.user.get_username(), tuple(fix)), group)


def _group(request: WorkspaceRequest, given: Mapping[str, str]) -> reject_rows.Group | None:
    """The group that the address names, while some of it waits."""
    asked = {name: given.get(name, "") for name in ("reason", "field", "connector")}
    found = (reject_rows.told(group, asked) for group in queries.reject_groups(request.workspace.pk))
    return next((one for one in found if one.current), None)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest(_("The fix in the address cannot be read: choose it again.")) from None


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    """The change that the form says."""
    said = {name: given.get(name, "") for name in ("do", "from", "was")}
    value = given.get("becomes" if said["do"] == "replace" else "value", "")
    return said | {"field": given.get("target", ""), "value": value}


def _address(given: QueryDict, fix: Fix) -> str:
    """The page with these changes, and room for one more."""
    kept = [(name, given.get(name, "")) for name in ("reason", "field", "connector")]
    kept = [(name, str(value)) for name, value in kept if value]
    kept += [("change", json.dumps(change.data(), ensure_ascii=False)) for change in fix]
    return f"{reverse('reject-fix')}?{urlencode(kept)}"


def _page(
    request: WorkspaceRequest, group: reject_rows.Group, earlier: Fix, fix: Fix, problem: str = ""
) -> Page:
    workspace, given = request.workspace.pk, request.GET
    which: rejects.Which = {
        "reason": group.reason,
        "field": group.field,
        "connector": reject_rows.connector(workspace, str(group.connector)),
    }
    preview = previews.of(connection, workspace, fix, reasons.translated, **which) if fix else None
    return Page(
        group=group,
        fields=previews.fields(connection, workspace, **which),
        form=_form(given, group),
        earlier=_earlier(given, earlier),
        full=len(fix) >= fixes.MOST_CHANGES,
        problem=problem,
        words=[event_repairs.change(change.data()) for change in fix],
        fix=json.dumps([change.data() for change in fix], ensure_ascii=False),
        preview=preview,
        left=[
            Left(str(reasons.of(one.reason).label), one.field, one.hint, one.messages)
            for one in (preview.left if preview else ())
        ],
        rest=preview.looked_at - preview.accepted if preview else 0,
        money=sorted(preview.money.items()) if preview else [],
        finding=_finding(preview) if preview else "",
    )


def _form(given: Mapping[str, str], group: reject_rows.Group) -> dict[str, str]:
    """What stands in the form: what was asked, else what usually helps."""
    said = {name: given.get(name, "") for name in ("value", "source", "was", "becomes")}
    said["source"] = given.get("from", "")
    do = given.get("do") or FIRST.get(group.reason, "replace")
    return said | {"do": do, "target": given.get("target") or group.field}


def _earlier(given: QueryDict, earlier: Fix) -> list[Earlier]:
    found = []
    for place, change in enumerate(earlier):
        rest = [*earlier[:place], *earlier[place + 1 :]]
        text = json.dumps(change.data(), ensure_ascii=False)
        found.append(Earlier(event_repairs.change(change.data()), text, _address(given, rest)))
    return found


def _finding(preview: Preview) -> str:
    """What would come of it, in a sentence."""
    said = {
        "n": format.number(preview.accepted),
        "all": format.number(preview.looked_at),
        "total": format.number(preview.total),
    }
    if preview.looked_at < preview.total:
        return _("%(n)s of the newest %(all)s would be accepted; %(total)s wait in all") % said
    return (
        ngettext(
            "%(n)s of %(all)s message would be accepted",
            "%(n)s of %(all)s messages would be accepted",
            preview.looked_at,
        )
        % said
    )
