"""What more money would bring: a curve for each campaign over the days of a period, and money moved in simulation.

A day's credit is the revenue of orders whose last marketing touch was of the campaign and lay on that day, up to
LOOKBACK before the order, less what was given back of them: last touch, counted when it was met, so that it stands
beside the spend of that day. Orders of the period and LOOKBACK after it count for touches of the period. Money of other
currencies is converted by the order's day; what has no rate is not in it.

Moved money raises or lowers every day's spend of a campaign by the same factor; what is expected is the sum of the
curve over these days less what it says of the days as they were, and campaigns' errors are taken as independent.
Beyond the most that was ever spent on a day the curve is only drawn on: it says so. Not here: the curve (curves.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from math import sqrt
from typing import Any, Final, NamedTuple

from kernel import periods
from kernel.db import Connection
from metrics.effects.intervals import Difference, Z
from metrics.journeys import values
from metrics.journeys.base import Asked
from metrics.loyalty.worth import apart_json, money_text, summed
from metrics.marketing.curves import Curve, Refused, fitted
from metrics.marketing.spend import CampaignSpend, spent
from metrics.query import EXACT

LOOKBACK: Final = timedelta(days=30)
POINTS: Final = 20  # of a curve as it is drawn


class Response(NamedTuple):
    """A campaign's days, and the curve of them or why there is none."""

    campaign: str
    spend: Decimal
    credit: Decimal
    days: list[tuple[date, Decimal, Decimal]]  # day, spend, credit: those with spend
    curve: Curve | Refused

    @property
    def mean(self) -> float:
        """What was spent on a day with spend."""
        return float(self.spend) / len(self.days) if self.days else 0.0

    def json(self, currency: str) -> dict[str, Any]:
        """As the API gives it."""
        curve = None if isinstance(self.curve, Refused) else self.curve
        return {
            "campaign": self.campaign,
            "spend": money_text(self.spend, currency),
            "credit": money_text(self.credit, currency),
            "days": [
                {
                    "day": day.isoformat(),
                    "spend": money_text(cost, currency),
                    "credit": money_text(worth, currency),
                }
                for day, cost, worth in self.days
            ],
            "refused": None if curve else {"code": self.curve.code, "message": str(self.curve)},  # type: ignore[union-attr]
            "curve": curve and curve_json(curve, self.mean),
        }


class Responses(NamedTuple):
    """The answer: campaigns with spend, the dearest first."""

    campaigns: list[Response]
    currency: str
    unconverted: dict[str, Decimal]
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "campaigns": [one.json(self.currency) for one in self.campaigns],
            "currency": self.currency,
            "unconverted": apart_json(self.unconverted),
            "as_of": self.as_of,
        }


def curve_json(curve: Curve, mean: float) -> dict[str, Any]:
    """A curve: whether it bends, the credit of a day and of the next unit at the mean spend, points to draw."""
    places = [curve.most * n / POINTS for n in range(POINTS + 1)]
    return {
        "bends": curve.bends,
        "days": curve.days,
        "most": _text(curve.most),
        "mean_spend": _text(mean),
        "mean_credit": _ranged(curve.interval(mean)),
        "next_unit": _ranged(curve.marginal_interval(mean)),
        "points": [{"spend": _text(place), **_ranged(curve.interval(place))} for place in places],
    }


def _ranged(one: Difference) -> dict[str, str]:
    return {name: _text(value) for name, value in one._asdict().items()}


def _text(value: float) -> str:
    return f"{value:.10f}"


# The last marketing touch at or before each order, not longer ago than LOOKBACK; its day in the workspace's zone.
CREDITED: Final = """with ordered as (
    select profile, occurred_at, currency, day, total - refunded as worth from purchases
    where profile is not null and occurred_at >= $begin and occurred_at <= $latest
),
days as (select unnest($starts::timestamp[]) as began, unnest($days::date[]) as touched),
met as (
    select profile, occurred_at, arg_max(coalesce(campaign, ''), tie) as campaign from contacts
    where touchpoint = 'marketing' and occurred_at >= $earliest and occurred_at <= $latest
    group by profile, occurred_at
)
select m.campaign, d.touched,
    case when o.currency not in ('', $own) then o.currency end as currency,
    case when o.currency not in ('', $own) then o.day end as day, sum(o.worth)
from ordered o asof join met m on m.profile = o.profile and o.occurred_at >= m.occurred_at
asof join days d on m.occurred_at >= d.began
where m.campaign <> '' and m.occurred_at >= $begin and m.occurred_at < $end
    and o.occurred_at <= m.occurred_at + $lookback
group by all"""


