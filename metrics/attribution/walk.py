"""The mirror's statements: what moved, the touches before it, the paths they make. DuckDB's SQL, every value bound.

`moves`: what a period's numbers are made of, row by row, as the catalogue counts them (metrics/breakdown/terms.py):
orders, what they come to and what was refunded, both sides of the margin, first orders. Each is of an order, whose
person's touches of the `lookback` before it (its own moment inside) are its path, in their order, equal times by the
event's id. `lost`: touches of the period that no conversion of their person follows in time; a conversion between two
of them, and a pause longer than `lookback`, begins a new path. Not here: what is made of the rows (paths.py).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from metrics.attribution.models.time_decay import HALF_LIFE_SECONDS
from metrics.attribution.question import Question
from metrics.breakdown import dimensions, facts, terms
from metrics.breakdown.terms import Both
from metrics.journeys import values
from metrics.journeys.base import MOST_VALUES, Asked
from metrics.mirror.reading import Rows

KEYS: Final = {
    "channel": "t.channel::varchar",
    "campaign": "coalesce(t.campaign, '')",
    "source": "coalesce(t.source, '')",
}
DIRECT: Final = "coalesce(t.campaign, '') = '' and coalesce(t.source, '') = ''"
REST: Final = "\x1fother"  # all keys beyond those listed, as a path has them
# What moves, by the terms of the catalogue that count it. Amounts of every kind in one type.
MOVED: Final = (
    ("conversions", "orders"),
    ("revenue", "gmv"),
    ("refunds", "refunds"),
    ("margin", "margin_revenue"),
    ("costs", "margin_cost"),
)
AMOUNT: Final = "decimal(38, 12)"
FIRST_ORDERS: Final = f"""select x.order_id, x.channel, 'new_customers' as kind, '' as currency, null::date as rate_day,
    1::{AMOUNT} as amount
from {facts.ORDERS.source} x {dimensions.JOINS["first"].format(who="x")}
where x.profile is not null and {dimensions.IS_FIRST.format(who="x")}"""  # noqa: S608 (ours)
EARLIEST: Final = """select min(o.occurred_at) from purchases o semi join (
    select order_id, channel from refunds where day between $first and $last
    union all select order_id, channel from return_lines where day between $first and $last
) b on b.order_id = o.order_id and b.channel = o.channel"""
PURCHASES: Final = (
    "select order_id, channel, profile, occurred_at, day, currency, total, refunded from purchases"
)
CHOSEN: Final = """chosen as (
    select o.* from placed o semi join moves m on m.order_id = o.order_id and m.channel = o.channel
)"""
ONE: Final = (
    "chosen as (select o.* from placed o where o.order_id = $order_id and o.channel = $order_channel)"
)
MET: Final = """met as (
    select c.profile, t.occurred_at, t.tie, {key} as key, {direct} as direct, t.touchpoint, t.name, t.channel,
        t.campaign, t.source
    from touches t join customers c using (sighting)
    where t.touchpoint in ({touchpoints}) and t.occurred_at >= $since and t.occurred_at < $until
)"""
REACHED: Final = """reached as (
    select o.order_id, o.channel, m.key, m.direct, m.occurred_at, m.tie,
        (epoch_us(o.occurred_at) - epoch_us(m.occurred_at)) / 1e6 as age
    from chosen o join met m on m.profile = o.profile
        and m.occurred_at <= o.occurred_at and m.occurred_at >= o.occurred_at - $lookback
),
walked as (
    select order_id, channel, list(key order by occurred_at, tie) as path,
        arg_max(key, (occurred_at, tie)) filter (not direct) as named,
        list(age order by occurred_at, tie) as ages
    from reached group by order_id, channel
)"""
SUMS: Final = """select w.path, w.named, m.kind, m.currency,
    case when m.currency in ('', $home) then null else m.rate_day end as rate_day, sum(m.amount)
from moves m left join walked w on w.order_id = m.order_id and w.channel = m.channel
group by all"""
DECAYED: Final = f"""weighed as (
    select r.order_id, r.channel, r.key,
        sum(pow(0.5, (r.age - n.age) / {HALF_LIFE_SECONDS})) as weight
    from reached r join (select order_id, channel, min(age) as age from reached group by all) n
        on n.order_id = r.order_id and n.channel = r.channel
    group by r.order_id, r.channel, r.key
),
shared as (
    select order_id, channel, key, weight / sum(weight) over (partition by order_id, channel) as share from weighed
)
select s.key, m.kind, m.currency, case when m.currency in ('', $home) then null else m.rate_day end as rate_day,
    sum(m.amount::double * s.share)
