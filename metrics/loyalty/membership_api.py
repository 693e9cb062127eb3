"""Membership over HTTP, and the people behind its numbers. Not here: how it is counted (membership.py)."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, Unconverted, shape
from metrics import api
from metrics.journeys import asking
from metrics.journeys.base import Asked
from metrics.loyalty import accounts, membership
from profiles.answers import ProfilePage

AS_OF: Final = "The newest event that is in it."
NONE: Final = "null"  # in an address: no tier named
WHO: Final = (*membership.WHO, *accounts.WHO)
NAMED: Final = ("from", "to", "who", "channel", "tier", "from_tier")


class MemberBuying(serializers.Serializer):
    """What was bought, and what of it by members."""

    customers = serializers.IntegerField(help_text="Active in the period.")
    member_customers = serializers.IntegerField(help_text="Active there once they had joined.")
    customer_penetration = DecimalText(allow_null=True)
    buyers = serializers.IntegerField()
    member_buyers = serializers.IntegerField(help_text="With an order there once they had joined.")
    penetration = DecimalText(allow_null=True, help_text="Buyers who are members / buyers.")
    orders = serializers.IntegerField()
    member_orders = serializers.IntegerField()
    revenue = DecimalText(help_text="The period's orders less what was given back of them.")
    member_revenue = DecimalText()
    revenue_share = DecimalText(allow_null=True)


class ChannelMembers(MemberBuying):
    """The same of a channel."""

    channel = serializers.SlugField()


class MemberTier(serializers.Serializer):
    """A tier over the period."""

    tier = serializers.CharField(allow_blank=True, help_text="Empty: members of whom no tier was named.")
    before = serializers.IntegerField(help_text="Members who had it when the period began.")
    joined = serializers.IntegerField(help_text="Joined in the period, and have it at its end.")
    moved_in = serializers.IntegerField()
    moved_out = serializers.IntegerField()
    members = serializers.IntegerField(help_text="Who have it at the period's end.")
    buyers = serializers.IntegerField(help_text="Who ordered while they had it.")
    orders = serializers.IntegerField()
    revenue = DecimalText()
    revenue_share = DecimalText(allow_null=True, help_text="Of all revenue of the period.")


TierMove = shape(
    "TierMove",
    {
        "from": serializers.CharField(allow_null=True, allow_blank=True, help_text="null: they joined."),
        "to": serializers.CharField(allow_blank=True),
        "members": serializers.IntegerField(),
    },
)


class CrossChannelBuyers(serializers.Serializer):
    """Buyers, and how many of them bought on two channels or more."""

    buyers = serializers.IntegerField()
    cross = serializers.IntegerField()
    share = DecimalText(allow_null=True)


class MembershipInterval(serializers.Serializer):
    """A difference with its 95 % interval."""

    value = DecimalText()
    low = DecimalText()
    high = DecimalText()


class CrossChannelMembers(serializers.Serializer):
    """Members against all others, and how sure the difference is."""

    members = CrossChannelBuyers()
    others = CrossChannelBuyers()
    difference = MembershipInterval(allow_null=True)


class MembershipAnswer(serializers.Serializer):
    """Who is a member, and what members buy."""

    total = MemberBuying()
    by = ChannelMembers(many=True)
    members = serializers.IntegerField(help_text="At the period's end.")
    joined = serializers.IntegerField(help_text="In the period.")
    tiers = MemberTier(many=True)
    moves = TierMove(many=True)
    cross = CrossChannelMembers()
    currency = serializers.CharField()
    unconverted = Unconverted(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class Membership(ApiView):
    """Membership across channels."""

    @extend_schema(parameters=api.PERIOD, responses=MembershipAnswer)
    def get(self, request: Request) -> Response:
        """Penetration by channel, tiers and moves, members' share of revenue, members on several channels.

        A member has joined by the moment spoken of: an order before joining is none of a member's.
        """
        given = parameters(request, ("from", "to"))
        with asking.opened(self.access.workspace, given) as asked:
            return Response(membership.membership(connection, asked).json())


class MembershipPeople(ApiView):
    """The people behind a number of membership."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *api.PERIOD,
            OpenApiParameter("who", OpenApiTypes.STR, enum=WHO, description="default members"),
            asking.text_of("channel", "slug: of buyers, others and customers"),
            asking.text_of("tier", "of members, joined, moved and tier_buyers; null: none named"),
            asking.text_of("from_tier", "of moved; null: none named"),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles."""
        given = parameters(request, (*NAMED, "ordering"))
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    who = asking.one_of("who", given.get("who", WHO[0]), WHO)
    if who in accounts.WHO:
        return accounts.people(asked, who)
    if who in {"moved", "tier_buyers"} and "tier" not in given:
        raise BadRequest("Name the `tier`: null for members of whom none was named.", "bad_tier")
    return membership.people(
        asked,
        who,
        channel=channel(asked, given["channel"]) if given.get("channel") else None,
        tier=tier(given["tier"]) if "tier" in given else None,
        origin=tier(given.get("from_tier", NONE)),
    )


def tier(text: str) -> str:
    """A tier as it is counted."""
    return "" if text == NONE else text


def channel(asked: Asked, slug: str) -> int:
    """A channel's id."""
    for found, known in asked.settings.channels.items():
        if known == slug:
            return found
    raise BadRequest(f"There is no channel “{slug[:200]}” in this workspace.", "unknown_channel")
