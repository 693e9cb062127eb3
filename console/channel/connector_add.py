"""Adding a connector: every kind there is, then one's form with its guide beside it. Not here: what the kinds are
(channels/connectors/), the connector's own page (connector.py).
"""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from channels import connectors
from channels.connect import setup as connecting
from channels.connectors.base import CATEGORIES, ConnectorKind
from channels.models import Channel
from console.channel import connector_form, connector_words
from kernel import audit
from kernel.errors import BadRequest, NotFound
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind that can be chosen."""

    kind: ConnectorKind
    way: connector_words.Way


@dataclass(frozen=True, slots=True)
class Shelf:
    """The kinds of a category."""

    name: str
    label: str
    offers: list[Offer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All kinds."""

    channel: Channel
    shelves: list[Shelf]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A kind's form and guide."""

    channel: Channel
    kind: ConnectorKind
    way: connector_words.Way
    form: connector_form.Form


def _channel(request: WorkspaceRequest, slug: str) -> Channel:
    return get_object_or_404(Channel, workspace=request.workspace, slug=slug)


@access.require_role("admin")
def choose(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Every kind, by category."""
    channel = _channel(request, slug)
    shelves = [
        Shelf(name, str(connector_words.CATEGORIES[name]), offers)
        for name in CATEGORIES
        if (offers := _offers(name))
    ]
    return render(request, "channel/connector_kinds.html", Choice(channel=channel, shelves=shelves))


def _offers(category: str) -> list[Offer]:
    return [
        Offer(kind, connector_words.way(kind))
        for kind in connectors.KINDS.values()
        if kind.category == category
    ]


@access.require_role("admin")
def make(request: WorkspaceRequest, slug: str, name: str) -> HttpResponse:
    """A kind's form; sent, it makes the connector or says what is wrong beside the field, with what was typed."""
    channel, kind = _channel(request, slug), connecting.known(name)
    if kind is None:
        raise NotFound(_("There is no connector of kind “%(kind)s”.") % {"kind": name})
    if request.method != "POST":
        return _page(request, channel, kind, connector_form.fresh(kind))
    said = connector_form.read(kind, request.POST, named=False)
    if said.problems:
        return _page(request, channel, kind, connector_form.again(kind, said))
    try:
        with transaction.atomic():
            made = connecting.make(channel, kind.name, said.name, said.settings, said.secrets).connector
            audit.by(
                request, "connector.add", str(made.uuid), kind=kind.name, name=made.name, channel=channel.slug
            )
    except BadRequest as wrong:
        return _page(request, channel, kind, connector_form.again(kind, said, problem=str(wrong)))
    messages.info(request, _("“%(name)s” was added.") % {"name": made.name})
    return redirect("connector", slug=channel.slug, key=made.uuid)


def _page(
    request: WorkspaceRequest, channel: Channel, kind: ConnectorKind, form: connector_form.Form
) -> HttpResponse:
    page = Page(channel=channel, kind=kind, way=connector_words.way(kind), form=form)
    return render(request, "channel/connector_add.html", page)