from moves m join shared s on s.order_id = m.order_id and s.channel = m.channel
group by all"""  # noqa: S608 (ours)
LOST: Final = """ahead as (
    select m.profile, m.occurred_at, m.tie, m.key, p.occurred_at as next_at
    from met m asof left join (select profile, occurred_at from placed where profile is not null) p
        on p.profile = m.profile and m.occurred_at <= p.occurred_at
),
lost as (
    select *, coalesce(
            lag(occurred_at) over person >= occurred_at - $lookback
            and lag(next_at) over person is not distinct from next_at, false
        ) as goes_on
    from ahead where next_at is null or next_at > occurred_at + $lookback
    window person as (partition by profile order by occurred_at, tie)
),
runs as (
    select *, sum((not goes_on)::int) over (partition by profile order by occurred_at, tie) as run from lost
),
gone as (select list(key order by occurred_at, tie) as path from runs group by profile, run)
select path, count(*) from gone group by path"""
RANKED: Final = f"""select key from met group by key
order by key = '' desc, count(*) desc, key limit {MOST_VALUES + 2}"""  # noqa: S608 (ours)
ORDERS: Final = """select o.order_id, o.channel, o.profile, o.occurred_at, w.path, w.named, w.ages
from chosen o left join walked w on w.order_id = o.order_id and w.channel = o.channel
order by o.occurred_at desc, o.order_id, o.channel"""
ALIKE: Final = """select w.path, w.named, list(o.order_id), list(o.channel)
from chosen o left join walked w on w.order_id = o.order_id and w.channel = o.channel
group by w.path, w.named"""
MOVES: Final = """select order_id, channel, kind, currency,
    case when currency in ('', $home) then null else rate_day end as rate_day, sum(amount)
from moves group by all"""
MISSING: Final = """select count(*), x.currency, case when x.currency = $home then null else x.day end as rate_day,
    sum(x.net)
from order_lines x where x.day between $first and $last and x.cost is null group by all"""
TOUCHES: Final = """select m.occurred_at, m.channel, m.touchpoint, m.name, m.campaign, m.source, m.key
from chosen o join met m on m.profile = o.profile
    and m.occurred_at <= o.occurred_at and m.occurred_at >= o.occurred_at - $lookback
order by m.occurred_at, m.tie"""


class Order(NamedTuple):
    """An order by its number and its channel's id: what is asked of it alone."""

    order_id: str
    channel: int


