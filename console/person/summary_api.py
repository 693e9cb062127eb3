"""The summary of a person over the API, also for tokens that read nothing else. Not here: what it says (summary.py)."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from console.person import summary
from kernel.web import access
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText
from profiles.answers import Trait

NAMESPACE = OpenApiParameter("namespace", OpenApiTypes.STR, description="Of a kind that has several.")


class LastOrder(serializers.Serializer[Any]):
    """An order in short."""

    order_id = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    currency = serializers.CharField()
    total = DecimalText()
    refunded = DecimalText()
    state = serializers.ChoiceField(choices=["open", "part_refunded", "refunded", "cancelled"])


class OpenTicket(serializers.Serializer[Any]):
    """A ticket that waits."""

    ticket_id = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    opened_at = serializers.DateTimeField()
    topic = serializers.CharField(allow_null=True)
    order_id = serializers.CharField(allow_null=True)


class NextBestChannel(serializers.Serializer[Any]):
    """Where to meet a person next."""

    channel = serializers.SlugField(allow_null=True)
    purchases = serializers.IntegerField(help_text="On this channel.")
    answers = serializers.IntegerField(help_text="On this channel.")
    definition = serializers.CharField()


class ConsentBrief(serializers.Serializer[Any]):
    """What holds of a purpose and a channel."""

    purpose = serializers.CharField()
    channel = serializers.CharField(allow_null=True, help_text="Of messages; null: all of them.")
    given = serializers.BooleanField()
    since = serializers.DateTimeField()


class PersonSummary(serializers.Serializer[Any]):
    """A person in short."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="By name, else by the best identifier.")
    traits = serializers.DictField(child=Trait())
    segments = serializers.ListField(child=serializers.CharField())
    last_orders = LastOrder(many=True)
    open_tickets = OpenTicket(many=True)
    next_best_channel = NextBestChannel()
    consent = ConsentBrief(many=True)


class Summary(ApiView):
    """Who stands before me?"""

    shows_contacts = True
    scope = access.SUMMARY

    @extend_schema(parameters=[NAMESPACE], responses=PersonSummary)
    def get(self, request: Request, kind: str, value: str) -> Response:
        """By an identifier in any spelling that is taken in: phone, email, member_no, user_id, openid …"""
        given = parameters(request, ["namespace"])
        context = self.access
        found = summary.by_identifier(context.workspace, kind, value, given.get("namespace"), context.masked)
        self.kwargs = {"key": found["id"]}  # whom it was about: the record of looks keeps no phone
        return Response(found if not context.masked else _scrubbed(found))


def _scrubbed(found: dict[str, Any]) -> dict[str, Any]:
    """Topics and numbers may hold contact data as well."""
    return found | {name: access.scrub(found[name]) for name in ("last_orders", "open_tickets")}
