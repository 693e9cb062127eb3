"""What questions of service share: money in the workspace's currency, hours, which order something speaks of.

Not here: any one question.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics.conversion import rates
from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.query import EXACT, text

HOUR: Final = Decimal(3_600_000_000)  # microseconds
PLACES: Final = Decimal("1E-4")  # of an hour


class Money(NamedTuple):
    """What amounts come to in the workspace's currency, and those of currencies without a rate, as they are."""

    amount: Decimal = Decimal(0)
    unconverted: Mapping[str, Decimal] = {}


def hours(microseconds: float | None) -> Decimal | None:
    """Microseconds as hours; None: there are none."""
    return None if microseconds is None else (Decimal(microseconds) / HOUR).quantize(PLACES)


def amount(value: Decimal) -> str:
    """An amount as the API writes it: without the noughts that the mirror's columns add."""
    return text(value.normalize(EXACT))


def said(value: Decimal | None) -> str | None:
    """A number as the API writes it."""
    return None if value is None else text(value)


def apart(unconverted: Mapping[str, Decimal]) -> list[dict[str, str]]:
    """What has no rate, as the API writes it."""
    return [{"currency": code, "value": amount(value)} for code, value in sorted(unconverted.items())]


def asked_rows(asked: Asked, statement: str, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement of the mirror that may name the period ($begin, $end; $first, $last)."""
    days = {"first": asked.days.first, "last": asked.days.last}
    given = {"begin": asked.begin, "end": asked.end, "own": asked.settings.currency} | days | more
    return asked.mirror.rows(statement, **values.bound(statement, given))


def converted(db: Connection, asked: Asked, sums: Iterable[tuple[Any, ...]]) -> dict[Any, Money]:
    """Sums of (key, currency, the day whose rate converts it, amount) by key: exact, as the catalogue converts them."""
    listed = list(sums)
    own = asked.settings.currency
    rate = rates(db, asked.settings.workspace, own, {currency for _, currency, _, _ in listed})
    amounts: dict[Any, Decimal] = defaultdict(Decimal)
    lacking: dict[Any, dict[str, Decimal]] = defaultdict(dict)
    with localcontext(EXACT):
        for key, currency, day, amount in listed:
            by = rate(currency, day)
            amounts[key] += amount * (by or 0)  # a key whose sums are noughts is one all the same
            if by is None and amount:
                lacking[key][currency] = lacking[key].get(currency, Decimal(0)) + amount
    return {key: Money(amount, lacking.get(key, {})) for key, amount in amounts.items()}


def about(rows: str) -> str:
    """A select of `rows` (with `order_id` and `channel`) and the channel of the order each speaks of, `bought`.

    Of an order of its own channel, else of the only one with that number; null: of none, or of nobody knows which.
    """
    return f"""select r.*, coalesce(own.channel, one.channel) as bought
    from ({rows}) r
    left join orders own on own.order_id = r.order_id and own.channel = r.channel
    left join (
        select order_id, min(channel) as channel from orders
        where order_id in (select order_id from ({rows})) group by order_id having count(*) = 1
    ) one on one.order_id = r.order_id"""  # noqa: S608 (ours)
