"""What each term of the catalogue counts of the mirror's rows, by the term's name: amounts, or distinct customers.

A new term that is to be broken down: its line in TERMS. What is not here is known by channel alone, from PostgreSQL.
Not here: the rows (facts.py), reading (parting.py, people.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from metrics.breakdown import facts, people
from metrics.breakdown.dimensions import IS_FIRST, Found
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


def _distinct(fact: Fact, who: str = "x.profile", where: str = "true", holds: str = "true") -> Persons:
    return Persons(fact, lambda parting: people.distinct(parting, fact, who, where, holds))


_ORDER = Counted(facts.ORDERS, currency="x.currency", rate_day="x.day")
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
_LATEST = "arg_max(x.satisfied, (x.occurred_at, x.message_id, x.key, x.channel))"

TERMS: Final[Mapping[str, Counting | Both]] = MappingProxyType(
    {
        "gmv": Counted(facts.ORDERS, "x.total", "x.currency", "x.day"),
        "platform_fees": _WITH_FEES,
        "gmv_with_fees": replace(_WITH_FEES, amount="x.total"),
        "payout": replace(_WITH_FEES, amount="x.payout", where="x.payout is not null"),
        "orders": _ORDER,
        "priced_orders": _ORDER,
        "customer_orders": Counted(facts.ORDERS, where="x.profile is not null"),
        "refunds": Counted(facts.REFUNDS, "x.amount", "x.currency", "x.order_day"),
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
        "satisfied": _distinct(facts.ANSWERS, who=_WHO_ANSWERED, holds=_LATEST),
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
