"""The API that proposes a tracking plan out of what came. Not here: what it proposes (channels/plan/proposal.py)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels.plan import form, proposal
from channels.plan.answers import PlanEvent
from channels.plan.form import Plan
from channels.plan.proposal import Seen
from kernel.errors import BadRequest
from kernel.web.api import ApiView, body
from profiles import observed
from profiles.observed import Observed

DAYS: Final = 30
MOST_DAYS: Final = 366


class InferForm(serializers.Serializer[Any]):
    """How far back it looks."""

    days = serializers.IntegerField(required=False, help_text="30 unless said, at most 366.")


class SeenProperty(serializers.Serializer[Any]):
    """What the proposal of a property rests on."""

    event = serializers.CharField()
    property = serializers.CharField()
    of = serializers.IntegerField(help_text="How many events, or objects on its path, could have it.")
    there = serializers.IntegerField(help_text="How many have it.")


class Inferred(serializers.Serializer[Any]):
    """A proposal: nothing is saved."""

    days = serializers.IntegerField()
    looked_at = serializers.IntegerField(
        help_text="Events: at most 30,000, the newest and some of each hour."
    )
    events = serializers.DictField(
        child=PlanEvent(), help_text="As `PUT /api/plan/` takes them; every one open."
    )
    seen = SeenProperty(many=True)


class Proposal(NamedTuple):
    """A plan, and what it rests on."""

    plan: Plan
    looked_at: int
    seen: list[Observed]


def propose(workspace: int, days: int, now: datetime) -> Proposal:
    """A plan out of the events of the last days."""
    seen = observed.properties(connection, workspace, now - timedelta(days=days), now)
    events = {one.event: one.events for one in seen}
    found = proposal.proposed(Seen(**{name: getattr(one, name) for name in Seen._fields}) for one in seen)
    return Proposal(found, sum(events.values()), seen)


class PlanInfer(ApiView):
    """A tracking plan proposed."""

    role = "analyst"

    @extend_schema(request=InferForm, responses=Inferred)
    def post(self, request: Request) -> Response:
        """Types, what 99.5 % have, values where there are few, bounds of numbers, out of the events of some days."""
        days = body(request).get("days", DAYS)
        if type(days) is not int or not 0 < days <= MOST_DAYS:
            raise BadRequest(_('"days" is a number from 1 to %(most)s.') % {"most": MOST_DAYS}, "bad_request")
        found = propose(self.access.workspace.pk, days, datetime.now(UTC))
        return Response(
            {
                "days": days,
                "looked_at": found.looked_at,
                "events": form.shown(found.plan),
                "seen": [
                    {"event": one.event, "property": one.property, "of": one.of, "there": one.there}
                    for one in found.seen
                ],
            }
        )
