"""Campaigns over HTTP: calendar, spend and credit, overlap and frequency, and the people behind them.

Not here: how they are counted (campaigns.py, reach.py), what more money would bring (response_api.py).
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, Unconverted, shape
from metrics import api
from metrics.attribution.models import BY_NAME
from metrics.attribution.question import MODEL
from metrics.journeys import asking
from metrics.journeys.base import Asked
from metrics.marketing import campaigns, reach
from metrics.marketing.cautions import SENTENCES
from profiles.answers import ProfilePage

AS_OF: Final = "The newest event that is in it."
MODELS: Final = tuple(BY_NAME)
NONE: Final = "null"  # in an address: touches that name no campaign
TOUCHES: Final = 1_000_000  # of one customer: more than anybody has


class CampaignSlot(serializers.Serializer):
    """An interval of the calendar."""

    start = serializers.DateField()
    spend = DecimalText()
    touches = serializers.IntegerField()


class CampaignRow(serializers.Serializer):
    """A campaign over the period."""

    campaign = serializers.CharField(allow_null=True, help_text="null: spend and touches that name none.")
    channels = serializers.ListField(child=serializers.SlugField())
    mediums = serializers.ListField(child=serializers.CharField(), help_text="Of its spend.")
    currencies = serializers.ListField(child=serializers.CharField(), help_text="Of its spend.")
    first = serializers.DateField(help_text="The first day with spend or a touch, within the period.")
    last = serializers.DateField()
    spend = DecimalText(allow_null=True, help_text="null: none is known.")
    touches = serializers.IntegerField()
    customers = serializers.IntegerField(help_text="Reached: met it in the period.")
    conversions = DecimalText(
        allow_null=True, help_text="Credited orders; null: told with others, or no campaign."
    )
    revenue = DecimalText(allow_null=True)
    roas = DecimalText(allow_null=True, help_text="Credited revenue / spend.")
    roi = DecimalText(allow_null=True, help_text="(Credited margin - spend) / spend.")
    cpa = DecimalText(allow_null=True, help_text="Spend / credited orders.")
    series = CampaignSlot(many=True)
    unconverted = Unconverted(many=True, help_text="Spend that has no rate.")


class CampaignTotal(serializers.Serializer):
    """All campaigns, and what names none."""

    spend = DecimalText()
    conversions = DecimalText(help_text="All orders of the period, credited or not.")
    revenue = DecimalText()
    customers = serializers.IntegerField(help_text="Reached by any campaign.")


class MarketingCaution(serializers.Serializer):
    """What to beware of."""

    code = serializers.ChoiceField(choices=sorted(SENTENCES))
    message = serializers.CharField()


class CampaignsAnswer(serializers.Serializer):
    """Campaigns of all channels on one calendar."""

    model = serializers.ChoiceField(choices=MODELS)
    interval = serializers.ChoiceField(choices=("day", "week", "month"))
    campaigns = CampaignRow(many=True)
    total = CampaignTotal()
    warnings = MarketingCaution(many=True)
    currency = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class CampaignReached(serializers.Serializer):
    """A campaign and how many customers it reached."""

    campaign = serializers.CharField()
    customers = serializers.IntegerField()


class CampaignPair(serializers.Serializer):
    """Two campaigns and how many customers both reached."""

    first = serializers.CharField()
    second = serializers.CharField()
    customers = serializers.IntegerField()
    either = serializers.IntegerField(help_text="Reached by one or both.")
    share = DecimalText(allow_null=True, help_text="Of either.")


TouchFrequency = shape(
    "TouchFrequency",
    {
        "from": serializers.IntegerField(
            help_text="So many touches or more, up to the first order after the first."
        ),
        "to": serializers.IntegerField(allow_null=True, help_text="null: or more."),
        "customers": serializers.IntegerField(),
        "converted": serializers.IntegerField(help_text="Ordered in the period, after the first touch."),
        "conversion": DecimalText(allow_null=True),
        "low": DecimalText(allow_null=True, help_text="Of its 95 % interval."),
        "high": DecimalText(allow_null=True),
    },
)


class ReachAnswer(serializers.Serializer):
    """Whom campaigns share, and how often customers are met."""

    campaigns = CampaignReached(many=True)
    left_out = serializers.IntegerField(help_text="Campaigns that reached fewer and are not told.")
    pairs = CampaignPair(many=True)
    frequency = TouchFrequency(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class Marketing(ApiView):
    """Campaigns across channels."""

    @extend_schema(
        parameters=[
            *api.PERIOD,
            OpenApiParameter(
                "model", OpenApiTypes.STR, enum=MODELS, description=f"of attribution; default {MODEL}"
            ),
        ],
        responses=CampaignsAnswer,
    )
    def get(self, request: Request) -> Response:
        """Spend against credit, touches and customers reached of every campaign, with its calendar."""
        given = parameters(request, ("from", "to", "model"))
        model = asking.one_of("model", given.get("model", MODEL), MODELS)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(campaigns.campaigns(connection, asked, model).json())


class MarketingReach(ApiView):
    """Overlap of campaigns' audiences and frequency."""

    @extend_schema(parameters=api.PERIOD, responses=ReachAnswer)
    def get(self, request: Request) -> Response:
        """Customers reached by both of two campaigns; customers by number of touches, and who of them ordered."""
        given = parameters(request, ("from", "to"))
        with asking.opened(self.access.workspace, given) as asked:
            return Response(reach.reach(asked).json())


class MarketingPeople(ApiView):
    """The people whom campaigns reached."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *api.PERIOD,
            asking.text_of("campaign", "whom it reached; null: touches that name none"),
            asking.text_of("also", "another campaign: whom both reached"),
            asking.text_of("touches", "instead of a campaign: at least so many touches"),
            asking.text_of("touches_to", "and at most so many"),
            asking.text_of("converted", "1: of these only who ordered; default 0"),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles."""
        named = ("from", "to", "campaign", "also", "touches", "touches_to", "converted", "ordering")
        given = parameters(request, named)
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    converted = asking.one_of("converted", given.get("converted", "0"), ("0", "1")) == "1"
    if given.get("touches"):
        low = asking.whole("touches", given["touches"], TOUCHES)
        high = asking.whole("touches_to", given["touches_to"], TOUCHES) if given.get("touches_to") else None
        return reach.often(asked, low, high, converted=converted)
    if not given.get("campaign"):
        raise BadRequest(_("Name a `campaign`, or how many `touches` are wanted at least."), "bad_campaign")
    if given.get("also"):
        return reach.shared(asked, given["campaign"], given["also"])
    return campaigns.people(asked, "" if given["campaign"] == NONE else given["campaign"])
