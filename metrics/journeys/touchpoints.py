"""What meeting a touchpoint goes along with: do customers who met it buy again, are they satisfied? No proof of cause.

The unit is a customer with an order in the period, looked at from the **first** of his orders in it: from after that
order to before his next one, whenever that is, and for `within` at most. He is `with` an effect if he met it then,
else `without`; so both together are always all customers with an order in the period. `repurchased`: the next order
came within `within`. `answered`: gave feedback in that time; `satisfied`: the latest of it was. "After" and "before"
are strict, `within` has its last moment in it.

`any` of a touchpoint: a touch of it, whoever made it. The other splits are about facts of the customer, whichever order
they belong to: `late`: a parcel delivered after it was promised; `failed_payment`: a payment failed; `slow_answer`: a
ticket's first response, more than 24 hours after it was opened; `refused_return`: a return was asked for and the goods
never taken back. `price_gap` is about the order itself: one of its SKUs was cheaper on another channel that day, by the
newest prices of the day in one currency; on the order's own channel what it cost there, else what was paid a unit.

`alike`: only customers alike are compared: their first order of the period on the same channel, in the same month,
and their so-many-th ever. Strata that lack one of the two sides are left out, and those without weigh as the others lie
(metrics/effects/intervals.py). Not here: what they are worth.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from metrics.effects.intervals import Difference, Share, Stratum, matched, newcombe, share
from metrics.journeys import values
from metrics.journeys.base import Asked

WITHIN: Final = timedelta(days=90)
SLOW: Final = timedelta(hours=24)  # until a first response
ANY: Final = "any"
EFFECTS: Final = (  # touchpoint, split
    *(
        (touchpoint, ANY)
        for touchpoint in ("logistics", "after-sales", "social", "payment", "marketing", "store")
    ),
    ("logistics", "late"),
    ("payment", "failed_payment"),
    ("after-sales", "slow_answer"),
    ("order", "price_gap"),
    ("after-sales", "refused_return"),
)


class Group(NamedTuple):
    """Customers with an effect, or without it. The shares are those compared: weighted where groups are matched."""

    customers: int = 0
    repurchased: int = 0
    satisfied: int = 0
    answered: int = 0

    def plus(self, other: "Group", sign: int = 1) -> "Group":
        """Both together, or one less the other."""
        return Group(*(mine + sign * its for mine, its in zip(self, other, strict=True)))


class Compared(NamedTuple):
    """A share with and one without, and how they differ; None: nobody to say it of."""

    with_: Share | None
    without: Share | None
    difference: Difference | None


class Effect(NamedTuple):
    """What was found of a touchpoint and a split."""

    touchpoint: str
    split: str
    with_: Group
    without: Group
    repurchase: Compared
    satisfaction: Compared

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        again, content = self.repurchase.difference, self.satisfaction.difference
        return {
            "touchpoint": self.touchpoint,
            "split": self.split,
            "with": _group(self.with_, self.repurchase.with_, self.satisfaction.with_),
            "without": _group(self.without, self.repurchase.without, self.satisfaction.without),
            "difference": {
                "repurchase": _text(again and again.value),
                "low": _text(again and again.low),
                "high": _text(again and again.high),
                "satisfaction": _text(content and content.value),
                "satisfaction_low": _text(content and content.low),
                "satisfaction_high": _text(content and content.high),
            },
        }


def _group(group: Group, repurchase: Share | None, satisfaction: Share | None) -> dict[str, Any]:
    shares = {"repurchase": repurchase, "satisfaction": satisfaction}
    return group._asdict() | {name: _text(one and one.value) for name, one in shares.items()}


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:.10f}"


# A customer's first order of the period, the time until the next, what came of it. `alike`: what strata are made of.
BUYERS = """with numbered as (
    select profile, channel, order_id, day, occurred_at,
        row_number() over customer as number,
        lead(occurred_at) over customer as next_time
    from purchases where profile is not null
    window customer as (partition by profile order by occurred_at, tie)
),
buyers as (
    select profile, channel, order_id, day, number, occurred_at as began, {alike} as alike,
        least(next_time, occurred_at + $within + interval 1 microsecond) as until,
        coalesce(next_time <= occurred_at + $within, false) as repurchased
    from numbered where occurred_at >= $begin and occurred_at < $end
    qualify row_number() over (partition by profile order by number) = 1
),
said as (
    select b.profile, arg_max(j.satisfied, (j.occurred_at, j.tie, j.channel, j.key)) as satisfied
    from buyers b join judgements j on j.profile = b.profile and j.occurred_at > b.began and j.occurred_at < b.until
    where j.occurred_at >= $begin and j.occurred_at <= $latest
    group by b.profile
),
judged as (
    select b.*, s.profile is not null as answered, coalesce(s.satisfied, false) as satisfied
    from buyers b left join said s using (profile)
),
daily as (
    select sku, channel, day, arg_max({{'price': price, 'currency': currency}}, occurred_at) as newest
    from prices group by all
),
"""
# Who met what: rows of (profile, place of the effect in EFFECTS).
ANY_OF = """select b.profile, m.effect from buyers b
join contacts t on t.profile = b.profile and t.occurred_at > b.began and t.occurred_at < b.until
join (select unnest($touchpoints) as touchpoint, unnest($effects) as effect) m on m.touchpoint = t.touchpoint
where t.occurred_at >= $begin and t.occurred_at <= $latest and t.touchpoint in {touchpoints}"""
FACTS: Final = {
    "late": """select o.profile, f.delivered_at as met from shipments f
        join purchases o using (order_id, channel) where f.delivered_at > f.promised_at""",
    "failed_payment": """select o.profile, f.failed_at as met from payments f
        join purchases o using (order_id, channel) where f.failed_at is not null""",
    "slow_answer": """select profile, first_response_at as met from inquiries
        where first_response_at > opened_at + $slow""",
    "refused_return": """select o.profile, f.requested_at as met from returns f
        join purchases o using (order_id, channel) where f.received_at is null and f.requested_at is not null""",
}
MET = """select b.profile, {effect} from buyers b join ({fact}) f
    on f.profile = b.profile and f.met > b.began and f.met < b.until"""
# The newest price of each channel by the day's end; of the other channels the cheapest in the same currency.
PRICE_GAP = """select b.profile, {effect} from buyers b
join order_lines l on l.order_id = b.order_id and l.channel = b.channel
join (select distinct sku, channel from prices) c on c.sku = l.sku and c.channel <> l.channel
asof join daily p on p.sku = c.sku and p.channel = c.channel and p.day <= l.day
asof left join daily own on own.sku = l.sku and own.channel = l.channel and own.day <= l.day
where l.day between $first and $last and case
    when own.newest is not null then p.newest.currency = own.newest.currency and p.newest.price < own.newest.price
    else l.quantity > 0 and p.newest.currency = l.currency and p.newest.price * l.quantity < l.net
