"""By what a number can be broken down: the dimensions, how each is found for a row of the mirror, and filters.

A row is called `x`; who it belongs to stands in `{who}`: `x` itself, or the order `o` it speaks of. Not here: the rows
(facts.py), which dimensions a term knows (its fact's).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from kernel.errors import BadRequest

NAMES: Final = (
    *("channel", "store", "sku", "category", "brand", "campaign", "source", "city", "payment_method"),
    *("member_tier", "new_or_returning"),
)
CHANNEL: Final = "channel"
SEGMENT: Final = "segment:"
NONE: Final = "null"  # how an address and an answer write that there is no value
REST: Final = "other"  # all values beyond those listed
LITERAL: Final = "="  # before a value that would read as one of these
MOST_FILTERS: Final = 50


class Found(NamedTuple):
    """How a value is found: an expression (text or null), and the joins it needs, of JOINS, in order."""

    value: str
    joins: tuple[str, ...] = ()


# An order's method: of its first payment that succeeded, else of the last that was tried.
_PAID = """select order_id, channel, coalesce(
        arg_min(method, (succeeded_at, method)) filter (succeeded_at is not null),
        arg_max(method, (occurred_at, method))
    ) as method
    from payments where method <> '' group by order_id, channel"""
# A customer's first order ever; ties as everywhere.
_FIRST = """select profile, arg_min((order_id, channel), (occurred_at, message_id, order_id, channel)) as placed
    from purchases where profile is not null group by profile"""
# The tier a customer has from a moment on; words without a tier change nothing.
_TIERS = """select profile, occurred_at, arg_max(tier, (tie, tier)) as tier
    from tiers where tier <> '' group by profile, occurred_at"""

JOINS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "order": "left join purchases o on o.order_id = x.order_id and o.channel = x.channel",
        "city": "left join (select profile, value from said where name = 'city') city on city.profile = {who}.profile",
        "sold": (
            "left join order_lines sold on sold.order_id = x.order_id and sold.channel = x.channel "
            "and sold.line = x.line"
        ),
        "payment": f"left join ({_PAID}) paid on paid.order_id = x.order_id and paid.channel = x.channel",
        "identity": (
            "left join (select profile, bool_or(identified) as identified from customers group by profile) identity "
            "on identity.profile = {who}.profile"
        ),
        "first": f"left join ({_FIRST}) earliest on earliest.profile = {{who}}.profile",
        "member": (
            "left join (select profile, min(occurred_at) as since from tiers group by profile) member "
            "on member.profile = {who}.profile"
        ),
        "tier": (
            f"asof left join ({_TIERS}) tier on tier.profile = {{who}}.profile "
            "and {who}.occurred_at >= tier.occurred_at"
        ),
    }
)
IS_MEMBER: Final = "coalesce(member.since <= {who}.occurred_at, false)"
IS_FIRST: Final = "earliest.placed = ({who}.order_id, {who}.channel)"

_OF_ALL = {CHANNEL: Found("x.channel::varchar")}
_OF_PEOPLE = {
    "city": Found("nullif(city.value, '')", ("city",)),
    "member_tier": Found("tier.tier", ("tier",)),
}
OF_ANSWERS: Final = MappingProxyType(_OF_ALL | _OF_PEOPLE)
OF_TOUCHES: Final = MappingProxyType(
    OF_ANSWERS | {"campaign": Found("nullif(x.campaign, '')"), "source": Found("nullif(x.source, '')")}
)
OF_ORDERS: Final = MappingProxyType(
    _OF_ALL
    | {
        "store": Found("nullif({who}.store, '')"),
        "campaign": Found("nullif({who}.campaign, '')"),
        "source": Found("nullif({who}.source, '')"),
        "payment_method": Found("paid.method", ("payment",)),
        "new_or_returning": Found(
            f"case when {{who}}.profile is null then null when {IS_FIRST} then 'new' else 'returning' end",
            ("first",),
        ),
    }
    | _OF_PEOPLE
)
# Of what speaks of an order: the same of that order.
OF_ORDERS_PARTS: Final = MappingProxyType(
    {
        name: found if name == CHANNEL else Found(found.value, ("order", *found.joins))
        for name, found in OF_ORDERS.items()
    }
)
# Of payments: each by its own method, that of one that failed among them.
OF_PAYMENTS: Final = MappingProxyType(OF_ORDERS_PARTS | {"payment_method": Found("nullif(x.method, '')")})
OF_LINES: Final = MappingProxyType(
    {name: Found(f"nullif(x.{name}, '')") for name in ("sku", "category", "brand")} | dict(OF_ORDERS_PARTS)
)
# Of goods taken back: their SKU is the line's, which need not be read for it.
OF_GOODS_BACK: Final = MappingProxyType(
    OF_LINES | {name: Found(f"nullif(sold.{name}, '')", ("sold",)) for name in ("category", "brand")}
)


class Filter(NamedTuple):
    """What a dimension's value must be. `rest`: none of those listed, which `without` names once they are known."""

    dimension: str
    value: str | None = None
    rest: bool = False
    without: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """As addresses write it, behind the dimension."""
        return REST if self.rest else key(self.value)

    def __str__(self) -> str:
        return f"{self.dimension}:{self.key}"


def key(value: str | None) -> str:
    """A value as answers and addresses write it: what has none is `null`, a value of that name begins with `=`."""
    if value is None:
        return NONE
    return f"{LITERAL}{value}" if value in (NONE, REST) or value.startswith(LITERAL) else value


def filters(texts: Iterable[str]) -> tuple[Filter, ...]:
    """Filters as addresses write them, `DIM:VALUE`; a BadRequest for what is none."""
    found = tuple(dict.fromkeys(_filter(text) for text in texts))
    if len(found) > MOST_FILTERS:
        raise BadRequest(f"At most {MOST_FILTERS} filters can be asked for at once.", "too_many_filters")
    return found


def _filter(text: str) -> Filter:
    if text.startswith(SEGMENT):
        raise no_segment(text.removeprefix(SEGMENT))
    dimension, colon, value = text.partition(":")
    if not colon or not value:
        raise BadRequest("A `filter` is written DIMENSION:VALUE, like city:Shanghai.", "bad_filter")
    if value in (NONE, REST):
        return Filter(dimension, rest=value == REST)
    return Filter(dimension, value.removeprefix(LITERAL))


def no_segment(slug: str) -> BadRequest:
    """What is said of a segment: there are none yet."""
    return BadRequest(f"There is no segment {slug[:60]!r} in this workspace.", "unknown_segment")


def check(dimension: str, known: Iterable[str], metric: str, parameter: str) -> None:
    """Refuses a dimension that a metric's facts do not know, with those they do."""
    if dimension.startswith(SEGMENT):
        raise no_segment(dimension.removeprefix(SEGMENT))
    there = tuple(known)
    if dimension not in there:
        raise BadRequest(
            f"`{parameter}` of {metric} is one of {', '.join(there)}: what it counts does not know {dimension[:60]!r}.",
            f"bad_{parameter}",
        )
