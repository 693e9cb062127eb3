"""Points and stored value over HTTP. Not here: the sums (accounts.py), who holds them (membership_api.py)."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText
from metrics import api
from metrics.journeys import asking
from metrics.loyalty import accounts
from metrics.loyalty.membership_api import AS_OF


class MemberAccountSum(serializers.Serializer):
    """Points, or stored value in one currency."""

    unit = serializers.CharField(help_text=" or ".join(accounts.UNITS))
    currency = serializers.CharField(allow_null=True, help_text="null: of points.")
    earned = DecimalText(help_text="In the period, as all but outstanding.")
    spent = DecimalText()
    expired = DecimalText()
    outstanding = DecimalText(help_text="At the period's end, of all that ever was.")
    holders = serializers.IntegerField(help_text="Members with more than 0 then.")
    overdrawn = serializers.IntegerField(help_text="Members with less than 0 then.")


class MemberAccountPart(MemberAccountSum):
    """The same of a tier or a channel."""

    tier = serializers.CharField(
        required=False, allow_blank=True, help_text="By tier; empty: members of whom none was named."
    )
    channel = serializers.SlugField(required=False, help_text="By channel.")


class MemberAccountsAnswer(serializers.Serializer):
    """What members hold."""

    total = MemberAccountSum(many=True)
    by = MemberAccountPart(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class MemberAccounts(ApiView):
    """Points and stored value of members."""

    @extend_schema(
        parameters=[
            *api.PERIOD,
            OpenApiParameter("by", OpenApiTypes.STR, enum=accounts.BY, description="default tier"),
        ],
        responses=MemberAccountsAnswer,
    )
    def get(self, request: Request) -> Response:
        """What was earned, spent and ran out in the period, what is outstanding at its end, by tier or channel."""
        given = parameters(request, ("from", "to", "by"))
        by = asking.one_of("by", given.get("by", accounts.BY[0]), accounts.BY)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(accounts.accounts(asked, by).json())
