"""All that others may ask of channels: freshness, flows, rejects by reason. Reading only.

Not here: how channels do (health.py), lists of rejects (inbox/rejects.py), setting channels up (setup.py).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from channels.inbox import raw
from channels.models import Channel, Connector
from kernel.db import Statements, rows

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
    """Rejects of one reason, field and connector. `money`: currency -> what their orders come to, where they say."""

    reason: str
    field: str
    connector: UUID
    connector_name: str
    channel: Channel
    count: int
    since: datetime
    last: datetime
    money: dict[str, Decimal]


def reject_groups(workspace: int, state: str = "open") -> list[RejectGroup]:
    """Rejects by reason, field and connector: what most money hangs on first, then the largest group.

    Money of several currencies is not compared: what is in the channel's own counts.
    """
    connectors = {
        one.pk: one for one in Connector.objects.filter(workspace=workspace).select_related("channel")
    }
    found: dict[tuple[str, str, int], RejectGroup] = {}
    for reason, field, connector, currency, count, since, last, money in rows(
        connection, sql["reject_groups"], workspace=workspace, state=state
    ):
        if connector not in connectors:
            continue
        source, key = connectors[connector], (reason, field, connector)
        before = found.get(key)
        amounts = dict(before.money) if before else {}
        if money:
            currency = currency or source.channel.currency
            amounts[currency] = amounts.get(currency, Decimal(0)) + money
        found[key] = RejectGroup(
            reason=reason,
            field=field,
            connector=source.uuid,
            connector_name=source.name,
            channel=source.channel,
            count=count + (before.count if before else 0),
            since=min(since, before.since) if before else since,
            last=max(last, before.last) if before else last,
            money=amounts,
        )
    return sorted(found.values(), key=_at_stake, reverse=True)


def _at_stake(group: RejectGroup) -> tuple[Decimal, int]:
    return group.money.get(group.channel.currency, Decimal(0)), group.count


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


def heard_of(workspace: int, channel: int) -> bool:
    """Whether anything has ever come through a channel."""
    return bool(rows(connection, sql["heard_of"], workspace=workspace, channel=channel)[0][0])


def anything_came(workspace: int) -> bool:
    """Whether anything has ever come into a workspace."""
    return bool(rows(connection, sql["anything_came"], workspace=workspace)[0][0])


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
