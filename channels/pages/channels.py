"""Is data flowing and right? Channels, connectors and keys. Not here: making them (setup.py), what came (live)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.kernel import access, drawing, speech, web
from cdp.kernel.errors import BadRequest
from cdp.kernel.models import Audit, Role
from channels import queries, setup
from channels.models import Channel, ChannelKind, Connector, WriteKey

SLOW_MS = 60_000  # mean lag from which a channel is called slow
LATE_MS = 600_000  # and from here on late
HOUR = timedelta(hours=1)
# A channel is rejecting when of the last hour, or of the last day, at least this share was rejected.
REJECTING_HOUR, REJECTING_DAY = 0.01, 0.05
STILL_HOURS = 24


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """All channels with their last 24 hours."""
    return _list(request)


def _list(request: HttpRequest, problem: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    rows = _rows(workspace.pk)
    sums = {
        name: sum(row[name] for row in rows)
        for name in ("received", "stored", "rejected", "repeats", "identified")
    }
    values = {
        "rows": rows,
        "sums": sums,
        "fresh_now": queries.freshness(workspace.pk),
        "kinds": ChannelKind.choices,
        "problem": problem,
        "typed": typed or {},
        "finding": _finding(rows, sums),
    }
    return render(request, "channels/channels.html", values)


@never_cache
@access.needs("viewer")
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One channel: its connectors, and for admins their write keys with a way to try them."""
    channel = get_object_or_404(Channel, workspace=request.workspace, slug=slug)  # type: ignore[attr-defined]
    row = next(row for row in _rows(channel.workspace_id) if row["channel"].pk == channel.pk)
    flows = queries.flows(channel.workspace_id)
    admin = request.role == Role.ADMIN  # type: ignore[attr-defined]
    connectors = [
        {
            "connector": connector,
            "flow": flows.get(connector.pk),
            "keys": setup.keys(connector) if admin else [],
        }
        for connector in Connector.objects.filter(channel=channel).order_by("id")
    ]
    values = {
        "row": row,
        "channel": channel,
        "connectors": connectors,
        "address": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "channels/channel.html", values)


# ---- changing --------------------------------------------------------------------------------------


@require_POST
@access.needs("admin")
def add(request: HttpRequest) -> HttpResponse:
    """A new channel with its first HTTP connector."""
    workspace, post = request.workspace, request.POST  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            made = setup.add_channel(
                workspace, post.get("name", ""), post.get("kind", ""), post.get("currency", "")
            )
            made.channel.color = _free_colour(made.channel)
            made.channel.save(update_fields=["color"])
            _note(request, "channel.add", made.channel.slug)
    except BadRequest as wrong:
        return _list(request, str(wrong), {name: post.get(name, "") for name in ("name", "kind", "currency")})
    return redirect("channel", slug=made.channel.slug)


@require_POST
@access.needs("admin")
def add_connector(request: HttpRequest, slug: str) -> HttpResponse:
    """One more way into a channel."""
    channel = get_object_or_404(Channel, workspace=request.workspace, slug=slug)  # type: ignore[attr-defined]
    made = setup.add_connector(channel, request.POST.get("name", ""))
    _note(request, "connector.add", str(made.connector.uuid))
    messages.info(request, _("“%(name)s” can receive now.") % {"name": made.connector.name})
    return redirect("channel", slug=slug)


@require_POST
@access.needs("admin")
def key(request: HttpRequest, number: int) -> HttpResponse:
    """Another key beside the others (`add`), in their place (`rotate`), or the end of one (`revoke`)."""
    connector = get_object_or_404(Connector, pk=number, workspace=request.workspace)  # type: ignore[attr-defined]
    what = request.POST.get("what", "")
    if what == "rotate":
        setup.rotate(connector)
        said = _("A new key is in force; the old ones end within seconds.")
    elif what == "add":
        setup.add_key(connector)
        said = _("A further key is in force beside the old ones.")
    elif what == "revoke":
        chosen = request.POST.get("key", "")
        setup.revoke(
            get_object_or_404(WriteKey, pk=int(chosen) if chosen.isdecimal() else 0, connector=connector)
        )
        said = _("The key ends within seconds.")
    else:
        raise BadRequest(_("A key can be added, rotated or revoked."))
    _note(request, f"key.{what}", str(connector.uuid))
    messages.info(request, said)
    return redirect("channel", slug=connector.channel.slug)


@require_POST
@access.needs("admin")
def limit(request: HttpRequest, number: int) -> HttpResponse:
    """How many requests a second a connector may send; empty: as many as it likes."""
    connector = get_object_or_404(Connector, pk=number, workspace=request.workspace)  # type: ignore[attr-defined]
    typed = request.POST.get("limit", "").strip()
    if typed and not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:9]) <= setup.MOST_A_SECOND):
        raise BadRequest(
            _("The limit is a whole number from 1 to %(most)s, or empty for none.")
            % {"most": speech.number(setup.MOST_A_SECOND)}
        )
    setup.limit(connector, int(typed) if typed else None)
    _note(request, "connector.limit", f"{connector.uuid} {typed or 'none'}")
    messages.info(request, _("The limit is in force within seconds."))
    return redirect("channel", slug=connector.channel.slug)


def _note(request: HttpRequest, action: str, target: str) -> None:
    actor = request.user.get_username()
    Audit.objects.create(workspace=request.workspace, actor=actor, action=action, target=target)  # type: ignore[attr-defined]


def _free_colour(channel: Channel) -> str:
    """The colour of the channel's kind while it is free, else the next free one, else the shared last."""
    others = Channel.objects.filter(workspace_id=channel.workspace_id).exclude(pk=channel.pk)
    taken = {web.colour(one).removeprefix("c-") for one in others}
    wanted = web.KIND_COLOURS.get(channel.kind, "")
    return next(
        (colour for colour in (wanted, *web.COLOURS) if colour and colour not in taken), web.COLOURS[-1]
    )


# ---- reading ---------------------------------------------------------------------------------------


def _rows(workspace: int) -> list[dict[str, Any]]:
    """Each channel with what came in the last 24 hours, over all its connectors."""
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
        for channel in Channel.objects.filter(workspace_id=workspace).order_by("id")
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
        "per_minute": speech.number(sums["received"] / (24 * 60), 1),
        "last": last,
        "spark": drawing.spark(hours) if hours else None,
        "state": _state(sums, _lag(fresh), last, _rejected(fresh)),
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


def _state(sums: dict[str, int], lag: float | None, last: Any, hour: float) -> dict[str, str]:
    """One word on a channel. `lag` and `hour`, the share rejected, are of the last hour: what is mended is over."""
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


def _finding(rows: list[dict[str, Any]], sums: dict[str, int]) -> str:
    """The sentence under the title."""
    if not rows:
        return _("No channel yet. The first one takes a minute.")
    sending = sum(1 for row in rows if row["received"])
    said = ngettext(
        "%(sending)s of %(n)s channel sent something in the last 24 hours",
        "%(sending)s of %(n)s channels sent something in the last 24 hours",
        len(rows),
    ) % {"sending": sending, "n": len(rows)}
    if not sums["received"]:
        return said + _(".")
    return said + _("; %(share)s of %(received)s messages were stored.") % {
        "share": speech.percent((sums["stored"] + sums["repeats"]) / sums["received"], 2),
        "received": speech.number(sums["received"]),
    }
