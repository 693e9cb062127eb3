"""What was spent on which day for which campaign, in our currency by the rate of the record's own moment.

A record is spread over its days in minor units, the rest on the first ones, as its channel's spend is; only the days
of the period count. Not here: what came of it (campaigns.py).
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from kernel import money
from kernel.db import Connection, Statements, rows
from metrics.conversion import rates
from metrics.journeys.base import Asked
from metrics.query import EXACT
from metrics.scope import Days

SQL: Final = Statements(__file__)


class CampaignSpend(NamedTuple):
    """What a campaign cost in a period; `campaign` "": none was named. All of `currencies`, with a rate or without."""

    campaign: str
    days: dict[date, Decimal]  # days on which something was spent
    channels: frozenset[int]
    mediums: frozenset[str]
    currencies: frozenset[str]
    unconverted: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        """All of it that has a rate."""
        with localcontext(EXACT):
            return sum(self.days.values(), Decimal(0))


def spent(db: Connection, asked: Asked) -> dict[str, CampaignSpend]:
    """By campaign."""
    first, last = asked.days
    found = rows(db, SQL["spent"], workspace=asked.settings.workspace, first=first, last=last)
    rate_of = rates(db, asked.settings.workspace, asked.settings.currency, {row[3] for row in found})
    by: dict[str, CampaignSpend] = {}
    with localcontext(EXACT):
        for campaign, channel, medium, currency, rate_day, begins, ends, amount in found:
            one = by.get(campaign) or _nothing(campaign)
            by[campaign] = one._replace(
                channels=one.channels | {channel},
                mediums=one.mediums | ({medium} if medium else set()),
                currencies=one.currencies | {currency},
            )
            rate = rate_of(currency, rate_day)
            for day, part in spread(amount, currency, Days(begins, ends), asked.days).items():
                if rate is None:
                    one.unconverted[currency] += part
                else:
                    one.days[day] += part * rate
    return by


def spread(amount: Decimal, currency: str, over: Days, period: Days) -> dict[date, Decimal]:
    """What of an amount falls on each day of the period."""
    step = money.unit(currency)
    each, rest = divmod(int(money.rounded(amount, currency) / step), over.length)
    first, last = max(over.first, period.first), min(over.last, period.last)
    begin = (first - over.first).days
    return {
        first + timedelta(days=place): (each + (begin + place < rest)) * step
        for place in range((last - first).days + 1)
    }


def _nothing(campaign: str) -> CampaignSpend:
    nobody: frozenset[int] = frozenset()
    nothing: frozenset[str] = frozenset()
    return CampaignSpend(campaign, defaultdict(Decimal), nobody, nothing, nothing, defaultdict(Decimal))
