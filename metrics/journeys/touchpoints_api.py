"""Touchpoints over HTTP, and the people with or without one. Not here: how it is counted (touchpoints.py)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, shape
from metrics import api
from metrics.journeys import asking, touchpoints
from metrics.journeys.base import Asked
from metrics.journeys.touchpoints import EFFECTS
from profiles.answers import ProfilePage

NAMED = ("from", "to", "within", "matched")
OUTCOMES = ("with", "without")
WITHIN = "90d"
ASKED = [
    *api.PERIOD,
    asking.text_of("within", f"how long after an order what is met and bought counts; default {WITHIN}"),
    asking.text_of("matched", "1: compare only customers alike in channel, order count and month; default 0"),
]


class TouchpointGroup(serializers.Serializer):
    """Customers with a touchpoint, or without."""

    customers = serializers.IntegerField()
    repurchased = serializers.IntegerField()
    satisfied = serializers.IntegerField()
    answered = serializers.IntegerField()
    repurchase = DecimalText(allow_null=True, help_text="The share compared; weighted where matched.")
    satisfaction = DecimalText(allow_null=True)


class TouchpointDifference(serializers.Serializer):
    """With less without, as shares, each with its 95 % interval."""

    repurchase = DecimalText(allow_null=True)
    low = DecimalText(allow_null=True)
    high = DecimalText(allow_null=True)
    satisfaction = DecimalText(allow_null=True)
    satisfaction_low = DecimalText(allow_null=True)
    satisfaction_high = DecimalText(allow_null=True)


TouchpointEffect = shape(
    "TouchpointEffect",
    {
        "touchpoint": serializers.CharField(),
        "split": serializers.ChoiceField(choices=sorted({split for _, split in EFFECTS})),
        "with": TouchpointGroup(),
        "without": TouchpointGroup(),
        "difference": TouchpointDifference(),
    },
)


class TouchpointsAnswer(serializers.Serializer):
    """What meeting a touchpoint goes along with. It is no proof of cause."""

    effects = TouchpointEffect(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="The newest event that is in it.")


class Touchpoints(ApiView):
    """Customers with an order in the period who met a touchpoint before their next one, and those who did not."""

    @extend_schema(parameters=ASKED, responses=TouchpointsAnswer)
    def get(self, request: Request) -> Response:
        """An effect for each touchpoint and split: who bought again, who is satisfied, how sure that differs.

        A customer is looked at from the first order of the period on. No proof of cause.
        """
        given = parameters(request, NAMED)
        within, alike = lasting(given), matched(given)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(touchpoints.touchpoints(asked, within, alike=alike).json())


class TouchpointPeople(ApiView):
    """The people with a touchpoint, or without it."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *ASKED,
            asking.text_of("touchpoint", "of an effect", required=True),
            asking.text_of("split", "of the effect; default any"),
            asking.text_of("outcome", "with (default) or without"),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles: all with or without, matched or not."""
        given = parameters(request, (*NAMED, "touchpoint", "split", "outcome", "ordering"))
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


def lasting(given: Mapping[str, Any]) -> timedelta:
    """How long after an order counts."""
    return asking.length("within", given.get("within", WITHIN))


def matched(given: Mapping[str, Any]) -> bool:
    """Whether only customers alike are compared."""
    return asking.one_of("matched", given.get("matched", "0"), ("0", "1")) == "1"


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    matched(given)
    effect = (given.get("touchpoint", ""), given.get("split", touchpoints.ANY))
    if effect not in EFFECTS:
        known = ", ".join(f"{touchpoint} {split}" for touchpoint, split in EFFECTS)
        raise BadRequest(f"`touchpoint` and `split` are one of these pairs: {known}.", "unknown_effect")
    met = asking.one_of("outcome", given.get("outcome", OUTCOMES[0]), OUTCOMES) == OUTCOMES[0]
    return touchpoints.people(asked, lasting(given), effect, met=met)
