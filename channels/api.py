"""The read API of channels: channels with their health, connectors, rejects and their replay."""

from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django_filters import CharFilter, ModelChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels import answers, health, queries
from channels.connect import answers as connect_answers
from channels.connect import api as connect_api
from channels.connect import pulled
from channels.inbox import rejects, unsigned
from channels.models import Connector
from kernel import audit
from kernel.errors import BadRequest
from kernel.periods import utc_text
from kernel.web import access
from kernel.web.api import ApiView, body, limit, paged, parameters, uuid_of
from kernel.web.filters import Filters


def _connectors(request: Request) -> QuerySet[Connector]:
    return Connector.objects.filter(workspace=access.api_context(request).workspace)


class RejectFilters(Filters):
    """Reasons and states are checked where the list is (inbox/rejects.py): pages narrow it by them as well."""

    reason = CharFilter(strip=False)
    field = CharFilter(strip=False)
    connector = ModelChoiceFilter(queryset=_connectors, to_field_name="uuid")
    state = CharFilter(strip=False)

    refusals = MappingProxyType(
        {"connector": ("There is no connector with this uuid in the workspace.", "unknown_connector")}
    )


def said(one: health.Health) -> dict[str, Any]:
    """The last 24 hours in figures; state is one word, level how good it is."""
    return {
        "state": one.state,
        "level": one.level,
        **one.counts._asdict(),
        "lag_ms": one.lag_ms,
        "last": utc_text(one.last),
    }


class Channels(ApiView):
    """The workspace's channels."""

    @extend_schema(responses=answers.ChannelPage)
    def get(self, request: Request) -> Response:
        """All channels, with what came in the last 24 hours."""
        parameters(request)
        workspace = self.access.workspace
        how = health.of_channels(workspace.pk)
        found = [
            {
                "slug": channel.slug,
                "name": channel.name,
                "kind": channel.kind,
                "currency": channel.currency,
                "timezone": channel.timezone,
                "health": said(how.get(channel.pk, health.NOTHING)),
            }
            for channel in queries.channels_of(workspace.pk).values()
        ]
        return Response({"next": None, "previous": None, "results": found})


class Connectors(ApiView):
    """The workspace's connectors; write keys are shown to admins on the channel's page only."""

    def get_permissions(self) -> list[Any]:
        """Everybody may look, an admin may add one."""
        return [access.at_least("admin" if self.request.method == "POST" else self.role)()]

    @extend_schema(responses=answers.ConnectorPage)
    def get(self, request: Request) -> Response:
        """All connectors, with what came in the last 24 hours."""
        parameters(request)
        workspace = self.access.workspace
        how, forged = health.of_connectors(workspace.pk), unsigned.of(connection, workspace.pk)
        standing, found = pulled.of(connection, workspace.pk), []
        for one in Connector.objects.filter(workspace=workspace).select_related("channel").order_by("pk"):
            own, refused = how.get(one.pk, health.NOTHING), forged.get(one.pk)
            stands = standing.get(one.pk, pulled.NOTHING)
            shown = connect_api.shown(request, one, stands)
            found.append(
                {name: shown[name] for name in connect_api.LISTED}
                | {
                    "health": said(own),
                    "state": health.outside(
                        own, refused.last if refused else None, failing=stands.failure is not None
                    ),
                    "refused": refused.times if refused else 0,
                }
            )
        return Response({"next": None, "previous": None, "results": found})

    @extend_schema(request=connect_answers.Made, responses={201: connect_answers.Settings})
    def post(self, request: Request) -> Response:
        """A connector of any kind; where one is sent to with a write key, the key is in the answer."""
        return connect_api.make(request, self.access.workspace)


class Rejects(ApiView):
    """Messages that could not be used, whole, with their reason."""

    @extend_schema(parameters=RejectFilters.documented(), responses=answers.RejectPage)
    def get(self, request: Request) -> Response:
        """A cursor page of rejects, newest first."""
        given, context = RejectFilters.of(request), self.access
        found = rejects.page(
            connection,
            context.workspace.pk,
            masked=context.masked,
            reason=given.get("reason"),
            field=given.get("field"),
            connector=_serial(given),
            state=given.get("state"),
            at=given.get("cursor"),
            limit=limit(request),
        )
        return paged(request, found)


def _serial(given: dict[str, Any]) -> int | None:
    """The serial id of the connector that was named."""
    return given["connector"].pk if given.get("connector") else None


class Replay(ApiView):
    """Rejects into the line again, after what was wrong has been put right."""

    role = "analyst"

    @extend_schema(request=answers.ReplayAsked, responses=answers.Replayed)
    def post(self, request: Request) -> Response:
        """`{"ids": […]}`, `{"reason": …}` or `{"all": true}`, with "connector" to narrow it; twice changes nothing."""
        asked, context = body(request), self.access
        if sum(bool(asked.get(name)) for name in ("ids", "reason", "all")) != 1:
            raise BadRequest('Say which: one of "ids", "reason" and "all".', "bad_request")
        ids = asked.get("ids")
        if ids is not None and not (
            isinstance(ids, list) and all(isinstance(i, str) and uuid_of(i) for i in ids)
        ):
            raise BadRequest('"ids" is a list of reject ids.', "bad_request")
        connector = {"connector": str(asked["connector"])} if asked.get("connector") else {}
        done = rejects.replay(
            connection,
            context.workspace.pk,
            rejects.Act(str(request.user)),
            ids=ids,
            reason=str(asked["reason"]) if asked.get("reason") else None,
            connector=_serial(RejectFilters.read(request, connector)),
        )
        audit.note(context.workspace.pk, str(request.user), "rejects.replay", str(asked), **done)
        return Response(done)
