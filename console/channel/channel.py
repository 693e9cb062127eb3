"""One channel: how it does, its connectors, its settings, and code to send with. Not here: the list of channels
(channels.py), one connector (connector.py), what the code is (snippets.py), how changes are made (setup.py)."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from channels import health, queries, setup
from channels.connect import pulled
from channels.connect import setup as connecting
from channels.inbox import unsigned
from channels.models import Channel, Connector, WriteKey
from console.channel import connector_words, flow, snippets
from kernel import audit
from kernel.errors import BadRequest
from kernel.models import Role
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

# Zones offered by name; any other one can be typed.
ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)
SETTINGS = ("name", "currency", "timezone", "commission", "color")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A connector, how it does, and its keys for who may see them."""

    connector: Connector
    kind: str
    way: connector_words.Way | None
    row: flow.Flow
    keys: list[WriteKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The code to send with."""

    clients: tuple[snippets.Client, ...]
    client: snippets.Client
    usable: list[Door]
    source: Connector
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A channel."""

    row: flow.Row
    channel: Channel
    connectors: list[Door]
    start: Start | None
    form: dict[str, str]
    problem: str  # of the form
    colours: list[tuple[str, str]]
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a channel does whose first event has just arrived."""

    row: flow.Row
    channel: Channel
    arrived: bool = True


@never_cache
@access.require_role("viewer")
def one(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """The page; admins see the keys."""
    return _page(request, _channel(request, slug))


@access.require_role("viewer")
def arrival(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """A page that waits for the first event asks this: nothing until it is there, then how the channel does."""
    channel = _channel(request, slug)
    if not queries.heard_of(channel.workspace_id, channel.pk):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    (row,) = flow.rows(channel.workspace_id, channel)
    return render(request, "channel/_arrival.html", Arrival(row=row, channel=channel))


def _channel(request: WorkspaceRequest, slug: str) -> Channel:
    return get_object_or_404(Channel, workspace=request.workspace, slug=slug)


def _page(
    request: WorkspaceRequest, channel: Channel, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    (row,) = flow.rows(channel.workspace_id, channel)
    doors = _doors(channel, keys=request.access.reaches(Role.ADMIN))
    page = Page(
        row=row,
        channel=channel,
        connectors=doors,
        start=_start(request, doors),
        form=typed or _typed(channel),
        problem=problem,
        colours=[(name, shell.colour({"color": name})) for name in shell.COLOURS],
        zones=ZONES,
    )
    return render(request, "channel/channel.html", page)


def _doors(channel: Channel, *, keys: bool) -> list[Door]:
    """Its connectors, in the order in which they were added."""
    how, forged = health.of_connectors(channel.workspace_id), unsigned.of(connection, channel.workspace_id)
    standing, found = pulled.of(connection, channel.workspace_id), []
    for one in Connector.objects.filter(channel=channel).order_by("id"):
        kind, refused = connecting.known(one.kind), forged.get(one.pk)
        failing = standing.get(one.pk, pulled.NOTHING).failure is not None
        found.append(
            Door(
                connector=one,
                kind=connector_words.label(one.kind),
                way=connector_words.way(kind) if kind else None,
                row=flow.of_connector(how[one.pk], refused.last if refused else None, failing=failing),
                keys=setup.keys(one) if keys else [],
            )
        )
    return found


def _typed(channel: Channel) -> dict[str, str]:
    """The settings as a form holds them."""
    return {
        "name": channel.name,
        "currency": channel.currency,
        "timezone": channel.timezone,
        "commission": format.number(channel.commission * 100, None),
        "color": shell.colour(channel).removeprefix("c-"),
    }


def _start(request: WorkspaceRequest, doors: list[Door]) -> Start | None:
    """The code for the client and connector that the address asks for; none where nothing can send."""
    usable = [one for one in doors if one.keys and one.connector.enabled]
    if not usable:
        return None
    wanted = request.GET.get("connector", "")
    door = next((one for one in usable if str(one.connector.uuid) == wanted), usable[0])
    client = snippets.chosen(request.GET.get("client", ""))
    address = request.build_absolute_uri("/").rstrip("/")
    return Start(
        clients=snippets.CLIENTS,
        client=client,
        usable=usable,
        source=door.connector,
        text=snippets.written(client, address, door.keys[0].key),
    )


# ---- changing --------------------------------------------------------------------------------------


@require_POST
@access.require_role("admin")
def change(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Name, currency, zone, commission and colour; what is wrong is said on the form, with what was typed."""
    channel = _channel(request, slug)
    typed = {name: request.POST.get(name, "").strip() for name in SETTINGS}
    try:
        with transaction.atomic():
            changed = setup.change_channel(channel, **typed)
            if changed:
                audit.by(request, "channel.change", channel.slug, **changed)
    except BadRequest as wrong:
        return _page(request, _channel(request, slug), str(wrong), typed)
    messages.info(request, _("Saved.") if changed else _("Nothing was different."))
    return redirect("channel", slug=slug)
