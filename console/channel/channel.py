"""One channel: how it does, its settings, its connectors with their keys, and code to send with. Not here: the list
of channels (channels.py), what the code is (snippets.py), how changes are made (setup.py)."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from channels import health, queries, setup
from channels.models import Channel, Connector, WriteKey
from console.channel import flow, snippets
from kernel import audit, normalise
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
LARGEST_ID = 2**63 - 1
SETTINGS = ("name", "currency", "timezone", "commission", "color")


@dataclass(frozen=True, slots=True)
class Door:
    """A connector, how it does, and its keys for who may see them."""

    connector: Connector
    state: flow.State
    counts: health.Counts  # of 24 hours
    keys: list[WriteKey]
    joins: bool  # its aliases join two accounts


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
    how = health.of_connectors(channel.workspace_id)
    admin = request.access.reaches(Role.ADMIN)
    doors = [
        Door(
            connector,
            flow.state(how[connector.pk]),
            how[connector.pk].counts,
            setup.keys(connector) if admin else [],
            connector.settings.get("previous_id") == setup.ACCOUNT,
        )
        for connector in Connector.objects.filter(channel=channel).order_by("id")
    ]
    page = Page(
        row=row,
        channel=channel,
        connectors=doors,
        start=_start(request, doors) if admin else None,
        form=typed or _typed(channel),
        problem=problem,
        colours=[(name, shell.colour({"color": name})) for name in shell.COLOURS],
        zones=ZONES,
    )
    return render(request, "channel/channel.html", page)


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


@require_POST
@access.require_role("admin")
def add_connector(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """One more way into a channel."""
    made = setup.add_connector(_channel(request, slug), request.POST.get("name", ""))
    audit.by(request, "connector.add", str(made.connector.uuid))
    messages.info(request, _("“%(name)s” can receive now.") % {"name": made.connector.name})
    return redirect("channel", slug=slug)


def _connector(request: WorkspaceRequest, number: int) -> Connector:
    return get_object_or_404(Connector, pk=number, workspace=request.workspace)


@require_POST
@access.require_role("admin")
def connector(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Its name, whether it receives, and what `alias` means."""
    found, post = _connector(request, number), request.POST
    with transaction.atomic():
        changed = setup.change_connector(
            found, post.get("name", ""), enabled="enabled" in post, accounts="accounts" in post
        )
        if changed:
            audit.by(request, "connector.change", str(found.uuid), **changed)
    messages.info(request, _("Takes effect within seconds.") if changed else _("Nothing was different."))
    return redirect("channel", slug=found.channel.slug)


@require_POST
@access.require_role("admin")
def key(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Another key beside the others (`add`), in their place (`rotate`), or the end of one (`revoke`)."""
    found = _connector(request, number)
    what = request.POST.get("what", "")
    if what == "rotate":
        setup.rotate(found)
        said = _("The new key is active; the old ones stop working within seconds.")
    elif what == "add":
        setup.add_key(found)
        said = _("The new key is active; the old ones keep working.")
    elif what == "revoke":
        chosen = normalise.whole(request.POST.get("key", ""), 1, LARGEST_ID)
        setup.revoke(get_object_or_404(WriteKey, pk=chosen, connector=found))
        said = _("The key stops working within seconds.")
    else:
        raise BadRequest(_("A key can be added, rotated or revoked."))
    audit.by(request, f"key.{what}", str(found.uuid))
    messages.info(request, said)
    return redirect("channel", slug=found.channel.slug)


@require_POST
@access.require_role("admin")
def limit(request: WorkspaceRequest, number: int) -> HttpResponse:
    """How many requests a second a connector may send; empty: as many as it likes."""
    found = _connector(request, number)
    typed = request.POST.get("limit", "").strip()
    most = normalise.whole(typed, 1, setup.MOST_A_SECOND)
    if typed and most is None:
        raise BadRequest(
            _("The limit is a whole number from 1 to %(most)s, or empty for none.")
            % {"most": format.number(setup.MOST_A_SECOND)}
        )
    setup.limit(found, most)
    audit.by(request, "connector.limit", f"{found.uuid} {typed or 'none'}")
    messages.info(request, _("The limit takes effect within seconds."))
    return redirect("channel", slug=found.channel.slug)
