"""The days of the four metrics, of channels joined and of the others, that add up to what the catalogue says of them.

Money, spend and new customers add up by days anyway. Customers who count once in a period stand on one day of it: who
answered on that of the latest answer, which decides; who was active before on the last day he was, in the days before.
Not here: how days are compared (metrics/effects), what of them is answered (roi.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kernel import periods
from kernel.db import Connection
from kernel.periods import ONE_DAY
from metrics import query
from metrics.effects.changes import Daily
from metrics.mirror.reading import Mirror
from metrics.query import ReportingSettings
from metrics.roi.question import SIDES, Question
from metrics.scope import NOTHING, Days

KPIS: Final = ("net_revenue", "cac", "retention", "satisfaction")
JOINED: Final = "joined"
OTHERS: Final = "others"


class Sums(NamedTuple):
    """A group's days of one window. `bottom` None: a plain sum."""

    top: list[Decimal]
    bottom: list[Decimal] | None

    @property
    def daily(self) -> Daily:
        """As effects are found of; a plain sum is one of each day."""
        below = [1.0] * len(self.top) if self.bottom is None else [float(one) for one in self.bottom]
        return Daily([float(one) for one in self.top], below)

    @property
    def figure(self) -> query.Figure:
        """What the window comes to, as the catalogue says it."""
        top = sum(self.top, NOTHING)
        if self.bottom is None:
            return query.Figure(top, top, None, {})
        below = sum(self.bottom, NOTHING)
        return query.Figure(query.ratio(top, below), top, below, {})


# A metric's sums by group and window; a window that is not there lies before the data.
Kpi = Mapping[tuple[str, int], Sums]


class Read(NamedTuple):
    """All that is read. `channels`: a metric's figure by channel and window, before and after."""

    kpis: Mapping[str, Kpi]
    channels: Mapping[str, Mapping[tuple[int, int], query.Figure]]
    unconverted: Mapping[str, Decimal]


GROUPED = """with groups as (select unnest($channels::integer[]) as channel, unnest($groups::varchar[]) as own),
windows as (
    select unnest($numbers::integer[]) as number, unnest($firsts::date[]) as first, unnest($lasts::date[]) as last
),
"""
# Who answered stands on the day of the latest answer: the order of the catalogue's `satisfied`.
ANSWERED = f"""{GROUPED}
said as (
    select g.own, w.number, coalesce(j.profile::varchar, j.channel || '/' || j.key) as who,
        arg_max({{'day': j.day, 'satisfied': j.satisfied}}, (j.occurred_at, j.message_id, j.key, j.channel)) as latest
    from judgements j join groups g using (channel) join windows w on j.day between w.first and w.last group by all
)
select own, number, latest.day, count(*), count(*) filter (latest.satisfied) from said group by all"""  # noqa: S608 (ours)
# Who was active in a window stands on the last day he was, and may be active in the window that follows.
ACTIVE = f"""{GROUPED}
days as (select unnest($days::date[]) as day, unnest($begins::timestamp[]) as begins),
seen as (
    select c.profile, g.own, d.day
    from contacts c join groups g using (channel) asof join days d on c.occurred_at >= d.begins
    where c.active and c.occurred_at >= $begin and c.occurred_at < $end group by all
),
there as (
    select s.profile, s.own, w.number, max(s.day) as day
    from seen s join windows w on s.day between w.first and w.last group by all
)
select e.own, e.number + 1, e.day, count(*), count(l.profile)
from there e left join there l on l.profile = e.profile and l.own = e.own and l.number = e.number + 1
where e.number < $last_number group by all"""  # noqa: S608 (ours)


def read(
    db: Connection, settings: ReportingSettings, mirror: Mirror, question: Question, begins: date
) -> Read:
    """Everything of a question. `begins`: the first day of the data."""
    there = [number for number in SIDES if question.days(number).first >= begins]
    revenue = _measured(db, settings, question, "net_revenue", there)
    cac = _measured(db, settings, question, "cac", there)
    kpis = {
        "net_revenue": revenue,
        "cac": cac,
        "retention": _kept(settings, mirror, question, there),
        "satisfaction": _answered(mirror, question, there),
    }
    total = query.measure(db, settings, "net_revenue", query.Ask(_whole(question)))
    channels = {name: _by_channel(db, settings, question, name) for name in KPIS}
    return Read(kpis, channels, total.total.unconverted)


