"""A customer's contacts in time: the ribbon that is drawn, and the timeline that is filtered and goes on by itself.

Not here: reading events (profiles/timeline.py), drawing (static/js/ribbon.js).
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.kernel import access, speech, web
from cdp.kernel.errors import BadRequest
from cdp.kernel.models import Workspace
from cdp.pages import event as life
from cdp.pages import words
from channels.models import Channel
from profiles import queries, timeline

PIECE = 25  # events of the timeline at once
NAMES = ("channel", "touchpoint", "event", "from", "to", "purchases")  # of the timeline, in the address
TYPED = "type:"  # before an event that has no name of its own: `type:page`
MOST_KINDS = 60  # events to choose from
BEFORE = "until"  # the address's name for where an earlier piece of the journey ends


# ---- the ribbon -----------------------------------------------------------------------------------


class Seen(NamedTuple):
    """Who looks at whose journey."""

    workspace: Workspace
    channels: dict[str, Channel]
    masked: bool


def ribbon(request: HttpRequest, seen: Seen, serial: int) -> dict[str, Any]:
    """What ribbon.js draws, and the words beside it. Of very long journeys a piece, which says so."""
    until = speech.as_moment(request.GET.get(BEFORE, "")) if request.GET.get(BEFORE) else None
    every = timeline.contacts(connection, seen.workspace, serial)
    touches = timeline.touches(connection, seen.workspace, serial, until)
    events = [_mark(touch, seen) for touch in touches if touch["channel"] in seen.channels]
    used = {event["channel"] for event in events}
    lanes = [
        {"slug": slug, "name": web.channel_name(channel), "colour": web.colour(channel)}
        for slug, channel in seen.channels.items()
        if slug in used
    ]
    kinds = sorted({event["kind"] for event in events})
    keys = [{"kind": kind, "words": words.touch({"touchpoint": kind})} for kind in kinds]
    say = _said(events, len(lanes), every) if events else ""
    said = {one["kind"]: one["words"] for one in keys}
    more = len(touches) == timeline.TOUCHES and every > len(touches)
    return {
        "data": {"say": say, "words": _words(), "kinds": said, "lanes": lanes, "events": events},
        "say": say,
        "keys": [one for one in keys if one["kind"] not in ("order", "return")],
        "bought": any(event["buy"] for event in events),
        "returned": "return" in kinds,
        "there": bool(events),
        "earlier": web.address(request, **{BEFORE: touches[0]["at"]}) if more else "",
        "latest": web.address(request, **{BEFORE: ""}) if until else "",
    }


def _said(events: list[dict[str, Any]], lanes: int, every: int) -> str:
    """The sentence of the ribbon, also for who cannot see it."""
    count = len(events)
    contacts = ngettext("%(n)s contact", "%(n)s contacts", count) % {"n": speech.number(count)}
    if every > count:
        contacts = _("%(n)s of %(all)s contacts") % {"n": speech.number(count), "all": speech.number(every)}
    on = ngettext("on %(n)s channel", "on %(n)s channels", lanes) % {"n": lanes}
    bought = sum(event["buy"] for event in events)
    bought_words = ngettext("%(n)s purchase", "%(n)s purchases", bought) % {"n": speech.number(bought)}
    return _("%(contacts)s %(channels)s since %(day)s, %(bought)s") % {
        "contacts": contacts,
        "channels": on,
        "day": speech.day(events[0]["at"], year=True),
        "bought": bought_words,
    }


def _words() -> dict[str, str]:
    """What the drawing says by itself."""
    return {
        "days": _(" d"),
        "contacts": _("%(n)s contacts"),
        "zoom": _("Look closer"),
        "more": _("and %(n)s more"),
    }


def _mark(touch: dict[str, Any], seen: Seen) -> dict[str, Any]:
    """One contact of the ribbon."""
    key = words.key_of(touch)
    currency = seen.workspace.currency
    buy = key == words.BUYING
    message_id = access.scrub(touch["message_id"]) if seen.masked else touch["message_id"]
    sentence = words.sentence(touch)
    at = speech.as_moment(touch["at"])
    return {
        "at": touch["at"],
        "date": at.date().isoformat() if at else "",
        "channel": touch["channel"],
        "kind": "order" if buy else "return" if key in words.RETURNS else touch["touchpoint"],
        "label": access.scrub(sentence) if seen.masked else sentence,
        "buy": buy,
        "amount": words.amount(touch, currency),
        "short": _short(touch, currency) if buy and touch["total"] else "",
        "time": speech.moment(touch["at"]),
        "day": speech.day(touch["at"]),
        "id": message_id,
        "life": life.address(message_id),
    }


def _short(touch: dict[str, Any], currency: str) -> str:
    """A purchase's amount as it stands above its mark: whole where it is whole."""
    return speech.money_short(touch["total"], touch["currency"] or currency).removesuffix(".00")


# ---- the timeline ---------------------------------------------------------------------------------


@access.needs("viewer")
def more(request: HttpRequest, key: UUID) -> HttpResponse:
    """A further piece of the timeline, or the timeline filtered anew; the page's address follows the filters."""
    workspace = request.workspace  # type: ignore[attr-defined]
    serial, public = queries.resolve(connection, workspace.pk, key)
    channels = {one.slug: one for one in Channel.objects.filter(workspace=workspace).order_by("id")}
    seen = Seen(workspace, channels, request.role == "viewer")  # type: ignore[attr-defined]
    values = {"timeline": piece(request, seen, serial, public), "profile": {"id": str(public)}}
    response = render(request, "cdp/_timeline.html", values)
    if not request.GET.get("cursor"):
        response["HX-Replace-Url"] = _page_address(request, public)
    return response