class Walk:
    """The statements of one question, put to the mirror."""

    def __init__(
        self, asked: Asked, question: Question, rated: Mapping[str, Any], one: Order | None = None
    ) -> None:
        self._asked, self._question, self._one = asked, question, one
        self._values: dict[str, Any] = {
            "first": asked.days.first,
            "last": asked.days.last,
            "begin": asked.begin,
            "end": asked.end,
            "home": asked.settings.currency,
            "rated_in": sorted(rated),
            "rated_since": [rated[code] for code in sorted(rated)],
            "lookback": question.lookback,
            "until": asked.end,
        }
        if one is not None:
            self._values |= {"order_id": one.order_id, "order_channel": one.channel}
        self._placed = PURCHASES
        if question.conversion is not None:
            condition = question.conversion.sql(self._values)
            self._placed = (
                "select t.tie::varchar as order_id, t.channel, t.profile, t.occurred_at "  # noqa: S608 (bound)
                f"from contacts t where {condition}"
            )
        self._values["since"] = self._since()
        self._listed: list[str] | None = None
        self._listed = self._rank()

    def sums(self) -> Rows:
        """Rows of (path, its last key that is not direct, kind, currency, day of the rate, amount)."""
        return self._ask("moves", "chosen", "met", "reached", told=SUMS)

    def decayed(self) -> Rows:
        """Rows of (key, kind, currency, day of the rate, amount), shared by how old touches are."""
        return self._ask("moves", "chosen", "met", "reached", told=DECAYED)

    def lost(self) -> Rows:
        """Rows of (path, how many went it)."""
        kept = self._values
        self._values = kept | {"since": self._asked.begin}
        try:
            return self._ask("met", told=LOST)
        finally:
            self._values = kept

    def orders(self) -> Rows:
        """Rows of (order, channel, profile, time, path, last key that is not direct, ages), the newest order first."""
        return self._ask("moves", "chosen", "met", "reached", told=ORDERS)

    def alike(self) -> Rows:
        """Rows of (path, last key that is not direct, orders, their channels): the same orders, a row each way."""
        return self._ask("moves", "chosen", "met", "reached", told=ALIKE)

    def moves(self) -> Rows:
        """Rows of (order, channel, kind, currency, day of the rate, amount)."""
        return self._ask("moves", told=MOVES)

    def missing(self) -> Rows:
        """Lines of the period without a known cost: rows of (how many, currency, day of the rate, their net)."""
        if self._question.conversion is not None:
            return []
        return self._asked.mirror.rows(MISSING, **values.bound(MISSING, self._values))

    def touches(self) -> Rows:
        """The touches of one order, oldest first."""
        return self._ask("chosen", "met", told=TOUCHES)

    def _ask(self, *ctes: str, told: str) -> Rows:
        made = {"moves": self._moves, "chosen": self._chosen, "met": self._met, "reached": _reached}
        alone = self._one is not None  # of one order it is not asked what moved
        begun = [
            f"placed as ({self._placed})",
            *(made[name]() for name in ctes if not (alone and name == "moves")),
        ]
        goes_on = told.lstrip().startswith(("weighed as", "ahead as"))
        text = f"with {', '.join(begun)}{',' if goes_on else ''} {told}"
        return self._asked.mirror.rows(text, **values.bound(text, self._values))

    def _since(self) -> datetime:
        """The first moment of which a touch can count: orders that something was taken back of may be old."""
        begin = self._asked.begin
        if self._one is not None:
            text = f"with placed as ({self._placed}), {ONE} select min(occurred_at) from chosen"  # noqa: S608
        elif self._question.conversion is None:
            text = EARLIEST
        else:
            return begin - self._question.lookback
        ((earliest,),) = self._asked.mirror.rows(text, **values.bound(text, self._values))
        if self._one is not None and earliest is not None:
            self._values["until"] = max(self._asked.end, earliest + self._question.lookback)
        return min(earliest or begin, begin) - self._question.lookback

    def _rank(self) -> list[str] | None:
        """The keys that stand apart; None: all do."""
        if self._question.by == "channel" and len(self._asked.settings.channels) <= MOST_VALUES:
            return None
        found = [key for (key,) in self._ask("met", told=RANKED)]
        named = [key for key in found if key]
        return named[:MOST_VALUES] if len(named) > MOST_VALUES else None

    def _chosen(self) -> str:
        return CHOSEN if self._one is None else ONE

    def _met(self) -> str:
        key = KEYS[self._question.by]
        if self._listed is not None:
            self._values["listed"] = self._listed
            key = f"case when {key} = '' or list_contains($listed::varchar[], {key}) then {key} else '{REST}' end"
        touchpoints = ", ".join(f"'{name}'" for name in self._question.touches)  # the vocabulary's own words
        return MET.format(key=key, direct=DIRECT, touchpoints=touchpoints)

    def _moves(self) -> str:
        if self._question.conversion is None:
            return f"moves as materialized ({' union all '.join([*_terms(), FIRST_ORDERS])})"
        return (
            "moves as materialized (select order_id, channel, 'conversions' as kind, '' as currency, "  # noqa: S608
            f"null::date as rate_day, 1::{AMOUNT} as amount from placed "
            "where occurred_at >= $begin and occurred_at < $end)"
        )


def _reached() -> str:
    return REACHED


def _terms() -> Iterator[str]:
    """The rows of each term, what came back with the other sign."""
    for kind, name in MOVED:
        counting = terms.TERMS[name]
        sides = [(1, counting.sold), (-1, counting.back)] if isinstance(counting, Both) else [(1, counting)]
        for sign, side in sides:
            assert isinstance(side, terms.Counted)  # noqa: S101 (there are no persons among them)
            currency, day = (side.currency, side.rate_day) if kind != "conversions" else ("''", "null::date")
            yield (
                f"select x.order_id, x.channel, '{kind}' as kind, {currency} as currency, "  # noqa: S608 (ours)
                f"{day} as rate_day, {sign} * ({side.amount})::{AMOUNT} as amount "
                f"from {side.fact.source} x where {side.where}"
            )
