"""Stock records: levels carried forward, valued by the cost then valid; the roll-up keeps what the worth changed by.

The closing stock of a day is the newest level of each location before that day ends; its worth is that times the cost
valid then, nothing where the level lies below 0 (backorders). `stock_value` holds, by channel and day, the change
against the day before, so the worth of any day is a running sum. Not here: the costs themselves (costs.py), turnover
(catalogue/).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from kernel.event import Record
from metrics.facts.base import WORKSPACE, WorkspaceSettings
from metrics.facts.costs import COSTS, Cost, Costs
from metrics.facts.records import STAMP, Settled, channel, settle, stamp
from metrics.facts.tables import Key, Table, load
from metrics.rollups import Amounts, Sum, difference
from metrics.rollups import amounts as no_amounts

SQL = Statements(__file__)
NOUGHT = Decimal(0)

Item = tuple[int, str]  # channel, SKU
Worth = tuple[Decimal, str, date]  # value, currency and day of the cost


class Stock(NamedTuple):
    """A stock record."""

    channel_id: int
    sku: str
    location: str
    at: datetime
    day: date
    quantity: Decimal
    id: UUID
    received_at: datetime
    request: UUID
    position: int


STOCK = Table(
    "metrics_stock",
    Stock,
    ("channel_id", "sku", "location", "at"),
    {
        "channel_id": "int",
        "sku": "text",
        "location": "text",
        "at": "timestamptz",
        "day": "date",
        "quantity": "numeric",
        **STAMP,
    },
)


class Level(NamedTuple):
    """A stock level as far as its worth asks."""

    channel_id: int
    sku: str
    location: str
    at: datetime
    day: date
    quantity: Decimal


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record], costs: Settled) -> Amounts:
    """Writes the batch's stock records; what they and the cost records (written already) change in the roll-ups."""
    settled = settle(
        db, settings, STOCK, [_row(record, settings) for record in records if record.type == "stock"]
    )
    since = _since(db, settings, settled, costs)
    if not since:
        return {}
    after = _levels(db, settings, since)
    before = _undone(after, settled)
    skus = [(sku,) for sku in {sku for _, sku in since}]
    now: dict[Key, Cost] = load(db, settings.workspace, COSTS, ("sku",), skus)
    then = {key: cost for key, cost in now.items() if key not in costs.after} | costs.before
    return difference(
        changes(before, Costs(then.values()), since), changes(after, Costs(now.values()), since)
    )


def changes(levels: Iterable[Level], costs: Costs, since: dict[Item, date]) -> Amounts:
    """How the worth of items changes, day by day from their day in `since` on."""
    sums = no_amounts()
    by_item: dict[Item, list[Level]] = defaultdict(list)
    for level in sorted(levels):
        by_item[level.channel_id, level.sku].append(level)
    for item, found in sorted(by_item.items()):
        _add_changes(sums, item, sorted(found, key=lambda level: level.at), (costs, since[item]))
    return sums


def _add_changes(sums: Amounts, item: Item, levels: list[Level], rest: tuple[Costs, date]) -> None:
    costs, since = rest
    channel_id, sku = item
    days = {level.day for level in levels} | costs.days(sku, channel_id)
    held: dict[str, Decimal] = {}
    worth: Worth | None = None
    index = 0
    for day in sorted(days):
        while index < len(levels) and levels[index].day <= day:
            held[levels[index].location] = max(levels[index].quantity, NOUGHT)
            index += 1
        cost = costs.closing(sku, channel_id, day)
        new = (sum(held.values(), NOUGHT) * cost.unit_cost, cost.currency, cost.day) if cost else None
        if day >= since and new != worth:
            for sign, part in ((-1, worth), (1, new)):
                if part:
                    sums[Sum("stock_value", channel_id, day, part[2], part[1])] += sign * part[0]
        worth = new


def _since(db: Connection, settings: WorkspaceSettings, stock: Settled, costs: Settled) -> dict[Item, date]:
    """The items whose worth may have changed, and from which day on."""
    since: dict[Item, date] = {}
    general: dict[str, date] = {}  # SKUs whose cost changed for the whole workspace
    for _, row in [*stock.changed(), *costs.changed()]:
        if row.channel_id == WORKSPACE:
            general[row.sku] = min(row.day, general.get(row.sku, row.day))
        else:
            item = (row.channel_id, row.sku)
            since[item] = min(row.day, since.get(item, row.day))
    if general:
        for item in rows(db, SQL["where_kept"], workspace=settings.workspace, skus=array(sorted(general))):
            since[item] = min(general[item[1]], since.get(item, general[item[1]]))
    return since


def _levels(db: Connection, settings: WorkspaceSettings, since: dict[Item, date]) -> list[Level]:
    """The levels from each item's day on, and of each location the last one before."""
    items = sorted(since)
    found = rows(
        db,
        SQL["levels"],
        workspace=settings.workspace,
        channels=array([channel_id for channel_id, _ in items]),
        skus=array([sku for _, sku in items]),
        since=array([since[item] for item in items]),
    )
    return [Level(*row) for row in found]


def _undone(after: list[Level], settled: Settled) -> list[Level]:
    """The levels as they were before the records came."""
    new = {row[:4] for _, row in settled.changed()}
    return [level for level in after if level[:4] not in new] + [
        Level(*row[: len(Level._fields)]) for row, _ in settled.changed() if row is not None
    ]


def _row(record: Record, settings: WorkspaceSettings) -> Stock:
    return Stock(
        channel_id=channel(record),
        sku=record.fields["sku"],
        location=record.fields.get("location") or "",
        at=record.at,
        day=settings.day(record.at),
        quantity=record.fields["quantity"],
        **stamp(record),
    )
