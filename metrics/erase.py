"""What of a person lies in metrics, and how it goes: what she wrote, names in facts; the money stays, nobody's.

Facts point to sightings, which stay, so no sum changes: `totals` says so of every metric.
Not here: whose sightings are (profiles/erase.py), the order of an erasure (cdp/pipeline/erasure.py).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from kernel import sweep
from kernel.db import Connection, Statements, array, rows, run
from kernel.erased import Person
from kernel.event import Clean
from kernel.models import Workspace
from metrics import query
from metrics.catalogue import BY_NAME
from metrics.facts import messages
from metrics.mirror import place
from metrics.query import Ask
from metrics.scope import Days

SQL = Statements(__file__)
LONGEST = timedelta(days=5 * 366)  # of the days that are compared
ALL_AT_ONCE, LAST_DAYS = "", timedelta(days=6)

# Where a text may hold a value: by order, by sighting, and what only a sweep finds.
BY_ORDER = {
    "metrics_order": ("message_id", "coupon", "store", "reason", "campaign", "source"),
    "metrics_order_line": ("name", "category", "brand"),
    "metrics_refund": ("reason",),
    "metrics_return": ("store",),
    "metrics_payment": ("method", "reason"),
    "metrics_shipment": ("carrier",),
    "metrics_waiting": ("message_id",),
}
BY_SIGHTING = {
    "metrics_answer": ("message_id", "about"),
    "metrics_ticket": ("topic",),
    "metrics_member_account": ("reason",),
    "metrics_membership": ("tier",),
}
SWEPT = {
    "metrics_order_message": ("order_id", "message_id", "key", "data"),
    "metrics_order_ref": ("order_id",),
    "metrics_order": ("order_id", "message_id", "coupon", "store", "reason", "campaign", "source"),
    "metrics_order_line": ("order_id", "sku", "name", "category", "brand"),
    "metrics_refund": ("order_id", "key", "reason"),
    "metrics_return": ("order_id", "key", "store"),
    "metrics_return_line": ("order_id", "key", "sku"),
    "metrics_payment": ("order_id", "key", "method", "reason"),
    "metrics_shipment": ("order_id", "key", "carrier"),
    "metrics_settlement": ("order_id",),
    "metrics_waiting": ("order_id", "message_id"),
    "metrics_payout": ("order_id", "ref"),
    "metrics_fact_ref": ("key",),
    "metrics_fact_message": ("key", "message_id", "data"),
    "metrics_answer": ("key", "message_id", "about", "text", "order_id"),
    "metrics_ticket": ("key", "topic", "order_id"),
    "metrics_membership": ("tier",),
    "metrics_member_account": ("reason",),
    "metrics_spend": ("key", "campaign", "medium"),
    "metrics_product": ("name", "category", "brand", "tags"),
    "metrics_analysis": ("name", "params"),
    "metrics_board": ("name",),
    "metrics_segment": ("name", "rule", "trouble"),
}


def erase(
    db: Connection, workspace: int, sightings: Sequence[int], cleans: Sequence[Clean], person: Person
) -> dict[str, int]:
    """What changed, by table. `cleans`: messages as they are read now, the person's and what names her."""
    mine = array(list(sightings))
    orders = array([order for (order,) in rows(db, SQL["orders"], workspace=workspace, sightings=mine)])
    counts: dict[str, int] = {"metrics_attribution": run(db, SQL["kept_answers"], workspace=workspace)}
    for statement, table, kinds in (
        ("order_messages", "metrics_order_message", messages.FAMILY),
        ("fact_messages", "metrics_fact_message", messages.REPEATED),
    ):
        said = messages.meant(cleans, kinds)
        counts[table] = run(
            db,
            SQL[statement],
            workspace=workspace,
            ids=array([clean.id for clean, _ in said]),
            message_ids=[clean.message_id for clean, _ in said],
            datas=[
                messages.data(meaning, clean if kinds is messages.FAMILY else None) for clean, meaning in said
            ],
        )
    counts["metrics_answer"] = run(db, SQL["answers"], workspace=workspace, sightings=mine)
    for found in (
        sweep.own(db, workspace, BY_ORDER, person, "order_id = any (%(orders)s::text[])", orders=orders),
        sweep.own(db, workspace, BY_SIGHTING, person, "sighting_id = any (%(mine)s::bigint[])", mine=mine),
        sweep.away(db, workspace, SWEPT, person),
    ):
        for table, n in found.items():
            counts[table] = counts.get(table, 0) + n
    return counts


def bare(
    db: Connection, workspace: int, sightings: Sequence[int], read: Sequence[Clean], person: Person
) -> dict[str, int]:
    """Messages of facts that no body tells any more (not in `read`): what was written goes, and names in the rest."""
    mine = array(list(sightings))
    texts = run(
        db, SQL["bare_texts"], workspace=workspace, sightings=mine, ids=array([clean.id for clean in read])
    )
    named = {"metrics_order_message": ("data",), "metrics_fact_message": ("data",)}
    done = sweep.own(db, workspace, named, person, "sighting_id = any (%(mine)s::bigint[])", mine=mine)
    return done | {"metrics_fact_message": done.get("metrics_fact_message", 0) + texts}


def rename(db: Connection, workspace: int, keys: Mapping[UUID, UUID]) -> dict[str, int]:
    """Members of segments by the ids that they have now. `keys`: the new one of each former."""
    asked = {"workspace": workspace, "keys": array(keys), "now": array(keys.values())}
    return {
        "metrics_segment_member": run(db, SQL["members"], **asked),
        "metrics_segment_change": run(db, SQL["member_changes"], **asked),
    }


# ---- totals -------------------------------------------------------------------------------------


def totals(db: Connection, workspace: Workspace) -> dict[str, str]:
    """Every metric that PostgreSQL keeps, over all days by month and over the last week by day, as a digest each."""
    [(first, last)] = rows(db, SQL["days"], workspace=workspace.pk)
    if first is None:
        return {}
    settings = query.reporting_settings(db, workspace)
    asks = _asks(max(first, last - LONGEST), last)
    found = {}
    for name, metric in BY_NAME.items():
        if not metric.mirrored:
            said = [query.measure(db, settings, name, ask).json() for ask in asks]
            found[name] = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
    return found


def _asks(first: date, last: date) -> list[Ask]:
    return [
        Ask(Days(first, last), "month", by="channel"),
        Ask(Days(max(first, last - LAST_DAYS), last), "day", by="channel"),
    ]


# ---- the mirror's files -------------------------------------------------------------------------


def files(workspace: int) -> list[Path]:
    """The mirror's files of a workspace on this machine."""
    folder = place.folder_of(workspace).path
    return sorted(folder.glob("*.parquet")) if folder.exists() else []


def holding(workspace: int, forms: Sequence[str]) -> int:
    """How many rows of the mirror's files hold one of some writings."""
    import duckdb  # with numpy: the web server asks here once in a while

    found = 0
    with duckdb.connect() as db:
        for path in files(workspace):
            asked = " or ".join("contains(line, ?)" for _ in forms)
            said = db.execute(
                f"select count(*) from (select t::varchar as line from read_parquet(?) t) where {asked}",  # noqa: S608
                [str(path), *forms],
            ).fetchone()
            found += int(said[0]) if said else 0
    return found
