"""Segments over HTTP. Not here: what they may be and who may do what (segments.py), who is in them (members.py)."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import normalise, periods
from kernel.errors import BadRequest
from kernel.models import Role
from kernel.web import access
from kernel.web.api import ApiView, body, limit, paged, parameters
from metrics import api as metrics
from metrics import query
from metrics.boards import fields
from metrics.boards.reader import Reader
from metrics.models import Segment as Kept
from metrics.segments import answers, insight, kept, members, segments, words
from metrics.segments import compile as compiling
from profiles import queries
from profiles.answers import ProfilePage

PAGING = [OpenApiParameter(name, OpenApiTypes.STR) for name in ("cursor", "limit")]
GONE = {status.HTTP_204_NO_CONTENT: None}
MOST_DAYS = 3_660  # of a history
MOST_SETS = 8  # segments of one overlap


class _View(ApiView):
    """A view that knows who asks; whoever only reads changes nothing."""

    @property
    def reader(self) -> Reader:
        """Whoever sent this request."""
        return Reader.of(self.access, self.request.user)

    def get_permissions(self) -> list[Any]:
        """Reading is everybody's, making an analyst's, before anything of the body is looked at."""
        reading = self.request.method in ("GET", "HEAD", "OPTIONS")
        return [access.at_least(self.role if reading else Role.ANALYST)()]


class Segments(_View):
    """Rules under a name."""

    @extend_schema(parameters=PAGING, responses=answers.SegmentPage)
    def get(self, request: Request) -> Response:
        """A cursor page of them, newest first."""
        given = parameters(request)
        return paged(request, segments.listed(connection, self.reader, given.get("cursor"), limit(request)))

    @extend_schema(
        operation_id="segment_add",
        request=answers.SegmentAsked,
        responses={status.HTTP_201_CREATED: answers.Segment},
    )
    def post(self, request: Request) -> Response:
        """Makes one. Analysts and admins."""
        made = segments.add(self.reader, body(request))
        return Response(segments.said(self.reader, made), status=status.HTTP_201_CREATED)


class Segment(_View):
    """One segment."""

    @extend_schema(responses=answers.Segment)
    def get(self, request: Request, slug: str) -> Response:
        """Its rule, in JSON and in words, and how many are in it."""
        parameters(request)
        return Response(segments.said(self.reader, segments.one(self.access.workspace, slug)))

    @extend_schema(operation_id="segment_change", request=answers.SegmentChanged, responses=answers.Segment)
    def patch(self, request: Request, slug: str) -> Response:
        """Changes what is named. Analysts and admins."""
        return Response(segments.said(self.reader, segments.change(self.reader, slug, body(request))))

    @extend_schema(operation_id="segment_delete", responses=GONE)
    def delete(self, _request: Request, slug: str) -> Response:
        """Drops it with its history; 409 while other segments name it."""
        segments.remove(self.reader, slug)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SegmentPreview(_View):
    """A rule tried, before it is kept."""

    shows_contacts = True

    @extend_schema(
        operation_id="segment_preview",
        request=answers.RuleAsked,
        responses={status.HTTP_200_OK: answers.SegmentTried},
    )
    def post(self, request: Request) -> Response:
        """How many it finds, and up to 20 of them. Analysts and admins."""
        asked = fields.known(body(request), ("rule",))
        workspace = self.access.workspace
        node = kept.whole(connection, workspace, asked.get("rule"))
        with compiling.opened(workspace, node, timezone.now()) as over:
            found = compiling.preview(over, node)
            sample = compiling.sampled(over, found, masked=self.access.masked)
            told = words.of(node, over.settings.channels, workspace.currency)
            return Response({"count": found.people, "sample": sample, "words": told, "as_of": over.as_of})


class SegmentMembers(_View):
    """Who is in a segment."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            OpenApiParameter("at", OpenApiTypes.DATETIME, description="who was in it then; default now"),
            metrics.ORDERING,
            *PAGING,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request, slug: str) -> Response:
        """A cursor page of profiles: of then, as they are joined now."""
        given = parameters(request, ("at", "ordering"))
        context = self.access
        segment = segments.one(context.workspace, slug)
        asked = (given.get("cursor"), limit(request), given.get("ordering", ""))
        if "at" not in given:
            filters = {"segment": segment.slug}
            found = queries.find(connection, context.workspace, filters, *asked, masked=context.masked)
        else:
            people = members.was_in(connection, segment, _moment(given["at"], context.workspace.timezone))
            found = queries.of_profiles(connection, context.workspace, people, *asked, masked=context.masked)
        return paged(request, found)


