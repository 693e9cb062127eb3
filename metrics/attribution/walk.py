"""The mirror's statements: what moved, the touches before it, the paths they make. DuckDB's SQL, every value bound.

`moves`: what a period's numbers are made of, row by row, as the catalogue counts them (metrics/breakdown/terms.py):
orders, what they come to and what was refunded, both sides of the margin, first orders. Each is of an order, whose
person's touches of the `lookback` before it (its own moment inside) are its path, in their order, equal times by the
event's id. `lost`: touches of the period that no conversion of their person follows in time; a conversion between two
of them, and a pause longer than `lookback`, begins a new path. Not here: what is made of the rows (paths.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from metrics.attribution.models.base import Worth
from metrics.attribution.models.time_decay import HALF_LIFE_SECONDS
from metrics.attribution.question import Question
from metrics.breakdown import dimensions, facts, terms
from metrics.breakdown.terms import Both
from metrics.journeys import values
from metrics.journeys.base import MOST_VALUES, Asked
from metrics.mirror.reading import Rows

KEYS_OF: Final = {
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
# What each kind of move does to what a conversion is worth.
MEANS: Final = {
    "conversions": ("conversions", 1),
    "revenue": ("revenue", 1),
    "refunds": ("revenue", -1),
    "margin": ("margin", 1),
    "costs": ("margin", -1),
    "new_customers": ("new_customers", 1),
}
MEASURES: Final = Worth._fields
AMOUNT: Final = "decimal(38, 12)"
FIRST_SIGN: Final = ord("0")  # of keys on paths; MOST_VALUES and two more are signs of one byte
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
# Orders of which anything may have moved: placed in the period, or taken back in it.
CHOSEN: Final = """chosen as materialized (
    select row_number() over () as n, o.order_id, o.channel, o.profile, o.occurred_at
    from placed o left join (
        select order_id, channel from refunds where day between $first and $last
        union select order_id, channel from return_lines where day between $first and $last
    ) b on b.order_id = o.order_id and b.channel = o.channel
    where o.day between $first and $last or b.order_id is not null
)"""
CHOSEN_EVENTS: Final = """chosen as materialized (
    select row_number() over () as n, o.order_id, o.channel, o.profile, o.occurred_at
    from placed o where o.occurred_at >= $begin and o.occurred_at < $end
)"""
ONE: Final = """chosen as materialized (
    select 1 as n, * from placed where order_id = $order_id and channel = $order_channel
)"""
MET: Final = """named as materialized (
    select c.profile, t.occurred_at, t.tie, {key} as name, {direct} as direct
    from touches t join customers c using (sighting)
    where t.touchpoint in ({touchpoints}) and t.occurred_at >= $since and t.occurred_at < $until
),
ranked as (
    select name, case when name = '' then 0 else least(
            row_number() over (order by name = '', n desc, name), $most::bigint + 1) end::int as code
    from (select name, count(*) as n from named group by name)
),
keys as materialized (
    select name, chr({first} + code) as sign, case when code > $most::bigint then '{rest}' else name end as listed
    from ranked
)"""
# The touches of each person, numbered; their signs in a line; how far each moment of theirs has come in it.
NUMBERED: Final = """numbered as materialized (
    select profile, occurred_at, direct, sign, row_number() over (partition by profile order by occurred_at, tie) as n
    from named join keys using (name){whose}
),
lined as materialized (select profile, string_agg(sign, '' order by n) as line from numbered group by profile),
moments as materialized (
    select profile, occurred_at, n as upto,
        max(case when not direct then n end) over (partition by profile order by n rows unbounded preceding) as named
    from numbered
    qualify lead(occurred_at) over (partition by profile order by n) is distinct from occurred_at
)"""
# A path is a piece of its person's line: from after `low` to `high`.
BOUNDS: Final = """bounds as materialized (
    select c.n, c.profile, c.occurred_at, coalesce(l.upto, 0) as low, h.upto as high, h.named
    from chosen c
    asof join moments h on h.profile = c.profile and c.occurred_at >= h.occurred_at
    asof left join moments l on l.profile = c.profile and c.occurred_at - $lookback > l.occurred_at
),
walked as (
    select b.n, substring(x.line, b.low + 1, b.high - b.low) as path,
        case when b.named > b.low then substring(x.line, b.named, 1) end as named
    from bounds b join lined x using (profile) where b.high > b.low
)"""
# What moved of each order in our currency, or in another one by the day of its rate; n: the order, null: of none known.
BY_ORDER: Final = """moved as materialized (
    select c.n, case when m.currency = $home then '' else m.currency end as currency,
        case when m.currency in ('', $home) then null else m.rate_day end as rate_day, {sums}
    from moves m left join chosen c on c.order_id = m.order_id and c.channel = m.channel
    group by all
)"""
SUMS: Final = """select 'path' as what, w.path, w.named, m.currency, m.rate_day, {sums}
from moved m left join walked w using (n) group by all"""
KEYS: Final = "select distinct 'key' as what, listed as path, sign as named from keys"
# Touches of the period that no conversion follows in time; runs of them lie side by side in a person's line.
LOST: Final = """ahead as (
    select m.profile, m.occurred_at, m.n, p.occurred_at as next_at
    from numbered m asof left join (select profile, occurred_at from placed where profile is not null) p
        on p.profile = m.profile and m.occurred_at <= p.occurred_at
    where m.occurred_at >= $begin
),
lost as (
    select *, coalesce(
            lag(occurred_at) over person >= occurred_at - $lookback
            and lag(next_at) over person is not distinct from next_at, false
        ) as goes_on
    from ahead where next_at is null or next_at > occurred_at + $lookback
    window person as (partition by profile order by n)
),
runs as (select profile, n, sum((not goes_on)::int) over (partition by profile order by n) as run from lost),
gone as (select profile, min(n) as first, count(*) as length from runs group by profile, run)"""
WENT: Final = f"""select 'lost' as what, substring(x.line, g.first, g.length) as path, count(*)::{AMOUNT} as conversions
from gone g join lined x using (profile) group by all"""  # noqa: S608 (ours)
# Each touch of a path by its age, half as much for each half-life.
AGED: Final = f"""weighed as (
    select b.n, m.sign,
        sum(pow(0.5, (epoch_us(b.occurred_at) - epoch_us(m.occurred_at)) / 1e6 / {HALF_LIFE_SECONDS})) as weight
    from bounds b join numbered m on m.profile = b.profile and m.n > b.low and m.n <= b.high
    group by b.n, m.sign
),
parts as (select n, sign, weight / sum(weight) over (partition by n) as share from weighed)"""  # noqa: S608 (ours)
AGED_SUMS: Final = """select 'aged' as what, s.sign as named, m.currency, m.rate_day, {sums}
from moved m join parts s using (n) group by all"""
MOVING: Final = " semi join moves m on m.order_id = c.order_id and m.channel = c.channel"
ORDERS: Final = """select c.order_id, c.channel, c.profile, c.occurred_at, w.path, w.named{ages}
from chosen c left join walked w using (n){only}
order by c.occurred_at desc, c.order_id, c.channel"""
ALIKE: Final = f"""select w.path, w.named, list(c.order_id), list(c.channel)
from chosen c left join walked w using (n){MOVING}
group by w.path, w.named"""  # noqa: S608 (ours)
AGES: Final = """, (
    select list((epoch_us(b.occurred_at) - epoch_us(m.occurred_at)) / 1e6 order by m.n)
    from bounds b join numbered m on m.profile = b.profile and m.n > b.low and m.n <= b.high where b.n = c.n
) as ages"""
MOVES: Final = (
    """select c.order_id, c.channel, m.currency, m.rate_day, {columns} from moved m join chosen c using (n)"""
)
MISSING: Final = """select count(*), x.currency, case when x.currency = $home then null else x.day end as rate_day,
    sum(x.net)
