"""Why identifiers are one customer, drawn and listed; undoing a join and merging two, each with what would move first.

Not here: what joins (profiles/identity), how an edit is done (api.py: merge, split).
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cdp import pipeline
from cdp.kernel import access, speech, web
from cdp.kernel.errors import BadRequest, NotFound, Refused
from cdp.kernel.models import Workspace
from cdp.pages import api, words
from cdp.pages.event import address
from channels.models import Channel
from profiles import queries, reasons, timeline

CANDIDATES = 10  # customers that a search for the other one shows
DRAWN = 40  # identifiers of the drawing; the list has all
REFUSED_DRAWN = 6


# ---- why they are one ----------------------------------------------------------------------------


def joins(
    workspace: Workspace, serial: int, masked: bool, channels: dict[str, Channel]
) -> list[dict[str, Any]]:
    """What made these identifiers one customer, oldest first, numbered, each with the event that is its evidence."""
    found = sorted(reasons.joins(connection, workspace.pk, serial, masked), key=lambda one: str(one["at"]))
    events = timeline.named(connection, workspace, (one["event"] for one in found if one["event"]))
    return [
        one
        | {
            "n": number,
            "left": words.identifier(one["a"], channels),
            "right": words.identifier(one["b"], channels),
            "by": _evidence(events.get(one["event"]), channels, masked),
            "address": address(one["message_id"]) if one["event"] else "",
        }
        for number, one in enumerate(found, 1)
    ]


def _evidence(event: dict[str, Any] | None, channels: dict[str, Channel], masked: bool) -> dict[str, Any]:
    """An event as the sentence it is, and where it came from."""
    if event is None:
        return {}
    sentence = words.sentence(event)
    return {
        "sentence": access.scrub(sentence) if masked else sentence,
        "channel": channels.get(event["channel"]),
    }


def chain(made: list[dict[str, Any]], a: str, b: str, channels: dict[str, Channel]) -> list[dict[str, Any]]:
    """The joins that lead from one identifier to another, each turned so that it goes on from the last; none: []."""
    reached: dict[str, dict[str, Any] | None] = {a: None}
    waiting = [a]
    for here in waiting:
        for join in made:
            ends = [join["a"], join["b"]]
            if here not in (ends[0]["key"], ends[1]["key"]):
                continue
            start, end = ends if ends[0]["key"] == here else reversed(ends)
            if end["key"] not in reached:
                reached[end["key"]] = join | {
                    "from": _worded(start, channels),
                    "to": _worded(end, channels),
                }
                waiting.append(end["key"])
    steps: list[dict[str, Any]] = []
    while (step := reached.get(b)) is not None:
        steps.append(step)
        b = step["from"]["key"]
    return steps[::-1]


def _worded(one: dict[str, Any], channels: dict[str, Channel]) -> dict[str, Any]:
    return one | {"words": words.identifier(one, channels)}


@access.needs("viewer")
def why_one(request: HttpRequest, key: UUID) -> HttpResponse:
    """Why two identifiers are one customer: the joins that lead from the one to the other; a piece."""
    workspace, masked, serial, public = _ours(request, key)
    held = {one["key"]: one for one in queries.identifiers(connection, workspace.pk, serial, masked)}
    ends = [held.get(request.GET.get(name, "")) for name in ("a", "b")]
    values: dict[str, Any] = {"asked": all(ends), "profile": {"id": str(public)}}
    if ends[0] and ends[1]:
        channels = _channels(workspace)
        made = joins(workspace, serial, masked, channels)
        steps = chain(made, ends[0]["key"], ends[1]["key"], channels)
        values |= {"steps": steps, "same": ends[0] is ends[1]}
    return render(request, "cdp/_why.html", values)


def refused(
    workspace: Workspace, serial: int, masked: bool, channels: dict[str, Channel]
) -> list[dict[str, Any]]:
    """What was seen together with this customer and yet is not his, newest first, with the reason."""
    return [
        one
        | {
            "mine_words": words.identifier(one["mine"], channels),
            "words": words.identifier(one["other"], channels),
            "why": why(one),
            "address": address(one["message_id"]) if one["event"] else "",
        }
        for one in reasons.apart(connection, workspace.pk, serial, masked)
    ]


def why(one: dict[str, Any]) -> str:
    """The reason of a refused join as a sentence."""
    if one["reason"] == "shared":
        return _("used by %(n)s customers: a shared value joins nobody") % {"n": speech.number(one["count"])}
    if one["reason"] == "forbidden":
        return _("a person said that these are two customers")
    if one.get("kind") and one.get("limit"):
        said = {"n": speech.number(one["limit"]), "kind": words.kind(one["kind"])}
        return _("one customer has at most %(n)s of the kind “%(kind)s”") % said
    return _("together they would hold more of a kind than one customer has")


def drawing(
    identifiers: list[dict[str, Any]],
    made: list[dict[str, Any]],
    apart: list[dict[str, Any]],
    channels: dict[str, Channel],
) -> dict[str, Any]:
    """What confluence.js draws: a stream per identifier, into which other it flows and where, and what bounced off."""
    shown = identifiers[:DRAWN]
    place = {one["key"]: i for i, one in enumerate(shown)}
    streams: list[dict[str, Any]] = [
        {
            "kind": words.identifier(one, channels),
            "value": one["value"],
            "colour": web.colour(channels[one["channel"]]) if one["channel"] in channels else "c-other",
            "from": one["first_seen"],
        }
        for one in shown
    ]
    bed = list(range(len(streams)))  # of each stream: the one it flows in by now

    def flows(i: int) -> int:
        return i if bed[i] == i else flows(bed[i])

    for number, join in enumerate(made, 1):
        ends = [place.get(join[side]["key"]) for side in ("a", "b")]
        if ends[0] is None or ends[1] is None:
            continue
        strong, weak = sorted((flows(ends[0]), flows(ends[1])), key=lambda i: (i != 0, streams[i]["from"], i))
        if strong != weak:
            bed[weak] = strong
            streams[weak] |= {"into": strong, "at": join["at"], "n": number}
    for one in apart[:REFUSED_DRAWN]:
        mine = place.get(one["mine"]["key"])
        if mine is None:
            continue
        other = {
            "kind": words.identifier(one["other"], channels),
            "value": one["other"]["value"],
            "colour": "c-other",
        }
        while streams[mine].get("at") and streams[mine]["at"] < one["at"]:
            mine = streams[mine]["into"]  # by then it had flowed on
        streams.append(other | {"from": one["at"], "at": one["at"], "into": mine, "no": True})
    days = sorted({day for s in streams for day in (s["from"], s.get("at")) if day})
    return {
        "say": _("How the identifiers of this customer flowed together; the list below says the same."),
        "streams": streams,
        "days": {at: speech.day(at) for at in days},
    }


# ---- what would move -------------------------------------------------------------------------------


class Side(NamedTuple):
    """One customer as it stands, or as it would."""

    key: str
    name: str
    identifiers: list[dict[str, Any]]
    events: int
    orders: int
    revenue: str
    channels: list[str]


def side(workspace: Workspace, key: UUID | str, masked: bool) -> Side:
    """A customer's sums."""
    profile = queries.profile(connection, workspace, key, masked)
    summary = profile["summary"]
    channels = _channels(workspace)
    held = [_worded(one, channels) for one in profile["identifiers"]]
    name = queries.name_of(connection, workspace.pk, key, masked=masked)
    name = name or (held[0]["value"] if held else profile["id"][:8])
    return Side(
        profile["id"],
        name,
        held,
        summary["events"],
        summary["orders"],
        summary["revenue"],
        summary["channels"],
    )


