"""The mirror's rows that terms are counted of: which there are, when each counts, who it belongs to. DuckDB's SQL.

A row is called `x`. `$first` and `$last` are days of the workspace's zone, both inside; `$begin` and `$end` the moments
from and before which. Not here: what a term counts of them (terms.py), their dimensions' values (dimensions.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from metrics import visits
from metrics.breakdown import dimensions
from metrics.breakdown.dimensions import Found

IN_DAYS = "day between $first and $last"
IN_MOMENTS = "occurred_at >= $begin and occurred_at < $end"


class Key(NamedTuple):
    """What a row is found by: an expression of the mirror's, one over the list's rows `x`, its type there."""

    mirror: str
    listed: str
    cast: str


@dataclass(frozen=True)
class Fact:
    """Rows of one kind. `dated`: they count on a day, else at a moment. `keys`: what PostgreSQL finds them by."""

    source: str
    dimensions: Mapping[str, Found]
    dated: bool = True
    who: str = "x"
    keys: tuple[Key, ...] = ()


CHANNEL: Final = Key("x.channel", "x.channel_id", "int")
ORDER: Final = (Key("x.order_id", "x.order_id", "text"), CHANNEL)
LINE: Final = (*ORDER, Key("x.line", "x.line", "int"))
TICKET: Final = (CHANNEL, Key("x.key", "x.ticket", "text"))
# Payments of one instant and method of an order are alike in all that they can be asked for.
PAYMENT: Final = (
    *ORDER,
    Key("x.service_channel", "x.service_channel_id", "int"),
    Key("x.occurred_at", "x.occurred_at at time zone 'UTC'", "timestamp"),
    Key("coalesce(x.method, '')", "coalesce(x.method, '')", "text"),
)


def _of_orders(source: str, keys: tuple[Key, ...] = ORDER) -> Fact:
    return Fact(f"({source})", dimensions.OF_ORDERS_PARTS, who="o", keys=keys)


ORDERS: Final = Fact(
    f"(select * from purchases where {IN_DAYS})",  # noqa: S608 (ours)
    dimensions.OF_ORDERS,
    keys=ORDER,
)
SETTLED: Final = Fact(
    "(select o.*, s.fees, s.payout from purchases o "
    "join settlements s on s.order_id = o.order_id and s.channel = o.channel where o.day between $first and $last)",
    dimensions.OF_ORDERS,
    keys=ORDER,
)
REFUNDS: Final = _of_orders(f"select * from refunds where {IN_DAYS}")  # noqa: S608
RETURNS: Final = _of_orders(f"select * from returns where {IN_DAYS}")  # noqa: S608
LINES: Final = Fact(
    f"(select * from order_lines where {IN_DAYS})",  # noqa: S608
    dimensions.OF_LINES,
    who="o",
    keys=LINE,
)
# Goods taken back, at their share of the line.
_BACK = """
    select b.order_id, b.channel, b.line, b.day, b.quantity, l.sku, l.category, l.brand, l.currency, l.day as sold_on,
        l.cost_currency, l.cost_day,
        case when b.quantity = l.quantity then l.net else {net} end as net,
        case when b.quantity = l.quantity then l.cost else {cost} end as cost
    from return_lines b
    join order_lines l on l.order_id = b.order_id and l.channel = b.channel and l.line = b.line
    where b.day between $first and $last"""


def _share(amount: str, places: int) -> str:
    """SQL: an amount of a line x what of its quantity came back, rounded half away from zero to so many places.

    Whole numbers are divided: DuckDB divides decimals as floats.
    """
    scaled = f"(abs({amount}) * {10**places})::hugeint"
    back, sold = "(b.quantity * 100000000)::hugeint", "(l.quantity * 100000000)::hugeint"
    whole = f"(2 * {scaled} * {back} + {sold}) // (2 * nullif({sold}, 0))"
    return f"(sign({amount}) * ({whole})::decimal(38, 0) * 1e-{places}::decimal({places}, {places}))"


LINES_BACK: Final = Fact(
    f"({_BACK.format(net=_share('l.net', 4), cost=_share('l.cost', 12))})",
    dimensions.OF_LINES,
    who="o",
    keys=LINE,
)
GOODS_BACK: Final = Fact(  # the same, how many alone
    f"(select * from return_lines where line >= 0 and {IN_DAYS})",  # noqa: S608
    dimensions.OF_GOODS_BACK,
    who="o",
    keys=LINE,
)
TOUCHES: Final = Fact(
    f"(select * from contacts where {IN_MOMENTS})",  # noqa: S608
    dimensions.OF_TOUCHES,
    dated=False,
)
ANSWERS: Final = Fact(f"(select * from judgements where {IN_DAYS})", dimensions.OF_ANSWERS)  # noqa: S608
_FROM = visits.before("$begin")
VISITS: Final = Fact(
    f"(select *, began as occurred_at from ({visits.beginnings(f'occurred_at > {_FROM} and occurred_at < $end')}) "  # noqa: S608
    "where began >= $begin)",
    dimensions.OF_TOUCHES,
    dated=False,
)
VISITS_WHOLE: Final = Fact(
    f"(select *, began as occurred_at from ({visits.visits(f'occurred_at > {_FROM}')}) "  # noqa: S608
    "where began >= $begin and began < $end)",
    dimensions.OF_TOUCHES,
    dated=False,
)
CARTS: Final = Fact(
    f"(select * from contacts where name = 'Product Added' and {IN_MOMENTS})",  # noqa: S608
    dimensions.OF_TOUCHES,
    dated=False,
)
# Visits with the next order of the same person on the same channel, if it came in time.
VISITS_WITH_ORDERS: Final = Fact(
    f"""(
        select v.*, p.occurred_at as ordered_at
        from {VISITS_WHOLE.source} v
        asof join (select profile, channel, occurred_at from purchases where profile is not null) p
            on p.profile = v.profile and p.channel = v.channel and v.began <= p.occurred_at
        where p.occurred_at <= v.ended + interval 24 hours)""",  # noqa: S608
    dimensions.OF_TOUCHES,
    dated=False,
)
# Of orders: what speaks of none waits, and counts nothing.
PAYMENTS: Final = Fact(
    "(select * from payments p semi join orders o on o.order_id = p.order_id and o.channel = p.channel "
    "where p.occurred_at >= $begin and p.occurred_at < $end)",
    dimensions.OF_PAYMENTS,
    dated=False,
    who="o",
    keys=PAYMENT,
)
# What came to its end in the period: `occurred_at` is when it did.
PARCELS: Final = Fact(
    "(select * exclude (occurred_at), delivered_at as occurred_at from shipments "
    "where delivered_at >= $begin and delivered_at < $end)",
    dimensions.OF_ORDERS_PARTS,
    dated=False,
    who="o",
    keys=ORDER,
)


def _tickets(ended: str) -> Fact:
    return Fact(
        f"(select * exclude (occurred_at), {ended} as occurred_at from inquiries "  # noqa: S608
        f"where {ended} >= $begin and {ended} < $end and {ended} >= opened_at)",
        dimensions.OF_ANSWERS,
        dated=False,
        keys=TICKET,
    )


TICKETS_ANSWERED: Final = _tickets("first_response_at")
TICKETS_RESOLVED: Final = _tickets("resolved_at")
# Refunds that a return of the same order came before, with when the last of these was announced.
REFUNDS_OF_RETURNS: Final = _of_orders(
    f"""
    select f.*, b.occurred_at as returned_at
    from (select * from refunds where kind = 'refund' and {IN_DAYS}) f
    asof join returns b on b.order_id = f.order_id and b.channel = f.channel and b.occurred_at <= f.occurred_at"""  # noqa: S608
)
