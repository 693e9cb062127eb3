"""What is wrong, as a page says it in its frame and perhaps in a list: judged once a request.

Not here: the alarms themselves (cdp/pipeline/alerts.py).
"""

from django.db import connection

from cdp.pipeline import alerts
from kernel.alerts import Alarm
from kernel.web.access import WorkspaceRequest

KEPT = "alarms"  # on the request


def of(request: WorkspaceRequest) -> list[Alarm]:
    """What people of the request's workspace should know; what stands still first."""
    here = vars(request)
    if KEPT not in here:
        here[KEPT] = alerts.shown(connection, request.workspace.pk)
    found: list[Alarm] = here[KEPT]
    return found
