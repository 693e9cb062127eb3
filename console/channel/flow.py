"""How each channel and connector does, in words: what came in 24 hours and in the last one, how late. Not here:
judging it (channels/health.py), what to do about a connector (connector_words.py), pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from channels import health, queries
from channels.models import Channel, Connector
from kernel.web import format, svg


@dataclass(frozen=True, slots=True)
class Sums:
    """Messages of 24 hours."""

    received: int
    stored: int
    rejected: int
    repeats: int
    identified: int


@dataclass(frozen=True, slots=True)
class State:
    """One word on a channel."""

    tone: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Sums):
    """How a connector does, or all of a channel."""

    lag: float | None  # seconds, the mean
    per_minute: str
    last: datetime | None
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Flow):
    """How a channel does."""

    channel: Channel
    kind: str
    connectors: int
    spark: svg.Spark | None


def rows(workspace: int, only: Channel | None = None) -> list[Row]:
    """Each channel, or only one, with what came in the last 24 hours, over all its connectors."""
    how, hours = health.of_channels(workspace), queries.hours(workspace)
    connectors: dict[int, int] = {}
    for channel in Connector.objects.filter(workspace_id=workspace).values_list("channel_id", flat=True):
        connectors[channel] = connectors.get(channel, 0) + 1
    return [
        _row(
            channel, how.get(channel.pk, health.NOTHING), connectors.get(channel.pk, 0), hours.get(channel.pk)
        )
        for channel in ([only] if only else queries.channels_of(workspace).values())
    ]


def sums(rows: Sequence[Sums]) -> Sums:
    """What came through several, together."""
    return Sums(
        received=sum(row.received for row in rows),
        stored=sum(row.stored for row in rows),
        rejected=sum(row.rejected for row in rows),
        repeats=sum(row.repeats for row in rows),
        identified=sum(row.identified for row in rows),
    )


def state(one: health.Health) -> State:
    """The word a page says, and its tone."""
    words = {
        "off": _("switched off"),
        "new": _("waiting for its first event"),
        "silent": _("silent"),
        "idle": _("silent"),
        "quiet": _("unusually silent"),
        "rejecting": _("rejecting"),
        "rejecting_some": _("rejecting some"),
        "late": _("late"),
        "slow": _("slow"),
        "healthy": _("healthy"),
    }
    return State("line" if one.level == "none" else one.level, words[one.state])


def of_connector(one: health.Health, forged: datetime | None, *, failing: bool = False) -> Flow:
    """Of one connector. `forged`: when a delivery of its was last refused for its signature; `failing`: its platform
    does not give what it is asked for.
    """
    said = state(one)
    if one.state == "off":
        said = State(said.tone, _("paused"))
    elif health.outside(one, forged, failing=failing) == "failing":
        said = State("bad", _("failing"))
    return Flow(**_flow(one), state=said)


def _flow(one: health.Health) -> dict[str, Any]:
    return {
        **one.counts._asdict(),
        "lag": one.lag_ms / 1000 if one.lag_ms is not None else None,
        "per_minute": format.number(one.per_minute, 1),
        "last": one.last,
    }


def _row(channel: Channel, one: health.Health, connectors: int, hours: list[int] | None) -> Row:
    return Row(
        **_flow(one),
        channel=channel,
        kind=channel.get_kind_display(),
        connectors=connectors,
        spark=svg.spark(hours, partial=[len(hours) - 1]) if hours else None,
        state=state(one),
    )
