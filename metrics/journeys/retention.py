"""Who comes back: customers in cohorts by when they began, and what became of each cohort interval by interval.

A **cohort** is an interval of the calendar (weeks from Monday, months; of the workspace's zone) in which customers
placed their first order ever, on any channel, or were active for the first time ever (`on=activity`; active: an event
that the customer made). As retention does everywhere it takes whole intervals: every one that the period touches, the
empty ones too, whole even where the period begins or ends inside it. `values[n]` is what happened in the n-th interval
after the cohort's own; they go as far as the interval that holds the period's last day, so a later cohort has fewer.

`values` of `customers`: of the cohort's customers those who were back, `values[0]` all of them. `orders`: their orders
in that interval. `revenue`: what one customer of the cohort has brought from the first interval to this one, refunds
taken off at their own time, in the workspace's currency (cohort lifetime value): the sum so far / `size`. An order and
what is given back of it are converted by the rate of the order's day (metrics/conversion.py); what has no rate is not
in it and stands in `unconverted`. What lies before its customer's cohort (a refund dated before its order) counts in
the first interval.

Not here: retention as a metric, active in one interval and the one before (catalogue).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate
from typing import Any, NamedTuple

from kernel import periods
from kernel.db import Connection
from kernel.errors import BadRequest
from metrics.conversion import rates
from metrics.journeys import buckets, values
from metrics.journeys.base import MOST_VALUES, OTHER, Asked
from metrics.query import EXACT, RATIO_PLACES, text
from metrics.scope import NOTHING

INTERVALS = ("month", "week")
ON = ("orders", "activity")
MEASURES = ("customers", "orders", "revenue")
CITY = "city"
DIMENSIONS = ("channel", "campaign", "source", CITY, "store")
MOST_COHORTS = 600  # fifty years of months, eleven of weeks

Value = str | None  # of a dimension


class Question(NamedTuple):
    """How cohorts are cut and counted."""

    interval: str = "month"
    on: str = "orders"
    measure: str = "customers"
    by: str = ""  # of DIMENSIONS: of the cohort's first order or event


class Cell(NamedTuple):
    """Customers of a cohort (by its start; None: of each whose interval is over) in its n-th interval.

    `value`: only those of it, as it is shown.
    """

    cohort: date | None
    number: int
    value: str | None = None


class Cohort(NamedTuple):
    """Those who began in an interval. `values`: whole numbers, or, of revenue, decimals (None: of nobody)."""

    start: date
    size: int
    values: list[Any]

    def json(self) -> dict[str, Any]:
        """As the API gives it: money as strings."""
        shown = [text(one) if isinstance(one, Decimal) else one for one in self.values]
        return {"start": self.start.isoformat(), "size": self.size, "values": shown}


class Retention(NamedTuple):
    """The answer. `by`: the largest values first, then `other`, then None for none."""

    cohorts: list[Cohort]
    by: dict[Value, list[Cohort]] | None
    currency: str
    unconverted: dict[str, Decimal]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """Contracts 5 and 8."""
        answer: dict[str, Any] = {"cohorts": [cohort.json() for cohort in self.cohorts]}
        if self.by is not None:
            answer["by"] = {
                value: {"cohorts": [cohort.json() for cohort in cohorts]}
                for value, cohorts in self.by.items()
            }
        apart = sorted(self.unconverted.items())
        answer["currency"] = self.currency
        answer["unconverted"] = [{"currency": code, "value": text(value)} for code, value in apart]
        return answer | {"as_of": self.as_of}


# Customers' intervals; `first`: the one in which each began. What happened first is what has the smallest key: the
# time, then the tie, as one number, which is half the work of comparing a pair.
KEY = "epoch_us(occurred_at)::hugeint * 18446744073709551616 + tie"
BEGAN = """with seen as ({seen}),
marked as (select {columns}, min(slot) over (partition by profile) as first from seen),
"""
PLAIN = """people as (select profile, first, null::varchar as value from marked where slot = first and first >= $first)
"""
VALUED = """valued as (
    select b.profile, b.first, {value} as value from marked b {cities} where b.slot = b.first and b.first >= $first
),
listed as (
    select value from valued where value is not null
    group by value order by count(*) desc, value limit {most}
),
people as (
    select profile, first,
        case when value is null then null when value in (select value from listed) then value else $other end as value
    from valued
)
"""
CITIES = "left join (select profile, value from said where name = 'city') c using (profile)"
ORDERED = """select profile, date_trunc('{interval}', day)::date as slot {given}
from purchases where profile is not null and day <= $last group by profile, slot"""
ACTED = """select profile,
    coalesce(b.begun, $before) + case when occurred_at >= b.turn then b.length else 0 end as slot {given}