def _page_address(request: HttpRequest, key: UUID) -> str:
    """The customer's page with the timeline's filters as asked and the rest of its address as it stood."""
    here = parse_qsl(request.headers.get("HX-Current-URL", "").partition("#")[0].partition("?")[2])
    kept = [(name, value) for name, value in here if name not in NAMES]
    asked = [
        (name, value) for name, values in request.GET.lists() if name in NAMES for value in values if value
    ]
    query = urlencode([*kept, *asked])
    return reverse("customer", args=[key]) + (f"?{query}" if query else "")


def piece(request: HttpRequest, seen: Seen, serial: int, key: UUID) -> dict[str, Any]:
    """A piece of the timeline: events by day, what it is filtered by, and where the next piece begins."""
    given, filters, problem = _asked(request, seen)
    at = request.GET.get("cursor") or None
    try:
        page = timeline.timeline(connection, seen.workspace, key, filters, seen.masked, at, PIECE)
    except BadRequest as wrong:
        given, problem = {}, str(wrong)
        page = timeline.timeline(connection, seen.workspace, key, {}, seen.masked, None, PIECE)
    found: dict[str, Any] = {
        "days": _days(page.items, seen),
        "next": page.next,
        "given": given,
        "query": urlencode(given, doseq=True),
        "problem": problem,
        "first": at is None,
    }
    return found | (_choices(seen, serial, given) if at is None else {})


def _asked(request: HttpRequest, seen: Seen) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The address's filters as given, and as the list takes them; what is wrong is left out and said."""
    given: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    problem = ""
    if slugs := [slug for slug in request.GET.getlist("channel") if slug in seen.channels]:
        given["channel"] = filters["channel"] = slugs
    if (point := request.GET.get("touchpoint", "")) in words.TOUCHES:
        given["touchpoint"] = filters["touchpoint"] = point
    if text := request.GET.get("event", "")[:300].replace("\x00", ""):
        given["event"] = text
        typed = text.startswith(TYPED)
        filters["type" if typed else "name"] = text.removeprefix(TYPED) if typed else text
    for name, bound, step in (("from", "after", 0), ("to", "before", 1)):
        if text := request.GET.get(name, "").strip():
            day = _day(text)
            if day is None:
                problem = _("This is no day of the calendar: %(text)s") % {"text": text[:40]}
                continue
            given[name] = text
            start = datetime.combine(day + timedelta(days=step), time.min, web.zone(seen.workspace))
            filters[bound] = start.isoformat()
    if request.GET.get("purchases"):
        given["purchases"], filters["purchases"] = "1", True
    return given, filters, problem


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(1970, 1, 1) <= found <= date(9000, 1, 1) else None


def _days(events: list[dict[str, Any]], seen: Seen) -> list[dict[str, Any]]:
    """Events under the day they belong to, in words."""
    days: list[dict[str, Any]] = []
    for event in events:
        day = speech.as_moment(event["occurred_at"]).date()  # type: ignore[union-attr]
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "events": []})
        key = words.key_of(event)
        days[-1]["events"].append(
            {
                "at": event["occurred_at"],
                "channel": seen.channels.get(event["channel"]),
                "sentence": words.sentence(event),
                "touch": words.touch(event) if event["type"] in ("track", "page", "screen") else "",
                "buy": key == words.BUYING,
                "amount": words.amount(event, seen.workspace.currency),
                "life": life.address(event["message_id"], event["connector"] or ""),
            }
        )
    return days


def _choices(seen: Seen, serial: int, given: dict[str, Any]) -> dict[str, Any]:
    """What this customer's timeline can be narrowed to, the frequent first, and the active filters in words.

    `counted` is given when kinds were counted among so many of the newest events only.
    """
    channels = timeline.channels(connection, seen.workspace, serial)
    looked = 0
    points: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for one in timeline.met(connection, seen.workspace, serial):
        named = one.type == "track"
        shown = access.scrub(one.name) if seen.masked else one.name
        looked += one.n
        points[one.touchpoint] += one.n
        if not named or shown == one.name:  # a name that is masked cannot be asked for
            kinds[one.name if named else TYPED + one.type] += one.n
    return {
        "channels": [
            {"value": slug, "words": web.channel_name(seen.channels[slug]), "n": channels.get(slug, 0)}
            for slug in seen.channels
            if slug in channels or slug in given.get("channel", ())
        ],
        "points": [
            {"value": point, "words": words.touch({"touchpoint": point}), "n": n}
            for point, n in points.most_common()
        ],
        "kinds": [{"value": kind, "words": _kind(kind), "n": n} for kind, n in kinds.most_common(MOST_KINDS)],
        "counted": looked if looked < sum(channels.values()) else 0,
        "chosen": given.get("channel", [""])[0],
    }


def _kind(kind: str) -> str:
    """A kind of event in words."""
    typed = kind.startswith(TYPED)
    name = kind.removeprefix(TYPED) if typed else kind
    return words.sentence({"type": name} if typed else {"type": "track", "name": name})
