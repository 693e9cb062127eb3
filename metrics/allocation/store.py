"""Statements, their shares and orders, as they are kept.

Not here: computing them (settlement.py), what is done with them (statements.py).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import cursor, money
from kernel.cursor import Page
from kernel.db import Connection, Statements, array, copy, copy_text, escaped, rows, run
from metrics.allocation.corrections import Correction, State
from metrics.allocation.rounding import amount, units
from metrics.allocation.sharing import HOUSE, Booked, Key, Line, Order

SQL = Statements(__file__)
MOST_NUMBER: Final = 2**31 - 1  # an address may name any number; the column holds none above it
BY_NUMBER = cursor.Order("s.number", "int", "s.number", "int")
BY_AMOUNT = cursor.Order("abs(p.amount)", "numeric", "o.order_id || '/' || o.channel_id", "text")
SHARE_COLUMNS = ("statement_id", "channel_id", "earned", "amount", "corrected", "steps", "state")
ORDER_COLUMNS = (
    *("statement_id", "order_id", "channel_id", "of_statement", "reason", "day", "store", "value", "amount"),
    *("refunded", "back", "pot", "credited", "credits", "signature"),
)


class Statement(NamedTuple):
    """A period's settlement, by its number in the workspace. Money is in its currency."""

    id: int
    number: int
    first: date
    last: date
    currency: str
    version: int
    state: str
    base: Decimal
    pot: Decimal
    corrected: Decimal
    said: dict[str, Any]
    made_at: datetime
    made_by: str
    sent_at: datetime | None
    sent_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    previous: str | None
    digest: str | None

    @property
    def to_pay(self) -> Decimal:
        """The pot, and what corrections come to."""
        return self.pot + self.corrected


class Share(NamedTuple):
    """What a channel gets by a statement. `steps`: how it came to that, by sharing.Line's names."""

    channel: int
    earned: Decimal
    amount: Decimal
    corrected: Decimal
    steps: dict[str, Any]
    state: str
    decided_at: datetime | None
    decided_by: str | None

    @property
    def to_pay(self) -> Decimal:
        """The amount, and what corrections come to."""
        return self.amount + self.corrected


class OrderLine(NamedTuple):
    """An order in a statement. `credit`: what of `pot` is the channel's that was asked for; `number`: its period's."""

    order_id: str
    channel: int
    day: date
    store: str
    value: Decimal
    amount: Decimal
    refunded: Decimal
    pot: Decimal
    credit: Decimal
    reason: str
    number: int
    first: date
    last: date


class CorrectionSum(NamedTuple):
    """Corrections alike: a channel, the period they are of, the reason."""

    channel: int
    number: int
    first: date
    last: date
    reason: str
    orders: int
    amount: Decimal


class Earlier(NamedTuple):
    """A closed statement whose orders are looked at again."""

    id: int
    first: date
    last: date
    version: int


# ---- reading -------------------------------------------------------------------------------------------


def _statement(row: Sequence[Any]) -> Statement:
    made = Statement(*row)
    return made._replace(said=json.loads(made.said) if isinstance(made.said, str) else made.said)


def one(db: Connection, workspace: int, number: int) -> Statement | None:
    """A statement by its number."""
    if number > MOST_NUMBER:
        return None
    found = rows(db, SQL["one"], workspace=workspace, number=number)
    return _statement(found[0]) if found else None


def newest(db: Connection, workspace: int) -> Statement | None:
    """The one with the highest number."""
    found = rows(db, SQL["newest"], workspace=workspace)
    return _statement(found[0]) if found else None


def listed(db: Connection, workspace: int, only: Sequence[int], at: str | None, limit: int) -> Page:
    """A page of statements, the newest first. `only`: those in which one of these channels has a share, once sent."""
    wheres = ["s.workspace_id = %(workspace)s::int"]
    if only:
        wheres += [
            "s.state <> 'draft'",
            "exists (select from metrics_statement_share h where h.statement_id = s.id "
            "and h.channel_id = any(%(only)s::int[]))",
        ]
    values = {"workspace": workspace, "only": array(list(only))}
    return cursor.page(
        db, SQL["statements"], wheres, values, BY_NUMBER, at, limit, lambda row: _statement(row[2:])
    )


def overlapping(db: Connection, workspace: int, first: date, last: date) -> int | None:
    """The number of a statement with days of a period."""
    found = rows(db, SQL["overlapping"], workspace=workspace, first=first, last=last)
    return found[0][0] if found else None


def held_state(db: Connection, statement: int) -> str | None:
    """Its state, held until the transaction ends; None: it is gone."""
    found = rows(db, SQL["held"], id=statement)
    return found[0][0] if found else None


def shares(db: Connection, statements: Sequence[int]) -> dict[int, list[Share]]:
    """The shares of statements, by their id."""
    found: dict[int, list[Share]] = {one: [] for one in statements}
    for statement, channel, *rest in rows(db, SQL["shares"], statements=array(list(statements))):
        share = Share(channel, *rest)
        steps = json.loads(share.steps) if isinstance(share.steps, str) else share.steps
        found[statement].append(share._replace(steps=steps))
    return found


