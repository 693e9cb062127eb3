"""The read API of channels: channels with their health, connectors, rejects and their replay."""

from typing import Any

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.kernel.api import ApiView, body, limit, paged, parameters, uuid_of
from cdp.kernel.errors import BadRequest
from cdp.kernel.models import Audit
from channels import queries
from channels.inbox import rejects
from channels.models import Channel, Connector

REJECT_FILTERS = ("reason", "connector", "state")


def _time(at: Any) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def health(flow: queries.Flow | None) -> dict[str, Any]:
    """The last 24 hours in figures; state is one word."""
    if flow is None:
        return {
            "state": "silent",
            "received": 0,
            "stored": 0,
            "rejected": 0,
            "repeats": 0,
            "identified": 0,
            "last": None,
        }
    state = "rejecting" if flow.rejected else "healthy"
    return {
        "state": state,
        "received": flow.received,
        "stored": flow.stored,
        "rejected": flow.rejected,
        "repeats": flow.repeats,
        "identified": flow.identified,
        "lag_ms": flow.lag_ms,
        "last": _time(flow.last),
    }


class Channels(ApiView):
    """The workspace's channels."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """All channels, with what came in the last 24 hours."""
        parameters(request)
        workspace = self.place.workspace
        flows = queries.channel_flows(workspace.pk)
        found = [
            {
                "slug": channel.slug,
                "name": channel.name,
                "kind": channel.kind,
                "currency": channel.currency,
                "timezone": channel.timezone,
                "health": health(flows.get(channel.pk)),
            }
            for channel in Channel.objects.filter(workspace=workspace).order_by("pk")
        ]
        return Response({"next": None, "previous": None, "results": found})


class Connectors(ApiView):
    """The workspace's connectors; write keys are shown to admins on the channel's page only."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """All connectors, with what came in the last 24 hours."""
        parameters(request)
        workspace = self.place.workspace
        flows = queries.flows(workspace.pk)
        found = [
            {
                "connector": str(one.uuid),
                "name": one.name,
                "kind": one.kind,
                "channel": one.channel.slug,
                "enabled": one.enabled,
                "rate_limit": one.rate_limit,
                "created_at": _time(one.created_at),
                "health": health(flows.get(one.pk)),
            }
            for one in Connector.objects.filter(workspace=workspace).select_related("channel").order_by("pk")
        ]
        return Response({"next": None, "previous": None, "results": found})


class Rejects(ApiView):
    """Messages that could not be used, whole, with their reason."""

    @extend_schema(
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR) for name in (*REJECT_FILTERS, "cursor", "limit")
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of rejects, newest first."""
        given, place = parameters(request, REJECT_FILTERS), self.place
        found = rejects.page(
            connection,
            place.workspace.pk,
            masked=place.masked,
            reason=given.get("reason"),
            connector=_connector(place.workspace.pk, given.get("connector")),
            state=given.get("state"),
            at=given.get("cursor"),
            limit=limit(request),
        )
        return paged(request, found)


def _connector(workspace: int, text: str | None) -> int | None:
    """A connector's serial id by its uuid; a BadRequest for one that is not there."""
    if not text:
        return None
    uuid = uuid_of(text)
    found = Connector.objects.filter(workspace=workspace, uuid=uuid).first() if uuid else None
    if found is None:
        raise BadRequest("There is no connector with this uuid in the workspace.", "unknown_connector")
    return found.pk


class Replay(ApiView):
    """Rejects into the line again, after what was wrong has been mended."""

    role = "analyst"

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        """`{"ids": […]}`, `{"reason": …}` or `{"all": true}`, with "connector" to narrow it; twice changes nothing."""
        asked, place = body(request), self.place
        if sum(bool(asked.get(name)) for name in ("ids", "reason", "all")) != 1:
            raise BadRequest('Say which: one of "ids", "reason" and "all".', "bad_request")
        ids = asked.get("ids")
        if ids is not None and not (
            isinstance(ids, list) and all(isinstance(i, str) and uuid_of(i) for i in ids)
        ):
            raise BadRequest('"ids" is a list of reject ids.', "bad_request")
        done = rejects.replay(
            connection,
            place.workspace.pk,
            ids=ids,
            reason=str(asked["reason"]) if asked.get("reason") else None,
            connector=_connector(
                place.workspace.pk, str(asked["connector"]) if asked.get("connector") else None
            ),
        )
        Audit.objects.create(
            workspace=place.workspace,
            actor=str(request.user),
            action="rejects.replay",
            target=str(asked)[:200],
            detail=done,
        )
        return Response(done)
