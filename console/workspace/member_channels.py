"""Whose people a member is: they see the statements of these channels and nothing else. On the page and over the API.

Not here: the rule that the last admin is nobody's (kernel/people/members.py).
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels.queries import channels_of
from console.workspace import member
from kernel import audit, models
from kernel.errors import BadRequest, Conflict
from kernel.models import Role
from kernel.people import members
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.api import ApiView, body, parameters
from metrics import query

MOST = 100  # channels of one person


class OfChannels(serializers.Serializer[Any]):
    """The channels whose people somebody is."""

    channels = serializers.ListField(
        child=serializers.SlugField(),
        help_text="None: no channel's; else they see the statements of these alone.",
    )


class MemberChannels(ApiView):
    """The channels whose people a member is."""

    role = Role.ADMIN.value

    @extend_schema(responses=OfChannels)
    def get(self, request: Request, number: int) -> Response:
        """By slug."""
        parameters(request)
        found = members.one(self.access.workspace, number)
        return Response({"channels": _slugs(found)})

    @extend_schema(request=OfChannels, responses=OfChannels)
    def put(self, request: Request, number: int) -> Response:
        """These, in place of those before."""
        asked = body(request).get("channels")
        if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
            raise BadRequest(_("“channels” is a list of slugs."), "bad_channels")
        found = members.one(self.access.workspace, number)
        with transaction.atomic():
            bind(found, asked, request.user.get_username())
        return Response({"channels": _slugs(found)})


@require_POST
@access.require_role("admin")
def change(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The same from the member's page."""
    found = members.one(request.workspace, number)
    try:
        with transaction.atomic():
            bind(found, request.POST.getlist("channels"), request.user.get_username())
    except (BadRequest, Conflict) as wrong:
        return member.page(request, members.one(request.workspace, number), problem=str(wrong))
    return redirect("member", number=number)


def bind(found: models.Member, slugs: Iterable[str], actor: str) -> None:
    """Channels by their slugs; noted in the audit log."""
    there = channels_of(found.workspace_id)
    wanted = list(dict.fromkeys(slugs))
    for slug in wanted:
        if slug not in there:
            raise BadRequest(_("There is no channel “%(slug)s”.") % {"slug": slug[:60]}, "unknown_channel")
    if len(wanted) > MOST:
        raise BadRequest(_("At most %(most)s channels.") % {"most": MOST}, "bad_channels")
    before = _slugs(found)
    members.bind(found, [there[slug].pk for slug in wanted])
    name = found.user.get_username()
    audit.note(found.workspace_id, actor, "member.channels", name, before=before, after=_slugs(found))


def _slugs(found: models.Member) -> list[str]:
    slugs = query.reporting_settings(connection, found.workspace).channels
    return [slug for channel, slug in slugs.items() if channel in found.channels]
