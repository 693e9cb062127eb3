"""How channels and connectors do: what came in 24 hours, how late, and one word on it. The one place that judges it.

Overview, Channels, Live events, Data quality and the API ask here, so that all say the same. `stored` is what was kept
as an event or a record; a repeat was there already: received = stored + rejected + repeats.
Not here: counting (inbox/health.py), alarms (alerts.py), the words (console/channel/flow.py).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection

from channels import queries
from kernel.db import Statements, array, rows

sql = Statements(__file__)

HOUR: Final = timedelta(hours=1)
QUIET: Final = timedelta(minutes=30)  # silent for longer: looked at whether that is usual
SILENT: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
# A silence is not usual where in so many of the weeks that are known (8 at most) it sent in these hours of the week;
# where too few are known, on so many of the 7 days before.
USUAL_WEEKS: Final = 0.75
LEAST_WEEKS: Final = 2
USUAL_DAYS: Final = 5
FAILING_SHARE: Final = 0.05  # of the messages, rejected: it is rejecting
SOME_SHARE: Final = 0.01  # of a day's messages: it is rejecting some
SLOW_MS, LATE_MS = 60_000, 600_000  # mean lag of the last hour

# How bad each state is: `none` says nothing of how it does. A silent one is bad where silence is not usual.
LEVELS: Final = {
    "off": "warn",
    "new": "none",
    "silent": "bad",
    "idle": "warn",
    "rejecting": "bad",
    "late": "bad",
    "quiet": "warn",
    "rejecting_some": "warn",
    "slow": "warn",
    "healthy": "good",
}

# The same in the fewer words that programs rely on, the worst first.
OUTSIDE: Final = ("ok", "silent", "rejecting", "failing", "paused")


class Counts(NamedTuple):
    """Messages of 24 hours."""

    received: int = 0
    stored: int = 0
    rejected: int = 0
    repeats: int = 0
    identified: int = 0


class Health(NamedTuple):
    """How a channel or connector does. `state`: of LEVELS; times in milliseconds."""

    state: str
    counts: Counts
    lag_ms: float | None  # from accepted to stored, the mean of 24 hours
    per_minute: float  # of the last hour
    last: datetime | None  # the minute of its last message, however long ago

    @property
    def level(self) -> str:
        """good, warn, bad, or none."""
        return LEVELS[self.state]


NOTHING: Final = Health("off", Counts(), None, 0.0, None)


class _Heard(NamedTuple):
    connector: int
    channel: int
    enabled: bool
    last: datetime | None


def outside(one: Health, forged: datetime | None, *, failing: bool = False) -> str:
    """A state of OUTSIDE. `forged`: when a delivery was last refused for its signature; failing: nothing came since.

    `failing`: its platform does not give what it is asked for (channels/connect/pulled.py).
    """
    if one.state == "off":
        return "paused"
    if failing:
        return "failing"
    if forged is not None and (one.last is None or one.last < forged.replace(second=0, microsecond=0)):
        return "failing"
    said = {"silent": "silent", "idle": "silent", "quiet": "silent", "rejecting": "rejecting"}
    return said.get(one.state, "ok")


def of_channels(workspace: int, now: datetime | None = None) -> dict[int, Health]:
    """By channel, over all its connectors; a channel without one is not there: as NOTHING."""
    return _judged(_read(workspace, now), _of_channel)


def of_connectors(workspace: int, now: datetime | None = None) -> dict[int, Health]:
    """By connector."""
    return _judged(_read(workspace, now), _of_connector)


def of_both(workspace: int, now: datetime | None = None) -> tuple[dict[int, Health], dict[int, Health]]:
    """By channel and by connector, read once."""
    read = _read(workspace, now)
    return _judged(read, _of_channel), _judged(read, _of_connector)


def together(found: Collection[Health]) -> Counts:
    """What came through several."""
    return Counts(*map(sum, zip(*(one.counts for one in found), strict=True))) if found else Counts()


def judge(day: queries.Flow, hour: queries.Flow, *, silent: str = "") -> str:
    """The state of what receives and has been heard of, by its last 24 hours and its last one, the worst first.

    The last hour says how it does now: what was fixed in the hours before is over, and still said for a day.
    `silent`: silent, idle or quiet, if anything.
    """
    now = hour if hour.received else day
    rejects, lag = _share(now), hour.lag_ms or 0
    states = (
        ("silent", silent == "silent"),
        ("rejecting", rejects >= FAILING_SHARE),
        ("late", lag > LATE_MS),
        (silent, bool(silent)),
        ("rejecting_some", bool(hour.rejected) or _share(day) >= SOME_SHARE),
        ("slow", lag > SLOW_MS),
    )
    return next((state for state, there in states if there), "healthy")


class _Read(NamedTuple):
    """What is judged: when connectors were last heard, and what came through them in a day and in an hour."""

    workspace: int
    now: datetime
    heard: list[_Heard]
    flows: tuple[dict[int, queries.Flow], dict[int, queries.Flow]]


def _read(workspace: int, now: datetime | None) -> _Read:
    now = now or datetime.now(UTC)
    heard = [_Heard._make(row) for row in rows(connection, sql["heard"], workspace=workspace)]
    return _Read(workspace, now, heard, (queries.flows(workspace, now), queries.flows(workspace, now, HOUR)))


def _of_channel(one: _Heard) -> int:
    return one.channel


def _of_connector(one: _Heard) -> int:
    return one.connector


def _judged(read: _Read, key: Callable[[_Heard], int]) -> dict[int, Health]:
    parts: dict[int, list[_Heard]] = defaultdict(list)
    for one in read.heard:
        parts[key(one)].append(one)
    silences = _silences(read.workspace, parts, read.now)
    return {place: _health(ones, read.flows, silences.get(place, "")) for place, ones in parts.items()}


def _health(ones: list[_Heard], both: tuple[dict[int, queries.Flow], ...], silent: str) -> Health:
    day, hour = (
        _together([flows[one.connector] for one in ones if one.connector in flows]) for flows in both
    )
    last = max((one.last for one in ones if one.last), default=None)
    if not any(one.enabled for one in ones):
        state = "off"
    elif last is None:
        state = "new"
    else:
        state = judge(day, hour, silent=silent)
    counts = Counts(day.received, day.stored, day.rejected, day.repeats, day.identified)
    return Health(state, counts, day.lag_ms, hour.received / 60, last)


def _together(flows: list[queries.Flow]) -> queries.Flow:
    """Several as one."""
    lags = [(flow.lag_ms, flow.received) for flow in flows if flow.lag_ms is not None]
    weight = sum(received for _lag, received in lags)
    return queries.Flow(
        received=sum(flow.received for flow in flows),
        stored=sum(flow.stored for flow in flows),
        rejected=sum(flow.rejected for flow in flows),
        repeats=sum(flow.repeats for flow in flows),
        identified=sum(flow.identified for flow in flows),
        lag_ms=sum(lag * received for lag, received in lags) / weight if weight else None,
        lag_ms_max=max((flow.lag_ms_max for flow in flows), default=0),
        last=max((flow.last for flow in flows if flow.last), default=None),
    )


def _share(flow: queries.Flow) -> float:
    return flow.rejected / flow.received if flow.received else 0.0


# ---- silence ------------------------------------------------------------------------------------


class Rhythm(NamedTuple):
    """When what is silent now sent before: on which days, in which weeks in these hours, and which weeks are known."""

    days: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()

    @property
    def learned(self) -> bool:
        """Whether its week is known."""
        return len(self.known) >= LEAST_WEEKS

    @property
    def broken(self) -> bool:
        """Whether the silence is not usual."""
        if self.learned:
            return len(self.weeks & self.known) >= USUAL_WEEKS * len(self.known)
        return len(self.days) >= USUAL_DAYS

    @property
    def longest(self) -> timedelta:
        """The longest time without a message that was usual, in whole weeks."""
        empty = longest = 0
        for back in sorted(self.known):
            empty = 0 if back in self.weeks else empty + 1
            longest = max(longest, empty)
        return (longest + 1) * WEEK


def together_rhythm(found: Iterable[Rhythm]) -> Rhythm:
    """Of several connectors as one."""
    days, weeks, known = zip(*found, strict=True)
    return Rhythm(frozenset().union(*days), frozenset().union(*weeks), frozenset().union(*known))


class Silence(NamedTuple):
    """A connector, and the minute of its last message."""

    workspace: int
    connector: int
    since: datetime


def rhythms(silences: Collection[Silence], now: datetime) -> dict[tuple[int, datetime], Rhythm]:
    """By connector and the minute since when it is silent."""
    if not silences:
        return {}
    found: dict[tuple[int, datetime], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for connector, since, what, back in rows(
        connection,
        sql["rhythm"],
        now=now,
        workspaces=array(one.workspace for one in silences),
        connectors=array(one.connector for one in silences),
        sinces=array(one.since for one in silences),
    ):
        found[connector, since][what].add(back)
    return {
        key: Rhythm(frozenset(of["day"]), frozenset(of["week"]), frozenset(of["known"]))
        for key, of in found.items()
    }


def _silences(workspace: int, parts: dict[int, list[_Heard]], now: datetime) -> dict[int, str]:
    """Those that are silent: silent (a day, and it sends in these hours), idle (a day), quiet (longer than usual).

    Where the week is known, a day without a message is nothing if such a day is usual: a shop that is closed.
    """
    heard = {place: max((one.last for one in ones if one.last), default=now) for place, ones in parts.items()}
    still = {place: last for place, last in heard.items() if now - last > QUIET}
    asked = [Silence(workspace, one.connector, last) for place, last in still.items() for one in parts[place]]
    of = rhythms(asked, now)
    found = {}
    for place, last in still.items():
        rhythm = together_rhythm(of.get((one.connector, last), Rhythm()) for one in parts[place])
        if said := word(rhythm, now - last):
            found[place] = said
    return found


def word(rhythm: Rhythm, lasts: timedelta) -> str:
    """What a silence is called; empty where it is usual."""
    if lasts <= SILENT:
        return "quiet" if rhythm.broken else ""
    if rhythm.broken:
        return "silent"
    return "" if rhythm.learned and lasts <= rhythm.longest else "idle"
