"""The API that has the past read by the newest mapping, as a job. Not here: doing it (cdp/pipeline/remaps.py)."""

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import remaps, wake
from channels.studio import api as studio
from channels.studio import versions
from kernel import audit, normalise, periods
from kernel.errors import BadRequest
from kernel.web.api import ApiView, body

LATER = 202  # it is done as a job


class ReprocessForm(serializers.Serializer[Any]):
    """From when on. `to` is there for who thinks in periods: it may not end before the version's own time begins."""

    to = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        return super().get_fields() | {"from": serializers.CharField(help_text="A time, or a day.")}


class ReprocessBegun(serializers.Serializer[Any]):
    """The job that does it."""

    job = serializers.IntegerField()


class Reprocess(ApiView):
    """What a connector brought, read anew."""

    role = "admin"

    @extend_schema(request=ReprocessForm, responses={LATER: ReprocessBegun})
    def post(self, request: Request, uuid: str) -> Response:
        """Everything received since `from` is read by the newest version: then all is as if it had always been."""
        asked, workspace = body(request), self.access.workspace
        one, zone = studio.found(workspace, uuid), periods.zone(workspace.timezone)
        since = _moment(asked.get("from"), zone, "from")
        newest = next(iter(versions.all_of(connection, one)), None)
        to = None if asked.get("to") is None else _moment(asked["to"], zone, "to")
        if newest is not None and to is not None and since < newest.valid_from and to < newest.valid_from:
            raise BadRequest(
                _("The period must reach up to the newest version: between the two none would be valid."),
                "bad_period",
            )
        job = remaps.ask(one, since)
        audit.note(
            workspace.pk, str(request.user), "mapping.reprocess", str(one.uuid), since=since.isoformat()
        )
        wake.notify()
        return Response({"job": job.pk}, status=LATER)


def _moment(given: Any, zone: Any, name: str) -> datetime:
    """A time, or the beginning of a day in the workspace's zone."""
    if isinstance(given, str):
        try:
            return periods.begins(date.fromisoformat(given), zone)
        except (ValueError, OverflowError):  # no day, or one before the calendar begins in UTC
            found = normalise.moment(given, zone)
            if found is not None:
                return found
    raise BadRequest(
        _("“%(name)s” is a time such as 2026-01-06T10:00:00Z, or a day.") % {"name": name}, "bad_time"
    )
