"""What joining goes along with: what those who joined spend after it, against customers alike who did not join.

Joined: in the `lasting` days just before the period. Looked at is the period (after) and as many days before that span
(before); the span itself is in neither, since whoever joins at the till has bought by then. The effect is a difference
in differences: after less before of those who joined, less the same of customers who were no members by the period's
end. Both had an order before the period, and are alike in the channel of the latest of these, in whether they bought
within the span, and in orders, revenue and time since the last order until the span began (effects/matching.py, cells).

Check: what both spent in as many days before `before`, which joining cannot have changed; where that differs, those
compared are not alike. At most MOST of either side are compared, drawn by chance that is the same each time.
It is no experiment: who joins may mean to buy more anyway. Not here: how people are matched (metrics/effects).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from kernel import periods
from kernel.db import Connection
from kernel.errors import BadRequest
from metrics.conversion import rates
from metrics.effects.base import People, Refusal
from metrics.effects.intervals import Difference
from metrics.effects.matching import Matched, matched
from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.loyalty.worth import apart_json
from metrics.query import YEARS
from metrics.scope import Days

SPAN: Final = timedelta(days=30)  # in which they joined
MOST: Final = 60_000  # customers of a side that are compared
NEVER: Final = 3_650  # days since an order that there was not
MEASURES: Final = ("revenue", "orders", "bought")
OUTCOMES: Final = ("joined", "others")


class Spans(NamedTuple):
    """The days that are looked at, each beginning where the one before it ends."""

    earlier: Days
    before: Days
    joined: Days
    after: Days


class Effect(NamedTuple):
    """A measure of a customer over the days of the period: how it changed for those who joined and for the others."""

    measure: str
    found: Matched | Refusal

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        found = self.found
        if isinstance(found, Refusal):
            return {
                "measure": self.measure,
                "joined": None,
                "others": None,
                "difference": None,
                "plain": None,
            }
        return {
            "measure": self.measure,
            "joined": _text(found.with_),
            "others": _text(found.without),
            "difference": difference_json(found.difference),
            "plain": difference_json(found.plain),
        }


class Joining(NamedTuple):
    """The answer. `effects`: one for each of MEASURES; `check`: revenue of `earlier`, of the same people."""

    spans: Spans
    joiners: int  # who joined in the span
    without_order: int  # of them, who had no order before the period
    others: int  # who could be compared with
    effects: list[Effect]
    check: Matched | Refusal
    currency: str
    unconverted: dict[str, Decimal]
    as_of: str | None

    @property
    def refusal(self) -> Refusal | None:
        """Why nothing can be told."""
        found = self.effects[0].found
        return found if isinstance(found, Refusal) else None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        first, check = self.effects[0].found, self.check
        told = None if isinstance(first, Refusal) else first
        return {
            **{name: days_json(days) for name, days in self.spans._asdict().items()},
            "joiners": self.joiners,
            "without_order": self.without_order,
            "candidates": self.others,
            "compared": told.exposed if told else 0,
            "left_out": told.left_out if told else 0,
            "others": told.others if told else 0,
            "effects": [one.json() for one in self.effects],
            "check": None if isinstance(check, Refusal) else difference_json(check.difference),
            "balance": [
                {"name": one.name, "before": _text(one.before), "after": _text(one.after)}
                for one in (told.balance if told else [])
            ],
            "refused": {"code": first.code, "message": str(first)} if isinstance(first, Refusal) else None,
            "currency": self.currency,
            "unconverted": apart_json(self.unconverted),
            "as_of": self.as_of,
        }


def difference_json(one: Difference) -> dict[str, str]:
    """A difference and its interval, as the API gives it."""
    return {name: _text(value) for name, value in one._asdict().items()}


def days_json(days: Days) -> dict[str, str]:
    """First and last day."""
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}


def _text(value: float) -> str:
    return f"{value:.10f}"


FOREIGN: Final = """select currency, day, sum(total - refunded) from purchases
where profile is not null and occurred_at >= $earlier and occurred_at < $end and currency not in ('', $own)
group by currency, day"""
# Customers with an order before the period, and whether they joined in the span; all other members are left out.
CUSTOMERS: Final = """with joined as (select profile, min(occurred_at) as since from tiers group by profile),
rates as (
    select unnest($currencies::varchar[]) as currency, unnest($days::date[]) as day, unnest($rates::double[]) as rate
),
bought as (
    select p.profile, p.channel, p.occurred_at, p.tie,
        (p.total - p.refunded)::double * case when p.currency in ('', $own) then 1 else coalesce(r.rate, 0) end as worth
    from purchases p left join rates r on r.currency = p.currency and r.day = p.day
    where p.profile is not null and p.occurred_at < $end
),
customers_of as (
    select b.profile, any_value(j.since) is not null as exposed,
        arg_max(b.channel, (b.occurred_at, b.tie)) filter (b.occurred_at < $begin) as channel,
        bool_or(b.occurred_at >= $span and b.occurred_at < $begin) as bought_then,
        count(*) filter (b.occurred_at < $span) as orders,
        max(b.occurred_at) filter (b.occurred_at < $span) as latest,
        {sums}
    from bought b left join joined j on j.profile = b.profile and j.since < $end
    group by b.profile
    having min(b.occurred_at) < $begin and (any_value(j.since) is null or any_value(j.since) >= $span)
        and coalesce(any_value(j.since) < $begin, true)
)
"""
WINDOWS: Final = {
    "earlier": ("$earlier", "$before"),
    "before": ("$before", "$span"),
    "after": ("$begin", "$end"),
}
SUMS: Final = ", ".join(
    f"coalesce(sum(worth) filter (b.occurred_at >= {first} and b.occurred_at < {after}), 0) as {name}_revenue, "
    f"count(*) filter (b.occurred_at >= {first} and b.occurred_at < {after}) as {name}_orders"
    for name, (first, after) in WINDOWS.items()
)
COMPARED: Final = """select profile, exposed, channel, bought_then, orders,
    coalesce(date_diff('day', latest, $span), $never),
    earlier_revenue, before_revenue, before_orders, after_revenue, after_orders
