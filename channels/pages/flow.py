"""How each channel does: what came in 24 hours and in the last one, how late, and one word on it. Not here: pages."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.kernel import drawing, speech
from channels import queries
from channels.models import Channel, Connector

SLOW_MS = 60_000  # mean lag from which a channel is called slow
LATE_MS = 600_000  # and from here on late
HOUR = timedelta(hours=1)
# A channel is rejecting when of the last hour, or of the last day, at least this share was rejected.
REJECTING_HOUR, REJECTING_DAY = 0.01, 0.05


def rows(workspace: int, only: Channel | None = None) -> list[dict[str, Any]]:
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
        for channel in ([only] if only else Channel.objects.filter(workspace_id=workspace).order_by("id"))
    ]


def _row(
    channel: Channel,
    connectors: list[Connector],
    both: tuple[dict[int, queries.Flow], dict[int, queries.Flow]],  # of 24 hours, of the last one
    hours: list[int] | None,
    last: Any,
) -> dict[str, Any]:
    mine, fresh = ([flows[one.pk] for one in connectors if one.pk in flows] for flows in both)
    names = ("received", "stored", "rejected", "repeats", "identified")
    sums = {name: sum(getattr(flow, name) for flow in mine) for name in names}
    lag = _lag(mine)
    return sums | {
        "channel": channel,
        "kind": channel.get_kind_display(),
        "connectors": len(connectors),
        "lag": lag / 1000 if lag is not None else None,
        "per_minute": speech.number(sum(flow.received for flow in fresh) / 60, 1),
        "last": last,
        "spark": drawing.spark(hours) if hours else None,
        "state": _state(sums, _lag(fresh), last, _rejected(fresh), any(one.enabled for one in connectors)),
    }


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
    sums: dict[str, int], lag: float | None, last: Any, hour: float, receives: bool = True
) -> dict[str, str]:
    """One word on a channel. `lag` and `hour`, the share rejected, are of the last hour: what is mended is over."""
    if not receives:
        return {"tone": "warn", "word": _("switched off")}
    if last is None:
        return {"tone": "line", "word": _("waiting for its first event")}
    if not sums["received"]:
        return {"tone": "warn", "word": _("silent")}
    if hour >= REJECTING_HOUR or sums["rejected"] / sums["received"] >= REJECTING_DAY:
        return {"tone": "bad", "word": _("rejecting")}
    if lag is not None and lag > SLOW_MS:
        late = lag > LATE_MS
        return {"tone": "bad" if late else "warn", "word": _("late") if late else _("slow")}
    if sums["rejected"]:
        word = ngettext("healthy, %(n)s rejected", "healthy, %(n)s rejected", sums["rejected"])
        return {"tone": "good", "word": word % {"n": speech.number(sums["rejected"])}}
    return {"tone": "good", "word": _("healthy")}
