"""The life of one event as a page: as received, as understood, whose, what it taught, what it counts.

Not here: how its life is gathered (event_trace.py).
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from channels import reasons
from channels.models import Channel, Connector
from channels.queries import channels_of
from console.event import event_labels, event_repairs, event_steps, event_trace
from kernel import contacts, vocabulary
from kernel.errors import BadRequest, NotFound
from kernel.web import access, looks
from kernel.web.access import AccessContext, WorkspaceRequest
from kernel.web.page import render

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


Found = dict[str, Any]  # a part of a life as the read API shows it


@dataclass(frozen=True, slots=True)
class Source:
    """A connector that has the message, with the address of its life there."""

    connector: Connector
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What the event counts in."""

    words: str
    key: str
    channel: Channel | None
    day: str | None
    amount: str | None
    currency: str | None
    sums: str  # of the day


@dataclass(frozen=True, slots=True)
class Trait:
    """A value that rests on the event: as the `evidence` that was said first, or latest."""

    words: str
    plain: str
    evidence: str
    said: int


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of the event; `owner`: the one that decided whose it is."""

    words: str
    value: str
    shared: bool
    owner: bool


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier of a pair."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What the event decided about a pair of identifiers."""

    result: str
    tone: str
    word: str
    left: str
    right: str
    a: Named
    b: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One event's life, step by step; or the question for one."""

    message_id: str
    asked: bool
    sources: list[Source] = field(default_factory=list)  # to choose from
    unknown: bool = False
    problem: str = ""
    life: Found | None = None  # as the read API shows it
    state: str = ""  # stored rejected record
    title: str = ""
    channel: Channel | None = None
    steps: list[event_steps.Step] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    source: Connector | None = None
    sums: list[tuple[str, str]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    repairs: list[event_repairs.Repair] = field(
        default_factory=list
    )  # what was done to it while it was refused
    label: str = ""  # of a reject: what is wrong, where, and what to do
    hint: str = ""
    remedy: str = ""


@access.require_role("viewer")
def show(request: WorkspaceRequest, message_id: str = "") -> HttpResponse:
    """One event's life; several connectors that have it are offered, an unknown id says so."""
    asked = (message_id or request.GET.get("message", "")).strip()
    connector, context = request.GET.get("connector", ""), request.access
    page = Page(message_id=asked, asked=bool(asked))
    if not asked:
        return render(request, "event/event.html", page)
    sources = _sources(context.workspace.pk, asked)
    if not connector and len(sources) > 1:
        return render(request, "event/event.html", replace(page, sources=sources))
    try:
        life = event_trace.life(context, asked, connector, reasons.translated)
    except (NotFound, BadRequest) as wrong:
        offered = sources if connector else []
        page = replace(page, unknown=True, sources=offered, problem=_why(wrong))
        return render(request, "event/event.html", page, wrong.status)
    looks.page(request, asked)
    return render(request, "event/event.html", _told(page, context, life))


def _why(wrong: Exception) -> str:
    """What is wrong with the address, beyond an id that nobody sent."""
    return _("The address names no connector of this workspace.") if isinstance(wrong, BadRequest) else ""


def _sources(workspace: int, message_id: str) -> list[Source]:
    """The connectors that have a message of this id."""
    found = event_trace.copies(workspace, message_id)
    return [Source(one, address(message_id, one.uuid)) for one, _event in found]


def _told(page: Page, context: AccessContext, life: Found) -> Page:
    """What the page says of each step."""
    page = replace(page, life=life, state=life["state"])
    if life["repairs"]:
        page = replace(page, repairs=event_repairs.told(life["repairs"]))
    if life["mapped"]:
        page = _stored(page, context, life)
    return _rejected(page, life["reject"]) if life.get("reject") else page


def _stored(page: Page, context: AccessContext, life: Found) -> Page:
    channels, mapped = channels_of(context.workspace.pk), life["mapped"]
    return replace(
        page,
        title=event_labels.sentence(mapped),
        channel=channels.get(mapped["channel"]),
        steps=event_steps.of(life["fixed"] or life["raw"], mapped, channels),
        marks=event_steps.marks(mapped),
        source=Connector.objects.filter(workspace=context.workspace, uuid=mapped["connector"]).first(),
        sums=_counts(context, life),
        facts=[_fact(one, mapped, channels) for one in life["facts"]],
        traits=[_trait(one) for one in life["traits"]],
        edges=_edges(life["identity"], channels),
        identifiers=_identifiers(life["identity"], channels),
        label=str(reasons.of(life["refused"]["reason"]).label) if life["refused"] else "",
    )


def _rejected(page: Page, reject: Found) -> Page:
    reason = reasons.of(reject["reason"])
    source = Connector.objects.filter(uuid=reject["connector"]).select_related("channel").first()
    return replace(
        page,
        label=str(reason.label),
        hint=reject["hint"],
        remedy=str(reason.remedy),
        channel=source.channel if source else None,
    )


def _fact(one: Found, mapped: Found, channels: dict[str, Channel]) -> Fact:
    return Fact(
        words=SETTLED[one["state"]]() if one["fact"] == "settlement" else FACTS[one["fact"]](),
        key=one["key"],
        channel=channels.get(one["channel"]),
        day=one["day"],
        amount=one["amount"],
        currency=one["currency"],
        sums=_sums(one, event_labels.key_of(mapped)),
    )


def _trait(one: Found) -> Trait:
    words, plain = event_labels.trait(one["trait"]), event_labels.plain(one["value"])
    return Trait(words, plain, one["evidence"], one["said"])


def _counts(context: AccessContext, life: Found) -> list[tuple[str, str]]:
    """What every event of a person changes: his profile's own row, and the days he was active."""
    mapped = life["mapped"]
    row = vocabulary.event(mapped["name"]) if mapped["type"] == "track" else None
    own = contacts.own_names(context.workspace.settings.get(contacts.MADE_BY))
    if not life["identity"]:
        return []
    found = [(_("Customer"), _("events, first and last seen, channels"))]
    if life["facts"]:
        found.append((_("Customer"), _("orders and net spent, where the fact is money")))
    if contacts.active(mapped["type"], row, mapped["marks"], own):
        found.append((_("Activity of the day"), _("active customers, retention, cross-channel share")))
    if life["traits"]:
        found.append((_("Golden record"), _("%(n)s values") % {"n": len(life["traits"])}))
    return found


def _identifiers(identity: Found | None, channels: dict[str, Channel]) -> list[Identifier]:
    """The identifiers seen together, the one that decided marked."""
    if identity is None:
        return []
    owner = identity["owner"]["key"]
    return [
        Identifier(event_labels.identifier(one, channels), one["value"], one["shared"], one["key"] == owner)
        for one in identity["identifiers"]
    ]


def _edges(identity: Found | None, channels: dict[str, Channel]) -> list[Edge]:
    """What the event decided about pairs of identifiers."""
    said = {
        "joined": ("good", _("joined")),
        "refused": ("bad", _("not joined")),
        "shared": ("warn", _("shared: joins no one")),
        "waiting": ("warn", _("not decided yet")),
    }
    return [
        Edge(
            result=edge["result"],
            tone=said[edge["result"]][0],
            word=said[edge["result"]][1],
            left=event_labels.identifier(edge["a"], channels),
            right=event_labels.identifier(edge["b"], channels),
            a=Named(edge["a"]["value"]),
            b=Named(edge["b"]["value"]),
        )
        for edge in (identity or {}).get("edges", [])
    ]


FACTS = {
    "order": lambda: _("order"),
    "fee": lambda: _("platform fee"),
    "payment": lambda: _("payment"),
    "refund": lambda: _("refund"),
    "return": lambda: _("return"),
    "answer": lambda: _("rating"),
    "ticket": lambda: _("request for help"),
    "membership": lambda: _("membership"),
    "account": lambda: _("member's account"),
    "waiting": lambda: _("waits for its order"),
}
SETTLED = {
    "paid": lambda: _("paid by the customer"),
    "merchant_discount": lambda: _("discount of the merchant"),
    "platform_discount": lambda: _("discount of the platform"),
    "payout": lambda: _("payout of the platform"),
}


def _sums(fact: Found, key: str) -> str:
    """The sums of the day that a fact counts in."""
    if fact["fact"] == "order" and key not in {"order completed", "order updated", "order cancelled"}:
        return _("no amount: order status only")
    if fact["fact"] == "payment" and fact["state"] == "paid_after_cancel":
        return _("paid after its order was cancelled: needs attention")
    if fact["fact"] == "settlement":
        return _("payout") if fact["state"] == "payout" else _("no sum: shown with the order")
    said = {
        "fee": _("platform fees, take rate"),
        "order": _("GMV, orders, net revenue, cost of goods sold"),
        "payment": _("no amount: order status only"),
        "refund": _("refunds, net revenue"),
        "return": _("units returned, cost of goods sold"),
        "answer": _("satisfaction"),
        "ticket": _("service times"),
        "membership": _("members"),
        "account": _("points and stored value"),
    }
    return said.get(fact["fact"], _("none yet"))
