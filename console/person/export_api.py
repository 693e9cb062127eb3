"""A person's export over the API: for admins, and noted. Not here: what is in it (export.py)."""

from django.db import connection
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from console.person import export
from kernel import audit
from kernel.web.api import ApiView, parameters
from profiles import queries


class Export(ApiView):
    """All that is held of a person."""

    role = "admin"

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, key: str) -> StreamingHttpResponse:
        """One JSON document, streamed: identifiers, traits with losers, consent, orders, events as received, rejects …

        Nothing is masked. The last field is `"complete": true`; a document without it was cut off on its way.
        """
        parameters(request)
        workspace = self.access.workspace
        _serial, public = queries.resolve(connection, workspace.pk, key)
        audit.note(workspace.pk, str(request.user), "profile.export", str(public))
        pieces = export.written(workspace, str(public), timezone.now())
        answer = StreamingHttpResponse(pieces, content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="person-{public}.json"'
        answer["Cache-Control"] = "no-store"
        return answer
