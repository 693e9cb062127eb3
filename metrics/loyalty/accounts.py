"""Points and stored value of members: what was earned, spent and ran out in a period, what is outstanding at its end.

Points have no currency; stored value is told in each currency it is in, never converted: it is owed in that one.
By tier: that which a member has at the period's end, whatever he had when it was earned. By channel: where an account
was changed, so a channel where more is spent than was earned has an outstanding below 0.
`overdrawn`: members whose points, or stored value in one currency, come to less than 0 at the end: a change was not
sent, or twice under different ids. Not here: the events (metrics/facts/member_accounts.py).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from metrics.facts.member_accounts import BALANCE, POINTS
from metrics.journeys.base import Asked
from metrics.loyalty.members import asked_of
from metrics.loyalty.worth import tidy

BY: Final = ("tier", "channel")
UNITS: Final = (POINTS, BALANCE)
WHO: Final = ("points_holders", "balance_holders", "points_overdrawn", "balance_overdrawn")


class Account(NamedTuple):
    """Sums of one unit and currency, of a tier or channel (`key`; None: all together). All but outstanding above 0."""

    key: str | None
    unit: str
    currency: str
    earned: Decimal
    spent: Decimal
    expired: Decimal
    outstanding: Decimal
    holders: int
    overdrawn: int

    def said(self, name: str) -> Decimal:
        """One of its sums: money as its currency has it, points without idle decimals."""
        value: Decimal = getattr(self, name)
        return tidy(value, self.currency)

    def json(self, by: str | None = None) -> dict[str, Any]:
        """As the API gives it."""
        found: dict[str, Any] = {by: self.key} if by else {}
        found |= {"unit": self.unit, "currency": self.currency or None}
        found |= {name: f"{self.said(name):f}" for name in ("earned", "spent", "expired", "outstanding")}
        return found | {"holders": self.holders, "overdrawn": self.overdrawn}


class Accounts(NamedTuple):
    """The answer."""

    by: str
    total: list[Account]
    parts: list[Account]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "total": [one.json() for one in self.total],
            "by": [one.json(self.by) for one in self.parts],
            "as_of": self.as_of,
        }


# What is on each account; `key`: what it is put together by.
HELD: Final[Mapping[str, str]] = {
    "": "select *, null::varchar as key from purses where occurred_at < $end",
    "tier": """select p.*, coalesce(t.tier, '') as key from purses p left join (
            select profile, arg_max(tier, occurred_at) as tier from named where occurred_at < $end group by profile
        ) t using (profile)
        where p.occurred_at < $end""",
    "channel": "select *, channel::varchar as key from purses where occurred_at < $end",
}
SUMMED: Final = """select key, unit, currency, sum(earned), sum(spent), sum(expired), sum(stands),
    count(*) filter (stands > 0), count(*) filter (stands < 0)
from (
    select key, unit, currency,
        coalesce(sum(amount) filter (occurred_at >= $begin and kind = 'earned'), 0) as earned,
        coalesce(-sum(amount) filter (occurred_at >= $begin and kind = 'spent'), 0) as spent,
        coalesce(-sum(amount) filter (occurred_at >= $begin and kind = 'expired'), 0) as expired,
        sum(amount) as stands
    from ({held}) group by profile, key, unit, currency
) group by key, unit, currency order by unit desc, currency, sum(stands) desc, key"""
PEOPLE: Final[Mapping[str, str]] = {
    "holders": """select distinct profile from (
            select profile from purses where occurred_at < $end and unit = $unit
            group by profile, currency having sum(amount) > 0
        )""",
    "overdrawn": """select distinct profile from (
            select profile from purses where occurred_at < $end and unit = $unit
            group by profile, currency having sum(amount) < 0
        )""",
}


def accounts(asked: Asked, by: str = BY[0]) -> Accounts:
    """What members hold, in all and by one of BY."""
    slugs = asked.settings.channels
    parts = _summed(asked, by)
    if by == "channel":
        parts = [one._replace(key=slugs.get(int(one.key or 0), one.key)) for one in parts]
    return Accounts(by, _summed(asked, ""), parts, asked.as_of)


def people(asked: Asked, who: str) -> list[int]:
    """Whose account stands above 0, or below: `who` is one of WHO."""
    unit, _, state = who.partition("_")
    return [profile for (profile,) in asked_of(asked, PEOPLE[state], "named", unit=unit)]


def _summed(asked: Asked, by: str) -> list[Account]:
    return [Account(*row) for row in asked_of(asked, SUMMED.format(held=HELD[by]), "named")]