def _moment(given: str, zone: str) -> datetime:
    """A time; without an offset it is the workspace's."""
    found = normalise.moment(given, periods.zone(zone))
    if found is None:
        raise BadRequest("`at` is a time like 2026-11-01T08:00:00Z.", "bad_at")
    return found


class SegmentHistory(_View):
    """How a segment grew and shrank."""

    @extend_schema(parameters=metrics.PERIOD, responses=answers.History)
    def get(self, request: Request, slug: str) -> Response:
        """Who entered and left by day; default the 30 days to today."""
        given = parameters(request, ("from", "to"))
        workspace = self.access.workspace
        segment = segments.one(workspace, slug)
        days = metrics.period(given, periods.day(timezone.now(), periods.zone(workspace.timezone)))
        query.intervals(query.Ask(days, "month"))
        if (days.last - days.first).days > MOST_DAYS:
            raise BadRequest(f"That is more than {MOST_DAYS:,} days: ask for fewer.", "bad_period")
        found = members.history(connection, workspace, segment, *days)
        return Response({"days": [one._asdict() for one in found], "as_of": periods.utc_text(segment.as_of)})


class SegmentInsight(_View):
    """How members differ from others."""

    @extend_schema(
        parameters=[
            OpenApiParameter("against", OpenApiTypes.STR, description="slug of the base; default everybody")
        ],
        responses=answers.InsightAnswer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """The shares of each value of each dimension and trait, against the base's."""
        given, workspace = parameters(request, ("against",)), self.access.workspace
        segment = segments.one(workspace, slug)
        against = _named(workspace, "against", given["against"]) if given.get("against") else None
        settings = query.reporting_settings(connection, workspace)
        found = insight.of(connection, workspace, settings, (segment, against), timezone.now()).json()
        return Response(access.scrub(found) if self.access.masked else found)


class SegmentOverlap(_View):
    """Who is in several segments."""

    @extend_schema(
        parameters=[
            OpenApiParameter("a", OpenApiTypes.STR, description="slug", required=True),
            OpenApiParameter("b", OpenApiTypes.STR, description="slug", required=True),
            OpenApiParameter(
                "more", OpenApiTypes.STR, many=True, description="slug of another one, may repeat"
            ),
        ],
        responses=answers.Overlap,
    )
    def get(self, request: Request) -> Response:
        """How many are in exactly which of them."""
        given, workspace = parameters(request, ("a", "b"), ("more",)), self.access.workspace
        for name in ("a", "b"):
            if not given.get(name):
                raise BadRequest("`a` and `b` are the slugs of two segments.", "bad_overlap")
        wanted = list(dict.fromkeys((given["a"], given["b"], *given.get("more", ()))))
        if len(wanted) > MOST_SETS:
            raise BadRequest(f"At most {MOST_SETS} segments can be laid over each other.", "bad_overlap")
        asked = [_named(workspace, "a", slug) for slug in wanted]
        return Response(_overlap(workspace.pk, asked, given["a"], given["b"]))


def _overlap(workspace: int, asked: list[Kept], a: str, b: str) -> dict[str, Any]:
    slugs = {one.pk: one.slug for one in asked}
    found = [
        ({slugs[key] for key in keys}, n) for keys, n in members.sets(connection, workspace, list(slugs))
    ]

    def counted(*, of: set[str], without: set[str] = frozenset()) -> int:  # type: ignore[assignment]
        return sum(n for inside, n in found if of <= inside and not without & inside)

    return {
        "segments": [{"slug": one.slug, "count": counted(of={one.slug})} for one in asked],
        "sets": [
            {"segments": [one.slug for one in asked if one.slug in inside], "count": n} for inside, n in found
        ],
        "a": counted(of={a}),
        "b": counted(of={b}),
        "both": counted(of={a, b}),
        "only_a": counted(of={a}, without={b}),
        "only_b": counted(of={b}, without={a}),
        "as_of": periods.utc_text(min((one.as_of for one in asked if one.as_of), default=None)),
    }


def _named(workspace: Any, name: str, slug: str) -> Kept:
    """The segment that a parameter names: one that there is not is the parameter's fault."""
    found = Kept.objects.filter(workspace=workspace, slug=slug).first()
    if found is None:
        raise BadRequest(f"`{name}`: there is no segment “{slug[:60]}” in this workspace.", "unknown_segment")
    return found