def responses(db: Connection, asked: Asked) -> Responses:
    """A curve for each campaign that money was spent on."""
    zone = periods.zone(asked.settings.zone)
    days = [asked.days.first + timedelta(days=n) for n in range(asked.days.length)]
    given = {
        "begin": asked.begin,
        "end": asked.end,
        "earliest": asked.begin - LOOKBACK,
        "latest": asked.end + LOOKBACK,
        "lookback": LOOKBACK,
        "starts": [periods.begins(day, zone).replace(tzinfo=None) for day in days],
        "days": days,
        "own": asked.settings.currency,
    }
    found = asked.mirror.rows(CREDITED, **values.bound(CREDITED, given))
    credit: dict[str, dict[date, Decimal]] = defaultdict(dict)
    apart: dict[str, Decimal] = defaultdict(Decimal)
    for (campaign, day), amount in summed(db, asked.settings, found).by.items():
        credit[campaign][day] = amount.value
        for code, value in amount.unconverted.items():
            apart[code] += value
    listed = [_response(one, credit[one.campaign]) for one in spent(db, asked).values() if one.campaign]
    listed.sort(key=lambda one: (-one.spend, one.campaign))
    return Responses(listed, asked.settings.currency, dict(apart), asked.as_of)


def _response(one: CampaignSpend, credit: Mapping[date, Decimal]) -> Response:
    days = [(day, cost, credit.get(day, Decimal(0))) for day, cost in sorted(one.days.items()) if cost]
    with localcontext(EXACT):
        worth = sum(credit.values(), Decimal(0))
    curve = fitted([float(cost) for _, cost, _ in days], [float(worth) for _, _, worth in days])
    return Response(one.campaign, one.total, worth, days, curve)


# ---- money moved -----------------------------------------------------------------------------------


class Move(NamedTuple):
    """Money from one campaign to another; None: from nowhere, to nowhere."""

    source: str | None
    target: str | None
    amount: Decimal


class Moved(NamedTuple):
    """A campaign whose spend changes: what it spends and what that is expected to bring more."""

    campaign: str
    spend: Decimal
    spend_after: Decimal
    change: Difference
    beyond: bool  # more than was ever spent on a day

    def json(self, currency: str) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "campaign": self.campaign,
            "spend": money_text(self.spend, currency),
            "spend_after": money_text(self.spend_after, currency),
            "change": _ranged(self.change),
            "beyond": self.beyond,
        }


class Simulated(NamedTuple):
    """What moves are expected to come to."""

    campaigns: list[Moved]
    spend: Decimal  # more than before; below 0: less
    change: Difference
    currency: str
    as_of: str | None

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "campaigns": [one.json(self.currency) for one in self.campaigns],
            "spend": money_text(self.spend, self.currency),
            "change": _ranged(self.change),
            "currency": self.currency,
            "as_of": self.as_of,
        }


class Impossible(Exception):
    """A move that cannot be: a code, and what its sentence names."""

    def __init__(self, code: str, **said: Any) -> None:
        super().__init__(code)
        self.code, self.said = code, said


def simulated(found: Responses, moves: Sequence[Move]) -> Simulated:
    """What moves are expected to bring. Raises Impossible for one that cannot be told."""
    by_name = {one.campaign: one for one in found.campaigns}
    change: dict[str, Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.source is not None:
            change[move.source] -= move.amount
        if move.target is not None:
            change[move.target] += move.amount
    moved, variance = [], 0.0
    for name, amount in change.items():
        one, curve = _curve_of(by_name, name)
        if one.spend + amount < 0:
            raise Impossible("more_than_spent", campaign=name, spend=one.spend)
        times = float((one.spend + amount) / one.spend)
        costs = [float(cost) for _, cost, _ in one.days]
        value, spread = curve.changed(costs, times)
        width = curve.quantile * sqrt(spread)
        variance += spread * (curve.quantile / Z) ** 2
        ranged = Difference(value, value - width, value + width)
        moved.append(
            Moved(name, one.spend, one.spend + amount, ranged, max(costs) * times > curve.most * 1.0001)
        )
    total, width = sum(one.change.value for one in moved), Z * sqrt(variance)
    together = Difference(total, total - width, total + width)
    return Simulated(moved, sum(change.values(), Decimal(0)), together, found.currency, found.as_of)


def _curve_of(by_name: Mapping[str, Response], name: str) -> tuple[Response, Curve]:
    one = by_name.get(name)
    if one is None:
        raise Impossible("no_campaign", campaign=name)
    if isinstance(one.curve, Refused):
        raise Impossible("no_curve", campaign=name, reason=str(one.curve))
    return one, one.curve
