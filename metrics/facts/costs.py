"""Cost records: what a piece of an SKU costs from a moment on; and the lines that take their cost from one.

Not here: stock (stock.py values it by these), a line's own cost (the ledger keeps it, and it wins).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from kernel.event import Record
from metrics.facts import amounts
from metrics.facts.base import WORKSPACE, WorkspaceSettings
from metrics.facts.records import STAMP, Settled, channel, currency, settle, stamp
from metrics.facts.rows import LINES, RETURN_LINES, OrderLine
from metrics.facts.tables import Table, load, write
from metrics.rollups import Amounts, difference
from metrics.rollups import amounts as no_amounts

SQL = Statements(__file__)


class Cost(NamedTuple):
    """A cost record. Channel 0: the workspace's."""

    channel_id: int
    sku: str
    at: datetime
    day: date
    unit_cost: Decimal
    currency: str
    id: UUID
    received_at: datetime
    request: UUID
    position: int


COSTS = Table(
    "metrics_cost",
    Cost,
    ("channel_id", "sku", "at"),
    {
        "channel_id": "int",
        "sku": "text",
        "at": "timestamptz",
        "day": "date",
        "unit_cost": "numeric",
        "currency": "text",
        **STAMP,
    },
)


class Costs:
    """Cost records to look up. A channel's own record wins there, however old."""

    def __init__(self, found: Iterable[Cost]) -> None:
        self._by: dict[tuple[str, int], list[Cost]] = defaultdict(list)
        for cost in sorted(found, key=lambda cost: cost.at):
            self._by[cost.sku, cost.channel_id].append(cost)

    def at(self, sku: str, channel_id: int, moment: datetime) -> Cost | None:
        """The record valid at a moment."""
        for where in (channel_id, WORKSPACE):
            for cost in reversed(self._by.get((sku, where), ())):
                if cost.at <= moment:
                    return cost
        return None

    def closing(self, sku: str, channel_id: int, day: date) -> Cost | None:
        """The record valid when a day ends."""
        for where in (channel_id, WORKSPACE):
            for cost in reversed(self._by.get((sku, where), ())):
                if cost.day <= day:
                    return cost
        return None

    def days(self, sku: str, channel_id: int) -> set[date]:
        """The days on which the cost may change."""
        return {cost.day for where in (channel_id, WORKSPACE) for cost in self._by.get((sku, where), ())}

    def priced(self, line: OrderLine) -> OrderLine:
        """A line with the cost it takes."""
        if line.own_cost is not None:
            return line
        cost = self.at(line.sku, line.channel_id, line.occurred_at)
        if cost is None:
            return line._replace(unit_cost=None, cost_currency=None, cost_day=None)
        return line._replace(unit_cost=cost.unit_cost, cost_currency=cost.currency, cost_day=cost.day)


def load_costs(db: Connection, settings: WorkspaceSettings, skus: Collection[str]) -> Costs:
    """All cost records of these SKUs."""
    return Costs(load(db, settings.workspace, COSTS, ("sku",), [(sku,) for sku in skus]).values())


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> Settled:
    """Writes the batch's cost records."""
    return settle(
        db, settings, COSTS, [_row(record, settings) for record in records if record.type == "cost"]
    )


class Recosted(NamedTuple):
    """What changed costs change in the roll-ups, and the orders whose lines they change."""

    change: Amounts
    orders: set[str]


def recost(db: Connection, settings: WorkspaceSettings, settled: Settled) -> Recosted:
    """Gives every line the changed records may be valid for its right cost."""
    since: dict[str, datetime] = {}
    for _, cost in settled.changed():
        since[cost.sku] = min(cost.at, since.get(cost.sku, cost.at))
    if not since:
        return Recosted({}, set())
    skus = sorted(since)
    found = rows(
        db,
        SQL["lines_since"],
        workspace=settings.workspace,
        skus=array(skus),
        since=array([since[sku] for sku in skus]),
    )
    lines = LINES.keyed(map(OrderLine._make, found))
    known = load_costs(db, settings, skus)
    priced = {key: known.priced(line) for key, line in lines.items()}
    after = {key: line for key, line in priced.items() if line != lines[key]}
    before = {key: lines[key] for key in after}
    write(db, settings.workspace, LINES, before, after)
    back = load(
        db, settings.workspace, RETURN_LINES, ("order_id", "channel_id", "line"), list(after)
    ).values()
    old, new = no_amounts(), no_amounts()
    amounts.of_goods(old, before, back)
    amounts.of_goods(new, after, back)
    return Recosted(difference(old, new), {line.order_id for line in after.values()})


def _row(record: Record, settings: WorkspaceSettings) -> Cost:
    return Cost(
        channel_id=channel(record),
        sku=record.fields["sku"],
        at=record.at,
        day=settings.day(record.at),
        unit_cost=record.fields["unit_cost"],
        currency=currency(record, settings),
        **stamp(record),
    )
