"""A customer's timeline, which is filtered and goes on by itself.

Not here: reading events (profiles/timeline.py), the same as a ribbon (ribbon.py).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import replace_url

from channels.models import Channel
from channels.queries import channels_of
from console.customer.ribbon import Seen, currency
from console.event import event as life
from console.event import event_labels
from console.event.event_labels import Event
from kernel.errors import BadRequest
from kernel.web import access, format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries, timeline

PIECE = 25  # events of the timeline at once
NAMES = ("channel", "touchpoint", "event", "from", "to", "purchases")  # of the timeline, in the address
TYPED = "type:"  # before an event that has no name of its own: `type:page`
MOST_KINDS = 60  # events to choose from


# ---- the timeline ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event of the timeline in words."""

    at: str
    channel: Channel | None
    sentence: str
    touch: str
    buy: bool
    amount: str
    life: str
    credit: str  # of a purchase: the address of whose it is; "" where its number is not shown whole


@dataclass(frozen=True, slots=True)
class Events:
    """The events of a day; of none where the calendar has no such day here."""

    day: date | None
    events: list[Row]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the timeline can be narrowed to, and how many events that is."""

    value: str
    words: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All of them, the frequent first. `counted`: among so many of the newest events only, 0 for all."""

    channels: list[Choice]
    points: list[Choice]
    kinds: list[Choice]
    counted: int
    chosen: str


NO_CHOICES = Choices(channels=[], points=[], kinds=[], counted=0, chosen="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Choices):
    """A piece of the timeline. Only the `first` one has choices."""

    days: list[Events]
    next: str | None
    given: dict[str, Any]
    query: str
    problem: str
    first: bool


@dataclass(frozen=True, slots=True)
class Whose:
    """The customer of a piece."""

    id: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A further piece, or the timeline filtered anew."""

    timeline: Timeline
    profile: Whose


@access.require_role("viewer")
def more(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """A further piece of the timeline, or the timeline filtered anew; the page's address follows the filters."""
    workspace = request.workspace
    serial, public = queries.resolve(connection, workspace.pk, key)
    seen = Seen(workspace, channels_of(workspace.pk), request.access.masked)
    found = Piece(piece(request, seen, serial, public), Whose(str(public)))
    looks.page(request, str(public))
    response = render(request, "customer/_timeline.html", found)
    if not request.GET.get("cursor"):
        replace_url(response, _page_address(request, public))
    return response


def _page_address(request: WorkspaceRequest, key: UUID) -> str:
    """The customer's page with the timeline's filters as asked and the rest of its address as it stood."""
    here = parse_qsl((request.htmx.current_url or "").partition("#")[0].partition("?")[2])
    kept = [(name, value) for name, value in here if name not in NAMES]
    asked = [
        (name, value) for name, values in request.GET.lists() if name in NAMES for value in values if value
    ]
    query = urlencode([*kept, *asked])
    return reverse("customer", args=[key]) + (f"?{query}" if query else "")


def piece(request: WorkspaceRequest, seen: Seen, serial: int, key: UUID) -> Timeline:
    """A piece of the timeline: events by day, what it is filtered by, and where the next piece begins."""
    given, filters, problem = _asked(request, seen)
    at = request.GET.get("cursor") or None
    try:
        page = timeline.timeline(connection, seen.workspace, key, filters, seen.masked, at, PIECE)
    except BadRequest as wrong:
        given, problem = {}, str(wrong)
        page = timeline.timeline(connection, seen.workspace, key, {}, seen.masked, None, PIECE)
    choices = _choices(seen, serial, given) if at is None else NO_CHOICES
    return Timeline(
        days=_days(page.items, seen),
        next=page.next,
        given=given,
        query=urlencode(given, doseq=True),
        problem=problem,
        first=at is None,
        channels=choices.channels,
        points=choices.points,
        kinds=choices.kinds,
        counted=choices.counted,
        chosen=choices.chosen,
    )


def _asked(request: WorkspaceRequest, seen: Seen) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The address's filters as given, and as the list takes them; what is wrong is left out and said."""
    given: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    problem = ""
    if slugs := [slug for slug in request.GET.getlist("channel") if slug in seen.channels]:
        given["channel"] = filters["channel"] = slugs
    if (point := request.GET.get("touchpoint", "")) in event_labels.TOUCHES:
        given["touchpoint"] = filters["touchpoint"] = point
    if text := request.GET.get("event", "")[:300].replace("\x00", ""):
        given["event"] = text
        typed = text.startswith(TYPED)
        filters |= {"type": text.removeprefix(TYPED)} if typed else {"type": "track", "name": text}
    for name, bound, step in (("from", "after", 0), ("to", "before", 1)):
        if text := request.GET.get(name, "").strip():
            day = _day(text)
            if day is None:
                problem = _("This is not a calendar date: %(text)s") % {"text": text[:40]}
                continue
            given[name] = text
            start = datetime.combine(day + timedelta(days=step), time.min, shell.zone(seen.workspace))
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


def _days(events: list[Event], seen: Seen) -> list[Events]:
    """Events under the day they belong to, in words."""
    days: list[Events] = []
    for event in events:
        at = format.as_moment(event["occurred_at"])
        day = at.date() if at else None
        if not days or days[-1].day != day:
            days.append(Events(day, []))
        days[-1].events.append(_row(event, seen))
    return days


def _row(event: Event, seen: Seen) -> Row:
    buy = event_labels.key_of(event) == event_labels.BUYING
    return Row(
        at=event["occurred_at"],
        channel=seen.channels.get(event["channel"]),
        sentence=event_labels.sentence(event),
        touch=event_labels.contact(event),
        buy=buy,
        amount=event_labels.amount(event, currency(event, seen)),
        life=life.address(event["message_id"], event["connector"] or ""),
        credit=_credit(event, seen) if buy and not seen.masked else "",
    )


def _credit(event: Event, seen: Seen) -> str:
    said = event["properties"]
    channel, number = said.get("order_channel") or event["channel"], said.get("order_id")
    if number is None or channel not in seen.channels:
        return ""
    return f"{reverse('attribution-order')}?{urlencode({'channel': channel, 'number': number})}"


def _choices(seen: Seen, serial: int, given: dict[str, Any]) -> Choices:
    """What this customer's timeline can be narrowed to."""
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
    return Choices(
        channels=[
            Choice(slug, shell.channel_name(seen.channels[slug]), channels.get(slug, 0))
            for slug in seen.channels
            if slug in channels or slug in given.get("channel", ())
        ],
        points=[
            Choice(point, event_labels.touch({"touchpoint": point}), n) for point, n in points.most_common()
        ],
        kinds=[Choice(kind, _kind(kind), n) for kind, n in kinds.most_common(MOST_KINDS)],
        counted=looked if looked < sum(channels.values()) else 0,
        chosen=given.get("channel", [""])[0],
    )


def _kind(kind: str) -> str:
    """A kind of event in words."""
    typed = kind.startswith(TYPED)
    name = kind.removeprefix(TYPED) if typed else kind
    return event_labels.sentence({"type": name} if typed else {"type": "track", "name": name})
