"""What a connector brought, read anew by its newest mapping: its validity is set back, and everything is made anew.

That is exact: afterwards all is as if the version had always stood since then. A job for the worker, taken up again
after a crash. Not here: making everything anew (rebuild.py), versions (channels/studio/versions.py).
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from cdp.pipeline import jobs, rebuild, retention
from cdp.pipeline.rebuild import Remapped
from channels.models import Connector
from channels.studio import versions
from kernel.errors import BadRequest, Conflict
from kernel.models import Job

KIND = rebuild.REMAP


def ask(connector: Connector, since: datetime) -> Job:
    """The same for who asks it; BadRequest where the newest version reads all that anyway, or there is none; Conflict
    where bodies have gone.
    """
    newest = next(iter(versions.all_of(connection, connector)), None)
    if newest is None:
        raise BadRequest(_("The connector has no mapping yet."), "no_mapping")
    if since >= newest.valid_from:
        raise BadRequest(_("The newest version reads what came since then already."), "bad_period")
    if gone := retention.bodies_gone():
        raise Conflict(retention.lost(gone))
    return start(connector, since)


def start(connector: Connector, since: datetime) -> Job:
    """A job for the worker; notify the worker afterwards. The same asked again is the same job."""
    said: dict[str, Any] = {"connector": connector.pk, "since": since.isoformat()}
    waiting = Job.objects.filter(
        workspace=connector.workspace, kind=KIND, state="waiting", detail__connector=connector.pk
    )
    found = next((job for job in waiting if job.detail == said), None)
    return found or jobs.begin(KIND, connector.workspace, **said)


def run() -> None:
    """All that are asked for."""
    jobs.run(KIND, _work)


def _work(job: Job) -> None:
    connector = Connector.objects.filter(pk=job.detail["connector"], workspace=job.workspace).first()
    if connector is None or not jobs.tell(job):
        jobs.end(job, "failed")
        return
    since = datetime.fromisoformat(job.detail["since"])
    versions.hold_since(connection, connector, since)
    rebuild.everything(job=job, remapped=Remapped(connector.workspace_id, connector.pk, since))
