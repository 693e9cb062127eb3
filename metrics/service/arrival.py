"""What a method's arrival changed: the share of orders that get paid on a channel before it and after it, equally long.

Counted are orders that somebody tried to pay, by the day of the first attempt, as a new method also changes how often
one tries again: paid is an order of which an attempt succeeded within 24 hours of the first. Where no order has the
number, the number stands for one. The day of the arrival is the first one after. What is known on both sides decides
how long they are: the window, at most from the channel's first day with payments, and to the last day that is over.
Before against after says nothing of what else changed at that time; so the channels that had no payment by the method
up to the end are the others, taken together, and the difference in differences is how much more this channel changed
than they did. Its interval, and that of before and after from two weeks on, take days as what chance draws
(metrics/effects); on fewer days that of before and after takes orders so (Newcombe), and there is no other.
Not here: how payments end by method (payments.py).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from kernel import periods
from kernel.errors import BadRequest
from metrics.effects import changes
from metrics.effects.base import Refusal
from metrics.effects.changes import Daily, Sides, pooled
from metrics.effects.intervals import Difference, newcombe, share
from metrics.journeys.base import Asked
from metrics.service.base import asked_rows

WINDOW: Final = "30d"
LONGEST: Final = timedelta(days=366)
DAYS, ORDERS = "days", "orders"  # what an interval takes as drawn by chance
FIRST: Final = """select channel, min(occurred_at), min(occurred_at) filter (method = $method), max(occurred_at)
from payments group by channel"""
DAILY: Final = """with days as (
    select unnest($starts::timestamp[]) as start, unnest($stops::timestamp[]) as stop,
        unnest($places::integer[]) as place
),
orders_tried as (
    select order_id, channel, min(occurred_at) as began, min(succeeded_at) as paid
    from payments group by order_id, channel having min(occurred_at) >= $since and min(occurred_at) < $until
)
select o.channel, d.place, count(*), count(*) filter (o.paid <= o.began + interval 24 hours)
from orders_tried o join days d on o.began >= d.start and o.began < d.stop
group by o.channel, d.place"""


class Question(NamedTuple):
    """What is asked: a method on a channel (by id); `at` None: from its first payment there on."""

    method: str
    channel: int
    at: date | None
    window: timedelta


class Side(NamedTuple):
    """Orders that somebody tried to pay in some days, and those that were paid."""

    first: date
    last: date
    orders: int
    paid: int

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        share_of = None if not self.orders else f"{self.paid / self.orders:.10f}"
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "orders": self.orders,
            "paid": self.paid,
            "conversion": share_of,
        }


class Arrival(NamedTuple):
    """The answer. `change` in shares, `lift` as a share of before; None: none can be told, `refused` says why."""

    question: Question
    at: date | None
    days: int
    before: Side | None = None
    after: Side | None = None
    change: Difference | None = None
    lift: Difference | None = None
    interval_by: str = ORDERS
    others: tuple[int, ...] = ()
    others_before: Side | None = None
    others_after: Side | None = None
    difference: Difference | None = None
    relative: Difference | None = None
    parallel: bool | None = None
    refused: tuple[str, ...] = ()

    def json(self, asked: Asked) -> dict[str, Any]:
        """As the API gives it."""
        slugs = asked.settings.channels
        return {
            "method": self.question.method,
            "channel": slugs[self.question.channel],
            "at": self.at and self.at.isoformat(),
            "days": self.days,
            "before": self.before and self.before.json(),
            "after": self.after and self.after.json(),
            "change": _json(self.change),
            "lift": _json(self.lift),
            "interval_by": self.interval_by,
            "others": {
                "channels": [slug for channel, slug in slugs.items() if channel in self.others],
                "before": self.others_before and self.others_before.json(),
                "after": self.others_after and self.others_after.json(),
            },
            "difference": _json(self.difference),
            "relative": _json(self.relative),
            "parallel": self.parallel,
            "refused": list(self.refused),
            "as_of": asked.as_of,
        }


def arrival(asked: Asked, question: Question) -> Arrival:
    """What changed. Raises BadRequest for a method that the channel never had."""
    found = asked_rows(asked, FIRST, method=question.method)
    came = {channel: first for channel, _began, first, _last in found}
    began = {channel: first for channel, first, _came, _last in found}
    arrived = _day(asked, came.get(question.channel))
    if arrived is None:
        raise BadRequest(
            f"There is no payment by “{question.method[:200]}” on this channel.", "unknown_method"
        )
    at = question.at or arrived
    newest = [last for *_rest, last in found]
    if asked.mirror.as_of is not None:
        newest.append(asked.mirror.as_of.replace(tzinfo=None))
    first, last = _day(asked, began.get(question.channel)), _day(asked, max(newest, default=None))
    days = min(question.window.days, (at - first).days, (last - at).days) if first and last else 0
    if days < 1:
        return Arrival(question, at, 0, refused=(_("Payments are not known for a day on each side."),))
    counted = _counted(asked, at, days)
    own = counted.get(question.channel, _nothing(days))
    end = _begins(asked, at + timedelta(days=days))
    others = [
        channel
        for channel, there in came.items()
        if channel != question.channel and (there is None or there >= end)
        if channel in counted and all(sum(side.bottom) for side in counted[channel])
    ]
    return _told(question, at, days, own, {channel: counted[channel] for channel in others})


def _told(question: Question, at: date, days: int, own: Sides, others: dict[int, Sides]) -> Arrival:
    sides = _sides(at, days, own)
    change = newcombe(*(share(side.paid, side.orders) for side in (sides[1], sides[0])))
    lift, by, refused = None, ORDERS, []
    found = changes.before_after(own)
    if isinstance(found, Refusal):
        refused.append(str(found))
    else:
        change, lift, by = found.absolute, found.relative, DAYS
    told = Arrival(question, at, days, *sides, change, lift, by)
    if not others:
        return told._replace(refused=tuple(refused))
    together = Sides(
        pooled(one.before for one in others.values()), pooled(one.after for one in others.values())
    )
    before, after = _sides(at, days, together)
    told = told._replace(others=tuple(others), others_before=before, others_after=after)
    compared = changes.difference_in_differences(own, together)
    if isinstance(compared, Refusal):
        refused.append(str(compared))
    else:
        told = told._replace(difference=compared.absolute, relative=compared.relative)
        drift = changes.drift(own.before, together.before)
        told = told._replace(parallel=None if isinstance(drift, Refusal) else drift.parallel)
    return told._replace(refused=tuple(dict.fromkeys(refused)))


def _counted(asked: Asked, at: date, days: int) -> dict[int, Sides]:
    """Of each channel, day by day, the orders paid over those tried, before and after."""
    all_days = [at + timedelta(days=place) for place in range(-days, days)]
    starts = [_begins(asked, day) for day in [*all_days, at + timedelta(days=days)]]
    found: dict[int, tuple[list[float], list[float]]] = {}
    more = {"starts": starts[:-1], "stops": starts[1:], "places": list(range(2 * days))}
    for channel, place, tried, paid in asked_rows(asked, DAILY, since=starts[0], until=starts[-1], **more):
        tops, bottoms = found.setdefault(channel, ([0.0] * 2 * days, [0.0] * 2 * days))
        tops[place], bottoms[place] = float(paid), float(tried)
    return {
        channel: Sides(Daily(tops[:days], bottoms[:days]), Daily(tops[days:], bottoms[days:]))
        for channel, (tops, bottoms) in found.items()
    }


def _sides(at: date, days: int, sides: Sides) -> tuple[Side, Side]:
    last = timedelta(days=days - 1)
    before, after = ((int(sum(one.bottom)), int(sum(one.top))) for one in sides)
    begin = at - timedelta(days=days)
    return Side(begin, begin + last, *before), Side(at, at + last, *after)


def _nothing(days: int) -> Sides:
    none: Sequence[float] = [0.0] * days
    return Sides(Daily(none, none), Daily(none, none))


def _begins(asked: Asked, day: date) -> datetime:
    """The first moment of a day, naive and in UTC."""
    return periods.begins(day, periods.zone(asked.settings.zone)).replace(tzinfo=None)


def _day(asked: Asked, moment: datetime | None) -> date | None:
    return moment and periods.day(moment.replace(tzinfo=UTC), periods.zone(asked.settings.zone))


def _json(difference: Difference | None) -> dict[str, str] | None:
    return difference and {part: f"{value:.10f}" for part, value in difference._asdict().items()}
