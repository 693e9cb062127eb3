"""What must hold at any moment (invariants.sql: each sum twice), and what two runs of the same messages can be compared by.

Both read in one snapshot, so that they hold also while workers work.
"""

# ruff: noqa: E501

from decimal import Decimal
from pathlib import Path
from typing import Any

from kernel.db import Statements, rows
from tests.dump import DATA

SQL = Statements(str(Path(__file__).with_name("invariants.sql")))
SNAPSHOT = "begin isolation level repeatable read, read only"

PERSON = (
    "(select l.kind || ':' || l.namespace || ':' || case when l.kind in ('phone', 'email') then '' else l.value end"
    " from profiles_owner o join profiles_identifier l on l.workspace_id = o.workspace_id and l.id = o.profile_id"
    " where o.workspace_id = t.workspace_id and o.sighting_id = t.sighting_id)"
)
CHANNEL = "(select slug from channels_channel c where c.id = t.channel_id)"
# Contact data is encrypted anew by each run: of it only the number is compared.
SHOWN = {
    "people": "select l.kind || ':' || l.namespace || ':' || l.value, array_agg(n.text order by n.text)"
    " from profiles_identifier i cross join lateral (select concat_ws(':', i.kind, i.namespace,"
    " case when i.kind in ('phone', 'email') then '' else i.value end, i.shared) as text) n"
    " join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id"
    " where i.workspace_id = %(ws)s and l.kind not in ('phone', 'email') group by 1",
    "events": f"select message_id, type, name, occurred_at, {CHANNEL}, marks, ({DATA})::text, {PERSON} from profiles_event t where workspace_id = %(ws)s",
    "activity": f"select {PERSON}, day, {CHANNEL}, sum(events), sum(active), min(first_at), max(last_at) from profiles_activity t"
    " where workspace_id = %(ws)s group by 1, 2, 3",
    "summaries": "select name, events, orders, revenue, first_seen, last_seen, first_order_at, last_order_at from profiles_summary where workspace_id = %(ws)s",
    "rollups": f"select {CHANNEL}, measure, day, rate_day, currency, trim_scale(amount) from metrics_rollup t where workspace_id = %(ws)s",
    "spans": f"select {CHANNEL}, measure, first, last, n from metrics_span t where workspace_id = %(ws)s",
    "rejects": "select reason, message_id, state, raw from channels_reject where workspace_id = %(ws)s",
    "orders": f"select order_id, {CHANNEL}, occurred_at, currency, total, refunded, state, {PERSON} from metrics_order t where workspace_id = %(ws)s",
    "waiting": "select order_id, reason, kind, message_id from metrics_waiting where workspace_id = %(ws)s",
    "answers": f"select {CHANNEL}, score, satisfied, occurred_at, {PERSON} from metrics_answer t where workspace_id = %(ws)s",
    "stock": f"select {CHANNEL}, sku, at, quantity from metrics_stock t where workspace_id = %(ws)s",
    "prices": f"select {CHANNEL}, sku, at, price from metrics_price t where workspace_id = %(ws)s",
}  # fmt: skip


def violations(db: Any) -> dict[str, list[tuple[Any, ...]]]:
    """What does not hold: name -> the first rows that break it. `db`: in autocommit."""
    found = {}
    rows_of(db, SNAPSHOT)
    try:
        for name in SQL:
            broken = rows(db, SQL[name])
            if broken:
                found[name] = broken[:3]
    finally:
        rows_of(db, "rollback")
    return found


def comparable(db: Any, workspace: int) -> dict[str, list[tuple[Any, ...]]]:
    """All that two runs of the same messages, in workspaces with channels of the same names, must have alike."""
    rows_of(db, SNAPSHOT)
    try:
        return {name: sorted(rows(db, text, ws=workspace), key=_place) for name, text in SHOWN.items()}
    finally:
        rows_of(db, "rollback")


def rows_of(db: Any, statement: str) -> None:
    """A statement that yields nothing."""
    with db.cursor() as cursor:
        cursor.execute(statement)


def _place(row: tuple[Any, ...]) -> list[str]:
    """Where a row stands in its list, whichever driver read it."""
    return [f"{value.normalize():f}" if isinstance(value, Decimal) else str(value) for value in row]
