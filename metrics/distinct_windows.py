"""A profile's share in the spans: which windows of days make it count, for each measure. Pure.

For a measure, list the smallest windows [first, last] that make a customer count; both ends never fall. Each adds +1 at
(first, last), and each pair of neighbours -1 at (first of the one, last of the next). The windows inside any period are
one run of k with k - 1 pairs, so their sum is 1. Not here: the database (customer_spans.py), the metrics (catalogue/).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

ALL = 0  # the channel that stands for all channels together
MEASURES = (
    "active",
    "cross",
    "buyers",
    "repeat",
    "new",
    "answered",
    "satisfied",
)  # what makes a customer count

Cell = tuple[date, int]  # a day on which the profile was active, a channel
Day = tuple[date, set[int]]  # an active day and its channels
Window = tuple[date, date]
Key = tuple[str, int, date, date]  # measure, channel, first, last
Share = dict[Key, int]


class OrderRow(NamedTuple):
    """An order as far as customers are counted."""

    sighting: int | None
    channel: int
    order_id: str
    at: datetime
    message_id: str  # of the message that gave it its time: settles ties
    day: date

    @property
    def key(self) -> tuple[int, str]:
        """What it is found by."""
        return self.channel, self.order_id


class AnswerRow(NamedTuple):
    """An answer as far as customers are counted."""

    sighting: int | None
    channel: int
    answer: str
    at: datetime
    message_id: str  # of its earliest message: settles ties
    day: date
    satisfied: bool

    @property
    def key(self) -> tuple[int, str]:
        """What it is found by."""
        return self.channel, self.answer


def add_activity(share: Share, cells: Collection[Cell], sign: int) -> None:
    """*active*: each active day. *cross*: what makes two channels of them."""
    if len(cells) == 1:
        ((day, channel),) = cells
        share["active", ALL, day, day] += sign
        share["active", channel, day, day] += sign
        return
    days = by_day(cells)
    _add(share, "active", ALL, [(day, day) for day, _ in days], sign)
    channels = {channel for _, there in days for channel in there}
    for channel in channels:
        _add(share, "active", channel, [(day, day) for day, there in days if channel in there], sign)
    if len(channels) < 2:
        return
    _add(share, "cross", ALL, _crossings(days), sign)
    for channel in channels:
        _add(share, "cross", channel, _crossings_of(days, channel), sign)


def by_day(cells: Iterable[Cell]) -> list[Day]:
    """Active days in order, each with its channels."""
    days: dict[date, set[int]] = {}
    for day, channel in cells:
        there = days.get(day)
        if there is None:
            days[day] = {channel}
        else:
            there.add(channel)
    return sorted(days.items())


def neighbourhood(before: set[Cell], new: set[Cell], cut: date | None = None) -> set[Cell] | None:
    """The part of a profile's activity that new cells can touch: shares of it differ as shares of the whole do.

    New cells change windows from the last day before them on. Of every chain they change, one window that stays as it
    is must be in the part: it is the neighbour of what changes, and what lies before it is not. None: not known, as
    `before` holds only days after `cut` and more is needed.
    """
    first = min(new)[0]
    if cut is not None and first <= cut:
        return None
    earlier = by_day(cell for cell in before if cell[0] < first)
    channels = {channel for _, channel in new}
    near = (
        channels
        | {channel for day, channel in before if day >= first}
        | (earlier[-1][1] if earlier else set())
    )
    chains = {("active", channel) for channel in (ALL, *channels)}
    if len(near) > 1:
        chains |= {("cross", channel) for channel in (ALL, *near)}
    following: set[int] = set()
    for day, there in reversed(earlier):
        chains = {chain for chain in chains if not _stands(chain, there, following)}
        if not chains:
            return {cell for cell in before if cell[0] >= day}
        following = there
    return before if cut is None else None


def _stands(chain: tuple[str, int], there: set[int], following: set[int]) -> bool:
    """Whether a chain has a window that begins on this day; `following` is the next active day, empty if unknown."""
    measure, channel = chain
    if measure == "active":
        return channel == ALL or channel in there
    if channel == ALL:
        return len(there) > 1 or (len(following) == 1 and following != there)
    mixed, mixed_next = (channel in day and len(day) > 1 for day in (there, following))
    return mixed or bool(following and not mixed_next and (channel in there) != (channel in following))


def add_orders(share: Share, orders: Iterable[OrderRow], sign: int) -> None:
    """*buyers*: each order. *repeat*: two orders in a row. *new*: the first ever, on its channel."""
    ordered = sorted(orders, key=lambda order: (order.at, order.message_id, order.order_id, order.channel))
    if not ordered:
        return
    first = ordered[0]
    for channel in (ALL, first.channel):
        share["new", channel, first.day, first.day] += sign
    days: dict[int, list[date]] = defaultdict(list)
    for order in ordered:
        days[ALL].append(order.day)
        days[order.channel].append(order.day)
    for channel, there in days.items():
        _add(share, "buyers", channel, [(day, day) for day in there], sign)
        _add(share, "repeat", channel, list(pairwise(there)), sign)


def add_answers(share: Share, answers: Iterable[AnswerRow], sign: int) -> None:
    """*answered*: each answer. *satisfied*: the latest of the period decides, so the next one ends it."""
    by_channel: dict[int, list[AnswerRow]] = defaultdict(list)
    for answer in sorted(
        answers, key=lambda answer: (answer.at, answer.message_id, answer.answer, answer.channel)
    ):
        by_channel[ALL].append(answer)
        by_channel[answer.channel].append(answer)
    for channel, there in by_channel.items():
        _add(share, "answered", channel, [(answer.day, answer.day) for answer in there], sign)
        for place, answer in enumerate(there):
            if answer.satisfied:
                share["satisfied", channel, answer.day, answer.day] += sign
                if place + 1 < len(there):
                    share["satisfied", channel, answer.day, there[place + 1].day] -= sign


def add_nobody(share: Share, answers: Iterable[AnswerRow], sign: int) -> None:
    """An answer without a person is a customer of its own, never a neighbour."""
    for answer in answers:
        for channel in (ALL, answer.channel):
            share["answered", channel, answer.day, answer.day] += sign
            if answer.satisfied:
                share["satisfied", channel, answer.day, answer.day] += sign


def _crossings(days: list[Day]) -> list[Window]:
    """The smallest windows with two channels: a day that has two, or two neighbouring days of one each."""
    windows = []
    before, single = None, None  # the day before, if it had one channel: which
    for day, there in days:
        if len(there) > 1:
            windows.append((day, day))
            single = None
            continue
        (channel,) = there
        if single is not None and single != channel and before is not None:
            windows.append((before, day))
        before, single = day, channel
    return windows


def _crossings_of(days: list[Day], channel: int) -> list[Window]:
    """The same with two colours, the channel and all others together."""
    windows = []
    before, single = None, None  # the day before, if it had one colour: whether it was the channel's
    for day, there in days:
        own = channel in there
        if own and len(there) > 1:
            windows.append((day, day))
            single = None
            continue
        if single is not None and single != own and before is not None:
            windows.append((before, day))
        before, single = day, own
    return windows


def _add(share: Share, measure: str, channel: int, windows: list[Window], sign: int) -> None:
    """Adds the windows and their pairs to a share."""
    start = None
    for first, last in windows:
        share[measure, channel, first, last] += sign
        if start is not None:
            share[measure, channel, start, last] -= sign
        start = first
