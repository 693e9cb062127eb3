"""The read API of profiles: list, one, timeline, events, joins, conflicts, violations. Not here: merge and split."""

from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, limit, paged, parameters
from profiles import answers, queries, reasons, timeline

PROFILE_FILTERS = ["search", "identifier", "segment", *queries.BOUNDS, "ordering"]
EVENT_FILTERS = ["message_id", "name", "type", "touchpoint", "profile", "identifier", "after", "before"]


def _documented(names: list[str], many: list[str]) -> list[OpenApiParameter]:
    texts = [*names, *many, "cursor", "limit"]
    return [OpenApiParameter(name, OpenApiTypes.STR, many=name in many, explode=True) for name in texts]


class Profiles(ApiView):
    """Profiles, the last seen first."""

    shows_contacts = True

    @extend_schema(parameters=_documented(PROFILE_FILTERS, ["channel"]), responses=answers.ProfilePage)
    def get(self, request: Request) -> Response:
        """A cursor page of profiles."""
        given = parameters(request, PROFILE_FILTERS, ["channel"])
        found = queries.find(
            connection,
            self.access.workspace,
            given,
            given.get("cursor"),
            limit(request),
            given.get("ordering", ""),
            masked=self.access.masked,
        )
        return paged(request, found)


class Profile(ApiView):
    """One profile, by any id ever given."""

    shows_contacts = True

    @extend_schema(responses=answers.WholeProfile)
    def get(self, request: Request, key: str) -> Response:
        """Traits that survive, identifiers, summary, and the other ids that lead here."""
        parameters(request)
        return Response(queries.profile(connection, self.access.workspace, key, self.access.masked))


class Timeline(ApiView):
    """One profile's events, newest first."""

    shows_contacts = True

    @extend_schema(parameters=_documented(EVENT_FILTERS, ["channel"]), responses=answers.EventPage)
    def get(self, request: Request, key: str) -> Response:
        """A cursor page of events."""
        given = parameters(request, EVENT_FILTERS, ["channel"], "properties")
        context, at = self.access, given.get("cursor")
        found = timeline.timeline(
            connection, context.workspace, key, given, context.masked, at, limit(request)
        )
        return paged(request, found)


class Events(ApiView):
    """All events, newest first."""

    shows_contacts = True

    @extend_schema(parameters=_documented(EVENT_FILTERS, ["channel"]), responses=answers.EventPage)
    def get(self, request: Request) -> Response:
        """A cursor page of events; `properties.KEY=VALUE` looks inside them."""
        given = parameters(request, EVENT_FILTERS, ["channel"], "properties")
        context, at = self.access, given.get("cursor")
        return paged(
            request, timeline.events(connection, context.workspace, given, context.masked, at, limit(request))
        )


class Joins(ApiView):
    """Why the identifiers of a profile are one person."""

    shows_contacts = True

    @extend_schema(responses=answers.JoinPage)
    def get(self, request: Request, key: str) -> Response:
        """The joins, in the order in which they were made."""
        parameters(request)
        context = self.access
        serial, _public = queries.resolve(connection, context.workspace.pk, key)
        found = reasons.joins(connection, context.workspace.pk, serial, context.masked)
        return Response({"next": None, "previous": None, "results": found})


class NamedIdentifier(serializers.Serializer[Any]):
    """An identifier as evidence and decisions name it."""

    kind = serializers.CharField()
    namespace = serializers.CharField(allow_blank=True)
    value = serializers.CharField(help_text="Contact data masked for a viewer.")
    key = serializers.UUIDField()
    profile = serializers.UUIDField(help_text="The id of the profile it belongs to now.")
    shared = serializers.BooleanField()


class Decided(serializers.Serializer[Any]):
    """One decision of a person."""

    what = serializers.ChoiceField(choices=["merge", "split", "apart"])
    a = NamedIdentifier()
    b = NamedIdentifier()
    together = serializers.BooleanField(help_text="Whether both belong to one profile now.")
    reason = serializers.CharField()
    actor = serializers.CharField()
    at = serializers.DateTimeField()


class DecidedList(serializers.Serializer[Any]):
    """The decisions, the last first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Decided(many=True)


class Decisions(ApiView):
    """What people decided about a profile."""

    shows_contacts = True

    @extend_schema(responses=DecidedList)
    def get(self, request: Request, key: str) -> Response:
        """Merges, splits and conflicts decided, the last first, with author, reason and time; at most 50."""
        parameters(request)
        context = self.access
        serial, _public = queries.resolve(connection, context.workspace.pk, key)
        found = reasons.decisions(connection, context.workspace.pk, serial, context.masked)
        return Response({"next": None, "previous": None, "results": found})


class Conflicts(ApiView):
    """What was not joined, and why."""

    shows_contacts = True

    @extend_schema(parameters=_documented(["state"], []), responses=answers.ConflictPage)
    def get(self, request: Request) -> Response:
        """A cursor page of refused edges; `state=open`: those that wait for a person's word."""
        given, context = parameters(request, ["state"]), self.access
        workspace, masked, at = context.workspace.pk, context.masked, given.get("cursor")
        state = given.get("state", "")
        if state not in ("", "open"):
            raise BadRequest("`state` is open, or not given.", "bad_state")
        if state:
            found = reasons.undecided(connection, workspace, timezone.now(), masked, at, limit(request))
        else:
            found = reasons.refused(connection, workspace, masked, at, limit(request))
        return paged(request, found)


class Violations(ApiView):
    """Identifiers that many share, limits reached, values with many conflicts."""

    shows_contacts = True

    @extend_schema(parameters=_documented([], []), responses=answers.ViolationPage)
    def get(self, request: Request) -> Response:
        """A cursor page of violations."""
        given, context = parameters(request), self.access
        found = reasons.violations(
            connection, context.workspace.pk, context.masked, given.get("cursor"), limit(request)
        )
        return paged(request, found)
