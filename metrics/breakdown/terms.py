"""What each term of the catalogue counts of the mirror's rows, by the term's name: amounts, or distinct customers.

A new term that is to be broken down: its line in TERMS. What is not here is known by channel alone, from PostgreSQL.
Not here: the rows (facts.py), reading (parting.py, people.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from metrics.breakdown import facts, people
from metrics.breakdown.dimensions import IS_FIRST, IS_MEMBER, Found
from metrics.breakdown.facts import Fact
from metrics.breakdown.parting import Parting


@dataclass(frozen=True)
class Counted:
    """A sum over rows: of amounts in a currency, converted by the rate of a day, or of how many there are."""

    fact: Fact
    amount: str = "1"
    currency: str = "''"
    rate_day: str = "null::date"
    where: str = "true"
    joins: tuple[str, ...] = ()
    adds_up: bool = True


@dataclass(frozen=True)
class Persons:
    """Distinct customers, by the questions that yield each once in each cell (people.py)."""

    fact: Fact
    asked: Callable[[Parting], people.Questions]
    adds_up: bool = False


Counting = Counted | Persons


def _distinct(
    fact: Fact,
    who: str = "x.profile",
    where: str = "true",
    holds: str = "true",
    joins: tuple[str, ...] = (),
) -> Persons:
    return Persons(fact, lambda parting: people.distinct(parting, fact, who, where, holds, joins))


_ORDER = Counted(facts.ORDERS, currency="x.currency", rate_day="x.day")
_ARRIVED = Counted(facts.PARCELS, where="x.occurred_at >= o.occurred_at", joins=("order",))
_PROMISED = "x.promised_at is not null"
_WITH_FEES = Counted(facts.SETTLED, "x.fees", "x.currency", "x.day", "x.fees is not null")
_SOLD = Counted(facts.LINES, "x.cost", "x.cost_currency", "x.cost_day", "x.cost is not null")
_BACK = Counted(facts.LINES_BACK, "x.cost", "x.cost_currency", "x.cost_day", "x.cost is not null")
_RATED = "({0} = $home or exists (select 1 from {1} r where r.currency = {0} and r.since <= {2}))"
_RATES = "(select unnest($rated_in::varchar[]) as currency, unnest($rated_since::date[]) as since)"


def _margin(fact: Fact, sold_on: str, *, cost: bool) -> Counted:
    """A side of the margin, whole where both sides have a rate; what has none, where the side itself has none."""
    sides = [
        _RATED.format("x.currency", _RATES, sold_on),
        _RATED.format("x.cost_currency", _RATES, "x.cost_day"),
    ]
    own, other = reversed(sides) if cost else sides
    where = f"x.net is not null and x.cost is not null and ({other} or not {own})"
    if cost:
        return Counted(fact, "x.cost", "x.cost_currency", "x.cost_day", where)
    return Counted(fact, "x.net", "x.currency", sold_on, where)


@dataclass(frozen=True)
class Both:
    """What was sold less what came back."""

    sold: Counted
    back: Counted

    @property
    def fact(self) -> Fact:
        """Of what was sold; what came back knows the same dimensions."""
        return self.sold.fact


IDENTIFIED: Final = "coalesce(identity.identified, false)"
_WHO_ANSWERED = "coalesce(x.profile::varchar, x.channel || '/' || x.key)"
_LATEST = "arg_max(x.{0}, (x.occurred_at, x.message_id, x.key, x.channel))"
_BY_MEMBER = IS_MEMBER.format(who="x")
_REFUNDED = Counted(facts.REFUNDS, "x.amount", "x.currency", "x.order_day")

HOUR, MINUTE = 3_600_000_000, 60_000_000  # microseconds


def _time(since: str, unit: int, places: int) -> str:
    """SQL: the time up to x.occurred_at in a unit, to so many places, half up. Whole numbers are divided: no floats."""
    passed = f"(epoch_us(x.occurred_at) - epoch_us({since}))::hugeint"
    whole = f"(2 * {10**places} * {passed} + {unit}) // {2 * unit}"
    return f"(({whole})::decimal(18, 0) * 1e-{places}::decimal({places}, {places}))"


TERMS: Final[Mapping[str, Counting | Both]] = MappingProxyType(
    {
        "gmv": replace(_ORDER, amount="x.total"),
        "member_gmv": replace(_ORDER, amount="x.total", where=_BY_MEMBER, joins=("member",)),
        "member_refunds": replace(_REFUNDED, where=IS_MEMBER.format(who="o"), joins=("order", "member")),
        "platform_fees": _WITH_FEES,
        "gmv_with_fees": replace(_WITH_FEES, amount="x.total"),
        "payout": replace(_WITH_FEES, amount="x.payout", where="x.payout is not null"),
        "orders": _ORDER,
        "priced_orders": _ORDER,
        "customer_orders": Counted(facts.ORDERS, where="x.profile is not null"),
        "refunds": _REFUNDED,
        "returns": Counted(facts.RETURNS),
        "returns_elsewhere": Counted(facts.RETURNS, where="x.service_channel <> x.channel"),
        "cogs": _SOLD,
        "cogs_returned": _BACK,
        "missing_cost": Counted(facts.LINES, where="x.cost is null"),
        "quantity_sold": Counted(facts.LINES, "x.quantity"),
        "quantity_back": Counted(facts.GOODS_BACK, "x.quantity"),
        "margin_revenue": Both(
            _margin(facts.LINES, "x.day", cost=False), _margin(facts.LINES_BACK, "x.sold_on", cost=False)
        ),
        "margin_cost": Both(
            _margin(facts.LINES, "x.day", cost=True), _margin(facts.LINES_BACK, "x.sold_on", cost=True)
        ),
        "buyers": _distinct(facts.ORDERS, where="x.profile is not null"),
        "member_buyers": _distinct(
            facts.ORDERS, where=f"x.profile is not null and {_BY_MEMBER}", joins=("member",)
        ),
        "repeat": _distinct(facts.ORDERS, where="x.profile is not null", holds="count(*) >= 2"),
        "new": Persons(
            facts.ORDERS,
            lambda parting: people.distinct(
                parting, facts.ORDERS, where=IS_FIRST.format(who="x"), joins=("first",)
            ),
            adds_up=True,
        ),
        "active": _distinct(facts.TOUCHES, where="x.active"),
        "cross": Persons(facts.TOUCHES, people.crossing),
        "active_before": Persons(facts.TOUCHES, people.before),
        "retained": Persons(facts.TOUCHES, people.retained),
        "answered": _distinct(facts.ANSWERS, who=_WHO_ANSWERED),
        "satisfied": _distinct(facts.ANSWERS, who=_WHO_ANSWERED, holds=_LATEST.format("satisfied")),
        "promoters": _distinct(facts.ANSWERS, who=_WHO_ANSWERED, holds=f"{_LATEST.format('promotes')} > 0"),
        "detractors": _distinct(facts.ANSWERS, who=_WHO_ANSWERED, holds=f"{_LATEST.format('promotes')} < 0"),
        "payments_started": Counted(facts.PAYMENTS),
        "payments_succeeded": Counted(facts.PAYMENTS, where="x.state = 'succeeded'"),
        "deliveries": _ARRIVED,
        "delivery_time": replace(_ARRIVED, amount=_time("o.occurred_at", HOUR, 4)),
        "deliveries_promised": Counted(facts.PARCELS, where=_PROMISED),
        "deliveries_on_time": Counted(facts.PARCELS, where="x.occurred_at <= x.promised_at"),
        "tickets_answered": Counted(facts.TICKETS_ANSWERED),
        "response_time": Counted(facts.TICKETS_ANSWERED, _time("x.opened_at", MINUTE, 2)),
        "tickets_resolved": Counted(facts.TICKETS_RESOLVED),
        "resolution_time": Counted(facts.TICKETS_RESOLVED, _time("x.opened_at", HOUR, 4)),
        "refunds_of_returns": Counted(facts.REFUNDS_OF_RETURNS),
        "refund_time": Counted(facts.REFUNDS_OF_RETURNS, _time("x.returned_at", HOUR, 4)),
        "visits": Counted(facts.VISITS),
        "visits_ordered": Counted(facts.VISITS_WITH_ORDERS),
        "cart_customers": _distinct(facts.CARTS),
        "cart_ordered": Persons(facts.CARTS, people.bought_from_cart),
        "events_identified": Counted(facts.TOUCHES, where=IDENTIFIED, joins=("identity",)),
        "events_with_customer": Counted(facts.TOUCHES),
    }
)


def dimensions(name: str) -> Mapping[str, Found]:
    """What the facts of a term know, in no order; nothing where the mirror does not have them."""
    return TERMS[name].fact.dimensions if name in TERMS else {}


def adds_up(name: str) -> bool:
    """Whether the values of a dimension come to the whole."""
    counting = TERMS[name]
    return isinstance(counting, Both) or counting.adds_up
