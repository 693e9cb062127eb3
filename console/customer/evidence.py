"""Why identifiers are one customer, drawn and listed, and what was seen beside them and is not theirs.

Not here: what joins (profiles/identity), undoing a join and merging (identity.py).
"""

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.models import Channel
from channels.queries import channels_of
from console.event import event_labels
from console.event.event import address
from kernel.models import Workspace
from kernel.web import access, format, looks, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import queries, reasons, timeline

# Reasons that we give ourselves: kept in English with the decision, told in the reader's language.
TWO_PEOPLE = gettext_noop("Two people, decided on Data quality")
BACK = "Taken back: "
DRAWN = 40  # identifiers of the drawing; the list has all
REFUSED_DRAWN = 6
Channels = dict[str, Channel]  # by slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An identifier of a customer."""

    key: str
    kind: str
    namespace: str
    words: str  # its kind
    value: str
    shared: bool
    channel: Channel | None  # first met on
    first_seen: str
    last_seen: str


def held(workspace: Workspace, serial: int, masked: bool, channels: Channels) -> list[Held]:
    """The identifiers of a customer, its own first."""
    return [
        Held(
            key=one["key"],
            kind=one["kind"],
            namespace=one["namespace"],
            words=event_labels.identifier(one, channels),
            value=one["value"],
            shared=one["shared"],
            channel=channels.get(one["channel"] or ""),
            first_seen=one["first_seen"],
            last_seen=one["last_seen"],
        )
        for one in queries.identifiers(connection, workspace.pk, serial, masked)
    ]


# ---- why they are one ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class End:
    """An identifier as it stands in evidence, and whose it is."""

    key: str
    words: str  # its kind
    value: str
    profile: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event as the sentence it is, and where it came from."""

    sentence: str
    channel: Channel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """What made two identifiers one customer: an event, or a person who gave a `reason`."""

    n: int  # from 1, by time
    a: End
    b: End
    at: str
    event: str | None
    by: Evidence | None
    message_id: str | None
    address: str  # of the event's life
    reason: str | None

    @property
    def left(self) -> str:
        """What the one is."""
        return self.a.words

    @property
    def right(self) -> str:
        """What the other is."""
        return self.b.words


Step = TypedDict(  # a join of a chain, turned so that it goes on from the last
    "Step",
    {
        "from": End,
        "to": End,
        "n": int,
        "at": str,
        "event": str | None,
        "by": Evidence | None,
        "address": str,
        "reason": str | None,
    },
)


def end(one: dict[str, Any], channels: Channels) -> End:
    """An identifier of evidence, in words."""
    return End(one["key"], event_labels.identifier(one, channels), one["value"], one["profile"])


def joins(workspace: Workspace, serial: int, masked: bool, channels: Channels) -> list[Join]:
    """What made these identifiers one customer, oldest first, each with the event that is its evidence."""
    found = sorted(reasons.joins(connection, workspace.pk, serial, masked), key=lambda one: str(one["at"]))
    events = timeline.named(connection, workspace, (one["event"] for one in found if one["event"]))
    return [
        Join(
            n=number,
            a=end(one["a"], channels),
            b=end(one["b"], channels),
            at=one["at"],
            event=one["event"],
            by=_evidence(events.get(one["event"]), channels, masked),
            message_id=one["message_id"],
            address=address(one["message_id"]) if one["event"] else "",
            reason=words_of(one["reason"]) if one["reason"] else None,
        )
        for number, one in enumerate(found, 1)
    ]


def words_of(reason: str) -> str:
    """A decision's reason as it is told."""
    if reason.startswith(BACK):
        return _("Taken back: %(reason)s") % {"reason": words_of(reason.removeprefix(BACK))}
    return _(reason) if reason == TWO_PEOPLE else reason


def _evidence(event: dict[str, Any] | None, channels: Channels, masked: bool) -> Evidence | None:
    if event is None:
        return None
    sentence = event_labels.sentence(event)
    return Evidence(access.scrub(sentence) if masked else sentence, channels.get(event["channel"]))


def chain(made: list[Join], a: str, b: str) -> list[Step]:
    """The joins that lead from one identifier's key to another's; none: []."""
    reached: dict[str, Step | None] = {a: None}
    waiting = [a]
    for here in waiting:
        for join in made:
            if here not in (join.a.key, join.b.key):
                continue
            start, goal = (join.a, join.b) if join.a.key == here else (join.b, join.a)
            if goal.key not in reached:
                reached[goal.key] = _step(join, start, goal)
                waiting.append(goal.key)
    steps: list[Step] = []
    while (step := reached.get(b)) is not None:
        steps.append(step)
        b = step["from"].key
    return steps[::-1]


