"""What was done, read back: who, what, when, on what. Not here: writing it (kernel/audit.py, kernel/web/looks.py)."""

import json
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from django.utils.translation import gettext as _

from kernel import cursor
from kernel.cursor import Order, Page
from kernel.db import Connection, rows
from kernel.errors import BadRequest
from kernel.periods import utc_text

SELECT: Final = """
select a.at, a.id, a.actor, a.action, a.target, a.detail
from kernel_audit a"""
COUNT_CAP: Final = 10_000
DATE_LENGTH: Final = len("2026-11-29")
ORDER: Final = Order("a.at", "timestamptz", "a.id", "bigint")
# Each filter with the condition that it is.
FILTERS: Final = {
    "actor": "a.actor = %(actor)s::text",
    "action": "(a.action = %(action)s::text or a.action like %(action)s::text || '.%%')",
    "target": "a.target = %(target)s::text",
    "after": "a.at >= %(after)s::timestamptz",
    "before": "a.at < %(before)s::timestamptz",
}


# What days may be asked for, both inside, and the moment that each stands for.
DAYS: Final = {"from": ("after", 0), "to": ("before", 1)}


def read(given: dict[str, str], where: tzinfo) -> dict[str, Any]:
    """Filters as somebody wrote them: days (`from`, `to`) in a zone, moments in UTC unless they say. BadRequest."""
    found: dict[str, Any] = {name: given[name] for name in ("actor", "action", "target") if given.get(name)}
    for name in ("after", "before"):
        if given.get(name):
            found[name] = _moment(given[name])
    for name, (bound, later) in DAYS.items():
        if given.get(name):
            found[bound] = _begin(name, given[name], later, where)
    return found


def page(db: Connection, workspace: int, given: dict[str, Any], at: str | None, limit: int) -> Page:
    """A cursor page, newest first. `given`: of FILTERS; an action's first word takes all of its kind."""
    wheres, values = _asked(workspace, given)
    return cursor.page(db, SELECT, wheres, values, ORDER, at, limit, _line)


def count(db: Connection, workspace: int, given: dict[str, Any], cap: int | None = COUNT_CAP) -> int:
    """How many there are, counted to one beyond the cap."""
    wheres, values = _asked(workspace, given)
    most = "" if cap is None else f" limit {cap + 1}"
    text = f"select count(*) from (select from kernel_audit a where {' and '.join(wheres)}{most}) o"  # noqa: S608
    return int(rows(db, text, **values)[0][0])


def _asked(workspace: int, given: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    wanted = {name: value for name, value in given.items() if name in FILTERS}
    wheres = ["a.workspace_id = %(workspace)s::bigint", *(FILTERS[name] for name in wanted)]
    return wheres, {"workspace": workspace, **wanted}


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(_("A time is ISO 8601: 2026-11-29T10:00:00Z."), "bad_value") from None


def _begin(name: str, text: str, later: int, where: tzinfo) -> datetime:
    """The moment at which a day, or the one after it, begins there."""
    try:
        if len(text) != DATE_LENGTH:
            raise ValueError(text)
        day = date.fromisoformat(text) + timedelta(days=later)
        return datetime.combine(day, time(), where).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(_("“%(name)s” is a date like 2026-11-01.") % {"name": name}, "bad_date") from None


def _line(row: Any) -> dict[str, Any]:
    at, number, actor, action, target, detail = row
    return {
        "id": number,
        "at": utc_text(at),
        "actor": actor,
        "action": action,
        "target": target,
        "detail": json.loads(detail) if isinstance(detail, str) else detail,
    }
