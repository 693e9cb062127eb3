"""What joining goes along with, over HTTP, and who is compared. Not here: how it is counted (joining.py)."""

from collections.abc import Mapping
from datetime import timedelta
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
from metrics.loyalty import joining
from metrics.loyalty.membership_api import AS_OF, MembershipInterval
from profiles.answers import ProfilePage

LASTING: Final = "30d"
ASKED: Final = [
    *api.PERIOD,
    asking.text_of("joined", f"how long before the period they joined, in whole days; default {LASTING}"),
]

JoiningDays = shape("JoiningDays", {"from": serializers.DateField(), "to": serializers.DateField()})


class JoiningEffect(serializers.Serializer):
    """A measure of a customer: after less before."""

    measure = serializers.ChoiceField(
        choices=joining.MEASURES,
        help_text="revenue and orders of a customer over the period; bought: the share who bought at all.",
    )
    joined = DecimalText(
        allow_null=True, help_text="The mean change of those who joined and have somebody alike."
    )
    others = DecimalText(allow_null=True, help_text="That of those alike who did not join.")
    difference = MembershipInterval(
        allow_null=True, help_text="Joined less others: difference in differences."
    )
    plain = MembershipInterval(allow_null=True, help_text="The same of all, alike or not.")


class JoiningBalance(serializers.Serializer):
    """How far apart the groups' means lie, in standard deviations, before and after matching."""

    name = serializers.ChoiceField(choices=("orders", "revenue", "recency"))
    before = DecimalText()
    after = DecimalText()


class JoiningRefusal(serializers.Serializer):
    """Why nothing can be told."""

    code = serializers.CharField()
    message = serializers.CharField()


class JoiningAnswer(serializers.Serializer):
    """What joining goes along with. It is no experiment."""

    earlier = JoiningDays(help_text="As long as the period: what `check` is of.")
    before = JoiningDays(help_text="As long as the period.")
    joined = JoiningDays(help_text="When they joined; counts in neither before nor after.")
    after = JoiningDays(help_text="The period.")
    joiners = serializers.IntegerField()
    without_order = serializers.IntegerField(
        help_text="Of them, without an order before the period: not compared."
    )
    candidates = serializers.IntegerField(help_text="Customers they can be compared with.")
    compared = serializers.IntegerField(help_text="Joiners with somebody alike.")
    left_out = serializers.IntegerField(help_text="Joiners with nobody alike.")
    others = serializers.IntegerField(help_text="Whom they are compared with.")
    effects = JoiningEffect(many=True)
    check = MembershipInterval(
        allow_null=True, help_text="Revenue of `earlier`, joined less others: 0 if alike."
    )
    balance = JoiningBalance(many=True)
    refused = JoiningRefusal(allow_null=True)
    currency = serializers.CharField()
    unconverted = Unconverted(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class Joining(ApiView):
    """Customers who joined before the period against customers alike who did not."""

    @extend_schema(parameters=ASKED, responses=JoiningAnswer)
    def get(self, request: Request) -> Response:
        """Difference in differences of revenue, orders and who bought, each with its 95 % interval."""
        given = parameters(request, ("from", "to", "joined"))
        lasting = span(given)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(joining.joining(connection, asked, lasting).json())


class JoiningPeople(ApiView):
    """The people who are compared."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *ASKED,
            OpenApiParameter(
                "outcome", OpenApiTypes.STR, enum=joining.OUTCOMES, description="default joined"
            ),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles: who joined and had an order before the period, or those beside them."""
        given = parameters(request, ("from", "to", "joined", "outcome", "ordering"))
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


def span(given: Mapping[str, Any]) -> timedelta:
    """How long before the period they joined."""
    lasting = asking.length("joined", given.get("joined") or LASTING)
    if lasting % timedelta(days=1):
        raise BadRequest("`joined` is a whole number of days, for example 30d.", "bad_joined")
    return lasting


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    outcome = asking.one_of("outcome", given.get("outcome", joining.OUTCOMES[0]), joining.OUTCOMES)
    return joining.people(connection, asked, span(given), joined=outcome == joining.OUTCOMES[0])
