"""Who is this person to us, on all channels? Not here: who they are (profiles), what they bought (metrics)."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.kernel import access, speech, web
from cdp.pages import event as life
from cdp.pages import identity, orders, words
from channels.models import Channel
from metrics import queries as bought
from profiles import queries, timeline

TIMELINE = 25  # events a piece
KINDS = {  # of the timeline's filter: which touchpoints
    "": (),
    "order": ("order",),
    "payment": ("payment",),
    "browse": ("browse",),
    "after-sales": ("after-sales",),
    "marketing": ("marketing",),
}


@access.needs("viewer")
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """The whole page; an id that was joined away leads to the customer it now belongs to."""
    workspace, masked = request.workspace, request.role == "viewer"  # type: ignore[attr-defined]
    profile = queries.profile(connection, workspace, key, masked)
    if profile["id"] != str(key):
        return redirect("customer", key=profile["id"])
    serial, _public = queries.resolve(connection, workspace.pk, key)
    channels = _channels(workspace.pk)
    found = bought.orders_of(connection, workspace.pk, queries.sightings(connection, workspace.pk, serial))
    touches = timeline.touches(connection, workspace, serial)
    held = queries.identifiers(connection, workspace.pk, serial, masked)
    joins = identity.joins(workspace, serial, masked)
    apart = identity.refused(workspace, serial, masked)
    values = {
        "profile": profile,
        "name": _name(workspace.pk, key, profile, masked=masked),
        "contacts": [one for one in profile["identifiers"] if one["kind"] in ("phone", "email", "member_no")][
            :4
        ],
        "channel_list": [channels[slug] for slug in profile["summary"]["channels"] if slug in channels],
        "identifiers": [
            one | {"channel": channels.get(one["channel"]), "words": words.kind(one["kind"])} for one in held
        ],
        "joins": joins,
        "refused": apart,
        "confluence": identity.drawing(held, joins, apart, channels) if joins or apart else None,
        "golden": _golden(queries.golden_record(connection, workspace, serial, masked), channels),
        "orders": orders.listed(
            found, channels, workspace.currency, every=request.GET.get("orders") == "all", masked=masked
        ),
        "ribbon": _ribbon(touches, channels, workspace.currency, masked),
        "timeline": _timeline(request, key),
        "now": timezone.localtime(),
    }
    return render(request, "cdp/customer.html", values)


@access.needs("viewer")
def more(request: HttpRequest, key: UUID) -> HttpResponse:
    """A further piece of the timeline, or the timeline filtered anew."""
    return render(
        request, "cdp/_timeline.html", {"timeline": _timeline(request, key), "profile": {"id": str(key)}}
    )


def _channels(workspace: int) -> dict[str, Channel]:
    return {channel.slug: channel for channel in Channel.objects.filter(workspace=workspace).order_by("id")}


def _name(workspace: int, key: UUID, profile: dict[str, Any], *, masked: bool) -> str:
    """The surviving name, else the strongest identifier a person could say aloud, else its short id."""
    name = queries.name_of(connection, workspace, key, masked=masked)
    spoken = [
        one["value"] for one in profile["identifiers"] if one["kind"] in ("member_no", "phone", "email")
    ]
    return name or (spoken[0] if spoken else _("Unknown %(id)s") % {"id": profile["id"][:8]})


# ---- what we know ---------------------------------------------------------------------------------


def _golden(record: dict[str, list[dict[str, Any]]], channels: dict[str, Channel]) -> dict[str, Any]:
    """Each trait with the value that survived, where it came from, and what others say."""
    rows = []
    for name, values in record.items():
        first, *others = values
        different = [one for one in others if one["value"] != first["value"]]
        rows.append(
            {
                "words": words.trait(name),
                "value": words.plain(first["value"]),
                "channel": channels.get(first["channel"]),
                "at": first["observed_at"],
                "agree": len(others) - len(different),
                "others": [
                    {"value": words.plain(one["value"]), "channel": channels.get(one["channel"])}
                    for one in different[:3]
                ],
            }
        )
    return {"rows": rows, "differing": sum(1 for row in rows if row["others"])}


# ---- journey --------------------------------------------------------------------------------------


def _ribbon(
    touches: list[dict[str, Any]], channels: dict[str, Channel], currency: str, masked: bool
) -> dict[str, Any]:
    """What ribbon.js draws, and the words beside it."""
    events = [_mark(touch, currency, masked) for touch in touches if touch["channel"] in channels]
    used = [slug for slug in channels if any(event["channel"] == slug for event in events)]
    lanes = [
        {"slug": s, "name": web.channel_name(channels[s]), "colour": web.colour(channels[s])} for s in used
    ]
    said = ngettext("%(n)s contact", "%(n)s contacts", len(events)) % {"n": speech.number(len(events))}
    on = ngettext("on %(n)s channel", "on %(n)s channels", len(lanes)) % {"n": len(lanes)}
    first = speech.day(touches[0]["at"], year=True) if events else ""
    say = _("%(contacts)s %(channels)s since %(day)s; quiet stretches are folded") % {
        "contacts": said,
        "channels": on,
        "day": first,
    }
    kinds = sorted({event["kind"] for event in events})
    return {
        "data": {"say": say, "days": _(" d"), "lanes": lanes, "events": events},
        "say": say if events else "",
        "keys": [{"kind": kind, "words": words.touch({"touchpoint": kind})} for kind in kinds],
        "there": bool(events),
    }


def _mark(touch: dict[str, Any], currency: str, masked: bool) -> dict[str, Any]:
    """One touch of the ribbon."""
    key = words.key_of(touch)
    money = words.amount(touch, currency)
    buy = key == words.BUYING
    message_id = access.scrub(touch["message_id"]) if masked else touch["message_id"]
    return {
        "at": touch["at"],
        "channel": touch["channel"],
        "kind": "order" if buy else "return" if key in words.RETURNS else touch["touchpoint"],
        "label": access.scrub(words.sentence(touch)) if masked else words.sentence(touch),
        "buy": buy,
        "amount": money,
        "short": speech.money_short(touch["total"], touch["currency"] or currency)
        if buy and touch["total"]
        else "",
        "time": speech.moment(touch["at"]),
        "day": speech.day(touch["at"]),
        "id": message_id,
        "life": life.address(message_id),
    }


def _timeline(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """A piece of the timeline: events by day, and where the next piece begins."""
    workspace, masked = request.workspace, request.role == "viewer"  # type: ignore[attr-defined]
    kind = request.GET.get("touchpoint", "")
    filters = {"touchpoint": kind} if kind in KINDS and kind else {}
    page = timeline.timeline(
        connection, workspace, key, filters, masked, request.GET.get("cursor") or None, TIMELINE
    )
    channels = _channels(workspace.pk)
    days: list[dict[str, Any]] = []
    for event in page.items:
        day = speech.as_moment(event["occurred_at"]).date()  # type: ignore[union-attr]
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "events": []})
        days[-1]["events"].append(
            event
            | {
                "channel": channels.get(event["channel"]),
                "sentence": words.sentence(event),
                "amount": words.amount(event, workspace.currency),
                "life": life.address(event["message_id"], event["connector"] or ""),
            }
        )
    return {
        "days": days,
        "next": page.next,
        "kind": kind,
        "first": not request.GET.get("cursor"),
        "kinds": _kinds(),
    }


def _kinds() -> list[tuple[str, str]]:
    """The timeline's filter, in words."""
    return [(kind, words.touch({"touchpoint": kind}) if kind else _("all")) for kind in KINDS]
