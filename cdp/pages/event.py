"""The life of one event as a page: as received, as understood, whose, what it taught, what it counts.

Not here: how its life is gathered (event_life.py).
"""

import re
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from cdp.kernel import access
from cdp.kernel.access import Place
from cdp.kernel.errors import BadRequest, NotFound
from cdp.pages import event_life, event_steps, words
from channels import hints
from channels.inbox import rejects
from channels.models import Channel, Connector

PLAIN_ID = re.compile(r"[\w:~-][\w:.~-]*")  # may stand in the path; anything else goes into the query


def address(message_id: str, connector: object = "") -> str:
    """Where the life of a message stands, nowhere for a masked id. Two connectors may have the same messageId."""
    if access.DOTS in message_id:
        return ""
    more = {"connector": str(connector)} if connector else {}
    if PLAIN_ID.fullmatch(message_id):
        path = reverse("event", args=[message_id])
    else:
        path, more = reverse("events"), {"message": message_id} | more
    return path + ("?" + urlencode(more, quote_via=quote) if more else "")


@access.needs("viewer")
def show(request: HttpRequest, message_id: str = "") -> HttpResponse:
    """One event's life; several connectors that have it are offered, an unknown id says so."""
    asked = (message_id or request.GET.get("message", "")).strip()
    connector = request.GET.get("connector", "")
    values: dict[str, Any] = {"message_id": asked, "asked": bool(asked)}
    if not asked:
        return render(request, "cdp/event.html", values)
    place = Place(request.workspace, request.role)  # type: ignore[attr-defined]
    sources = _sources(place.workspace.pk, asked)
    if not connector and len(sources) > 1:
        return render(request, "cdp/event.html", values | {"sources": sources})
    try:
        life = event_life.life(place, asked, connector)
    except (NotFound, BadRequest) as wrong:
        values |= {"unknown": True, "sources": sources if connector else [], "problem": _why(wrong)}
        return render(request, "cdp/event.html", values, status=wrong.status)
    return render(request, "cdp/event.html", values | _told(place, life))


def _why(wrong: Exception) -> str:
    """What is wrong with the address, beyond an id that nobody sent."""
    return _("The address names no connector of this workspace.") if isinstance(wrong, BadRequest) else ""


def _sources(workspace: int, message_id: str) -> list[dict[str, Any]]:
    """The connectors that have a message of this id, with the address of its life there."""
    found = event_life.copies(workspace, message_id)
    return [{"connector": one, "address": address(message_id, one.uuid)} for one, _event in found]


def _told(place: Place, life: dict[str, Any]) -> dict[str, Any]:
    """What the page says of each step."""
    channels = {one.slug: one for one in Channel.objects.filter(workspace=place.workspace)}
    mapped, reject = life["mapped"], life.get("reject")
    values: dict[str, Any] = {"life": life, "state": life["state"], "title": "", "channel": None}
    if mapped:
        values |= {
            "title": words.sentence(mapped),
            "channel": channels.get(mapped["channel"]),
            "steps": event_steps.of(life["raw"], mapped, channels),
            "marks": event_steps.marks(mapped),
            "source": Connector.objects.filter(workspace=place.workspace, uuid=mapped["connector"]).first(),
            "sums": _counts(life),
            "facts": [
                one
                | {
                    "channel": channels.get(one["channel"]),
                    "words": FACTS[one["fact"]](),
                    "sums": _sums(one, words.key_of(mapped)),
                }
                for one in life["facts"]
            ],
            "traits": [one | _trait(one) for one in life["traits"]],
            "edges": _edges(life["identity"], channels),
            "identifiers": _identifiers(life["identity"], channels),
        }
    if reject:
        reason = rejects.REASONS.get(reject["reason"])
        source = Connector.objects.filter(uuid=reject["connector"]).select_related("channel").first()
        values |= {
            "label": reason.label if reason else reject["reason"],
            "hint": hints.told(reject["hint"]),
            "cure": reason.cure if reason else "",
            "channel": source.channel if source else None,
        }
    return values


def _trait(one: dict[str, Any]) -> dict[str, Any]:
    return {"words": words.trait(one["trait"]), "plain": words.plain(one["value"])}


def _counts(life: dict[str, Any]) -> list[tuple[str, str]]:
    """What every event of a person changes: his profile's own row, and the days he was active."""
    if not life["identity"]:
        return []
    found = [(_("Customer"), _("events, first and last seen, channels"))]
    if life["facts"]:
        found.append((_("Customer"), _("orders and net spent, where the fact is money")))
    if life["mapped"]["type"] in ("track", "page", "screen"):
        found.append((_("Activity of the day"), _("active customers, retention, cross-channel share")))
    if life["traits"]:
        found.append((_("Golden record"), _("%(n)s values") % {"n": len(life["traits"])}))
    return found


def _identifiers(identity: dict[str, Any] | None, channels: dict[str, Channel]) -> list[dict[str, Any]]:
    """The identifiers seen together, the one that decided marked."""
    found = identity or {"identifiers": [], "owner": {"key": ""}}
    return [
        one | {"words": words.identifier(one, channels), "owner": one["key"] == found["owner"]["key"]}
        for one in found["identifiers"]
    ]


def _edges(identity: dict[str, Any] | None, channels: dict[str, Channel]) -> list[dict[str, Any]]:
    """What the event decided about pairs of identifiers."""
    said = {
        "joined": ("good", _("joined")),
        "refused": ("bad", _("not joined")),
        "shared": ("warn", _("shared: joins nobody")),
    }
    found = []
    for edge in (identity or {}).get("edges", []):
        tone, word = said[edge["result"]]
        sides = {
            "left": words.identifier(edge["a"], channels),
            "right": words.identifier(edge["b"], channels),
        }
        found.append(edge | sides | {"tone": tone, "word": word})
    return found


FACTS = {
    "order": lambda: _("order"),
    "refund": lambda: _("refund"),
    "return": lambda: _("return"),
    "answer": lambda: _("rating"),
    "ticket": lambda: _("request for help"),
    "membership": lambda: _("membership"),
    "waiting": lambda: _("waits for its order"),
}


def _sums(fact: dict[str, Any], key: str) -> str:
    """The sums of the day that a fact counts in."""
    if fact["fact"] == "order" and key not in {"order completed", "order updated", "order cancelled"}:
        return _("no sum of money: it says how far the order is")
    said = {
        "order": _("GMV, orders, net revenue, cost of goods sold"),
        "refund": _("refunds, net revenue"),
        "return": _("units returned, cost of goods sold"),
        "answer": _("satisfaction"),
        "ticket": _("service times"),
        "membership": _("members"),
    }
    return said.get(fact["fact"], _("none yet"))
