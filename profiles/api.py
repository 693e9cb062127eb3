"""The read API of profiles: list, one, timeline, events, joins, conflicts, violations. Not here: merge and split."""

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.web.api import ApiView, limit, paged, parameters
from profiles import answers, queries, reasons, timeline

PROFILE_FILTERS = ["search", "identifier", "segment", *queries.BOUNDS, "ordering"]
EVENT_FILTERS = ["message_id", "name", "type", "touchpoint", "profile", "identifier", "after", "before"]


def _documented(names: list[str], many: list[str]) -> list[OpenApiParameter]:
    texts = [*names, *many, "cursor", "limit"]
    return [OpenApiParameter(name, OpenApiTypes.STR, many=name in many, explode=True) for name in texts]


class Profiles(ApiView):
    """Profiles, the last seen first."""

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

    @extend_schema(responses=answers.WholeProfile)
    def get(self, request: Request, key: str) -> Response:
        """Traits that survive, identifiers, summary, and the other ids that lead here."""
        parameters(request)
        return Response(queries.profile(connection, self.access.workspace, key, self.access.masked))


class Timeline(ApiView):
    """One profile's events, newest first."""

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

    @extend_schema(responses=answers.JoinPage)
    def get(self, request: Request, key: str) -> Response:
        """The joins, in the order in which they were made."""
        parameters(request)
        context = self.access
        serial, _public = queries.resolve(connection, context.workspace.pk, key)
        found = reasons.joins(connection, context.workspace.pk, serial, context.masked)
        return Response({"next": None, "previous": None, "results": found})


class Conflicts(ApiView):
    """What was not joined, and why."""

    @extend_schema(parameters=_documented([], []), responses=answers.ConflictPage)
    def get(self, request: Request) -> Response:
        """A cursor page of refused edges."""
        given, context = parameters(request), self.access
        found = reasons.refused(
            connection, context.workspace.pk, context.masked, given.get("cursor"), limit(request)
        )
        return paged(request, found)


class Violations(ApiView):
    """Identifiers that many share, limits reached, values with many conflicts."""

    @extend_schema(parameters=_documented([], []), responses=answers.ViolationPage)
    def get(self, request: Request) -> Response:
        """A cursor page of violations."""
        given, context = parameters(request), self.access
        found = reasons.violations(
            connection, context.workspace.pk, context.masked, given.get("cursor"), limit(request)
        )
        return paged(request, found)
