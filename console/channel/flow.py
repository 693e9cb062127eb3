"""How each channel does: what came in 24 hours and in the last one, how late, and one word on it. Not here: pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import queries
from channels.models import Channel, Connector
from kernel.web import format, svg

SLOW_MS = 60_000  # mean lag from which a channel is called slow
LATE_MS = 600_000  # and from here on late
HOUR = timedelta(hours=1)
# A channel is rejecting when of the last hour, or of the last day, at least this share was rejected.
REJECTING_HOUR, REJECTING_DAY = 0.01, 0.05


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
class Row(Sums):
    """How a channel does."""

    channel: Channel
    kind: str
    connectors: int
    lag: float | None  # seconds, the mean
    per_minute: str
    last: datetime | None
    spark: svg.Spark | None
    state: State


def rows(workspace: int, only: Channel | None = None) -> list[Row]:
    """Each channel, or only one, with what came in the last 24 hours, over all its connectors."""
    flows, hours, heard = queries.flows(workspace), queries.hours(workspace), queries.last_heard(workspace)
    recent = queries.flows(workspace, back=HOUR)
    connectors: dict[int, list[Connector]] = {}
    for connector in Connector.objects.filter(workspace_id=workspace).order_by("id"):
        connectors.setdefault(connector.channel_id, []).append(connector)
    return [
        _row(
            channel,
            connectors.get(channel.pk, []),
            (flows, recent),
            hours.get(channel.pk),
            heard.get(channel.pk),
        )
        for channel in ([only] if only else queries.channels_of(workspace).values())
    ]


def sums(flows: Sequence[queries.Flow | Row]) -> Sums:
    """What came through several, together."""
    return Sums(
        received=sum(flow.received for flow in flows),
        stored=sum(flow.stored for flow in flows),
        rejected=sum(flow.rejected for flow in flows),
        repeats=sum(flow.repeats for flow in flows),
        identified=sum(flow.identified for flow in flows),
    )


def _row(
    channel: Channel,
    connectors: list[Connector],
    both: tuple[dict[int, queries.Flow], dict[int, queries.Flow]],  # of 24 hours, of the last one
    hours: list[int] | None,
    last: datetime | None,
) -> Row:
    mine, fresh = ([flows[one.pk] for one in connectors if one.pk in flows] for flows in both)
    found, lag = sums(mine), _lag(mine)
    receives = any(one.enabled for one in connectors)
    return Row(
        received=found.received,
        stored=found.stored,
        rejected=found.rejected,
        repeats=found.repeats,
        identified=found.identified,
        channel=channel,
        kind=channel.get_kind_display(),
        connectors=len(connectors),
        lag=lag / 1000 if lag is not None else None,
        per_minute=format.number(sum(flow.received for flow in fresh) / 60, 1),
        last=last,
        spark=svg.spark(hours, partial=[len(hours) - 1]) if hours else None,
        state=_state(found, _lag(fresh), last, _rejected(fresh), receives),
    )


def _lag(flows: list[queries.Flow]) -> float | None:
    """The mean from accepted to stored, in milliseconds."""
    lags = [(flow.lag_ms, flow.received) for flow in flows if flow.lag_ms is not None]
    weight = sum(received for _lag, received in lags)
    return sum(lag * received for lag, received in lags) / weight if weight else None


def _rejected(flows: list[queries.Flow]) -> float:
    """The share that was rejected."""
    received = sum(flow.received for flow in flows)
    return sum(flow.rejected for flow in flows) / received if received else 0.0


def _state(
    found: Sums, lag: float | None, last: datetime | None, hour: float, receives: bool = True
) -> State:
    """`lag` and `hour`, the share rejected, are of the last hour: what is mended is over."""
    if not receives:
        return State("warn", _("switched off"))
    if last is None:
        return State("line", _("waiting for its first event"))
    if not found.received:
        return State("warn", _("silent"))
    if hour >= REJECTING_HOUR or found.rejected / found.received >= REJECTING_DAY:
        return State("bad", _("rejecting"))
    if lag is not None and lag > SLOW_MS:
        return State("bad", _("late")) if lag > LATE_MS else State("warn", _("slow"))
    if found.rejected:
        word = ngettext("healthy, %(n)s rejected", "healthy, %(n)s rejected", found.rejected)
        return State("good", word % {"n": format.number(found.rejected)})
    return State("good", _("healthy"))
