"""Roll-ups of money and goods: sums kept by difference. Not here: what is summed (facts/), reading.

The rows of a busy day are wanted by every worker, so they are written last of all facts, in key order.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kernel.db import Connection, Statements, array, rows, run

SQL = Statements(__file__)
# All that is kept; facts/amounts.py says what each is, and who adds to it.
MEASURES = (
    *("gmv", "orders", "refunds", "returns", "returns_elsewhere", "cogs", "cogs_returned", "missing_cost"),
    *("spend_acquisition", "spend_retention", "stock_value", "platform_fees", "gmv_with_fees", "payout"),
)


class Sum(NamedTuple):
    """What an amount of a roll-up is kept under, in the table's order."""

    measure: str
    channel: int
    day: date
    rate_day: date
    currency: str


Amounts = dict[Sum, Decimal]


def amounts() -> Amounts:
    """No amounts yet."""
    return defaultdict(Decimal)


def difference(before: Mapping[Sum, Decimal], after: Mapping[Sum, Decimal]) -> Amounts:
    """What must be added to come from one to the other; nothing that is 0."""
    nought = Decimal(0)
    change = {key: after.get(key, nought) - before.get(key, nought) for key in before.keys() | after.keys()}
    return {key: amount for key, amount in change.items() if amount}


def add(db: Connection, workspace: int, change: Mapping[Sum, Decimal]) -> None:
    """Adds differences to the sums; what comes to 0 goes, so that a rebuild gives the same rows."""
    keys = sorted(key for key, amount in change.items() if amount)
    if not keys:
        return
    sums = array([change[key] for key in keys])
    empty = rows(db, SQL["add"], workspace=workspace, amounts=sums, **_columns(keys))
    if empty:
        run(db, SQL["drop_empty"], workspace=workspace, **_columns(empty))


def _columns(keys: list[Any]) -> dict[str, str]:
    names = ("measures", "channels", "days", "rate_days", "currencies")
    return {name: array(column) for name, column in zip(names, zip(*keys, strict=True), strict=True)}
