"""The read API of targets: what a metric should come to in a period, and all its targets.

Not here: how they are scaled (targets.py), records read back (api.py), setting one (/v1/records, the metric's page).
"""

from datetime import date
from typing import Any

from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.periods import utc_text
from kernel.web.api import ApiView, parameters
from metrics import query, targets
from metrics.api import CHANNEL, PERIOD, asked
from metrics.catalogue.base import Metric
from metrics.facts.base import WORKSPACE


class TargetSerializer(serializers.Serializer[Any]):
    """A target as it was set."""

    channel = serializers.CharField(allow_null=True, help_text="slug; null: all channels together")
    value = serializers.CharField(help_text="decimal")
    period = serializers.CharField(
        allow_null=True,
        help_text="day, week, month, quarter, year, so many days (45d), whole; null: the same in every period",
    )
    first = serializers.DateField()
    last = serializers.DateField(allow_null=True)
    set_by = serializers.CharField(allow_null=True, help_text="a person's login; null: a record")
    set_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name in Python."""
        names = {"first": "from", "last": "to"}
        return {names.get(name, name): field for name, field in super().get_fields().items()}


class GoalSerializer(serializers.Serializer[Any]):
    """What a metric should come to in a period."""

    metric = serializers.CharField()
    channel = serializers.CharField(allow_null=True)
    value = serializers.CharField(
        allow_null=True, help_text="decimal, scaled by days where the metric adds up"
    )
    why = serializers.ChoiceField(
        choices=[targets.OTHER_LENGTH, targets.GAPS],
        allow_null=True,
        help_text="why there is no value: the target is per another length; it does not hold on all days",
    )
    target = TargetSerializer(allow_null=True, help_text="the one that holds last in the period")
    targets = TargetSerializer(many=True, help_text="all of the metric, the one that began last first")


class Target(ApiView):
    """What a metric should come to."""

    @extend_schema(parameters=[*PERIOD, CHANNEL], responses=GoalSerializer)
    def get(self, request: Request, name: str) -> Response:
        """In a period, on all channels together or on one; with every target of the metric."""
        metric = query.metric_named(name)
        given = parameters(request, ("from", "to"), ["channel"])
        settings = query.reporting_settings(connection, self.access.workspace)
        ask = asked(given, settings)
        channel = WORKSPACE if ask.channel is None else ask.channel
        every = targets.targets(connection, settings.workspace, name)
        goal = targets.goal(metric, [one for one in every if one.channel == channel], ask.period)
        answer = {
            "metric": name,
            "channel": settings.channels.get(channel),
            "value": query.text(goal.value) if goal and goal.value is not None else None,
            "why": goal.why or None if goal else None,
            "target": _said(metric, goal.target, settings) if goal else None,
            "targets": [_said(metric, one, settings) for one in every],
        }
        return Response(answer)


def _said(metric: Metric, target: targets.Target, settings: query.ReportingSettings) -> dict[str, Any]:
    return {
        "channel": settings.channels.get(target.channel),
        "value": query.text(target.value),
        "period": targets.per_of(metric, target) or None,
        "from": _day(target.first),
        "to": _day(target.last),
        "set_by": target.author or None,
        "set_at": utc_text(target.said_at),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