def tried(change: Callable[[], None], workspace: Workspace, keys: list[UUID], masked: bool) -> list[Side]:
    """The customers these identifiers would belong to after a change; the change itself is taken back."""
    with pipeline.gate(connection, alone=False), transaction.atomic():
        change()
        after = {queries.resolve(connection, workspace.pk, key)[1] for key in keys}
        sides = [side(workspace, key, masked) for key in sorted(after, key=str)]
        transaction.set_rollback(True)
    return sides


def _ours(request: HttpRequest, key: UUID) -> tuple[Workspace, bool, int, UUID]:
    """Workspace, whether contact data is masked, and the customer's serial and public id."""
    workspace = request.workspace  # type: ignore[attr-defined]
    serial, public = queries.resolve(connection, workspace.pk, key)
    return workspace, request.role == "viewer", serial, public  # type: ignore[attr-defined]


def _actor(request: HttpRequest) -> str:
    return request.user.get_username()


# ---- undoing a join ----------------------------------------------------------------------------------


@access.needs("analyst")
def split(request: HttpRequest, key: UUID) -> HttpResponse:
    """GET: both sides as they would be. POST: done, with its reason."""
    workspace, masked, serial, public = _ours(request, key)
    given = request.POST if request.method == "POST" else request.GET
    held = {one["key"]: one for one in queries.identifiers(connection, workspace.pk, serial, masked)}
    ends = [held.get(given.get(name, "")) for name in ("a", "b")]
    if ends[0] is None or ends[1] is None or ends[0] is ends[1]:
        raise NotFound(_("This customer has no such pair of identifiers: it may have been undone already."))
    a, b = UUID(ends[0]["key"]), UUID(ends[1]["key"])
    problem = ""
    if request.method == "POST":
        try:
            api.split(workspace.pk, a, b, _reason(given.get("reason", "")), _actor(request))
        except BadRequest as wrong:
            problem = str(wrong)
        else:
            said = _("Undone: they are two customers now, and no event joins them again.")
            messages.success(request, said, extra_tags="good")
            return redirect("customer", key=public)
    sides = tried(
        lambda: api.split(workspace.pk, a, b, "?", _actor(request)),
        workspace,
        [UUID(one) for one in held],
        masked,
    )
    values = {
        "now": side(workspace, public, masked),
        "sides": _ordered(sides, str(public)),
        "ends": [_worded(one, _channels(workspace)) for one in ends if one],
        "given": given,
        "problem": problem,
        "channels": _channels(workspace),
    }
    return render(request, "cdp/split.html", values, status=422 if problem else 200)