end"""
COUNTED = """met as (select distinct profile, effect from ({met}))
select null::integer as effect, alike, count(*), count(*) filter (repurchased),
    count(*) filter (answered and satisfied), count(*) filter (answered)
from judged group by alike
union all
select m.effect, j.alike, count(*), count(*) filter (j.repurchased),
    count(*) filter (j.answered and j.satisfied), count(*) filter (j.answered)
from met m join judged j using (profile) group by m.effect, j.alike"""
PEOPLE = """met as (select distinct profile, effect from ({met}) where effect = $effect)
select b.profile from buyers b left join met m using (profile) where (m.profile is not null) = $with"""
TOGETHER = "''"
ALIKE = "concat_ws('/', channel, number, date_trunc('month', day)::date)"


class Touchpoints(NamedTuple):
    """The answer: an effect for each of EFFECTS, in that order."""

    effects: list[Effect]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """Contracts 8."""
        return {"effects": [effect.json() for effect in self.effects], "as_of": self.as_of}


def touchpoints(asked: Asked, within: timedelta = WITHIN, *, alike: bool = False) -> Touchpoints:
    """All effects over a period. `alike`: only customers who are alike are compared."""
    everybody: dict[str, Group] = {}
    found: dict[int, dict[str, Group]] = defaultdict(dict)
    for effect, stratum, *counts in _rows(asked, within, COUNTED, ALIKE if alike else TOGETHER):
        (everybody if effect is None else found[effect])[stratum] = Group(*counts)
    effects = []
    for place, (touchpoint, split) in enumerate(EFFECTS):
        sides = [
            (met, all_.plus(met, -1))
            for stratum, all_ in everybody.items()
            for met in [found[place].get(stratum, Group())]
        ]
        effects.append(_matched(touchpoint, split, sides) if alike else _plain(touchpoint, split, sides))
    return Touchpoints(effects, asked.as_of)


def people(asked: Asked, within: timedelta, effect: tuple[str, str], *, met: bool) -> list[int]:
    """The profiles with an effect of EFFECTS, or without it."""
    rows = _rows(asked, within, PEOPLE, TOGETHER, effect=EFFECTS.index(effect), **{"with": met})
    return [profile for (profile,) in rows]


def _rows(asked: Asked, within: timedelta, told: str, alike: str, **more: Any) -> list[tuple[Any, ...]]:
    listed = [(place, touchpoint) for place, (touchpoint, split) in enumerate(EFFECTS) if split == ANY]
    names = tuple(touchpoint for _, touchpoint in listed)
    splits = {split: place for place, (_, split) in enumerate(EFFECTS) if split != ANY}
    met = " union all ".join(
        [
            ANY_OF.format(touchpoints=names),
            *(MET.format(effect=splits[split], fact=fact) for split, fact in FACTS.items()),
            PRICE_GAP.format(effect=splits["price_gap"]),
        ]
    )
    whole = BUYERS.format(alike=alike) + told.format(met=met)
    given = {
        "begin": asked.begin,
        "end": asked.end,
        "first": asked.days.first,
        "last": asked.days.last,
        "within": within,
        "slow": SLOW,
        "latest": asked.end + within,
        "touchpoints": list(names),
        "effects": [place for place, _ in listed],
    }
    return asked.mirror.rows(whole, **values.bound(whole, given | more))


def _sum(groups: Iterable[Group]) -> Group:
    total = Group()
    for group in groups:
        total = total.plus(group)
    return total


def _plain(touchpoint: str, split: str, sides: list[tuple[Group, Group]]) -> Effect:
    """Everybody with against everybody without."""
    with_, without = (_sum(group) for group in (zip(*sides, strict=True) if sides else ((), ())))
    shares = [
        (share(with_.repurchased, with_.customers), share(without.repurchased, without.customers)),
        (share(with_.satisfied, with_.answered), share(without.satisfied, without.answered)),
    ]
    again, content = (Compared(one, other, newcombe(one, other)) for one, other in shares)
    return Effect(touchpoint, split, with_, without, again, content)


def _matched(touchpoint: str, split: str, sides: list[tuple[Group, Group]]) -> Effect:
    """Those with against those without who are alike. Counted are those in the strata that have both."""
    both = [(met, other) for met, other in sides if met.customers and other.customers]
    with_, without = (_sum(group) for group in (zip(*both, strict=True) if both else ((), ())))
    again, content = (
        Compared(one, other, newcombe(one, other))
        for one, other in (
            matched(Stratum(m.customers, m.repurchased, o.customers, o.repurchased) for m, o in both),
            matched(Stratum(m.answered, m.satisfied, o.answered, o.satisfied) for m, o in both),
        )
    )
    return Effect(touchpoint, split, with_, without, again, content)
