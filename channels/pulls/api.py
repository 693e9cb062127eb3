"""What an admin does to a connector over the API: test, pause, let go on, run now, start over. Not here: what that does
(acts.py, channels/connect/setup.py), making and changing one (channels/connect/api.py).
"""

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels.connect import answers, setup
from channels.connect.api import one_of
from channels.pulls import acts
from kernel import audit
from kernel.errors import NotFound
from kernel.web.api import ApiView


class ConnectorAction(ApiView):
    """What an admin does to a connector."""

    role = "admin"

    @extend_schema(request=None, responses=answers.Tried)
    def post(self, request: Request, uuid: str, act: str) -> Response:
        """`test`: a look at the other side; `pause`, `resume`; `run`: what is pulled, now;
        `restart`: from the first page again.
        """
        found = one_of(self.access.workspace, uuid)
        if act == "test":
            tried = acts.test(connection, found)
        elif act in ("pause", "resume"):
            tried = setup.switch(found, on=act == "resume")
        elif act == "run":
            tried = acts.run(connection, found)
        elif act == "restart":
            tried = acts.start_over(connection, found)
        else:
            raise NotFound(_("A connector can be tested, paused, resumed, run and restarted."))
        audit.note(
            self.access.workspace.pk, str(request.user), f"connector.{act}", str(found.uuid), ok=tried.ok
        )
        return Response(tried._asdict())