from contacts left join ({buckets}) b on b.utc_day = occurred_at::date
where active and occurred_at < $until group by profile, slot"""
GIVEN = ", arg_min(coalesce({given}, ''), {key}) as given"

SIZES = "select value, first, first, '', null::date, count(*) from people group by all"
BACK_OF_ALL = """select null::varchar, first, slot, '', null::date, count(*)
from marked where first >= $first group by all"""
BACK = """select p.value, p.first, m.slot, '', null::date, count(*)
from people p join marked m using (profile) group by all"""
ORDERS = """select p.value, p.first, greatest(date_trunc('{interval}', o.day)::date, p.first) as slot, '', null::date,
    count(*)
from people p join purchases o using (profile) where o.day <= $last group by all"""
REVENUE = """select p.value, p.first, greatest(date_trunc('{interval}', m.day)::date, p.first) as slot, m.currency,
    case when m.currency in ('', $own) then null else m.rate_day end as rate_day, sum(m.amount)
from people p join (
    select profile, day, currency, day as rate_day, total as amount from purchases
    union all
    select o.profile, r.day, r.currency, r.order_day, -r.amount
    from refunds r join purchases o on o.order_id = r.order_id and o.channel = r.channel
) m using (profile) where m.day <= $last group by all"""
PEOPLE = """select p.profile
from people p join (select unnest($cohorts::date[]) as cohort, unnest($later::date[]) as slot) c on c.cohort = p.first
where {whatever} and exists (select 1 from marked m where m.profile = p.profile and m.slot = c.slot)"""


def retention(db: Connection, asked: Asked, question: Question) -> Retention:
    """The cohorts of a period. Raises BadRequest for a question that is none."""
    starts = _starts(asked, question)
    told = {"customers": BACK if question.by else BACK_OF_ALL, "orders": ORDERS, "revenue": REVENUE}
    rows = _found(asked, question, told[question.measure])
    # In its own interval a cohort is all there.
    own = question.measure == "customers"
    sizes = [row for row in rows if row[1] == row[2]] if own else _found(asked, question, SIZES)
    counted, apart = _converted(db, asked, rows)
    of: dict[Value, dict[date, int]] = defaultdict(dict)
    for value, first, _slot, _currency, _day, size in sizes:
        of[value][first] = size
    total: dict[date, int] = defaultdict(int)
    for sized in of.values():
        for first, size in sized.items():
            total[first] += size
    every: dict[tuple[date, date], Decimal] = defaultdict(Decimal)
    single: dict[Value, dict[tuple[date, date], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with localcontext(EXACT):
        for (value, first, slot), amount in counted.items():
            every[first, slot] += amount
            single[value][first, slot] += amount
        by = None
        if question.by:
            names = values.shown(
                asked, question.by, {value: sum(sized.values()) for value, sized in of.items()}
            )
            by = {name: _cohorts(starts, of[key], single[key], question) for key, name in names}
        cohorts = _cohorts(starts, total, every, question)
    return Retention(cohorts, by, asked.settings.currency, apart, asked.as_of)


def people(asked: Asked, question: Question, cell: Cell, today: date = date.max) -> list[int]:
    """The profiles of a cell: those of the cohort who were back in its n-th interval, all of them in its own.

    Of every cohort: of those for which that interval is over by `today`, as a mean over all counts them; in its own,
    of all there are.

    A cell that the answer does not have (a cohort or interval beyond the period) has nobody. Raises BadRequest for a
    cohort that is no interval's start.
    """
    starts = _starts(asked, question)
    cohorts = starts if cell.cohort is None else [cell.cohort]
    if cell.cohort and cell.cohort != periods.start(cell.cohort, question.interval):
        raise BadRequest(f"`cohort` is the first day of a {question.interval}.", "bad_cohort")
    reached = dict(zip(starts, starts[cell.number :], strict=False))
    if cell.cohort is None and cell.number:
        reached = {one: slot for one, slot in reached.items() if periods.end(slot, question.interval) < today}
    found = {one: reached[one] for one in cohorts if one in reached}
    if not found:
        return []
    whatever = "true" if cell.value is None else "p.value is not distinct from $value"
    value = values.counted(asked, question.by, cell.value or "")
    statement = PEOPLE.replace("{whatever}", whatever)
    pairs = {"cohorts": list(found), "later": list(found.values())}
    rows = _found(asked, question, statement, value=value, **pairs)
    return [profile for (profile,) in rows]


def _starts(asked: Asked, question: Question) -> list[date]:
    """The intervals that the period touches."""
    days = asked.days
    found = [one.start for one in periods.intervals(days.first, days.last, question.interval)]
    if len(found) > MOST_COHORTS:
        raise BadRequest(
            f"That is {len(found):,} cohorts: at most {MOST_COHORTS} can be asked for; ask for a shorter period.",
            "bad_period",
        )
    return found


def _found(asked: Asked, question: Question, told: str, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement over who began when."""
    starts = _starts(asked, question)
    first, last = starts[0], periods.end(starts[-1], question.interval)
    zone = asked.settings.zone
    given: dict[str, Any] = {"first": first, "last": last, "other": OTHER, "own": asked.settings.currency}
    of = values.of_touch if question.on == "activity" else values.of_order
    inner = question.by not in ("", CITY)
    said = GIVEN.format(given=of(question.by), key=KEY) if inner else ""
    if question.on == "activity":
        slots = [*starts, periods.following(starts[-1], question.interval)]
        cut = buckets.of(slots, zone)
        seen = ACTED.format(given=said, buckets=buckets.ROWS)
        given |= cut._asdict() | {"before": first - periods.ONE_DAY, "until": buckets.begins(slots[-1], zone)}
    else:
        seen = ORDERED.format(interval=question.interval, given=said)
    began = BEGAN.format(seen=seen, columns="profile, slot, given" if inner else "profile, slot")
    if question.by:
        city = question.by == CITY
        value = values.known("c.value") if city else "nullif(b.given, '')"
        began += VALUED.format(value=value, cities=CITIES if city else "", most=MOST_VALUES)
    else:
        began += PLAIN
    whole = began + told.replace("{interval}", question.interval)
    return asked.mirror.rows(whole, **values.bound(whole, given | more))


