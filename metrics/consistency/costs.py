"""The gaps that cost most: by kind, channel and SKU, how many customers met one in the period, and what that costs.

What a gap costs is an estimate: customers who met it x how much more often such customers leave (churn.py, matched) x
what a customer who stays spends in the time after. Its interval is that of the churn; what may be chance (an interval
that reaches nothing) costs "at least nothing". Where no effect can be told the gap is counted and costs nothing known.
Gaps without a SKU are of a channel. Not here: the cure (a page's matter).
"""

from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics.consistency import met
from metrics.consistency.churn import Looked
from metrics.consistency.met import GAPS, Sold
from metrics.effects.intervals import Difference
from metrics.effects.matching import Matched
from metrics.journeys import values
from metrics.journeys.base import Asked

MOST: Final = 10
MET: Final = f"""with {GAPS},
counted as (
    select kind, channel, sku, count(distinct profile) as customers, count(*) as times from gaps group by all
)
select c.kind, c.channel, c.sku, c.customers, c.times, n.name
from counted c left join (
    select sku, arg_max(name, occurred_at) as name from order_lines where sku <> '' and name <> '' group by sku
) n on n.sku = c.sku
order by c.customers desc, c.times desc, c.kind, c.channel, c.sku"""  # noqa: S608 (ours)


class Gap(NamedTuple):
    """A gap of a channel; `sku` and `name` "" where it is of none."""

    kind: str
    channel: str
    sku: str
    name: str
    customers: int
    times: int
    cost: Difference | None


def gaps(db: Connection, asked: Asked, looked: Looked) -> list[Gap]:
    """The dearest first; what costs nothing known by how many met it."""
    sold = met.oversold(db, asked.settings.workspace, asked.begin, asked.end)
    return read(asked, looked, sold)


def read(asked: Asked, looked: Looked, sold: Sold) -> list[Gap]:
    """The same, of lines known to be sold out."""
    given: dict[str, Any] = met.given(asked.begin, asked.end, sold)
    slugs = asked.settings.channels
    effects = {one.kind: one.effect for one in looked.churns}
    found = [
        Gap(
            kind,
            slugs[channel],
            sku,
            name or "",
            customers,
            times,
            _cost(effects[kind], customers, looked.worth),
        )
        for kind, channel, sku, customers, times, name in asked.mirror.rows(MET, **values.bound(MET, given))
        if channel in slugs
    ]
    return sorted(found, key=lambda one: (-(one.cost.value if one.cost else 0.0), -one.customers, one[:3]))[
        :MOST
    ]


def _cost(effect: Any, customers: int, worth: float | None) -> Difference | None:
    if not isinstance(effect, Matched) or worth is None or effect.difference.value <= 0:
        return None
    low, high = max(effect.difference.low, 0.0), effect.difference.high
    return Difference(*(one * customers * worth for one in (effect.difference.value, low, high)))
