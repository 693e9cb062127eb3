"""Is data flowing and right? All channels, and adding one. Not here: one channel (channel.py), what came (live)."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from channels import queries, setup
from channels.models import Channel, ChannelKind
from console.channel import flow
from kernel import audit
from kernel.errors import BadRequest
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All channels, and the form for another one."""

    rows: list[flow.Row]
    sums: flow.Sums
    fresh_now: queries.Freshness
    kinds: list[tuple[str, Any]]
    problem: str  # of the form
    typed: dict[str, str]
    finding: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """All channels with their last 24 hours."""
    return _list(request)


def _list(request: WorkspaceRequest, problem: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    workspace = request.workspace
    rows = flow.rows(workspace.pk)
    sums = flow.sums(rows)
    page = Page(
        rows=rows,
        sums=sums,
        fresh_now=queries.freshness(workspace.pk),
        kinds=ChannelKind.choices,
        problem=problem,
        typed=typed or {},
        finding=_finding(rows, sums),
    )
    return render(request, "channel/channels.html", page)


@require_POST
@access.require_role("admin")
def add(request: WorkspaceRequest) -> HttpResponse:
    """A new channel with its first HTTP connector."""
    workspace, post = request.workspace, request.POST
    try:
        with transaction.atomic():
            made = setup.add_channel(
                workspace, post.get("name", ""), post.get("kind", ""), post.get("currency", "")
            )
            made.channel.color = _free_colour(made.channel)
            made.channel.save(update_fields=["color"])
            audit.by(request, "channel.add", made.channel.slug)
    except BadRequest as wrong:
        return _list(request, str(wrong), {name: post.get(name, "") for name in ("name", "kind", "currency")})
    return redirect("channel", slug=made.channel.slug)


def _free_colour(channel: Channel) -> str:
    """The colour of the channel's kind while it is free, else the next free one, else the shared last."""
    others = [one for one in queries.channels_of(channel.workspace_id).values() if one != channel]
    taken = {shell.colour(one).removeprefix("c-") for one in others}
    wanted = shell.KIND_COLOURS.get(channel.kind, "")
    return next(
        (colour for colour in (wanted, *shell.COLOURS) if colour and colour not in taken), shell.COLOURS[-1]
    )


def _finding(rows: list[flow.Row], sums: flow.Sums) -> str:
    """The sentence under the title."""
    if not rows:
        return _("No channel yet. The first one takes a minute.")
    sending = sum(1 for row in rows if row.received)
    said = ngettext(
        "%(sending)s of %(n)s channel sent something in the last 24 hours",
        "%(sending)s of %(n)s channels sent something in the last 24 hours",
        len(rows),
    ) % {"sending": sending, "n": len(rows)}
    if not sums.received:
        return said + _(".")
    return said + _("; %(stored)s of %(received)s messages were stored, %(rejected)s rejected.") % {
        "stored": format.number(sums.stored),
        "received": format.number(sums.received),
        "rejected": format.number(sums.rejected),
    }