def orders(
    db: Connection,
    statement: int,
    channel: int | None,
    corrections: bool | None,
    at: str | None,
    limit: int,
) -> Page:
    """A page of its orders, the largest first. `corrections`: only those, or only the others; None: all."""
    wheres = ["o.statement_id = %(sheet)s::bigint"]
    if corrections is not None:
        wheres.append("o.reason <> ''" if corrections else "o.reason = ''")
    if channel is not None:
        wheres.append("%(channel)s::int = any(o.credited)")
    values = {"sheet": statement, "channel": channel}
    return cursor.page(
        db, SQL["sheet_orders"], wheres, values, BY_AMOUNT, at, limit, lambda row: OrderLine(*row[2:])
    )


def corrections(db: Connection, statement: int) -> list[CorrectionSum]:
    """Its corrections, summed up."""
    return [CorrectionSum(*row) for row in rows(db, SQL["corrections"], id=statement)]


def earlier(db: Connection, workspace: int, since: date, number: int) -> list[Earlier]:
    """Closed statements before a number, of periods that ended since a day."""
    return [
        Earlier(*row) for row in rows(db, SQL["earlier"], workspace=workspace, since=since, number=number)
    ]


def booked(db: Connection, statement: int) -> dict[Key, State]:
    """The orders of its period as they were last booked."""
    found = {}
    for order_id, channel, day, store, value, own, refunded, back, signature in rows(
        db, SQL["booked"], id=statement
    ):
        order = Order(order_id, channel, day, store, value, own, refunded, back)
        found[order.key] = State(order, signature)
    return found


def given(db: Connection, statement: int, keys: Sequence[Key], currency: str) -> dict[Key, dict[int, int]]:
    """What of orders was given to each channel so far, in minor units."""
    found: dict[Key, dict[int, int]] = {}
    asked = {"orders": array([key[0] for key in keys]), "channels": array([key[1] for key in keys])}
    for order_id, sold_by, channel, value in rows(db, SQL["given"], id=statement, **asked):
        found.setdefault((order_id, sold_by), {})[channel] = units(value, currency)
    return found


def last_earned(db: Connection, workspace: int, first: date) -> dict[int, Decimal]:
    """What channels earned in the closed statement whose period ended the day before."""
    return dict(rows(db, SQL["last_earned"], workspace=workspace, first=first))


# ---- writing -------------------------------------------------------------------------------------------


def put_shares(
    db: Connection, statement: int, lines: Sequence[Line], corrected: Mapping[int, Decimal], currency: str
) -> None:
    """Its shares; a channel that has corrections alone has one too. The company's own needs nobody's consent."""
    run(db, SQL["clear_shares"], id=statement)
    zero = amount(0, currency)
    known = {line.channel: line for line in lines}
    made = []
    for channel in sorted({*known, *corrected}):
        line = known.get(channel)
        state = "agreed" if channel == HOUSE else "waiting"
        earned, own = (line.earned, line.amount) if line else (zero, zero)
        steps = json.dumps(steps_of(line) if line else {})
        made.append((statement, channel, earned, own, corrected.get(channel, zero), steps, state))
    copy(db, "metrics_statement_share", SHARE_COLUMNS, made)


def steps_of(line: Line) -> dict[str, Any]:
    """A share's steps as they are kept: JSON."""
    plain = line._asdict()
    return {
        name: {key: str(one) for key, one in value.items()}
        if isinstance(value, dict)
        else str(value)
        if isinstance(value, Decimal)
        else value
        for name, value in plain.items()
        if name not in {"channel", "earned", "amount"}
    }


def put_orders(
    db: Connection, statement: int, booked: Sequence[Booked], changed: Sequence[Correction], currency: str
) -> None:
    """Its orders and its corrections."""
    run(db, SQL["clear_orders"], id=statement)
    made = [_row(statement, statement, "", one, currency) for one in booked]
    made += [_row(statement, one.statement, one.reason, one, currency) for one in changed]
    copy_text(db, "metrics_statement_order", ORDER_COLUMNS, "".join(made))


def _row(statement: int, of_statement: int, reason: str, one: Booked | Correction, currency: str) -> str:
    """A row in COPY's text format; a hundred thousand of them are one statement's."""
    order, small = one.order, f"e-{money.digits(currency)}"  # 1234e-2: 12.34, its decimals kept
    channels, parts = one.credits.keys(), one.credits.values()
    return (
        f"{statement}\t{escaped(order.order_id)}\t{order.channel}\t{of_statement}\t{reason}\t{order.day}\t"
        f"{escaped(order.store)}\t{order.value}\t{order.amount}\t{order.refunded}\t{order.back}\t{one.pot}{small}\t"
        f"{{{','.join(map(str, channels))}}}\t{{{','.join([f'{part}{small}' for part in parts])}}}\t{one.signature}\n"
    )
