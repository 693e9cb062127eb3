"""Whether customers who met a gap leave more often than customers alike who did not.

Looked at are customers with an order in a time that ended long enough ago for all to be known, from the **first** order
of it. A gap counts if it was met within LAG of that order; whoever has no order in `within` after that has left. So
both groups are looked at for the same time from the same moment: who comes back soon is not taken out of those who had
the time to meet a gap. Alike are customers whose order was on the same channel in the same month, and who had about as
many orders before, as many meanwhile (who orders more meets more), and did about as much in the 30 days before
(metrics/effects/matching.py, cells). It is as near to a cause as records come: what nobody wrote down may be it yet.
Not here: who met what (met.py), what it costs (costs.py).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics.consistency import met
from metrics.consistency.met import GAPS, KINDS, Sold
from metrics.conversion import rates
from metrics.effects.base import People, Refusal
from metrics.effects.matching import Matched, matched
from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.scope import Days

LAG: Final = timedelta(days=14)  # after the order: in these a gap is met
WITHIN: Final = timedelta(days=90)
ANY: Final = "any"

BASED: Final = """based as (
    select profile, own.channel as channel, own.occurred_at as began, own.occurred_at + $lag as landmark,
        date_trunc('month', own.day)::date as month
    from (
        select profile, arg_min({'channel': channel, 'occurred_at': occurred_at, 'day': day}, (occurred_at, tie)) as own
        from purchases where profile is not null and occurred_at >= $since and occurred_at < $ended group by profile
    )
)"""
ONES: Final = f"""with {GAPS},
{BASED},
rates as (
    select unnest($currencies::varchar[]) as currency, unnest($rated::date[]) as day, unnest($rates::double[]) as rate
),
ordered as (
    select b.profile,
        count(*) filter (o.occurred_at < b.began) as before,
        count(*) filter (o.occurred_at >= b.began and o.occurred_at < b.landmark) as meanwhile,
        coalesce(bool_or(o.occurred_at >= b.landmark and o.occurred_at < b.landmark + $within), false) as stayed,
        coalesce(sum((o.total - o.refunded)::double * case when o.currency in ('', $own) then 1 else r.rate end)
            filter (o.occurred_at >= b.landmark and o.occurred_at < b.landmark + $within), 0) as spent
    from based b join purchases o using (profile)
    left join rates r on r.currency = o.currency and r.day = o.day
    group by b.profile
),
did as (
    select b.profile, count(*) as touches
    from based b join contacts t on t.profile = b.profile
        and t.occurred_at >= b.began - interval 30 days and t.occurred_at < b.began
    where t.active group by b.profile
),
hit as (
    select b.profile, list(distinct g.kind) as kinds
    from based b join gaps g on g.profile = b.profile and g.met >= b.began and g.met < b.landmark group by b.profile
)
select b.profile, b.channel, b.month, o.before, o.meanwhile, coalesce(d.touches, 0), o.stayed, o.spent,
    coalesce(h.kinds, [])
from based b join ordered o using (profile) left join did d using (profile) left join hit h using (profile)
order by b.profile"""  # noqa: S608 (ours)
FOREIGN: Final = """select distinct currency, day from purchases
where profile is not null and currency not in ('', $own) and occurred_at >= $since and occurred_at < $until"""


class One(NamedTuple):
    """A customer who is looked at."""

    profile: int
    channel: int
    month: Any
    before: int
    meanwhile: int
    touches: int
    stayed: bool
    spent: float  # in the workspace's currency, within the time; what has no rate is not in it
    kinds: tuple[str, ...]

    def met(self, kind: str) -> bool:
        """Whether he met a kind of gap; ANY: one of them."""
        return bool(self.kinds) if kind == ANY else kind in self.kinds


class Churn(NamedTuple):
    """Of one kind of gap: how many met it and left, how many did not meet it and left, and what of that is the gap."""

    kind: str
    met: int
    met_left: int
    not_met: int
    not_met_left: int
    effect: Matched | Refusal


class Looked(NamedTuple):
    """Everybody looked at, over which days, and the churn by kind; ANY first."""

    days: Days
    ones: list[One]
    churns: list[Churn]

    @property
    def worth(self) -> float | None:
        """What a customer who stayed spent within the time, on the mean; None of nobody."""
        spent = [one.spent for one in self.ones if one.stayed]
        return sum(spent) / len(spent) if spent else None


def base(days: Days, within: timedelta) -> Days:
    """The days of the orders that are looked at: those asked for, so much earlier that all is known."""
    back = LAG + within
    return Days(days.first - back, days.last - back)


def churn(db: Connection, asked: Asked, within: timedelta = WITHIN) -> Looked:
    """Of customers of `base`."""
    found = ones(db, asked, within)
    return Looked(base(asked.days, within), found, [_churn(kind, found) for kind in (ANY, *KINDS)])


def ones(db: Connection, asked: Asked, within: timedelta) -> list[One]:
    """Everybody looked at."""
    earlier = asked._replace(days=base(asked.days, within))
    sold = met.oversold(db, asked.settings.workspace, earlier.begin, earlier.end + LAG)
    return read(earlier, within, sold, _rates(db, earlier, earlier.end + LAG + within))


def read(earlier: Asked, within: timedelta, sold: Sold, rated: Mapping[str, list[Any]]) -> list[One]:
    """Customers of a question over the days of `base`, by profile."""
    given = met.given(earlier.begin, earlier.end + LAG, sold) | dict(rated)
    given |= {"ended": earlier.end, "lag": LAG, "within": within, "own": earlier.settings.currency}
    found = earlier.mirror.rows(ONES, **values.bound(ONES, given))
    return [One._make((*row[:-1], tuple(row[-1]))) for row in found]


def _rates(db: Connection, asked: Asked, until: datetime) -> dict[str, list[Any]]:
    own = asked.settings.currency
    foreign = asked.mirror.rows(FOREIGN, own=own, since=asked.begin, until=until)
    rate_of = rates(db, asked.settings.workspace, own, {currency for currency, _ in foreign})
    known = [(currency, day, rate_of(currency, day)) for currency, day in foreign]
    there: list[tuple[str, Any, Decimal]] = [
        (code, day, rate) for code, day, rate in known if rate is not None
    ]
    return {
        "currencies": [code for code, _, _ in there],
        "rated": [day for _, day, _ in there],
        "rates": [float(rate) for _, _, rate in there],
    }


def _churn(kind: str, everybody: list[One]) -> Churn:
    exposed = [one.met(kind) for one in everybody]
    left = [float(not one.stayed) for one in everybody]
    people = People(
        [one.profile for one in everybody],
        exposed,
        left,
        {
            "before": [float(one.before) for one in everybody],
            "meanwhile": [float(one.meanwhile) for one in everybody],
            "touches": [float(one.touches) for one in everybody],
        },
        {
            "channel": [one.channel for one in everybody],
            "month": [one.month.toordinal() for one in everybody],
        },
    )
    hits = sum(1 for hit in exposed if hit)
    gone = sum(1 for hit, out in zip(exposed, left, strict=True) if hit and out)
    return Churn(kind, hits, gone, len(everybody) - hits, int(sum(left)) - gone, matched(people))


def people(db: Connection, asked: Asked, within: timedelta, kind: str, *, hit: bool) -> list[int]:
    """The profiles looked at who met a kind of gap, or did not."""
    return [one.profile for one in ones(db, asked, within) if one.met(kind) == hit]