def _reason(text: str) -> str:
    if not text.strip():
        raise BadRequest(_("Say why: the reason is kept with the change."), "no_reason")
    return text.strip()[: api.REASON_LENGTH]


def _ordered(sides: list[Side], stays: str) -> list[Side]:
    """The customer one came from first, then the larger ones."""
    return sorted(sides, key=lambda one: (one.key != stays, -one.events, one.key))


def _channels(workspace: Workspace) -> dict[str, Channel]:
    return {one.slug: one for one in Channel.objects.filter(workspace=workspace)}


# ---- merging -----------------------------------------------------------------------------------------


@access.needs("analyst")
def merge(request: HttpRequest, key: UUID) -> HttpResponse:
    """GET: find the other one, then the customer both would be. POST: done, with its reason."""
    workspace, masked, _serial, public = _ours(request, key)
    given = request.POST if request.method == "POST" else request.GET
    values: dict[str, Any] = {
        "now": side(workspace, public, masked),
        "given": given,
        "q": given.get("q", "").strip(),
    }
    if not given.get("other"):
        found = _candidates(workspace, public, values["q"], masked=masked)
        values |= {"found": found, "channels": _channels(workspace)}
        return render(request, "cdp/merge.html", values)
    other = queries.resolve(connection, workspace.pk, given["other"])[1]
    problem = ""
    if request.method == "POST":
        try:
            reason = _reason(given.get("reason", ""))
            api.merge(workspace.pk, str(public), str(other), reason, _actor(request))
        except Refused as wrong:
            problem = str(wrong)
        else:
            said = _("Merged: they are one customer now. Undo it at its join below.")
            messages.success(request, said, extra_tags="good")
            return redirect("customer", key=public)
    values |= {"other": side(workspace, other, masked), "problem": problem}
    try:
        values["sides"] = tried(
            lambda: api.merge(workspace.pk, str(public), str(other), "?", _actor(request)),
            workspace,
            [public, other],
            masked,
        )
    except Refused as wrong:
        values |= {"problem": str(wrong), "impossible": True}
    return render(request, "cdp/merge.html", values, status=422 if problem else 200)


def _candidates(workspace: Workspace, public: UUID, text: str, *, masked: bool) -> list[dict[str, Any]]:
    """Customers that a search finds, without the one we are at."""
    if not text:
        return []
    channels = _channels(workspace)
    found = queries.find(connection, workspace, {"search": text}, None, CANDIDATES + 1, masked=masked).items
    return [
        one | {"channels": [channels[slug] for slug in one["channels"] if slug in channels]}
        for one in found
        if one["id"] != str(public)
    ][:CANDIDATES]
