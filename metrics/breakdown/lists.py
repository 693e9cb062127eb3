"""The rows behind what only the mirror counts: one SELECT a term, its columns as catalogue/rows.py shows them.

Not here: paging (reading.py), how a row is answered (metrics/drill_row.py).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from metrics.breakdown import facts, people, terms
from metrics.breakdown.parting import Parting, channels, select

WHOSE = "x.profile as profile_id, x.channel as channel_id"
VISIT = f"{WHOSE}, x.began as began, x.ended as ended, x.touches as events"
EVENT = f"{WHOSE}, x.name as name, x.occurred_at as occurred_at"


def _firsts(parting: Parting) -> str:
    """Each customer with the first thing put in the cart."""
    rows = select(parting, facts.CARTS, "x.*")
    return (
        "select 0 as place, 0 as slot, profile as who, min(occurred_at) as added_at, "  # noqa: S608 (ours)
        f"arg_min(channel, (occurred_at, tie)) as channel from ({rows}) group by profile"
    )


def _carts(parting: Parting) -> str:
    return f"select who as profile_id, channel as channel_id, added_at from ({_firsts(parting)})"  # noqa: S608


def _carts_ordered(parting: Parting) -> str:
    ordered = people.in_time(_firsts(parting), channels(parting, "channel"))
    return (
        f"select o.who as profile_id, f.channel as channel_id, o.added_at, o.ordered_at "  # noqa: S608
        f"from ({ordered}) o join ({_firsts(parting)}) f on f.who = o.who"
    )


LISTS: Final[Mapping[str, Callable[[Parting], str]]] = MappingProxyType(
    {
        "visits": lambda parting: select(parting, facts.VISITS_WHOLE, VISIT),
        "visits_ordered": lambda parting: select(
            parting, facts.VISITS_WITH_ORDERS, f"{VISIT}, x.ordered_at as ordered_at"
        ),
        "cart_customers": _carts,
        "cart_ordered": _carts_ordered,
        "events_identified": lambda parting: select(
            parting, facts.TOUCHES, EVENT, terms.IDENTIFIED, ("identity",)
        ),
        "events_with_customer": lambda parting: select(parting, facts.TOUCHES, EVENT),
    }
)
