"""One connector: how it does, its hook's address or keys, settings, secrets, guide, what came last. Not here: making
one (connector_add.py), changing it (connector_changes.py), what is said of it (connector_words.py).
"""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache

from channels import health, setup
from channels.connect import pulled
from channels.connect import setup as connecting
from channels.connectors.base import API, FILE, ConnectorKind
from channels.inbox import unsigned
from channels.models import Channel, Connector, WriteKey
from channels.watching import store as watched
from console.channel import (
    connector_deliveries,
    connector_form,
    connector_pull,
    connector_watched,
    connector_words,
    flow,
)
from console.imports import dropping, imports
from kernel.models import Role
from kernel.web import access, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

SEEN_LENGTH = 16  # signs of a digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How a connector does; this renews itself."""

    channel: Channel
    connector: Connector
    row: flow.Flow
    notice: connector_words.Notice | None
    refusal: connector_words.Refusal | None
    pull: connector_pull.Shown | None
    watched: connector_watched.Watched | None
    deliveries: list[connector_deliveries.Row]
    seen: str  # stands for all of it: the page that has it needs nothing
    renewed: bool = False  # a piece: what stands elsewhere on the page comes with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Now):
    """A connector. `kind` None: a newer version made it. What only admins may see is empty for others."""

    kind: ConnectorKind | None
    label: str
    way: connector_words.Way | None
    address: str  # of its hook
    keys: list[WriteKey]
    keyed: bool
    tested: bool  # it can be
    runs: bool  # there is something to run now
    pages: bool  # it is fetched page by page, and can begin with the first one again
    form: connector_form.Form | None
    place: dropping.Place | None  # where files are dropped, of a kind that takes them
    templates: list[dropping.Template]
    rows: list[imports.Row]  # its newest files


@never_cache
@access.require_role("viewer")
def show(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """The page."""
    return page(request, found(request, slug, key))


@access.require_role("viewer")
def now(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """How it does, for the page that is open; a piece, or nothing while nothing is new."""
    piece = Now(**_now(request, found(request, slug, key)), renewed=True)
    if request.GET.get("seen") == piece.seen:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    _looked(request, piece)
    return render(request, "channel/_connector_now.html", piece)


def found(request: WorkspaceRequest, slug: str, key: UUID) -> Connector:
    """The connector of an address."""
    every = Connector.objects.select_related("channel")
    return get_object_or_404(every, workspace=request.workspace, channel__slug=slug, uuid=key)


def page(
    request: WorkspaceRequest, connector: Connector, form: connector_form.Form | None = None
) -> HttpResponse:
    """The page, with a form that has to be sent again where there is one."""
    kind, admin = connecting.known(connector.kind), request.access.reaches(Role.ADMIN)
    path = connecting.hook_path(kind, connector) if kind and admin else ""
    keys = setup.keys(connector) if admin else []
    files = bool(admin and kind and kind.direction == FILE)
    shows = Page(
        **_now(request, connector),
        kind=kind,
        label=connector_words.label(connector.kind),
        way=connector_words.way(kind) if kind else None,
        address=request.build_absolute_uri(path) if path else "",
        keys=keys,
        keyed=bool(keys) or bool(kind and kind.direction == API),
        tested=bool(kind and (kind.check or kind.fetch)),
        runs=bool(kind and connector.enabled and (kind.fetch or kind.look_up or watched.watches(connector))),
        pages=bool(kind and kind.fetch),
        form=form or (connector_form.of(kind, connector) if kind and admin else None),
        place=dropping.place([dropping.target(connector)]) if files and connector.enabled else None,
        templates=dropping.templates(connector) if files else [],
        rows=_files(request, connector) if files else [],
    )
    _looked(request, shows)
    return render(request, "channel/connector.html", shows)


def _files(request: WorkspaceRequest, connector: Connector) -> list[imports.Row]:
    return imports.rows(request, list(imports.listed(request.workspace, connector)[: imports.SHOWN]))


def _looked(request: WorkspaceRequest, shows: Now) -> None:
    """Who its deliveries are of."""
    if shows.deliveries:
        looks.page(request, f"connector {shows.connector.uuid}")


def _now(request: WorkspaceRequest, connector: Connector) -> dict[str, Any]:
    """The fields of Now."""
    workspace = connector.workspace_id
    one = health.of_connectors(workspace)[connector.pk]
    refused = unsigned.of(connection, workspace).get(connector.pk)
    standing, kind = pulled.of_one(connection, connector), connecting.known(connector.kind)
    place = connector_watched.of(connector)
    said = {
        "row": flow.of_connector(
            one,
            refused.last if refused else None,
            failing=standing.failure is not None or bool(place and place.why),
        ),
        "notice": connector_pull.notice(standing, enabled=connector.enabled)
        or connector_words.notice(one, refused, kind),
        "refusal": connector_words.refusal(refused),
        "pull": connector_pull.shown(standing, connector),
        "watched": place,
        "deliveries": connector_deliveries.rows(connector, masked=request.access.masked),
    }
    seen = hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:SEEN_LENGTH]
    return {"channel": connector.channel, "connector": connector, "seen": seen, **said}
