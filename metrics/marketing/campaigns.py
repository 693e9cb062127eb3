"""Campaigns of all channels on one calendar: when, where, what was spent, whom it reached, what credit it has.

A campaign is a name, whatever the channel: that of spend records and that which touches carry (`context.campaign`,
else a marketing touch's own). Touches are marketing touches of known people, as attribution takes them; reached is who
met one in the period. First and last day are of the spend and touches within the period. Credit, roas, roi and cpa are
attribution's by campaign (metrics/attribution), for the model asked. Not here: whom campaigns share (reach.py).
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from kernel import periods
from kernel.db import Connection
from metrics.attribution.answers import Credit, attributed
from metrics.attribution.question import Question
from metrics.breakdown import dimensions
from metrics.journeys import values
from metrics.journeys.base import OTHER, Asked
from metrics.loyalty.worth import money_text
from metrics.marketing.campaign import Campaign, Slot
from metrics.marketing.cautions import Caution, cautions
from metrics.marketing.spend import CampaignSpend, spent
from metrics.query import EXACT, text

NOTHING: Final = Decimal(0)
MOST_SLOTS: Final = 31  # of a calendar: beyond that, weeks; beyond as many weeks, months


class Campaigns(NamedTuple):
    """The answer: campaigns by what was spent, then by touches; what names none last."""

    model: str
    interval: str
    campaigns: list[Campaign]
    spend: Decimal
    credited: Credit  # all, with what no campaign is credited with
    customers: int  # reached by any
    warnings: list[Caution]
    currency: str
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "model": self.model,
            "interval": self.interval,
            "campaigns": [one.json(self.currency) for one in self.campaigns],
            "total": {
                "spend": money_text(self.spend, self.currency),
                "conversions": text(self.credited.conversions),
                "revenue": money_text(self.credited.revenue, self.currency),
                "customers": self.customers,
            },
            "warnings": [one.json() for one in self.warnings],
            "currency": self.currency,
            "as_of": self.as_of,
        }


# Marketing touches of the period, and the intervals of its calendar, from 1 on.
MET: Final = """with met as (
    select profile, channel, coalesce(campaign, '') as campaign, occurred_at
    from contacts where touchpoint = 'marketing' and occurred_at >= $begin and occurred_at < $end
)
"""
COUNTED: Final = """select campaign, count(*), count(distinct profile), list(distinct channel),
    min(occurred_at), max(occurred_at)
from met group by campaign"""
BY_SLOT: Final = """select m.campaign, s.slot, count(*)
from met m asof join (select unnest($bounds::timestamp[]) as bound, unnest($places::integer[]) as slot) s
    on m.occurred_at >= s.bound
group by m.campaign, s.slot"""
REACHED: Final = "select count(distinct profile) from met where campaign <> ''"
PEOPLE: Final = "select distinct profile from met where campaign = $campaign"


class Touched(NamedTuple):
    """A campaign's touches."""

    touches: int
    customers: int
    channels: list[int]
    first: date
    last: date


def campaigns(db: Connection, asked: Asked, model: str) -> Campaigns:
    """All campaigns of a period, their credit under a model of attribution."""
    interval, starts = calendar(asked)
    costs = spent(db, asked)
    met = _touched(asked, starts)
    slots = {(name, slot): count for name, slot, count in _rows(asked, starts, BY_SLOT)}
    credited = attributed(db, asked, Question(model=model, by="campaign"))
    by_key = {one.key: one for one in credited.rows}
    listed = [
        _campaign(asked, name, costs.get(name), met.get(name), _credit(by_key, name))._replace(
            slots=_slots(name, starts, costs.get(name), slots)
        )
        for name in {*costs, *met}
    ]
    listed.sort(key=lambda one: (not one.name, -(one.spend or NOTHING), -one.touches, one.name))
    with localcontext(EXACT):
        total = sum((one.total for one in costs.values()), NOTHING)
    return Campaigns(
        model,
        interval,
        listed,
        total,
        credited.total,
        _rows(asked, starts, REACHED)[0][0],
        list(cautions(listed, asked.settings.currency)),
        asked.settings.currency,
        asked.as_of,
    )


def people(asked: Asked, campaign: str) -> list[int]:
    """Whom a campaign reached; "": whom touches reached that name none."""
    return [profile for (profile,) in _rows(asked, [asked.days.first], PEOPLE, campaign=campaign)]


def calendar(asked: Asked) -> tuple[str, list[date]]:
    """How a period is cut, and where each interval begins: days while there are few, else weeks or months."""
    first, last = asked.days
    interval = "day" if asked.days.length <= MOST_SLOTS else "week"
    if asked.days.length > 7 * MOST_SLOTS:
        interval = "month"
    return interval, [one.first for one in periods.intervals(first, last, interval)]


def _campaign(
    asked: Asked, name: str, cost: CampaignSpend | None, met: Touched | None, credit: Credit | None
) -> Campaign:
    slugs = asked.settings.channels
    where = {*(cost.channels if cost else ()), *(met.channels if met else ())}
    days = [*(cost.days if cost else ()), *((met.first, met.last) if met else ())]
    return Campaign(
        name,
        [slug for channel, slug in slugs.items() if channel in where],
        sorted(cost.mediums) if cost else [],
        sorted(cost.currencies) if cost else [],
        min(days, default=asked.days.first),
        max(days, default=asked.days.last),
        cost.total if cost else None,
        met.touches if met else 0,
        met.customers if met else 0,
        credit,
        [],
        dict(cost.unconverted) if cost else {},
    )


def _credit(by_key: Mapping[str | None, Credit], name: str) -> Credit | None:
    """A campaign's credit: nothing where it has none; None where it is told with others, or has no name."""
    if not name:
        return None
    found = by_key.get(dimensions.key(name))
    if found is None and OTHER not in by_key:
        return Credit(name, NOTHING, NOTHING, NOTHING, NOTHING, None, None, None, None)
    return found


def _slots(
    name: str, starts: list[date], cost: CampaignSpend | None, met: Mapping[tuple[str, int], int]
) -> list[Slot]:
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for day, amount in (cost.days if cost else {}).items():
            amounts[sum(start <= day for start in starts)] += amount
    return [
        Slot(start, amounts.get(place, NOTHING), met.get((name, place), 0))
        for place, start in enumerate(starts, 1)
    ]


def _touched(asked: Asked, starts: list[date]) -> dict[str, Touched]:
    zone = periods.zone(asked.settings.zone)

    def day(at: Any) -> date:
        return periods.day(at.replace(tzinfo=UTC), zone)

    return {
        name: Touched(touches, customers, channels, day(first), day(last))
        for name, touches, customers, channels, first, last in _rows(asked, starts, COUNTED)
    }


def _rows(asked: Asked, starts: list[date], told: str, **more: Any) -> list[tuple[Any, ...]]:
    zone = periods.zone(asked.settings.zone)
    bounds = [periods.begins(start, zone).replace(tzinfo=None) for start in starts]
    places = list(range(1, len(bounds) + 1))
    given = {"begin": asked.begin, "end": asked.end, "bounds": bounds, "places": places} | more
    return asked.mirror.rows(MET + told, **values.bound(MET + told, given))
