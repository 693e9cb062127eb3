"""Looks at contact data as it is: whoever sees it unmasked is in the audit log, by page and by API.

One insert a page; the same person, object and question within a minute is one look. What was asked for is kept without
the values that may be contact data themselves: the log is for good, and holds nobody's phone.

Not here: who sees it masked (access.py), what else is noted (kernel/audit.py), reading it (kernel/people/record.py).
"""

import hashlib
from typing import Any, Final

import msgspec
from django.db import connection
from django.http import QueryDict
from django.utils import timezone
from rest_framework.request import Request

from kernel.db import Statements, run
from kernel.models import ApiToken
from kernel.web.access import DOTS, AccessContext, WorkspaceRequest, scrub

SQL = Statements(__file__)
ACTION: Final = "contact.look"
LONGEST: Final = 500  # characters of what was asked, and 200 of an object
LONGEST_TARGET: Final = 200
PART: Final = 8  # hexadecimal digits that tell one page of a list from another
# What an address may ask for that says nothing of a person; anything else is kept by its name alone.
_HARMLESS = (
    "anomalies at attempt became bought by channel cohort columns compare connector days end exclude filter "
    "first_seen_after first_seen_before format from hide interval interval_no kind last_seen_after "
    "last_seen_before level limit link matched measure node on order ordering orders orders_min outcome part "
    "path profile reason returned revenue_min rows segment served session source start state step steps target "
    "to top touchpoint type which window within"
)
HARMLESS: Final = frozenset(_HARMLESS.split())
KEYS: Final = ("key", "message_id", "uuid")  # of an address of the API: what it is about


def page(request: WorkspaceRequest, target: str, /, **detail: Any) -> None:
    """A page or a piece of one showed contact data of `target`: a customer's id, or what the page is called."""
    if not request.access.masked:
        _note(request.access, request.user.get_username(), target, detail)


def listed(request: WorkspaceRequest, name: str, rows: int) -> None:
    """A page of a list showed that of so many."""
    if rows:
        page(request, name, rows=rows, **_which(request.GET))


def answered(request: Request, access: AccessContext, about: dict[str, Any], data: Any) -> None:
    """The API answered with it; of a list, that of the rows in the answer."""
    if access.masked:
        return
    detail: dict[str, Any] = {"api": request.method}
    if isinstance(request.auth, ApiToken):
        detail["token"] = request.auth.prefix
    target = next((str(about[name]) for name in KEYS if name in about), request.path)
    if isinstance(data, dict) and isinstance(data.get("results"), list):
        if not data["results"]:
            return
        detail |= {"rows": len(data["results"])} | _which(request.query_params)
    _note(access, str(request.user), target, detail)


def asked(query: QueryDict) -> str:
    """A question as it may be kept."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if name != "cursor":
            kept.setlist(scrub(name[:60]), [_kept(name, value) for value in values if value])
    return kept.urlencode()[:LONGEST]


def _kept(name: str, value: str) -> str:
    return str(scrub(value)) if name in HARMLESS else DOTS


def _which(query: QueryDict) -> dict[str, str]:
    """The question, and which page of the answer."""
    found = {}
    if said := asked(query):
        found["asked"] = said
    if cursor := query.get("cursor"):
        found["page"] = hashlib.sha256(cursor.encode()).hexdigest()[:PART]
    return found


def _note(access: AccessContext, actor: str, target: str, detail: dict[str, Any]) -> None:
    run(
        connection,
        SQL["look"],
        workspace=access.workspace.pk,
        actor=actor,
        action=ACTION,
        target=target[:LONGEST_TARGET],
        detail=msgspec.json.encode(detail).decode(),
        at=timezone.now(),
        soon=not connection.in_atomic_block,
    )