def _step(join: Join, start: End, goal: End) -> Step:
    return {
        "from": start,
        "to": goal,
        "n": join.n,
        "at": join.at,
        "event": join.event,
        "by": join.by,
        "address": join.address,
        "reason": join.reason,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The answer to why two identifiers are one customer."""

    asked: bool  # both are this customer's
    steps: list[Step]
    same: bool


@access.require_role("viewer")
def why_one(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """Why two identifiers are one customer: the joins that lead from the one to the other; a piece."""
    workspace, masked = request.workspace, request.access.masked
    serial, _public = queries.resolve(connection, workspace.pk, key)
    channels = channels_of(workspace.pk)
    mine = {one.key for one in held(workspace, serial, masked, channels)}
    a, b = (request.GET.get(name, "") for name in ("a", "b"))
    asked = a in mine and b in mine
    steps = chain(joins(workspace, serial, masked, channels), a, b) if asked else []
    looks.page(request, str(key))
    return render(request, "customer/_why.html", Why(asked=asked, steps=steps, same=asked and a == b))


# ---- what is not theirs --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """What was seen together with a customer and yet is not his, with the reason."""

    mine: End
    other: End
    at: str
    why: str
    reason: str
    message_id: str
    address: str

    @property
    def words(self) -> str:
        """What the other one is."""
        return self.other.words

    @property
    def mine_words(self) -> str:
        """What it stood with."""
        return self.mine.words


def refused(workspace: Workspace, serial: int, masked: bool, channels: Channels) -> list[Apart]:
    """What did not join this customer, newest first."""
    return [
        Apart(
            mine=end(one["mine"], channels),
            other=end(one["other"], channels),
            at=one["at"],
            why=why(one),
            reason=one["reason"],
            message_id=one["message_id"],
            address=address(one["message_id"]) if one["event"] else "",
        )
        for one in reasons.apart(connection, workspace.pk, serial, masked)
    ]


def why(one: dict[str, Any]) -> str:
    """The reason of a refused join as a sentence."""
    if one["reason"] == "shared":
        return _("used by %(n)s customers: a shared value joins no one") % {"n": format.number(one["count"])}
    if one["reason"] == "forbidden":
        return _("a person said that these are two customers")
    if one.get("kind") and one.get("limit"):
        said = {"n": format.number(one["limit"]), "kind": event_labels.kind(one["kind"])}
        return _("one customer has at most %(n)s of the kind “%(kind)s”") % said
    return _("together they would hold more of a kind than one customer has")


# ---- as a drawing --------------------------------------------------------------------------------


Stream = TypedDict(  # an identifier from its first day on; `into` which other it flows, and when
    "Stream",
    {
        "kind": str,
        "value": str,
        "colour": str,
        "from": str,
        "into": NotRequired[int],
        "at": NotRequired[str],
        "n": NotRequired[int],  # of the join in the list
        "no": NotRequired[bool],  # it bounced off
    },
)


class Drawing(TypedDict):
    """What confluence.js draws: JSON."""

    say: str
    streams: list[Stream]
    days: dict[str, str]


def drawing(identifiers: list[Held], made: list[Join], apart: list[Apart]) -> Drawing:
    """A stream per identifier, into which other it flows and where, and what bounced off."""
    shown = identifiers[:DRAWN]
    place = {one.key: i for i, one in enumerate(shown)}
    streams = [_stream(one) for one in shown]
    _flow(streams, made, place)
    for one in apart[:REFUSED_DRAWN]:
        mine = place.get(one.mine.key)
        if mine is None:
            continue
        while (at := streams[mine].get("at")) and at < one.at:
            mine = streams[mine]["into"]  # by then it had flowed on
        kind, value = one.other.words, one.other.value
        streams.append(
            {
                "kind": kind,
                "value": value,
                "colour": "c-other",
                "from": one.at,
                "at": one.at,
                "into": mine,
                "no": True,
            }
        )
    days = sorted({day for s in streams for day in (s["from"], s.get("at")) if day})
    return {
        "say": _("How this customer's identifiers were joined; the list below has the same data."),
        "streams": streams,
        "days": {at: format.day(at) for at in days},
    }


def _stream(one: Held) -> Stream:
    colour = shell.colour(one.channel) if one.channel else "c-other"
    return {"kind": one.words, "value": one.value, "colour": colour, "from": one.first_seen}


def _flow(streams: list[Stream], made: list[Join], place: dict[str, int]) -> None:
    """Each join: the weaker stream flows into the stronger. `place`: of an identifier among the streams."""
    bed = list(range(len(streams)))  # of each stream: the one it flows in by now

    def flows(i: int) -> int:
        return i if bed[i] == i else flows(bed[i])

    for join in made:
        a, b = place.get(join.a.key), place.get(join.b.key)
        if a is None or b is None:
            continue
        strong, weak = sorted((flows(a), flows(b)), key=lambda i: (i != 0, streams[i]["from"], i))
        if strong != weak:
            bed[weak] = strong
            streams[weak] |= {"into": strong, "at": join.at, "n": join.n}
