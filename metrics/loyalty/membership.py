"""Who is a member and what members buy: penetration and share of revenue by channel, tiers and moves, several channels.

A member has joined: his first step of membership, of whatever kind and channel, lies at or before the moment spoken of.
So an order is a member's if he had joined by then, a buyer or customer is one on a channel if he ordered or was active
there as one, and before and after joining are never mixed. His tier is that of the latest step that names one; ""
stands for none named. Revenue is that of the period's orders less what was given back of them, by the order's day;
orders of nobody known are no member's. `cross`: with orders of the period on two channels or more.
Not here: points and stored value (accounts.py), what joining goes along with (joining.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics.effects.intervals import Difference, newcombe, share
from metrics.journeys.base import Asked
from metrics.loyalty.members import asked_of
from metrics.loyalty.worth import Sums, apart_json, money_text, share_text, summed, together
from metrics.scope import Amount

ALL: Final = None  # all channels together
WHO: Final = (
    "members",
    "joined",
    "moved",
    "buyers",
    "others",
    "customers",
    "tier_buyers",
    "cross",
    "cross_others",
)


class Buying(NamedTuple):
    """What was bought on a channel, and what of it by members. `channel` None: on all together."""

    channel: str | None
    customers: int
    member_customers: int
    buyers: int
    member_buyers: int
    orders: int
    member_orders: int
    revenue: Amount
    member_revenue: Amount

    def json(self, currency: str) -> dict[str, Any]:
        """As the API gives it, without its channel."""
        return {
            "customers": self.customers,
            "member_customers": self.member_customers,
            "customer_penetration": share_text(self.member_customers, self.customers),
            "buyers": self.buyers,
            "member_buyers": self.member_buyers,
            "penetration": share_text(self.member_buyers, self.buyers),
            "orders": self.orders,
            "member_orders": self.member_orders,
            "revenue": money_text(self.revenue.value, currency),
            "member_revenue": money_text(self.member_revenue.value, currency),
            "revenue_share": share_text(self.member_revenue.value, self.revenue.value),
        }


class Tier(NamedTuple):
    """A tier: its members before the period and at its end, how they came to it, what they bought in it."""

    tier: str
    before: int
    joined: int
    moved_in: int
    moved_out: int
    members: int
    buyers: int
    orders: int
    revenue: Amount

    def json(self, whole: Amount, currency: str) -> dict[str, Any]:
        """As the API gives it."""
        return self._asdict() | {
            "revenue": money_text(self.revenue.value, currency),
            "revenue_share": share_text(self.revenue.value, whole.value),
        }


class Move(NamedTuple):
    """From one tier to another within the period. `origin` None: he joined."""

    origin: str | None
    to: str
    members: int

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {"from": self.origin, "to": self.to, "members": self.members}


class Crossing(NamedTuple):
    """Buyers, and how many of them bought on several channels."""

    buyers: int = 0
    cross: int = 0

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {**self._asdict(), "share": share_text(self.cross, self.buyers)}


class Membership(NamedTuple):
    """The answer."""

    total: Buying
    channels: list[Buying]
    members: int  # at the end of the period
    joined: int
    tiers: list[Tier]
    moves: list[Move]
    cross: Crossing  # of members
    cross_others: Crossing
    currency: str
    as_of: str | None

    @property
    def difference(self) -> Difference | None:
        """The share of members who bought on several channels less that of all others."""
        return newcombe(*(share(one.cross, one.buyers) for one in (self.cross, self.cross_others)))

    def json(self) -> dict[str, Any]:
        """Contracts 11."""
        apart = self.difference
        return {
            "total": self.total.json(self.currency),
            "by": [{"channel": one.channel, **one.json(self.currency)} for one in self.channels],
            "members": self.members,
            "joined": self.joined,
            "tiers": [one.json(self.total.revenue, self.currency) for one in self.tiers],
            "moves": [one.json() for one in self.moves],
            "cross": {
                "members": self.cross.json(),
                "others": self.cross_others.json(),
                "difference": apart and {name: f"{value:.10f}" for name, value in apart._asdict().items()},
            },
            "currency": self.currency,
            "unconverted": apart_json(self.total.revenue.unconverted),
            "as_of": self.as_of,
        }


# ---- questions: selects over the parts of members.py, and those parts ------------------------------

COUNTED: Final = (
    """select channel, count(distinct profile), count(distinct profile) filter (member), count(*),
        count(*) filter (member)
    from bought group by grouping sets ((channel), ())""",
    *("joined", "bought"),
)
MONEY: Final = (
    "select channel, member, currency, day, sum(worth) from bought group by all",
    *("joined", "bought"),
)
ACTIVE: Final = (
    """select channel, count(distinct profile), count(distinct profile) filter (member)
    from met group by grouping sets ((channel), ())""",
    *("joined", "met"),
)
STOOD: Final = (
    "select new, before, now, count(*) from standing group by all",
    *("joined", "named", "standing"),
)
TIERED: Final = ("joined", "named", "bought", "tiered")
TIER_COUNTED: Final = ("select tier, count(distinct profile), count(*) from tiered group by tier", *TIERED)
TIER_MONEY: Final = ("select tier, currency, day, sum(worth) from tiered group by all", *TIERED)
BUYERS: Final = ("joined", "bought", "each_buyer")
CROSSED: Final = (
    "select member, count(*), count(*) filter (several) from each_buyer group by member",
    *BUYERS,
)
PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "members": (
        "select profile from standing where $tier::varchar is null or now = $tier::varchar",
        *("joined", "named", "standing"),
    ),
    "joined": (
        "select profile from standing where new and ($tier::varchar is null or now = $tier::varchar)",
        *("joined", "named", "standing"),
    ),
    "moved": (
        "select profile from standing where not new and before = $origin and now = $tier",
        *("joined", "named", "standing"),
    ),
    "buyers": (
        """select profile from bought
        where profile is not null and ($channel::integer is null or channel = $channel::integer)
        group by profile having bool_or(member)""",
        *("joined", "bought"),
    ),
    "others": (
        """select profile from bought
        where profile is not null and ($channel::integer is null or channel = $channel::integer)
        group by profile having not bool_or(member)""",
        *("joined", "bought"),
    ),
    "customers": (
        """select distinct profile from met
        where member and ($channel::integer is null or channel = $channel::integer)""",
        *("joined", "met"),
    ),
    "tier_buyers": ("select distinct profile from tiered where tier = $tier", *TIERED),
    "cross": ("select profile from each_buyer where member and several", *BUYERS),
    "cross_others": ("select profile from each_buyer where not member and several", *BUYERS),
}


def membership(db: Connection, asked: Asked) -> Membership:
    """All of it over a period."""
    slugs = asked.settings.channels
    money = summed(db, asked.settings, asked_of(asked, *MONEY))
    bought = {row[0]: row[1:] for row in asked_of(asked, *COUNTED)}
    active = {row[0]: row[1:] for row in asked_of(asked, *ACTIVE)}
    there = {key[0] for key in money.by} | set(bought) | set(active)
    crossed = {member: Crossing(*counts) for member, *counts in asked_of(asked, *CROSSED)}
    stood = [Stood(*row) for row in asked_of(asked, *STOOD)]
    return Membership(
        _buying(ALL, active.get(ALL), bought.get(ALL), money, there),
        [
            _buying(slug, active.get(channel), bought.get(channel), money, (channel,))
            for channel, slug in slugs.items()
            if channel in there
        ],
        sum(one.members for one in stood),
        sum(one.members for one in stood if one.new),
        _tiers(db, asked, stood),
        _moves(stood),
        crossed.get(True, Crossing()),
        crossed.get(False, Crossing()),
        asked.settings.currency,
        asked.as_of,
    )


def people(asked: Asked, who: str, **of: Any) -> list[int]:
    """The profiles behind a number: `who` is one of WHO, `of` its channel (an id), tier, origin."""
    given = {"channel": None, "tier": None, "origin": None} | of
    return [profile for (profile,) in asked_of(asked, *PEOPLE[who], **given)]


class Stood(NamedTuple):
    """So many members of one tier before the period (where they were any) and one at its end."""

    new: bool
    before: str
    now: str
    members: int


def _buying(
    channel: str | None, active: Any, bought: Any, money: Sums, there: Iterable[int | None]
) -> Buying:
    customers, member_customers = active or (0, 0)
    buyers, member_buyers, orders, member_orders = bought or (0, 0, 0, 0)
    keys = [(one, member) for one in there for member in (False, True)]
    return Buying(
        channel,
        customers,
        member_customers,
        buyers,
        member_buyers,
        orders,
        member_orders,
        together(money.of(*key) for key in keys),
        together(money.of(*key) for key in keys if key[1]),
    )


def _tiers(db: Connection, asked: Asked, stood: list[Stood]) -> list[Tier]:
    """Each tier that somebody has or had, the largest first."""
    bought = {tier: counts for tier, *counts in asked_of(asked, *TIER_COUNTED)}
    money = summed(db, asked.settings, asked_of(asked, *TIER_MONEY))
    old = [one for one in stood if not one.new]
    names = {one.now for one in stood} | {one.before for one in old} | set(bought)
    made = [
        Tier(
            name,
            sum(one.members for one in old if one.before == name),
            sum(one.members for one in stood if one.new and one.now == name),
            sum(one.members for one in old if one.before != name and one.now == name),
            sum(one.members for one in old if one.before == name and one.now != name),
            sum(one.members for one in stood if one.now == name),
            buyers,
            orders,
            money.of(name),
        )
        for name in names
        for buyers, orders in [bought.get(name, (0, 0))]
    ]
    return sorted(made, key=lambda one: (-one.members, one.tier))


def _moves(stood: list[Stood]) -> list[Move]:
    """Who changed: the most frequent first, those who joined before the others."""
    moves = [
        Move(None if one.new else one.before, one.now, one.members)
        for one in stood
        if one.new or one.before != one.now
    ]
    return sorted(moves, key=lambda one: (one.origin is not None, -one.members, one.origin or "", one.to))