def _converted(
    db: Connection, asked: Asked, rows: Iterable[tuple[Any, ...]]
) -> tuple[dict[tuple[Value, date, date], Decimal], dict[str, Decimal]]:
    """Amounts by value, cohort and interval in the workspace's currency, and by currency what has no rate."""
    listed = list(rows)
    own = asked.settings.currency
    rate_of = rates(db, asked.settings.workspace, own, {row[3] for row in listed})
    found: dict[tuple[Value, date, date], Decimal] = defaultdict(Decimal)
    apart: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for value, first, slot, currency, day, amount in listed:
            rate = rate_of(currency, day)
            if rate is None:
                apart[currency] += Decimal(amount)
            else:
                found[value, first, slot] += Decimal(amount) * rate
    return found, {currency: amount for currency, amount in apart.items() if amount}


def _cohorts(
    starts: list[date],
    sizes: Mapping[date, int],
    counted: Mapping[tuple[date, date], Decimal],
    question: Question,
) -> list[Cohort]:
    """Every cohort with its intervals up to the last."""
    made = []
    for place, start in enumerate(starts):
        size = sizes.get(start, 0)
        row = [counted.get((start, slot), NOTHING) for slot in starts[place:]]
        if question.measure != "revenue":
            made.append(Cohort(start, size, [int(one) for one in row]))
            continue
        so_far = accumulate(row)
        each = [(one / size).quantize(RATIO_PLACES) if size else None for one in so_far]
        made.append(Cohort(start, size, each))
    return made