def groups(question: Question) -> Mapping[str, tuple[int, ...]]:
    """The channels of each group."""
    return {JOINED: question.joined, OTHERS: question.others}


def _whole(question: Question) -> Days:
    return Days(question.days(0).first, question.days(1).last)


def _measured(
    db: Connection, settings: ReportingSettings, question: Question, name: str, there: Sequence[int]
) -> Kpi:
    """A metric whose parts add up over channels and days, from its series by channel."""
    days = Days(question.days(min(there)).first, question.days(1).last)
    answer = query.measure(db, settings, name, query.Ask(days, "day", "channel"))
    found: dict[tuple[str, int], Sums] = {}
    for group, channels in groups(question).items():
        lines = [answer.by[settings.channels[channel]] for channel in channels] if answer.by else []
        for number in there:
            start = (question.days(number).first - days.first).days
            cut = [line.series[start : start + question.window] for line in lines]
            top = [sum((one.numerator for _, one in day), NOTHING) for day in zip(*cut, strict=True)]
            bottom = None
            if answer.total.denominator is not None:
                bottom = [
                    sum((one.denominator or NOTHING for _, one in day), NOTHING)
                    for day in zip(*cut, strict=True)
                ]
            found[group, number] = Sums(top, bottom)
    return found


def _by_channel(
    db: Connection, settings: ReportingSettings, question: Question, name: str
) -> dict[tuple[int, int], query.Figure]:
    found: dict[tuple[int, int], query.Figure] = {}
    for number in (0, 1):
        answer = query.measure(db, settings, name, query.Ask(question.days(number), "month", "channel"))
        for channel, slug in settings.channels.items():
            found[channel, number] = answer.of(slug)
    return found


def _answered(mirror: Mirror, question: Question, there: Sequence[int]) -> Kpi:
    rows = mirror.rows(ANSWERED, **_asked(question, there))
    return _placed(rows, question, there, back=0)


def _kept(settings: ReportingSettings, mirror: Mirror, question: Question, there: Sequence[int]) -> Kpi:
    """Of whoever was active in the window before each, who came back."""
    held = [min(there) - 1, *there]
    zone = periods.zone(settings.zone)
    first, last = question.days(held[0]).first, question.days(1).last
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    rows = mirror.rows(
        ACTIVE,
        **_asked(question, held),
        days=days,
        begins=[periods.begins(day, zone).replace(tzinfo=None) for day in days],
        begin=periods.begins(first, zone).replace(tzinfo=None),
        end=periods.ends(last, zone).replace(tzinfo=None),
        last_number=max(there),
    )
    return _placed(rows, question, there, back=1)


def _asked(question: Question, numbers: Sequence[int]) -> dict[str, Any]:
    pairs = [(channel, group) for group, channels in groups(question).items() for channel in channels]
    return {
        "channels": [channel for channel, _ in pairs],
        "groups": [group for _, group in pairs],
        "numbers": list(numbers),
        "firsts": [question.days(number).first for number in numbers],
        "lasts": [question.days(number).last for number in numbers],
    }


def _placed(rows: Sequence[Any], question: Question, there: Sequence[int], back: int) -> Kpi:
    """Customers by the place of their day. `back`: they stand on a day of so many windows earlier."""
    counts: dict[tuple[str, int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for group, number, day, bottom, top in rows:
        counts[group, number, (day - question.days(number - back).first).days] = (top, bottom)
    found: dict[tuple[str, int], Sums] = {}
    for group in groups(question):
        for number in there:
            pairs = [counts[group, number, place] for place in range(question.window)]
            found[group, number] = Sums(
                [Decimal(top) for top, _ in pairs], [Decimal(low) for _, low in pairs]
            )
    return found
