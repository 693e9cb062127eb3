"""Distinct customers of the mirror, each once for the whole, each interval, each value.

Questions in SQL that yield (place, slot, who); slot 0 is the whole period.

Not here: which terms there are (terms.py), how rows are parted (parting.py).
"""

from metrics.breakdown import facts
from metrics.breakdown.dimensions import CHANNEL
from metrics.breakdown.facts import Fact
from metrics.breakdown.parting import Parting, Window, cells, channels, place, select, slot, without_channel
from metrics.distinct_windows import ALL
from metrics.term_readers import neighbours

Questions = list[tuple[Parting, str]]  # each answered in its own parting
CART_DAYS = 7  # within which an order counts for the cart
SEVERAL = 2  # channels that make somebody cross-channel


def distinct(
    parting: Parting,
    fact: Fact,
    who: str = "x.profile",
    where: str = "true",
    holds: str = "true",
    joins: tuple[str, ...] = (),
) -> Questions:
    """Whoever has rows; `holds`: a condition on all rows (of `x`) of one customer in a cell."""
    rows = select(parting, fact, f"x.*, {who} as who", where, joins)
    sql = (
        f"select {place(parting)} as place, {slot(parting)} as slot, who from ({rows}) x "  # noqa: S608 (ours)
        f"group by {cells(parting, 'who')} having {holds}"
    )
    return [(parting, sql)]


def crossing(parting: Parting) -> Questions:
    """Whoever was active on several channels; of a channel: who was active there, and elsewhere too."""
    if parting.by == CHANNEL:
        return [(parting, _crossing_by_channel(parting))]
    rows = select(
        without_channel(parting), facts.TOUCHES, "x.profile as who, x.channel as channel", "x.active"
    )
    there = channels(parting, "channel")
    sql = (
        f"select {place(parting)} as place, {slot(parting)} as slot, who from ({rows}) "  # noqa: S608
        f"group by {cells(parting, 'who')} having count(distinct channel) >= {SEVERAL} and bool_or({there})"
    )
    return [(parting, sql)]


def _crossing_by_channel(parting: Parting) -> str:
    rows = select(
        without_channel(parting), facts.TOUCHES, "x.profile as who, x.channel as channel", "x.active"
    )
    there = channels(parting, "channel")
    one_slot = "(who)" if parting.sizing else "(slot, who), (who)"
    several = (
        f"select coalesce(slot, 0) as slot, who, list(distinct place) filter ({there}) as places from ({rows}) "  # noqa: S608
        f"group by grouping sets ({one_slot}) "
        f"having count(distinct channel) >= {SEVERAL} and bool_or({there})"
    )
    parted = f"select unnest(places) as place, slot, who from ({several})"  # noqa: S608
    if parting.sizing:
        return parted
    return f"{parted} union all select {ALL}, slot, who from ({several})"  # noqa: S608


def before(parting: Parting) -> Questions:
    """Whoever was active in the interval before each."""
    return _over_neighbours(parting, "slot < $last_slot", "slot + 1")


def retained(parting: Parting) -> Questions:
    """Whoever was active in an interval and in the one before."""
    return _over_neighbours(parting, "earlier = slot - 1", "slot")


def _over_neighbours(parting: Parting, where: str, told: str) -> Questions:
    """Those of the whole period against the days before it, and those of each interval against the one before."""
    this, earlier = neighbours(parting.scope)
    whole = parting._replace(cut=(Window(0, *earlier[0]), Window(1, *this[0])))
    asked = [(whole, _among_neighbours(whole, where, "0"))]
    if not parting.sizing:
        days = [earlier[1], *this[1:]]
        series = parting._replace(cut=tuple(Window(n, *one) for n, one in enumerate(days)))
        asked.append((series, _among_neighbours(series, where, told)))
    return asked


def _among_neighbours(parting: Parting, where: str, told: str) -> str:
    """Of whoever was active in an interval: with the number of the last one before in which he was."""
    rows = select(parting, facts.TOUCHES, "x.profile as who", "x.active")
    sets = "(place, slot, who), (slot, who)" if parting.by and not parting.sizing else "(place, slot, who)"
    shown = place(parting) if parting.by else str(ALL)
    each = f"select {shown} as place, slot, who from ({rows}) group by grouping sets ({sets})"  # noqa: S608
    return (
        f"select place, {told} as slot, who from ("  # noqa: S608
        f"select *, lag(slot) over (partition by place, who order by slot) as earlier from ({each})) where {where}"
    )


def bought_from_cart(parting: Parting) -> Questions:
    """Whoever ordered in time after the first thing put in the cart; of a channel: on that channel."""
    rows = select(parting, facts.CARTS, "x.profile as who, x.occurred_at as occurred_at")
    firsts = (
        f"select {place(parting)} as place, {slot(parting)} as slot, who, min(occurred_at) as added_at "  # noqa: S608
        f"from ({rows}) group by {cells(parting, 'who')}"
    )
    if parting.by != CHANNEL or parting.sizing:
        return [(parting, in_time(firsts, channels(parting, "channel")))]
    whole = f"select * from ({firsts}) where place = {ALL}"  # noqa: S608
    parted = f"select *, ($listed::varchar[])[place]::integer as channel from ({firsts}) where place > {ALL}"  # noqa: S608
    there = in_time(parted, "true", "and p.channel = f.channel")
    return [(parting, f"{in_time(whole, channels(parting, 'channel'))} union all {there}")]


def in_time(firsts: str, orders: str, same: str = "") -> str:
    """SQL: of customers with `added_at` those with an order soon enough after it, with `ordered_at` of the first."""
    return (
        f"select f.place, f.slot, f.who, f.added_at, p.occurred_at as ordered_at from ({firsts}) f "  # noqa: S608
        f"asof join (select * from purchases where profile is not null and {orders}) p "
        f"on p.profile = f.who {same} and f.added_at <= p.occurred_at "
        f"where p.occurred_at <= f.added_at + interval {CART_DAYS} days"
    )