from customers_of qualify row_number() over (partition by exposed order by hash(profile), profile) <= $most"""
COUNTED: Final = "select exposed, count(*) from customers_of group by exposed"
JOINERS: Final = """select count(*) from (select min(occurred_at) as since from tiers group by profile)
where since >= $span and since < $begin"""
LISTED: Final = "select profile from customers_of where exposed = $exposed"


def spans(asked: Asked, lasting: timedelta = SPAN) -> Spans:
    """The days that a period is looked at with; those who joined did so in `lasting`, a whole number of days.

    Raises BadRequest for a period that is too long.
    """
    after = asked.days
    if (after.first - date(YEARS[0], 1, 1)) < 2 * timedelta(days=after.length) + lasting:
        raise BadRequest(
            _(
                "The days before this period that it would be compared with begin too long ago: choose a shorter one."
            ),
            "bad_period",
        )
    joined = Days(after.first - lasting, after.first - timedelta(days=1))
    before = Days(joined.first - timedelta(days=after.length), joined.first - timedelta(days=1))
    return Spans(before.before(), before, joined, after)


def joining(db: Connection, asked: Asked, lasting: timedelta = SPAN) -> Joining:
    """What joining goes along with over a period."""
    looked = spans(asked, lasting)
    given, apart = _given(db, asked, looked)
    rows = _rows(asked, CUSTOMERS.format(sums=SUMS) + COMPARED, given)
    counts = dict(_rows(asked, CUSTOMERS.format(sums=SUMS) + COUNTED, given))
    joiners = _rows(asked, JOINERS, given)[0][0]
    return Joining(
        looked,
        joiners,
        joiners - counts.get(True, 0),
        counts.get(False, 0),
        [Effect(measure, matched(_people(rows, measure))) for measure in MEASURES],
        matched(_people(rows, "earlier")),
        asked.settings.currency,
        apart,
        asked.as_of,
    )


def people(db: Connection, asked: Asked, lasting: timedelta, *, joined: bool) -> list[int]:
    """Those who joined and had an order before the period, or those they can be compared with."""
    given, _apart = _given(db, asked, spans(asked, lasting))
    found = _rows(asked, CUSTOMERS.format(sums=SUMS) + LISTED, given | {"exposed": joined})
    return [profile for (profile,) in found]


def _people(rows: Sequence[Sequence[Any]], measure: str) -> People:
    """Rows as those who match ask for them: the change of a measure, or the check's revenue as it was."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 11
    profile, exposed, channel, then, orders, days, earlier, before, before_orders, after, after_orders = (
        columns
    )
    outcome: Sequence[float] = earlier
    if measure == "revenue":
        outcome = [new - old for new, old in zip(after, before, strict=True)]
    elif measure == "orders":
        outcome = [new - old for new, old in zip(after_orders, before_orders, strict=True)]
    elif measure == "bought":
        outcome = [(new > 0) - (old > 0) for new, old in zip(after_orders, before_orders, strict=True)]
    return People(
        profile,
        exposed,
        outcome,
        {"orders": orders, "revenue": before, "recency": days},
        {"channel": channel, "bought_then": then},
    )


def _given(db: Connection, asked: Asked, looked: Spans) -> tuple[dict[str, Any], dict[str, Decimal]]:
    """What the questions name, and what of the money has no rate."""
    zone, own = periods.zone(asked.settings.zone), asked.settings.currency

    def begins(day: date) -> datetime:
        return periods.begins(day, zone).replace(tzinfo=None)

    given: dict[str, Any] = {
        "earlier": begins(looked.earlier.first),
        "before": begins(looked.before.first),
        "span": begins(looked.joined.first),
        "begin": asked.begin,
        "end": asked.end,
        "own": own,
        "never": NEVER,
        "most": MOST,
    }
    foreign = _rows(asked, FOREIGN, given)
    rate_of = rates(db, asked.settings.workspace, own, {currency for currency, *_ in foreign})
    rated = [(currency, day, amount, rate_of(currency, day)) for currency, day, amount in foreign]
    known = [(currency, day, float(rate)) for currency, day, _amount, rate in rated if rate is not None]
    apart: dict[str, Decimal] = {}
    for currency, _day, amount, rate in rated:
        if rate is None and amount:
            apart[currency] = apart.get(currency, Decimal(0)) + amount
    for place, name in enumerate(("currencies", "days", "rates")):
        given[name] = [one[place] for one in known]
    return given, apart


def _rows(asked: Asked, statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    return asked.mirror.rows(statement, **values.bound(statement, given))
