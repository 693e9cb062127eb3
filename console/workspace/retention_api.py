"""How long data is kept, over the API. Not here: what goes and when (cdp/pipeline/retention.py)."""

from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import retention
from kernel.errors import BadRequest
from kernel.normalise import whole
from kernel.web import access
from kernel.web.api import ApiView, body, parameters
from kernel.web.openapi import shape

PREVIEW = "preview"
PARAMETERS = [
    OpenApiParameter(
        PREVIEW, OpenApiTypes.STR, description="1: by the months asked for here, nothing is changed."
    ),
    *(OpenApiParameter(kind, OpenApiTypes.STR, description="Months, or null.") for kind in retention.KINDS),
]


class Goes(serializers.Serializer[Any]):
    """What would go with the next daily work."""

    count = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    before = serializers.DateTimeField(allow_null=True)


class Kept(serializers.Serializer[Any]):
    """A kind of data."""

    kind = serializers.ChoiceField(choices=retention.KINDS)
    months = serializers.IntegerField(allow_null=True, help_text="null: for ever.")
    stays = serializers.CharField(allow_null=True, help_text="Why it can have no end yet.")
    goes = Goes()


class DataRetentionAnswer(serializers.Serializer[Any]):
    """How long each kind is kept, and what would go now."""

    as_of = serializers.DateTimeField()
    kinds = Kept(many=True)


RetentionAsked = shape(
    "DataRetentionAsked",
    {kind: serializers.IntegerField(required=False, allow_null=True) for kind in retention.KINDS},
)


class DataRetention(ApiView):
    """How long data is kept."""

    def get_permissions(self) -> list[Any]:
        """Members look, admins change."""
        return [access.at_least("admin" if self.request.method == "PUT" else self.role)()]

    @extend_schema(parameters=PARAMETERS, responses=DataRetentionAnswer)
    def get(self, request: Request) -> Response:
        """Months per kind of data (null: for ever) and what would go now by them, before it goes.

        With `preview=1` by other months, named by their kinds: `?preview=1&rejects=6`.
        """
        given = parameters(request, (PREVIEW, *retention.KINDS))
        asked: dict[str, int | None] = {
            kind: _months(kind, given[kind]) for kind in retention.KINDS if kind in given
        }
        if asked and given.get(PREVIEW) != "1":
            raise BadRequest("Months are asked for with `preview=1`; a PUT changes them.", "no_preview")
        return self._answer(retention.checked(asked))

    @extend_schema(request=RetentionAsked, responses=DataRetentionAnswer)
    def put(self, request: Request) -> Response:
        """Kinds that are not named stay as they are. What is too old goes with the next daily work; it is noted."""
        asked = retention.checked(body(request))
        retention.keep(self.access.workspace, asked, str(request.user))
        return self._answer({})

    def _answer(self, asked: dict[str, int | None]) -> Response:
        workspace, now = self.access.workspace, timezone.now()
        months = retention.of(workspace) | asked
        return Response({"as_of": now, "kinds": retention.shown(connection, workspace, months, now)})


def _months(kind: str, text: str) -> int | None:
    if text in ("", "null"):
        return None
    found = whole(text, 1, retention.MOST_MONTHS)
    if found is None:
        most = f"{retention.MOST_MONTHS:,}"
        raise BadRequest(f"`{kind}` is a whole number of months from 1 to {most}, or null.", "bad_months")
    return found
