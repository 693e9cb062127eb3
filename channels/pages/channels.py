"""Is data flowing and right? All channels, and adding one. Not here: one channel (channel.py), what came (live)."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cdp.kernel import access, speech, web
from cdp.kernel.errors import BadRequest
from channels import queries, setup
from channels.models import Channel, ChannelKind
from channels.pages import flow
from channels.pages.channel import note


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """All channels with their last 24 hours."""
    return _list(request)


def _list(request: HttpRequest, problem: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    workspace = request.workspace  # type: ignore[attr-defined]
    rows = flow.rows(workspace.pk)
    sums = {
        name: sum(row[name] for row in rows)
        for name in ("received", "stored", "rejected", "repeats", "identified")
    }
    values = {
        "rows": rows,
        "sums": sums,
        "fresh_now": queries.freshness(workspace.pk),
        "kinds": ChannelKind.choices,
        "problem": problem,
        "typed": typed or {},
        "finding": _finding(rows, sums),
    }
    return render(request, "channels/channels.html", values)


@require_POST
@access.needs("admin")
def add(request: HttpRequest) -> HttpResponse:
    """A new channel with its first HTTP connector."""
    workspace, post = request.workspace, request.POST  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            made = setup.add_channel(
                workspace, post.get("name", ""), post.get("kind", ""), post.get("currency", "")
            )
            made.channel.color = _free_colour(made.channel)
            made.channel.save(update_fields=["color"])
            note(request, "channel.add", made.channel.slug)
    except BadRequest as wrong:
        return _list(request, str(wrong), {name: post.get(name, "") for name in ("name", "kind", "currency")})
    return redirect("channel", slug=made.channel.slug)


def _free_colour(channel: Channel) -> str:
    """The colour of the channel's kind while it is free, else the next free one, else the shared last."""
    others = Channel.objects.filter(workspace_id=channel.workspace_id).exclude(pk=channel.pk)
    taken = {web.colour(one).removeprefix("c-") for one in others}
    wanted = web.KIND_COLOURS.get(channel.kind, "")
    return next(
        (colour for colour in (wanted, *web.COLOURS) if colour and colour not in taken), web.COLOURS[-1]
    )


def _finding(rows: list[dict[str, Any]], sums: dict[str, int]) -> str:
    """The sentence under the title."""
    if not rows:
        return _("No channel yet. The first one takes a minute.")
    sending = sum(1 for row in rows if row["received"])
    said = ngettext(
        "%(sending)s of %(n)s channel sent something in the last 24 hours",
        "%(sending)s of %(n)s channels sent something in the last 24 hours",
        len(rows),
    ) % {"sending": sending, "n": len(rows)}
    if not sums["received"]:
        return said + _(".")
    return said + _("; %(share)s of %(received)s messages were stored.") % {
        "share": speech.percent((sums["stored"] + sums["repeats"]) / sums["received"], 2),
        "received": speech.number(sums["received"]),
    }
