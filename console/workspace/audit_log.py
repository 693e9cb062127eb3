"""Who did what, when, on what: the audit log, narrowed by its address. Not here: its words (audit_words.py), writing it
(kernel/audit.py, kernel/web/looks.py), its rows (kernel/people/record.py)."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.metric import export
from console.workspace import audit_words, tabs
from kernel import cursor
from kernel.errors import BadRequest
from kernel.people import members, record
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries

PER_PAGE = 50
PER_READ = 500  # rows of an export read at once
FILTERS = ("actor", "action", "target", "from", "to")
LONGEST = 200  # characters of a filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the log."""

    at: str
    actor: str
    deed: str
    action: str
    target: str
    address: str  # of its page, if it has one
    raw: str  # the target as it is kept
    details: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the log. `given`: the filters by name."""

    tabs: list[tabs.Tab]
    entries: list[Entry]
    page: cursor.Page
    given: dict[str, str]
    filtered: bool
    question: str
    kinds: list[tuple[str, Promise]]
    people: list[str]
    finding: str
    problem: str


@access.require_role("admin")
def show(request: WorkspaceRequest) -> HttpResponse:
    """What the address asks for, the newest first."""
    place, given, problem = request.workspace, _given(request), ""
    try:
        asked = record.read(given, shell.zone(place))
        page = record.page(connection, place.pk, asked, request.GET.get("cursor") or None, PER_PAGE)
    except BadRequest as wrong:
        asked, given, problem = {}, dict.fromkeys(FILTERS, ""), str(wrong)
        page = record.page(connection, place.pk, asked, None, PER_PAGE)
    shown = Page(
        tabs=tabs.of(request, "audit"),
        entries=_entries(place.pk, page.items),
        page=page,
        given=given,
        filtered=any(given.values()),
        question=_question(request),
        kinds=list(audit_words.KINDS.items()),
        people=[one.user.get_username() for one in members.listed(place)],
        finding=_finding(record.count(connection, place.pk, asked), page, filtered=bool(asked)),
        problem=problem,
    )
    return render(request, "workspace/audit.html", shown)


@access.require_role("admin")
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """All that the address asks for as CSV, as it is kept."""
    place = request.workspace
    asked = record.read(_given(request), shell.zone(place))
    head = [_("When"), _("By whom"), _("What"), _("On what"), _("Details")]
    total = functools.partial(record.count, connection, place.pk, asked, cap=None)
    return export.answer(request, f"audit-{shell.today(place)}", head, _lines(place.pk, asked), total)


def _lines(workspace: int, asked: dict[str, Any]) -> Iterator[list[Any]]:
    at = None
    while True:
        page = record.page(connection, workspace, asked, at, PER_READ)
        for one in page.items:
            detail = json.dumps(one["detail"], ensure_ascii=False) if one["detail"] else ""
            yield [one["at"], one["actor"], one["action"], one["target"], detail]
        if page.next is None:
            return
        at = page.next


def _given(request: WorkspaceRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:LONGEST] for name in FILTERS}


def _question(request: WorkspaceRequest) -> str:
    return shell.address(request).removeprefix("?")


def _entries(workspace: int, items: list[dict[str, Any]]) -> list[Entry]:
    """Lines, those about a customer with the name; masked, or the log itself would be a look."""
    keys = {one["target"] for one in items if audit_words.about_customer(one["action"], one["target"])}
    names = queries.names_of(connection, workspace, keys)
    return [_entry(one, names.get(one["target"], "")) for one in items]


def _entry(one: dict[str, Any], name: str) -> Entry:
    words, address = audit_words.target(one["action"], one["target"])
    return Entry(
        at=one["at"],
        actor=one["actor"],
        deed=audit_words.deed(one["action"]),
        action=one["action"],
        target=name or words,
        address=address,
        raw=one["target"],
        details=list(audit_words.details(one["detail"])),
    )


def _finding(n: int, page: cursor.Page, *, filtered: bool) -> str:
    """How many entries that is, and of when the newest one here is."""
    if not n:
        return _("Nothing was noted like this.") if filtered else _("Nothing was noted yet.")
    capped = f"{format.number(record.COUNT_CAP)}+" if n > record.COUNT_CAP else format.number(n)
    said = ngettext("%(n)s entry", "%(n)s entries", n) % {"n": capped}
    if page.items and page.previous is None:
        said += _(", the last one %(time)s") % {"time": format.moment(page.items[0]["at"])}
    return said + _(".")