from order_lines x where x.day between $first and $last and x.cost is null group by all"""
TOUCHES: Final = """select t.occurred_at, t.channel, t.touchpoint, t.name, t.campaign, t.source, {key} as key
from touches t join customers p using (sighting) join chosen c on c.profile = p.profile
where t.touchpoint in ({touchpoints}) and t.occurred_at <= c.occurred_at and t.occurred_at >= c.occurred_at - $lookback
order by t.occurred_at, t.tie"""


class Order(NamedTuple):
    """An order by its number and its channel's id: what is asked of it alone."""

    order_id: str
    channel: int


class Sums(NamedTuple):
    """What a question's paths come to. A path is a text, a sign for each touch; `keys` says what key a sign stands for.

    `paths`: rows of (path, the sign of its last touch that is not direct, currency, day of the rate, and what moved in
    the order of MEASURES); no path: without a touch or a person. `lost`: path, how many went it. `aged`: rows of (sign,
    currency, day of the rate, what moved), shared by how old touches are; nothing where that was not asked.
    """

    keys: dict[str, str]
    paths: Rows
    lost: Rows
    aged: Rows


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
            "most": MOST_VALUES,
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

    def sums(self, *, timed: bool) -> Sums:
        """All that models need of the period; with `timed` what hangs on the ages of touches too. One statement."""
        ctes = [
            self._moves(),
            self._chosen(),
            self._met(),
            _numbered(),
            BOUNDS,
            BY_ORDER.format(sums=_summed("m.amount")),
        ]
        asked = [SUMS.format(sums=_added("m.{0}")), KEYS, WENT]
        ctes.append(LOST)
        if timed:
            ctes.append(AGED)
            asked.append(AGED_SUMS.format(sums=_added("m.{0}::double * s.share", f"::{AMOUNT}")))
        found: dict[str, Rows] = {"path": [], "key": [], "lost": [], "aged": []}
        columns = f"what, path, named, currency, rate_day, {', '.join(MEASURES)}"
        told = " union all by name ".join(f"({each})" for each in asked)
        for what, *row in self._ask(ctes, f"select {columns} from ({told}) order by what, path, named"):  # noqa: S608
            found[what].append(tuple(row))
        return Sums(
            {sign: name for name, sign, *_rest in found["key"]},
            found["path"],
            [(row[0], int(row[4])) for row in found["lost"]],
            [row[1:] for row in found["aged"]],
        )

    def keys(self) -> dict[str, str]:
        """What key each sign stands for."""
        ctes = [*([self._chosen()] if self._one is not None else []), self._met()]
        return {sign: name for _what, name, sign in self._ask(ctes, KEYS)}

    def orders(self, *, timed: bool) -> Rows:
        """Rows of (order, channel, profile, time, path, sign of its last touch that is not direct, ages of touches in
        seconds or none of them), the newest order first."""
        alone = self._one is not None  # of one order it is not asked what moved
        ctes = [*([] if alone else [self._moves()]), self._chosen(), self._met()]
        ages = AGES if timed else ", null as ages"
        told = ORDERS.format(ages=ages, only="" if alone else MOVING)
        return self._ask([*ctes, _numbered(" semi join chosen using (profile)"), BOUNDS], told)

    def alike(self) -> Rows:
        """Rows of (path, sign of its last touch that is not direct, orders, their channels): those of `orders`, a row
        each way."""
        ctes = [
            self._moves(),
            self._chosen(),
            self._met(),
            _numbered(" semi join chosen using (profile)"),
            BOUNDS,
        ]
        return self._ask(ctes, ALIKE)

    def moves(self) -> Rows:
        """Rows of (order, channel, currency, day of the rate, and what moved of it in the order of MEASURES)."""
        ctes = [self._moves(), self._chosen(), BY_ORDER.format(sums=_summed("m.amount"))]
        return self._ask(ctes, MOVES.format(columns=", ".join(f"m.{name}" for name in MEASURES)))

    def missing(self) -> Rows:
        """Lines of the period without a known cost: rows of (how many, currency, day of the rate, their net)."""
        if self._question.conversion is not None:
            return []
        return self._asked.mirror.rows(MISSING, **values.bound(MISSING, self._values))

    def touches(self) -> Rows:
        """The touches of one order, oldest first, each with the name of its key."""
        told = TOUCHES.format(key=KEYS_OF[self._question.by], touchpoints=self._touchpoints)
        return self._ask([self._chosen()], told)

    def _ask(self, ctes: Sequence[str], told: str) -> Rows:
        text = f"with {', '.join([f'placed as ({self._placed})', *ctes])} {told}"
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

    def _chosen(self) -> str:
        if self._one is not None:
            return ONE
        return CHOSEN if self._question.conversion is None else CHOSEN_EVENTS

    @property
    def _touchpoints(self) -> str:
        return ", ".join(f"'{name}'" for name in self._question.touches)  # the vocabulary's own words

    def _met(self) -> str:
        return MET.format(
            key=KEYS_OF[self._question.by],
            direct=DIRECT,
            touchpoints=self._touchpoints,
            first=FIRST_SIGN,
            rest=REST,
        )

    def _moves(self) -> str:
        if self._question.conversion is None:
            return f"moves as ({' union all '.join([*_terms(), FIRST_ORDERS])})"
        return (
            "moves as (select order_id, channel, 'conversions' as kind, '' as currency, "  # noqa: S608
            f"null::date as rate_day, 1::{AMOUNT} as amount from placed "
            "where occurred_at >= $begin and occurred_at < $end)"
        )


def _numbered(whose: str = "") -> str:
    return NUMBERED.format(whose=whose)


def _summed(amount: str) -> str:
    """What moved, by measure: what is taken back with the other sign."""
    sums = []
    for measure in MEASURES:
        signed = " ".join(
            f"when '{kind}' then {'-' if sign < 0 else ''}{amount}"
            for kind, (of, sign) in MEANS.items()
            if of == measure
        )
        sums.append(f"coalesce(sum(case m.kind {signed} end), 0) as {measure}")
    return ", ".join(sums)


def _added(amount: str, cast: str = "") -> str:
    return ", ".join(f"sum({amount.format(name)}){cast} as {name}" for name in MEASURES)


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
