"""From an empty workspace to the first customer, step by step, with what is done ticked off. Not here: the overview
that takes its place (overview.py).
"""

from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from channels import health, queries
from channels.models import Channel, Connector
from kernel.models import Workspace
from kernel.web import format, shell
from profiles import queries as profiles

DONE, NOW, LATER = "done", "now", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step, and where it is done."""

    title: str
    text: str
    state: str = LATER
    href: str = ""
    words: str = ""  # of the button
    admin: bool = False  # only an admin can


def wanted(workspace: Workspace, asked: bool) -> bool:
    """Whether there is nobody to show numbers of yet. `asked`: the address asks for numbers all the same."""
    if asked and queries.channels_of(workspace.pk):
        return False
    return workspace.pk not in profiles.inhabited(connection, [workspace.pk])


def of(workspace: Workspace) -> list[Step]:
    """All of them; the first that is not done is now's."""
    channels = list(queries.channels_of(workspace.pk).values())
    steps = [
        _workspace(workspace),
        _channel(channels),
        _connector(workspace, channels),
        _event(workspace, channels),
        _customer(),
    ]
    at = next(place for place, step in enumerate(steps) if step.state != DONE)
    return [_at(step, NOW if place == at else step.state) for place, step in enumerate(steps)]


def _at(step: Step, state: str) -> Step:
    return Step(
        title=step.title, text=step.text, state=state, href=step.href, words=step.words, admin=step.admin
    )


def _workspace(workspace: Workspace) -> Step:
    return Step(
        title=_("Workspace “%(name)s” is ready") % {"name": workspace.name},
        text=f"{workspace.currency}, {format.zone_name(workspace.timezone)}",
        state=DONE,
    )


def _channel(channels: list[Channel]) -> Step:
    if channels:
        first = channels[0]
        return Step(
            title=_("The channel “%(name)s” is there") % {"name": shell.channel_name(first)},
            text=_("each shop, app, store and hotline is one"),
            state=DONE,
            href=reverse("channel", args=[first.slug]),
            words=_("Open it"),
        )
    return Step(
        title=_("Add the first channel"),
        text=_("a shop, an app, a store, a hotline: wherever you meet customers"),
        href=reverse("channels") + "#add",
        words=_("Add channel"),
        admin=True,
    )


def _connector(workspace: Workspace, channels: list[Channel]) -> Step:
    made = (
        Connector.objects.filter(workspace=workspace, enabled=True).select_related("channel").order_by("id")
    )
    add = reverse("connector-kinds", args=[channels[0].slug]) if channels else ""
    if made:
        return Step(
            title=_("It has a connector: “%(name)s”") % {"name": shell.channel_name(made[0])},
            text=_("a platform that posts by itself gets one of its own kind"),
            state=DONE,
            href=add,
            words=_("Add a connector"),
            admin=True,
        )
    return Step(
        title=_("Connect its platform"),
        text=_("choose where the data comes from; each kind says what to click there"),
        href=add,
        words=_("Add a connector"),
        admin=True,
    )


def _event(workspace: Workspace, channels: list[Channel]) -> Step:
    how = health.of_connectors(workspace.pk).values()
    counts = health.together(how)
    if counts.rejected and not counts.stored:
        return Step(
            title=_("What arrived was rejected"),
            text=_("nothing is lost: look why, mend it, replay"),
            href=reverse("rejects"),
            words=_("See why"),
        )
    if any(one.last for one in how):
        return Step(
            title=_("The first event has arrived"),
            text=_("each one shows with what became of it"),
            state=DONE,
            href=reverse("live"),
            words=_("Live events"),
        )
    return Step(
        title=_("See the first event arrive"),
        text=_("the channel's page has a command to try"),
        href=reverse("channel", args=[channels[0].slug]) + "#start" if channels else "",
        words=_("Open it"),
    )


def _customer() -> Step:
    return Step(
        title=_("Meet the first customer"),
        text=_("an event that says who it was: a member number, a phone, an openid"),
        href=reverse("events"),
        words=_("Events"),
    )
