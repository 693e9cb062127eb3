"""Switching over HTTP, the people behind its cells, and what switching goes along with. Not here: how it is counted."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, Unconverted, shape
from metrics import api
from metrics.journeys import asking, channel_value, switching
from metrics.journeys.base import Asked
from metrics.journeys.switching import ON
from profiles.answers import ProfilePage

NAMED = ("on", "from", "to")
ASKED = [
    *api.PERIOD,
    asking.text_of("on", "orders (default) or visits: browse, cart and store with pauses under 30 minutes"),
]
FIRST = "null"  # in an address: there was none before
AS_OF = "The newest event that is in it."

SwitchingCell = shape(
    "SwitchingCell",
    {
        "from": serializers.SlugField(allow_null=True, help_text="null: it was the customer's first."),
        "to": serializers.SlugField(),
        "customers": serializers.IntegerField(),
        "count": serializers.IntegerField(),
        "median_days": DecimalText(allow_null=True),
    },
)


class SwitchingAnswer(serializers.Serializer):
    """From which channel to which."""

    channels = serializers.ListField(child=serializers.SlugField())
    cells = SwitchingCell(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class StayingCustomers(serializers.Serializer):
    """Customers of several orders, all on one channel."""

    channel = serializers.SlugField()
    customers = serializers.IntegerField()


class ChannelGroup(serializers.Serializer):
    """Customers with two orders or more before the period: what one of them does in it."""

    customers = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="With an order in the period.")
    retention = DecimalText(allow_null=True)
    orders = DecimalText(allow_null=True)
    revenue = DecimalText(allow_null=True)


class ValueDifference(serializers.Serializer):
    """A difference with its 95 % interval."""

    value = DecimalText()
    low = DecimalText()
    high = DecimalText()


class ChannelDifferences(serializers.Serializer):
    """Cross-channel customers less single-channel ones."""

    retention = ValueDifference(allow_null=True)
    orders = ValueDifference(allow_null=True)
    revenue = ValueDifference(allow_null=True)


class ChannelValueAnswer(serializers.Serializer):
    """Who never switches, and what those who do are worth."""

    customers = serializers.IntegerField(help_text="With an order in the period and two or more in all.")
    never_switched = serializers.IntegerField()
    staying = StayingCustomers(many=True)
    single = ChannelGroup()
    cross = ChannelGroup()
    difference = ChannelDifferences()
    currency = serializers.CharField()
    unconverted = Unconverted(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class Switching(ApiView):
    """Each order or visit of a period, and the customer's one before."""

    @extend_schema(parameters=ASKED, responses=SwitchingAnswer)
    def get(self, request: Request) -> Response:
        """A cell for each pair of channels that there is."""
        given = parameters(request, NAMED)
        on = on_what(given)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(switching.switching(asked, on).json())


class SwitchingPeople(ApiView):
    """The people behind a cell."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *ASKED,
            asking.text_of("source", "slug of the channel they came from, or null; default null"),
            asking.text_of("target", "slug of the channel they came to", required=True),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles."""
        given = parameters(request, (*NAMED, "source", "target", "ordering"))
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


class ChannelValue(ApiView):
    """Customers of several channels against those of one."""

    @extend_schema(parameters=api.PERIOD, responses=ChannelValueAnswer)
    def get(self, request: Request) -> Response:
        """Who never switches; of customers with two orders or more before the period, what they do in it."""
        given = parameters(request, ("from", "to"))
        with asking.opened(self.access.workspace, given) as asked:
            return Response(channel_value.channel_value(connection, asked).json())


def on_what(given: Mapping[str, Any]) -> str:
    """Orders or visits."""
    return asking.one_of("on", given.get("on", ON[0]), ON)


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    source = given.get("source", FIRST)
    origin = None if source == FIRST else _channel(asked, source)
    return switching.people(asked, on_what(given), origin, _channel(asked, given.get("target", "")))


def _channel(asked: Asked, slug: str) -> int:
    for channel, known in asked.settings.channels.items():
        if known == slug:
            return channel
    raise BadRequest(f"There is no channel “{slug[:200]}” in this workspace.", "unknown_channel")
