"""Orders: whenever a message about one arrives, its ledger is made anew and the difference is written.

`lock` takes every lock that facts need, before identity takes its own. Not here: the rules (ledger.py), roll-ups
(rollups.py adds what is handed back).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, Record
from metrics.facts import amounts, costs, marks, messages
from metrics.facts.base import WorkspaceSettings, short
from metrics.facts.ledger import Ledger, ledger
from metrics.facts.rows import (
    LINES,
    ORDERS,
    PAYMENTS,
    REFUNDS,
    RETURN_LINES,
    RETURNS,
    SETTLEMENTS,
    SHIPMENTS,
    WAITING,
    Order,
)
from metrics.facts.tables import Key, Table, load, write
from metrics.rollups import Amounts, difference
from metrics.rollups import amounts as no_amounts

SQL = Statements(__file__)
COSTS_LOCK, RECORDS_LOCK = 7401, 7402  # advisory locks per workspace, taken in this order

Rows = dict[str, dict[Key, Any]]  # table name -> its rows
Differing = dict[str, tuple[list[Any], list[Any]]]  # table of the mirror -> rows before and after
TABLES: dict[str, Table] = {  # as the ledger calls them, in the order they are written
    "orders": ORDERS,
    "settlements": SETTLEMENTS,
    "lines": LINES,
    "refunds": REFUNDS,
    "returns": RETURNS,
    "return_lines": RETURN_LINES,
    "payments": PAYMENTS,
    "shipments": SHIPMENTS,
    "waiting": WAITING,
}


# As the ledger calls what the mirror keeps of orders, and as the mirror does.
MIRRORED = {
    "orders": "orders",
    "settlements": "settlements",
    "lines": "order_lines",
    "refunds": "refunds",
    "returns": "returns",
    "return_lines": "return_lines",
    "payments": "payments",
    "shipments": "shipments",
}


class Remade(NamedTuple):
    """Orders as they were and as they are, by key, and what that changes in the roll-ups and in events' marks.

    `differing`: of every table all rows, before and after, of the numbers for which one differs.
    """

    before: Mapping[Key, Order]
    after: Mapping[Key, Order]
    change: Amounts
    marked: marks.Marked
    unmarked: marks.Marked
    differing: Differing


def hold_records(db: Connection, workspace: int) -> None:
    """Nobody else writes records of the workspace until the transaction ends."""
    rows(db, SQL["alone"], lock=RECORDS_LOCK, workspace=workspace)


def lock(db: Connection, workspace: int, fresh: Sequence[Clean], records: Sequence[Record]) -> set[int]:
    """Locks all orders, answers and tickets that the batch speaks of, and its records; sightings they may belong to.

    Batches with orders pass together, one with cost records goes alone: its costs may be valid for any line. Batches
    with records go one after the other. All that is locked by row is locked in key order.
    """
    about = messages.meant(fresh, messages.FAMILY)
    numbers = sorted({meaning.order_id or "" for _, meaning in about})
    facts = sorted(
        {
            (messages.REPEATED[m.kind], clean.channel, short(m.key))
            for clean, m in messages.meant(fresh, messages.REPEATED)
        }
    )
    if any(record.type == "cost" for record in records):
        rows(db, SQL["alone"], lock=COSTS_LOCK, workspace=workspace)
    elif numbers:
        rows(db, SQL["together"], lock=COSTS_LOCK, workspace=workspace)
    if records:
        hold_records(db, workspace)
    sightings: set[int] = set()
    if numbers:
        run(db, SQL["name_orders"], workspace=workspace, orders=array(numbers))
        rows(db, SQL["lock_orders"], workspace=workspace, orders=array(numbers))
        found = rows(db, SQL["customers"], workspace=workspace, orders=array(numbers))
        sightings.update(sighting for (sighting,) in found)
    if facts:
        kinds, channels, keys = (array(column) for column in zip(*facts, strict=True))
        names = {"kinds": kinds, "channels": channels, "keys": keys}
        run(db, SQL["name_facts"], workspace=workspace, **names)
        rows(db, SQL["lock_facts"], workspace=workspace, **names)
        sightings.update(sighting for (sighting,) in rows(db, SQL["people"], workspace=workspace, **names))
    return sightings


def apply(db: Connection, settings: WorkspaceSettings, fresh: Sequence[Clean]) -> Remade:
    """Keeps the batch's messages about orders and remakes every order they speak of."""
    numbers = sorted(messages.append_orders(db, settings.workspace, fresh))
    if not numbers:
        return Remade({}, {}, {}, set(), set(), {})
    told = messages.of_orders(db, settings.workspace, numbers)
    came = {clean.id for clean in fresh}
    earlier = {n: [message for message in told[n] if message.id not in came] for n in numbers}
    known = [number for number, old in earlier.items() if old]
    settled = [n for n, old in earlier.items() if any(message.data.settles for message in old)]
    after = _after(db, settings, [ledger(number, told[number], settings) for number in numbers])
    before = _present(db, settings, known, settled)
    for name, table in TABLES.items():
        write(db, settings.workspace, table, before[name], after[name])
    old, new = marks.of(before), marks.of(after)
    change = difference(_sums(before), _sums(after))
    differing = {MIRRORED[name]: _differing(before[name], after[name]) for name in MIRRORED}
    return Remade(before["orders"], after["orders"], change, new - old, old - new, differing)


def _differing(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> tuple[list[Any], list[Any]]:
    """All rows of the order numbers of which one differs, before and after."""
    numbers = {key[0] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return (
        [row for key, row in before.items() if key[0] in numbers],
        [row for key, row in after.items() if key[0] in numbers],
    )


def _present(db: Connection, settings: WorkspaceSettings, known: list[str], settled: list[str]) -> Rows:
    """The rows of orders that were spoken of before; `settled`: those of whose settlement something was said."""
    wanted = {"settlements": settled}  # most orders have none: nobody looks
    keys = {name: [(number,) for number in wanted.get(name, known)] for name in TABLES}
    return {
        name: load(db, settings.workspace, table, ("order_id",), keys[name]) for name, table in TABLES.items()
    }


def _after(db: Connection, settings: WorkspaceSettings, books: list[Ledger]) -> Rows:
    """The rows these ledgers come to, lines priced."""
    found: Rows = {
        name: table.keyed(row for book in books for row in getattr(book, name))
        for name, table in TABLES.items()
        if name != "waiting"
    }
    found["waiting"] = WAITING.keyed(row for book in books for row in book.waiting.values())
    known = costs.load_costs(
        db, settings, {line.sku for line in found["lines"].values() if line.own_cost is None}
    )
    found["lines"] = {key: known.priced(line) for key, line in found["lines"].items()}
    return found


def _sums(found: Rows) -> Amounts:
    """All that rows of orders add to the roll-ups."""
    sums = no_amounts()
    amounts.of_orders(sums, found["orders"].values())
    amounts.of_settlements(sums, found["settlements"], found["orders"])
    amounts.of_refunds(sums, found["refunds"].values())
    amounts.of_returns(sums, found["returns"].values())
    amounts.of_goods(sums, found["lines"], found["return_lines"].values())
    return sums
