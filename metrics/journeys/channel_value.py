"""What customers who buy on several channels are worth against those who stay on one, and how many never switch.

Who buys often has more chances to switch, so plain groups would compare one-time buyers with regular ones. Compared are
customers with two orders or more before the period, one of them in the same number of days just before it: `cross` if
these orders are on several channels, `single` if on one. What they then do in the period decides nothing about their
group: how many order again (retention), orders and revenue of a customer. Differences have 95 % intervals: Newcombe's
of shares, of means the one of two normal means with variances of their own. It is no proof of cause.

`staying` is of the period itself: of the customers with an order in it and two or more in all up to its end, those
whose orders are all on one channel. Revenue is orders less what was given back of them, converted by the order's day.
Not here: who moves where (switching.py).
"""

from decimal import Decimal
from typing import Any, NamedTuple

from kernel.db import Connection
from metrics.conversion import rates
from metrics.effects.intervals import Difference, Sample, means, newcombe, share
from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.query import text


class Group(NamedTuple):
    """Customers, how many of them ordered in the period, and what each did there."""

    customers: int = 0
    returned: int = 0
    orders: Sample = Sample(0, 0.0, 0.0)
    revenue: Sample = Sample(0, 0.0, 0.0)

    def json(self) -> dict[str, Any]:
        """As the API gives it: shares and means of a customer, None of nobody."""
        of = self.customers
        figures = {
            "retention": self.returned,
            "orders": self.orders.total,
            "revenue": self.revenue.total,
        }
        each = {name: _text(value / of) if of else None for name, value in figures.items()}
        return {"customers": of, "returned": self.returned, **each}


class Staying(NamedTuple):
    """On a channel: customers of two orders or more who ordered on no other one."""

    channel: str
    customers: int


class ChannelValue(NamedTuple):
    """The answer."""

    customers: int  # with an order in the period and two or more in all
    staying: list[Staying]
    single: Group
    cross: Group
    currency: str
    unconverted: dict[str, Decimal]
    as_of: str | None

    @property
    def differences(self) -> dict[str, Difference | None]:
        """Cross less single: retention as a share, orders and revenue of a customer."""
        return {
            "retention": newcombe(*(share(one.returned, one.customers) for one in (self.cross, self.single))),
            "orders": means(self.cross.orders, self.single.orders),
            "revenue": means(self.cross.revenue, self.single.revenue),
        }

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        apart = sorted(self.unconverted.items())
        return {
            "customers": self.customers,
            "never_switched": sum(one.customers for one in self.staying),
            "staying": [one._asdict() for one in self.staying],
            "single": self.single.json(),
            "cross": self.cross.json(),
            "difference": {
                name: None if one is None else {part: _text(value) for part, value in one._asdict().items()}
                for name, one in self.differences.items()
            },
            "currency": self.currency,
            "unconverted": [{"currency": code, "value": text(value)} for code, value in apart],
            "as_of": self.as_of,
        }


def _text(value: float) -> str:
    return f"{value:.10f}"


STAYING = """select channels, count(*) filter (single), count(*) from (
    select min(channel) as channels, min(channel) = max(channel) as single
    from purchases where profile is not null and occurred_at < $end
    group by profile having count(*) >= 2 and max(occurred_at) >= $begin
) group by channels"""
FOREIGN = """select currency, day, sum(total - refunded) from purchases
where profile is not null and day between $first and $last and currency not in ('', $own) group by currency, day"""
WORTH = """with regulars as (
    select profile, min(channel) <> max(channel) as several
    from purchases where profile is not null and occurred_at < $begin
    group by profile having count(*) >= 2 and max(occurred_at) >= $before
),
rates as (
    select unnest($currencies::varchar[]) as currency, unnest($days::date[]) as day, unnest($rates::double[]) as rate
),
did as (
    select p.profile, count(*)::double as orders, coalesce(sum(
        (p.total - p.refunded)::double * case when p.currency in ('', $own) then 1 else r.rate end
    ), 0) as revenue
    from purchases p left join rates r on r.currency = p.currency and r.day = p.day
    where p.profile in (select profile from regulars) and p.occurred_at >= $begin and p.occurred_at < $end
    group by p.profile
)
select several, count(*), count(d.profile), coalesce(sum(orders), 0), coalesce(sum(orders * orders), 0),
    coalesce(sum(revenue), 0), coalesce(sum(revenue * revenue), 0)
from regulars left join did d using (profile) group by several"""


def channel_value(db: Connection, asked: Asked) -> ChannelValue:
    """Who stays on one channel, and what those who do not are worth against them."""
    before = asked._replace(days=asked.days.before())
    own = asked.settings.currency
    given: dict[str, Any] = {
        "begin": asked.begin,
        "end": asked.end,
        "before": before.begin,
        "first": asked.days.first,
        "last": asked.days.last,
        "own": own,
    }
    foreign = _rows(asked, FOREIGN, given)
    rate_of = rates(db, asked.settings.workspace, own, {currency for currency, _, _ in foreign})
    rated = [(currency, day, rate_of(currency, day)) for currency, day, _ in foreign]
    given |= {
        "currencies": [currency for currency, _, rate in rated if rate is not None],
        "days": [day for _, day, rate in rated if rate is not None],
        "rates": [float(rate) for _, _, rate in rated if rate is not None],
    }
    apart: dict[str, Decimal] = {}
    for (currency, _, amount), (_, _, rate) in zip(foreign, rated, strict=True):
        if rate is None and amount:
            apart[currency] = apart.get(currency, Decimal(0)) + amount
    groups = {
        several: Group(customers, returned, Sample(customers, *sums[:2]), Sample(customers, *sums[2:]))
        for several, customers, returned, *sums in _rows(asked, WORTH, given)
    }
    slugs = asked.settings.channels
    found = {channel: (single, all_) for channel, single, all_ in _rows(asked, STAYING, given)}
    staying = [Staying(slug, found[channel][0]) for channel, slug in slugs.items() if channel in found]
    return ChannelValue(
        sum(all_ for _, all_ in found.values()),
        [one for one in staying if one.customers],
        groups.get(False, Group()),
        groups.get(True, Group()),
        own,
        apart,
        asked.as_of,
    )


def _rows(asked: Asked, statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    return asked.mirror.rows(statement, **values.bound(statement, given))
