"""Who is this person to us, on all channels? Not here: who they are (profiles), what they bought (metrics)."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cdp.kernel import access
from cdp.pages import identity, journey, orders, words
from channels.models import Channel
from metrics import queries as bought
from profiles import queries

RULES = {  # why a value survives
    "most_recent": lambda: _("said last"),
    "first": lambda: _("said first"),
    "most_frequent": lambda: _("said most often"),
    "most_trusted": lambda: _("most trusted channel"),
}


@access.needs("viewer")
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """The whole page; an id that was joined away leads to the customer it now belongs to."""
    workspace, masked = request.workspace, request.role == "viewer"  # type: ignore[attr-defined]
    profile = queries.profile(connection, workspace, key, masked)
    if profile["id"] != str(key):
        return redirect("customer", key=profile["id"])
    serial, _public = queries.resolve(connection, workspace.pk, key)
    channels = _channels(workspace.pk)
    found = bought.orders_of(connection, workspace.pk, queries.sightings(connection, workspace.pk, serial))
    seen = journey.Seen(workspace, channels, masked)
    held = queries.identifiers(connection, workspace.pk, serial, masked)
    joins = identity.joins(workspace, serial, masked, channels)
    apart = identity.refused(workspace, serial, masked, channels)
    values = {
        "profile": profile,
        "name": _name(workspace.pk, key, profile, masked=masked),
        "contacts": [one for one in profile["identifiers"] if one["kind"] in ("phone", "email", "member_no")][
            :4
        ],
        "channel_list": [channels[slug] for slug in profile["summary"]["channels"] if slug in channels],
        "identifiers": [
            one | {"channel": channels.get(one["channel"]), "words": words.identifier(one, channels)}
            for one in held
        ],
        "joins": joins,
        "refused": apart,
        "confluence": identity.drawing(held, joins, apart, channels) if joins or apart else None,
        "golden": _golden(queries.golden_record(connection, workspace, serial, masked), channels),
        "orders": orders.listed(
            found, channels, workspace.currency, every=request.GET.get("orders") == "all", masked=masked
        ),
        "ribbon": journey.ribbon(request, seen, serial),
        "timeline": journey.piece(request, seen, serial, key),
        "now": timezone.localtime(),
    }
    return render(request, "cdp/customer.html", values)


def _channels(workspace: int) -> dict[str, Channel]:
    return {channel.slug: channel for channel in Channel.objects.filter(workspace=workspace).order_by("id")}


def _name(workspace: int, key: UUID, profile: dict[str, Any], *, masked: bool) -> str:
    """The surviving name, else the strongest identifier a person could say aloud, else its short id."""
    name = queries.name_of(connection, workspace, key, masked=masked)
    spoken = [
        one["value"] for one in profile["identifiers"] if one["kind"] in ("member_no", "phone", "email")
    ]
    return name or (spoken[0] if spoken else _("Unknown %(id)s") % {"id": profile["id"][:8]})


# ---- what we know ---------------------------------------------------------------------------------


def _golden(record: dict[str, list[dict[str, Any]]], channels: dict[str, Channel]) -> dict[str, Any]:
    """Each trait with the value that survived, where it came from and by which rule, and all that others say."""
    rows = []
    for name, values in record.items():
        first, *others = values
        agree = sum(1 for one in others if one["value"] == first["value"])
        rows.append(
            {
                "words": words.trait(name),
                "value": words.plain(first["value"]),
                "channel": channels.get(first["channel"]),
                "at": first["observed_at"],
                "rule": RULES[first["rule"]](),
                "agree": agree,
                "differ": len({words.plain(one["value"]) for one in values}) - 1,
                "said": [
                    {
                        "value": words.plain(one["value"]),
                        "channel": channels.get(one["channel"]),
                        "first": one["first_at"],
                        "last": one["last_at"],
                        "n": one["n"],
                        "wins": one is first,
                        "same": one["value"] == first["value"],
                    }
                    for one in values
                ],
            }
        )
    return {"rows": rows, "differing": sum(1 for row in rows if row["differ"])}
