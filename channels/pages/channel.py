"""One channel: how it does, its settings, its connectors with their keys, and code to send with. Not here: the list
of channels (channels.py), what the code is (snippets.py), how changes are made (setup.py)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cdp.kernel import access, normalise, speech, web
from cdp.kernel.errors import BadRequest
from cdp.kernel.models import Audit, Role
from channels import queries, setup
from channels.models import Channel, Connector, WriteKey
from channels.pages import flow, snippets

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


@never_cache
@access.needs("viewer")
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; admins see the keys."""
    return _page(request, _channel(request, slug))


def _channel(request: HttpRequest, slug: str) -> Channel:
    return get_object_or_404(Channel, workspace=request.workspace, slug=slug)  # type: ignore[attr-defined]


def _page(
    request: HttpRequest, channel: Channel, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    (row,) = flow.rows(channel.workspace_id, channel)
    flows = queries.flows(channel.workspace_id)
    admin = request.role == Role.ADMIN  # type: ignore[attr-defined]
    connectors = [
        {
            "connector": connector,
            "flow": flows.get(connector.pk),
            "keys": setup.keys(connector) if admin else [],
            "joins": connector.settings.get("previous_id") == setup.ACCOUNT,
        }
        for connector in Connector.objects.filter(channel=channel).order_by("id")
    ]
    values = {
        "row": row,
        "channel": channel,
        "connectors": connectors,
        "start": _start(request, connectors) if admin else {},
        "form": typed or _typed(channel),
        "problem": problem,
        "colours": [(name, web.colour({"color": name})) for name in web.COLOURS],
        "zones": ZONES,
    }
    return render(request, "channels/channel.html", values)


def _typed(channel: Channel) -> dict[str, str]:
    """The settings as a form holds them."""
    return {
        "name": channel.name,
        "currency": channel.currency,
        "timezone": channel.timezone,
        "commission": speech.number(channel.commission * 100, None),
        "color": web.colour(channel).removeprefix("c-"),
    }


def _start(request: HttpRequest, connectors: list[dict[str, Any]]) -> dict[str, Any]:
    """The code to send with, for the client and connector that the address asks for."""
    usable = [one for one in connectors if one["keys"] and one["connector"].enabled]
    if not usable:
        return {}
    wanted = request.GET.get("connector", "")
    source = next((one for one in usable if str(one["connector"].uuid) == wanted), usable[0])
    client = snippets.chosen(request.GET.get("client", ""))
    address = request.build_absolute_uri("/").rstrip("/")
    return {
        "clients": snippets.CLIENTS,
        "client": client,
        "usable": usable,
        "source": source["connector"],
        "address": address,
        "text": snippets.written(client, address, source["keys"][0].key),
    }


# ---- changing --------------------------------------------------------------------------------------


def note(request: HttpRequest, action: str, target: str, detail: dict[str, Any] | None = None) -> None:
    """Who did what to a channel or connector."""
    Audit.objects.create(
        workspace=request.workspace,  # type: ignore[attr-defined]
        actor=request.user.get_username(),
        action=action,
        target=target,
        detail=detail or {},
    )


@require_POST
@access.needs("admin")
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, currency, zone, commission and colour; what is wrong is said on the form, with what was typed."""
    channel = _channel(request, slug)
    typed = {name: request.POST.get(name, "").strip() for name in SETTINGS}
    try:
        with transaction.atomic():
            changed = setup.change_channel(channel, **typed)
            if changed:
                note(request, "channel.change", channel.slug, changed)
    except BadRequest as wrong:
        return _page(request, _channel(request, slug), str(wrong), typed)
    messages.info(request, _("Saved.") if changed else _("Nothing was different."))
    return redirect("channel", slug=slug)


@require_POST
@access.needs("admin")
def add_connector(request: HttpRequest, slug: str) -> HttpResponse:
    """One more way into a channel."""
    made = setup.add_connector(_channel(request, slug), request.POST.get("name", ""))
    note(request, "connector.add", str(made.connector.uuid))
    messages.info(request, _("“%(name)s” can receive now.") % {"name": made.connector.name})
    return redirect("channel", slug=slug)


def _connector(request: HttpRequest, number: int) -> Connector:
    return get_object_or_404(Connector, pk=number, workspace=request.workspace)  # type: ignore[attr-defined]


@require_POST
@access.needs("admin")
def connector(request: HttpRequest, number: int) -> HttpResponse:
    """Its name, whether it receives, and what `alias` means."""
    found, post = _connector(request, number), request.POST
    with transaction.atomic():
        changed = setup.change_connector(
            found, post.get("name", ""), enabled="enabled" in post, accounts="accounts" in post
        )
        if changed:
            note(request, "connector.change", str(found.uuid), changed)
    messages.info(request, _("In force within seconds.") if changed else _("Nothing was different."))
    return redirect("channel", slug=found.channel.slug)


@require_POST
@access.needs("admin")
def key(request: HttpRequest, number: int) -> HttpResponse:
    """Another key beside the others (`add`), in their place (`rotate`), or the end of one (`revoke`)."""
    found = _connector(request, number)
    what = request.POST.get("what", "")
    if what == "rotate":
        setup.rotate(found)
        said = _("A new key is in force; the old ones end within seconds.")
    elif what == "add":
        setup.add_key(found)
        said = _("A further key is in force beside the old ones.")
    elif what == "revoke":
        chosen = normalise.whole(request.POST.get("key", ""), 1, LARGEST_ID)
        setup.revoke(get_object_or_404(WriteKey, pk=chosen, connector=found))
        said = _("The key ends within seconds.")
    else:
        raise BadRequest(_("A key can be added, rotated or revoked."))
    note(request, f"key.{what}", str(found.uuid))
    messages.info(request, said)
    return redirect("channel", slug=found.channel.slug)


@require_POST
@access.needs("admin")
def limit(request: HttpRequest, number: int) -> HttpResponse:
    """How many requests a second a connector may send; empty: as many as it likes."""
    found = _connector(request, number)
    typed = request.POST.get("limit", "").strip()
    most = normalise.whole(typed, 1, setup.MOST_A_SECOND)
    if typed and most is None:
        raise BadRequest(
            _("The limit is a whole number from 1 to %(most)s, or empty for none.")
            % {"most": speech.number(setup.MOST_A_SECOND)}
        )
    setup.limit(found, most)
    note(request, "connector.limit", f"{found.uuid} {typed or 'none'}")
    messages.info(request, _("The limit is in force within seconds."))
    return redirect("channel", slug=found.channel.slug)
