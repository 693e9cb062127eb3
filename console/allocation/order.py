"""Whose an order is: the touches before it, and its credit under every model. Not here: how that is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels.models import Channel
from channels.queries import channels_of
from console.allocation import asking
from console.event import event_labels
from console.journey import base as journey
from kernel import money
from kernel.errors import NotFound
from kernel.web import access, format
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics import query
from metrics.attribution import api, orders
from metrics.attribution.models import MODELS
from metrics.attribution.orders import Explained
from metrics.attribution.rounding import rounded
from metrics.attribution.walk import Order
from metrics.journeys.base import Asked


class Met(NamedTuple):
    """A touch."""

    at: datetime
    what: str
    channel: Channel | None
    campaign: str


class Part(NamedTuple):
    """What a key gets."""

    name: str
    channel: Channel | None
    share: str
    amount: str


class Under(NamedTuple):
    """The order under a model."""

    model: str
    rule: str
    parts: list[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page, and the piece of an order's row."""

    problem: str
    order_id: str
    channel: Channel | None
    at: datetime | None
    net: str
    touches: list[Met]
    models: list[Under]


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The page; to a row that opens, its middle alone."""
    here = journey.Here.of(request)
    channels = {one.slug: one for one in channels_of(request.workspace.pk).values()}
    channel = channels.get(here.given.get("channel", ""))
    if channel is None or not here.given.get("number"):
        raise NotFound(_("There is no such order."))
    order = Order(here.given["number"], channel.pk)
    settings = query.reporting_settings(connection, request.workspace)
    wanted, _problem = asking.wanted(here.given, settings.channels)
    wanted = wanted._replace(conversion=None)
    names = [model.name for model in MODELS]

    def find(asked: Asked, _given: Mapping[str, str]) -> Explained | None:
        return orders.explained(connection, api.around(asked, order), wanted, order, names)

    found, problem = journey.read(here, find)
    if found is None and not problem:
        raise NotFound(_("There is no such order."))
    template = "allocation/_credit.html" if request.htmx else "allocation/order.html"
    return render(
        request, template, _page(found, problem, channel, channels, wanted.by, masked=request.access.masked)
    )


def _page(
    found: Explained | None,
    problem: str,
    channel: Channel,
    channels: Mapping[str, Channel],
    by: str,
    *,
    masked: bool,
) -> Page:
    if found is None:
        return Page(problem=problem, order_id="", channel=channel, at=None, net="", touches=[], models=[])
    by_id = {one.pk: one for one in channels.values()}
    number = found.order.order_id
    return Page(
        problem=problem,
        order_id=str(access.scrub(number)) if masked else number,
        channel=channel,
        at=found.occurred_at.replace(tzinfo=UTC),
        net=format.money(found.total - found.refunded, found.currency),
        touches=[
            Met(
                one.occurred_at.replace(tzinfo=UTC),
                event_labels.sentence({"name": one.name}),
                by_id.get(one.channel),
                _shown(one.campaign or one.source or "", masked=masked),
            )
            for one in found.touches
        ],
        models=[
            Under(str(model.label), str(model.rule), _parts(found, model.name, channels, by, masked=masked))
            for model in MODELS
        ],
    )


def _parts(
    found: Explained, model: str, channels: Mapping[str, Channel], by: str, *, masked: bool
) -> list[Part]:
    shares = found.shares[model]
    amounts = orders.amounts(shares, found.total - found.refunded, money.unit(found.currency))
    return [
        Part(
            _shown(asking.key_name(key, by, channels), masked=masked and by != "channel"),
            channels.get(key or "") if by == "channel" else None,
            format.percent(rounded(share, 6)),
            format.money(amounts[key], found.currency),
        )
        for key, share in shares.items()
    ]


def _shown(text: str, *, masked: bool) -> str:
    return str(access.scrub(text)) if masked else text
