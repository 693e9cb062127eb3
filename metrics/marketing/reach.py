"""Whom campaigns share, and how often a customer is met: overlap by pairs, conversion by the number of touches.

Reached: met a marketing touch that names the campaign, in the period. Overlap is of the campaigns that reached most.
Frequency is a customer's marketing touches of the period up to his first order of it after the first touch (all of
them where he did not order), so touches after the order that they are held against never count; `converted`: he has
such an order. That more touches go along with more orders is no proof that they bring them: who is about to buy is met
more often. Not here: what campaigns cost (campaigns.py).
"""

from typing import Any, Final, NamedTuple

from metrics.effects.intervals import share, wilson
from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.loyalty.worth import share_text

MOST: Final = 12  # campaigns whose overlap is told
# Classes of touches: their first number; the last has no end.
CLASSES: Final = (1, 2, 3, 4, 5, 6, 8, 11, 21)


class Reached(NamedTuple):
    """A campaign and how many customers it reached."""

    campaign: str
    customers: int


class Pair(NamedTuple):
    """Two campaigns and how many customers both reached; the first reached at least as many."""

    first: str
    second: str
    customers: int
    either: int  # reached by one or both

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {**self._asdict(), "share": share_text(self.customers, self.either)}


class Met(NamedTuple):
    """Customers with so many touches, `to` None: or more, and how many of them ordered."""

    at_least: int
    to: int | None
    customers: int
    converted: int

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        found = share(self.converted, self.customers)
        low, high = wilson(found) if found else (None, None)
        return {
            "from": self.at_least,
            "to": self.to,
            "customers": self.customers,
            "converted": self.converted,
            "conversion": share_text(self.converted, self.customers),
            "low": None if low is None else f"{low:.10f}",
            "high": None if high is None else f"{high:.10f}",
        }


class Reach(NamedTuple):
    """The answer."""

    campaigns: list[Reached]
    left_out: int  # campaigns that are not told
    pairs: list[Pair]
    frequency: list[Met]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "campaigns": [one._asdict() for one in self.campaigns],
            "left_out": self.left_out,
            "pairs": [one.json() for one in self.pairs],
            "frequency": [one.json() for one in self.frequency],
            "as_of": self.as_of,
        }


REACHED: Final = """with reached as (
    select distinct campaign, profile from contacts
    where touchpoint = 'marketing' and campaign <> '' and occurred_at >= $begin and occurred_at < $end
)
"""
SIZES: Final = "select campaign, count(*) from reached group by campaign order by count(*) desc, campaign"
PAIRS: Final = """select a.campaign, b.campaign, count(*) from reached a join reached b using (profile)
where a.campaign <> b.campaign and list_contains($names::varchar[], a.campaign)
    and list_contains($names::varchar[], b.campaign)
group by a.campaign, b.campaign"""
BOTH: Final = """select a.profile from reached a join reached b using (profile)
where a.campaign = $campaign and b.campaign = $other"""
FREQUENCY: Final = """with touched as (
    select profile, occurred_at, min(occurred_at) over (partition by profile) as began from contacts
    where touchpoint = 'marketing' and occurred_at >= $begin and occurred_at < $end
),
ordered as (
    select t.profile, min(p.occurred_at) as ordered_at
    from (select distinct profile, began from touched) t
    join purchases p on p.profile = t.profile and p.occurred_at >= t.began
    where p.occurred_at >= $begin and p.occurred_at < $end
    group by t.profile
),
counted as (
    select t.profile, any_value(o.ordered_at) is not null as converted,
        count(*) filter (o.ordered_at is null or t.occurred_at <= o.ordered_at) as touches
    from touched t left join ordered o using (profile) group by t.profile
)
"""
SPREAD: Final = "select touches, count(*), count(*) filter (converted) from counted group by touches"
OFTEN: Final = """select profile from counted
where touches >= $low and touches <= $high and (converted or not $converted)"""


def reach(asked: Asked) -> Reach:
    """Whom campaigns share and how often customers are met."""
    sizes = [Reached(*row) for row in _rows(asked, REACHED + SIZES)]
    listed = sizes[:MOST]
    place = {one.campaign: n for n, one in enumerate(listed)}
    reached = {one.campaign: one.customers for one in listed}
    both = _rows(asked, REACHED + PAIRS, names=list(place)) if len(listed) > 1 else []
    pairs = [
        Pair(first, second, count, reached[first] + reached[second] - count)
        for first, second, count in both
        if place[first] < place[second]
    ]
    pairs.sort(key=lambda one: (-one.customers, place[one.first], place[one.second]))
    return Reach(
        listed, len(sizes) - len(listed), pairs, _classes(_rows(asked, FREQUENCY + SPREAD)), asked.as_of
    )


def shared(asked: Asked, campaign: str, other: str) -> list[int]:
    """The profiles that both campaigns reached."""
    return [profile for (profile,) in _rows(asked, REACHED + BOTH, campaign=campaign, other=other)]


def often(asked: Asked, low: int, high: int | None, *, converted: bool) -> list[int]:
    """The profiles with so many touches; `converted`: only those who ordered."""
    most = high or 1 << 40
    return [
        profile for (profile,) in _rows(asked, FREQUENCY + OFTEN, low=low, high=most, converted=converted)
    ]


def _classes(found: list[tuple[int, int, int]]) -> list[Met]:
    """The classes of touches, up to the last that has anybody."""
    ends = [*(following - 1 for following in CLASSES[1:]), None]
    made = []
    for low, high in zip(CLASSES, ends, strict=True):
        mine = [(people, hits) for touches, people, hits in found if low <= touches <= (high or touches)]
        made.append(Met(low, high, sum(people for people, _ in mine), sum(hits for _, hits in mine)))
    while made and not made[-1].customers:
        made.pop()
    return made


def _rows(asked: Asked, statement: str, **more: Any) -> list[tuple[Any, ...]]:
    given = {"begin": asked.begin, "end": asked.end} | more
    return asked.mirror.rows(statement, **values.bound(statement, given))
