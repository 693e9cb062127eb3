"""A customer's contacts in time as a ribbon, and the words beside it.

Not here: reading contacts (profiles/timeline.py), drawing (static/js/ribbon.js), the timeline (journey.py).
"""

from dataclasses import dataclass
from typing import TypedDict

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.models import Channel
from console.event import event as life
from console.event import event_labels
from console.event.event_labels import Event
from kernel.models import Workspace
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from profiles import timeline

BEFORE = "until"  # the address's name for where an earlier piece of the journey ends


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks at whose journey."""

    workspace: Workspace
    channels: dict[str, Channel]
    masked: bool


class Lane(TypedDict):
    """A channel's line of the ribbon."""

    slug: str
    name: str
    colour: str


class Mark(TypedDict):
    """A contact on the ribbon."""

    at: str
    date: str
    channel: str
    kind: str
    label: str
    buy: bool
    amount: str
    short: str
    time: str
    day: str
    id: str
    life: str


class Drawing(TypedDict):
    """What ribbon.js draws: JSON."""

    say: str
    words: dict[str, str]
    kinds: dict[str, str]
    lanes: list[Lane]
    events: list[Mark]


@dataclass(frozen=True, slots=True)
class Key:
    """What a glyph of the ribbon stands for."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon:
    """The drawing, and the words beside it."""

    data: Drawing
    say: str
    keys: list[Key]
    bought: bool
    returned: bool
    there: bool
    earlier: str  # addresses of other pieces of a very long journey
    latest: str


def ribbon(request: WorkspaceRequest, seen: Seen, serial: int) -> Ribbon:
    """The contacts of a customer. Of very long journeys a piece, which says so."""
    until = format.as_moment(request.GET.get(BEFORE, "")) if request.GET.get(BEFORE) else None
    found = timeline.touches(connection, seen.workspace, serial, until, timeline.TOUCHES + 1)
    touches, more = found[-timeline.TOUCHES :], len(found) > timeline.TOUCHES
    events = [_mark(touch, seen) for touch in touches if touch["channel"] in seen.channels]
    used = {event["channel"] for event in events}
    lanes: list[Lane] = [
        {"slug": slug, "name": shell.channel_name(channel), "colour": shell.colour(channel)}
        for slug, channel in seen.channels.items()
        if slug in used
    ]
    kinds = sorted({event["kind"] for event in events})
    keys = [Key(kind, event_labels.touch({"touchpoint": kind})) for kind in kinds]
    say = _said(events, len(lanes), newest=more, piece=bool(until)) if events else ""
    said = {one.kind: one.words for one in keys}
    return Ribbon(
        data={"say": say, "words": _words(), "kinds": said, "lanes": lanes, "events": events},
        say=say,
        keys=[one for one in keys if one.kind not in ("order", "return")],
        bought=any(event["buy"] for event in events),
        returned="return" in kinds,
        there=bool(events),
        earlier=shell.address(request, **{BEFORE: touches[0]["at"]}) if more else "",
        latest=shell.address(request, **{BEFORE: ""}) if until else "",
    )


def _said(events: list[Mark], lanes: int, *, newest: bool, piece: bool) -> str:
    """The sentence of the ribbon, also for who cannot see it. `newest`: there are more, `piece`: later ones; how many
    in all would take a look at each.
    """
    count = len(events)
    contacts = ngettext("%(n)s touchpoint", "%(n)s touchpoints", count) % {"n": format.number(count)}
    if piece:
        contacts = _("%(n)s touchpoints of this piece") % {"n": format.number(count)}
    elif newest:
        contacts = _("The newest %(n)s touchpoints") % {"n": format.number(count)}
    on = ngettext("on %(n)s channel", "on %(n)s channels", lanes) % {"n": lanes}
    bought = sum(event["buy"] for event in events)
    bought_words = ngettext("%(n)s purchase", "%(n)s purchases", bought) % {"n": format.number(bought)}
    return _("%(contacts)s %(channels)s since %(day)s, %(bought)s") % {
        "contacts": contacts,
        "channels": on,
        "day": format.day(events[0]["at"], year=True),
        "bought": bought_words,
    }


def _words() -> dict[str, str]:
    """What the drawing says by itself."""
    return {
        "days": _(" d"),
        "contacts": _("%(n)s touchpoints"),
        "zoom": _("Zoom in"),
        "more": _("and %(n)s more"),
    }


def _mark(touch: Event, seen: Seen) -> Mark:
    """One contact of the ribbon."""
    key = event_labels.key_of(touch)
    code = currency(touch, seen)
    buy = key == event_labels.BUYING
    message_id = access.scrub(touch["message_id"]) if seen.masked else touch["message_id"]
    sentence = event_labels.sentence(touch)
    at = format.as_moment(touch["at"])
    return {
        "at": touch["at"],
        "date": at.date().isoformat() if at else "",
        "channel": touch["channel"],
        "kind": "order" if buy else "return" if key in event_labels.RETURNS else touch["touchpoint"],
        "label": access.scrub(sentence) if seen.masked else sentence,
        "buy": buy,
        "amount": event_labels.amount(touch, code),
        "short": _short(touch, code) if buy and touch["total"] else "",
        "time": format.moment(touch["at"]),
        "day": format.day(touch["at"]),
        "id": message_id,
        "life": life.address(message_id),
    }


def currency(event: Event, seen: Seen) -> str:
    """What an amount is in where its message does not say: its channel's currency."""
    channel = seen.channels.get(event["channel"])
    return channel.currency if channel else seen.workspace.currency


def _short(touch: Event, currency: str) -> str:
    """A purchase's amount as it stands above its mark: whole where it is whole."""
    return format.money_short(touch["total"], touch["currency"] or currency).removesuffix(".00")
