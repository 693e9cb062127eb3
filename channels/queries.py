"""All that others may ask of channels: freshness, health, rejects by reason. Reading only.

Not here: lists of rejects (inbox/rejects.py), setting channels up (setup.py).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from channels.inbox import raw
from channels.models import Channel, Connector
from kernel.db import Connection, Statements, rows

sql = Statements(__file__)

COUNT_CAP = 10_000  # open messages are counted no further for the frame of a page
DAY = timedelta(days=1)


def received(workspace: int, at: datetime, request: UUID, position: int) -> str | None:
    """One message as it stood in its request; None when it is no longer there."""
    return raw.item(connection, workspace, at, request, position)


def channels_of(workspace: int) -> dict[str, Channel]:
    """A workspace's channels by slug, in the order in which they were added."""
    return {one.slug: one for one in Channel.objects.filter(workspace=workspace).order_by("id")}


class Freshness(NamedTuple):
    """How far the numbers are behind the front door."""

    current_to: datetime
    behind_seconds: float
    waiting: int  # requests in the inbox, counted up to the cap


def freshness(workspace: int, now: datetime | None = None) -> Freshness:
    """Of one workspace: the oldest request still open says how current the numbers are."""
    now = now or datetime.now(UTC)
    waiting, oldest = rows(connection, sql["waiting"], workspace=workspace, cap=COUNT_CAP)[0]
    current = min(oldest, now) if oldest else now
    return Freshness(current, (now - current).total_seconds(), int(waiting or 0))


def open_rejects(workspace: int) -> int:
    """How many messages wait for a repair."""
    return int(rows(connection, sql["open_rejects"], workspace=workspace)[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectGroup:
    """Rejects of one reason and connector. `field`: of the newest."""

    reason: str
    connector: UUID
    connector_name: str
    channel: Channel
    count: int
    since: datetime
    last: datetime
    field: str


def reject_groups(workspace: int, state: str = "open") -> list[RejectGroup]:
    """Rejects by reason and connector: the largest group first."""
    connectors = {
        one.pk: one for one in Connector.objects.filter(workspace=workspace).select_related("channel")
    }
    return [
        RejectGroup(
            reason=reason,
            connector=connectors[connector].uuid,
            connector_name=connectors[connector].name,
            channel=connectors[connector].channel,
            count=count,
            since=since,
            last=last,
            field=field,
        )
        for reason, connector, count, since, last, field in rows(
            connection, sql["reject_groups"], workspace=workspace, state=state
        )
        if connector in connectors
    ]


class Silent(NamedTuple):
    """A channel that is still."""

    channel: Channel
    last: datetime


def silent(db: Connection, workspace: int, hours: int, now: datetime | None = None) -> list[Silent]:
    """Channels that have sent before, and nothing for this long."""
    now = now or datetime.now(UTC)
    before = now - timedelta(hours=hours)
    channels = {one.pk: one for one in channels_of(workspace).values()}
    found = rows(db, sql["last_heard"], workspace=workspace)
    return [
        Silent(channels[channel], last) for channel, last in found if channel in channels and last < before
    ]


class Flow(NamedTuple):
    """What came through one connector or channel in a stretch of time."""

    received: int
    stored: int
    rejected: int
    repeats: int
    identified: int
    lag_ms: float | None
    lag_ms_max: int
    last: datetime | None


def flows(workspace: int, now: datetime | None = None, back: timedelta = DAY) -> dict[int, Flow]:
    """The last 24 hours, or so far back, by connector."""
    now = now or datetime.now(UTC)
    found = rows(connection, sql["flows"], workspace=workspace, since=now - back)
    return {connector: Flow(*values) for connector, *values in found}


def channel_flows(workspace: int, now: datetime | None = None) -> dict[int, Flow]:
    """The last 24 hours by channel, over all its connectors."""
    owners = dict(Connector.objects.filter(workspace=workspace).values_list("pk", "channel"))
    parts: dict[int, list[Flow]] = {}
    for connector, flow in flows(workspace, now).items():
        if connector in owners:
            parts.setdefault(owners[connector], []).append(flow)
    return {channel: _together(found) for channel, found in parts.items()}


def _together(flows: list[Flow]) -> Flow:
    received = sum(flow.received for flow in flows)
    lags = [flow.lag_ms * flow.received for flow in flows if flow.lag_ms is not None]
    return Flow(
        received=received,
        stored=sum(flow.stored for flow in flows),
        rejected=sum(flow.rejected for flow in flows),
        repeats=sum(flow.repeats for flow in flows),
        identified=sum(flow.identified for flow in flows),
        lag_ms=sum(lags) / received if lags and received else None,
        lag_ms_max=max(flow.lag_ms_max for flow in flows),
        last=max((flow.last for flow in flows if flow.last), default=None),
    )


def last_heard(workspace: int) -> dict[int, datetime]:
    """Channel -> the minute of its last message, however long ago."""
    return dict(rows(connection, sql["last_heard"], workspace=workspace))


def heard_of(workspace: int, channel: int) -> bool:
    """Whether anything has ever come through a channel."""
    return bool(rows(connection, sql["heard_of"], workspace=workspace, channel=channel)[0][0])


def hours(workspace: int, now: datetime | None = None) -> dict[int, list[int]]:
    """Channel -> messages received in each of the last 24 hours, oldest first."""
    now = now or datetime.now(UTC)
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    found: dict[int, list[int]] = {}
    for channel, hour, received in rows(connection, sql["hours"], workspace=workspace, since=start):
        place = int((hour - start).total_seconds() // 3600)
        if 0 <= place < 24:
            found.setdefault(channel, [0] * 24)[place] += received
    return found
