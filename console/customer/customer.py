"""Who is this person to us, on all channels? Not here: who they are (profiles), what they bought (metrics)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.customer import decisions, evidence, journey, orders, ribbon
from console.customer.decisions import Decision
from console.event import event_labels
from kernel.web import access, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import queries as bought
from profiles import queries
from profiles.called import SPOKEN

CONTACTS = 4  # of those a person could say, beside the name
RULES = {  # why a value survives
    "most_recent": lambda: _("reported last"),
    "first": lambda: _("reported first"),
    "most_frequent": lambda: _("reported most often"),
    "most_trusted": lambda: _("most trusted channel"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value of a trait, and who said it."""

    value: str
    channel: Channel | None
    first: str
    last: str
    n: int
    wins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """The value that survived, where it came from and by which rule, and all that others say."""

    words: str
    value: str
    channel: Channel | None
    at: str
    rule: str
    agree: int
    differ: int
    said: list[Said]


@dataclass(frozen=True, slots=True)
class Golden:
    """All that is known of a customer."""

    rows: list[Trait]
    differing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A customer."""

    profile: dict[str, Any]  # as the read API shows it
    name: str
    contacts: list[evidence.Held]
    channel_list: list[Channel]
    identifiers: list[evidence.Held]
    joins: list[evidence.Join]
    refused: list[evidence.Apart]
    decisions: list[Decision]
    parted: Decision | None  # the split that was just made
    confluence: evidence.Drawing | None
    golden: Golden
    orders: orders.Orders
    ribbon: ribbon.Ribbon
    timeline: journey.Timeline


@access.require_role("viewer")
def show(request: WorkspaceRequest, key: UUID) -> HttpResponse:
    """The whole page; an id that was joined away leads to the customer it now belongs to."""
    workspace, masked = request.workspace, request.access.masked
    profile = queries.profile(connection, workspace, key, masked)
    if profile["id"] != str(key):
        return redirect("customer", key=profile["id"])
    serial, _public = queries.resolve(connection, workspace.pk, key)
    channels = channels_of(workspace.pk)
    found = bought.orders_of(connection, workspace.pk, queries.sightings(connection, workspace.pk, serial))
    seen = ribbon.Seen(workspace, channels, masked)
    held = evidence.held(workspace, serial, masked, channels)
    made = evidence.joins(workspace, serial, masked, channels)
    apart = evidence.refused(workspace, serial, masked, channels)
    wanted = orders.Wanted(
        request.GET.get("orders") == "all", request.GET.get("on", ""), request.GET.get("order", "")
    )
    decided = decisions.of(workspace, serial, str(key), masked, channels)
    page = Page(
        profile=profile,
        name=profile["called"],
        contacts=[one for one in held if one.kind in SPOKEN][:CONTACTS],
        channel_list=[channels[slug] for slug in profile["summary"]["channels"] if slug in channels],
        identifiers=held,
        joins=made,
        refused=apart,
        decisions=decided,
        parted=_parted(request.GET.get("parted", ""), decided),
        confluence=evidence.drawing(held, made, apart) if made or apart else None,
        golden=_golden(queries.golden_record(connection, workspace, serial, masked), channels),
        orders=orders.listed(found, channels, workspace.currency, wanted, masked=masked),
        ribbon=ribbon.ribbon(request, seen, serial),
        timeline=journey.piece(request, seen, serial, key),
    )
    looks.page(request, str(key))
    return render(request, "customer/customer.html", page)


def _parted(other: str, decided: list[Decision]) -> Decision | None:
    """The last split from another customer, while they are two."""
    return next(
        (one for one in decided if one.what == "split" and one.other == other and not one.together), None
    )


def _golden(record: dict[str, list[dict[str, Any]]], channels: dict[str, Channel]) -> Golden:
    rows = [_trait(name, values, channels) for name, values in record.items()]
    return Golden(rows, sum(1 for row in rows if row.differ))


def _trait(name: str, values: list[dict[str, Any]], channels: dict[str, Channel]) -> Trait:
    """`values`: the surviving one first."""
    first, *others = values
    return Trait(
        words=event_labels.trait(name),
        value=event_labels.plain(first["value"]),
        channel=channels.get(first["channel"]),
        at=first["observed_at"],
        rule=RULES[first["rule"]](),
        agree=sum(1 for one in others if one["value"] == first["value"]),
        differ=len({event_labels.plain(one["value"]) for one in values}) - 1,
        said=[
            Said(
                value=event_labels.plain(one["value"]),
                channel=channels.get(one["channel"]),
                first=one["first_at"],
                last=one["last_at"],
                n=one["n"],
                wins=one is first,
            )
            for one in values
        ],
    )
