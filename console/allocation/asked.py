"""Whoever looks at a page of allocation, and the workspace it is about. Not here: any one page."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from channels.models import Channel
from channels.queries import channels_of
from kernel import periods
from kernel.web.access import AccessContext, WorkspaceRequest
from metrics import query
from metrics.allocation.statements import Actor
from metrics.query import ReportingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The workspace as it reports, its channels, and who asks."""

    access: AccessContext
    settings: ReportingSettings
    channels: dict[str, Channel]  # by slug
    actor: Actor
    today: date

    @property
    def by_id(self) -> dict[int, Channel]:
        """The channels by their number."""
        return {one.pk: one for one in self.channels.values()}


def of(request: WorkspaceRequest) -> Asked:
    """Of a request."""
    settings = query.reporting_settings(connection, request.workspace)
    return Asked(
        access=request.access,
        settings=settings,
        channels=channels_of(request.workspace.pk),
        actor=Actor.of(request.access, request.user.get_username()),
        today=periods.day(timezone.now(), periods.zone(settings.zone)),
    )
