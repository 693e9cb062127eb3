"""The funnel over HTTP, and the people behind its bars. Not here: how it is counted (funnel.py)."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText
from metrics import api
from metrics.journeys import asking, funnel, steps
from metrics.journeys.base import Asked
from metrics.journeys.funnel_walk import OUTCOMES, REACHED, Question
from profiles.answers import ProfilePage

ORDERS = ("loose", "strict")
NAMED = ("steps", "window", "from", "to", "order", "by", "exclude")
WINDOW = "7d"
ASKED = [
    asking.text_of(
        "steps", "events, touchpoint:NAME or channel:SLUG, with commas between them", required=True
    ),
    asking.text_of("window", f"how long after the first step the others count, like 24h; default {WINDOW}"),
    *api.PERIOD,
    asking.text_of("order", "strict: nothing but repeats of the step before in between; default loose"),
    asking.text_of("by", "channel, campaign, source, touchpoint, city or properties.NAME, at the first step"),
    asking.text_of("exclude", "a step: from its event on a start counts no further"),
]


class FunnelStep(serializers.Serializer):
    """How many customers came as far as a step, and how long after the first."""

    name = serializers.CharField()
    customers = serializers.IntegerField()
    share = DecimalText(allow_null=True, help_text="Of the customers of the first step.")
    median_seconds = serializers.FloatField(allow_null=True, help_text="From the first step to this one.")
    p90_seconds = serializers.FloatField(allow_null=True)


class FunnelSteps(serializers.Serializer):
    """The steps of one value of the break-down."""

    steps = FunnelStep(many=True)


class FunnelAnswer(FunnelSteps):
    """A funnel."""

    by = serializers.DictField(
        child=FunnelSteps(),
        required=False,
        help_text="By value at the first step: 50 by size, then `other`, and `null` for none.",
    )
    as_of = serializers.DateTimeField(allow_null=True, help_text="The newest event that is in it.")


class Funnel(ApiView):
    """How many customers go through steps in order."""

    @extend_schema(parameters=ASKED, responses=FunnelAnswer)
    def get(self, request: Request) -> Response:
        """Customers and times of each step, and by value of a dimension."""
        given = parameters(request, NAMED)
        with asking.opened(self.access.workspace, given) as asked:
            found = funnel.ask(asked, question(given, asked.settings.channels))
            answer: dict[str, Any] = {"steps": [step.json() for step in found.steps]}
            if found.by is not None:
                answer["by"] = {
                    value: {"steps": [step.json() for step in line]} for value, line in found.by.items()
                }
            return Response(answer | {"as_of": asked.as_of})


class FunnelPeople(ApiView):
    """The people behind a bar of the funnel, or behind the loss before it."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *ASKED,
            asking.text_of("step", "the number of the step, from 1; default 1"),
            asking.text_of("outcome", "reached, or dropped: reached the step before and not this one"),
            asking.text_of("value", "only those of a value of the break-down"),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles."""
        given = parameters(request, (*NAMED, "step", "outcome", "value", "ordering"))
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    wanted = question(given, asked.settings.channels)
    step = asking.whole("step", given.get("step", "1"), len(wanted.steps))
    outcome = asking.one_of("outcome", given.get("outcome", REACHED), OUTCOMES)
    if "value" in given and not wanted.by:
        raise BadRequest("`value` is one of a break-down: say by what with `by`.", "bad_value")
    return funnel.people(asked, wanted, step, outcome, given.get("value"))


def question(given: Mapping[str, Any], channels: Mapping[int, str]) -> Question:
    """The parameters of an address as a question; a BadRequest says which cannot be. `channels`: slugs by id."""
    wanted = steps.listed(given.get("steps", ""), channels)
    exclude = steps.one(given["exclude"], channels) if given.get("exclude") else None
    if exclude in wanted:
        raise BadRequest(
            f"“{given['exclude'][:200]}” is a step, and cannot be excluded at the same time.", "bad_exclude"
        )
    return Question(
        wanted,
        asking.length("window", given.get("window", WINDOW)),
        asking.one_of("order", given.get("order", ORDERS[0]), ORDERS) == "strict",
        exclude,
        asking.dimension(given.get("by", "")),
    )
