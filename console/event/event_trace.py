"""An event's life by its messageId: as received, as understood, whose, what it taught and what it counts."""

from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels import reasons
from channels.inbox import raw, rejects, repairs
from channels.models import Connector
from channels.reasons import Wording
from console.answers import Trace
from kernel.db import Statements, rows
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.event import event_id
from kernel.web import access
from kernel.web.access import AccessContext
from kernel.web.api import ApiView, parameters, uuid_of
from metrics import traces
from profiles import decision, timeline

SQL = Statements(__file__)

Found = dict[str, Any]
UNTOUCHED: Found = {"fixed": None, "refused": None, "repairs": []}  # of a message that nobody had to repair


def life(
    context: AccessContext, message_id: str, connector: str = "", words: Wording = reasons.english
) -> dict[str, Any]:
    """Every step of a message. NotFound for one nobody knows; Conflict names the connectors that both have it."""
    found = copies(context.workspace.pk, message_id, connector)
    if not found:
        raise NotFound("No event with this messageId was received.")
    if len(found) > 1:
        names = ", ".join(str(one.uuid) for one, _ in found)
        raise Conflict(f"Several connectors have this messageId: say which by ?connector=, one of {names}.")
    one, event = found[0]
    return _stored(context, event, words) or _rejected(context, one, event, words)


def copies(workspace: int, message_id: str, connector: str = "") -> list[tuple[Connector, UUID]]:
    """The connectors that a message of this id came from, with its event id there."""
    connectors = Connector.objects.filter(workspace=workspace).select_related("channel")
    if connector:
        wanted = uuid_of(connector)
        if wanted is None:
            raise BadRequest("`connector` is a connector's uuid.", "unknown_connector")
        connectors = connectors.filter(uuid=wanted)
    by_event = {event_id(one.uuid, message_id): one for one in connectors}
    known = rows(connection, SQL["known"], workspace=workspace, ids=list(by_event))
    return [(by_event[event], event) for (event,) in known]


def _stored(context: AccessContext, event: UUID, words: Wording) -> dict[str, Any] | None:
    workspace = context.workspace.pk
    found = rows(connection, SQL["event"], workspace=workspace, event=event)
    if not found:
        return None
    received_at, request, position, sighting = found[0]
    mapped = timeline.one(connection, context.workspace, event, context.masked)
    if mapped is None:
        return None
    known = sighting is not None
    came = _repaired(context, event, request, words) or {
        "raw": _raw(context, raw.item(connection, workspace, received_at, request, position))
    }
    return (
        UNTOUCHED
        | came
        | {
            "state": "stored",
            "mapped": mapped,
            "identity": decision.of(connection, workspace, event, sighting, context.masked)
            if known
            else None,
            "traits": decision.taught(connection, workspace, event, sighting, context.masked)
            if known
            else [],
            "facts": [
                one | {"key": access.scrub(one["key"])} if context.masked else one
                for one in traces.of(connection, workspace, event)
            ],
        }
    )


def _repaired(context: AccessContext, event: UUID, request: UUID, words: Wording) -> Found:
    """As received, as it was sent again, why it was refused and what was done: of one that a repair brought in."""
    done = repairs.of(connection, context.workspace.pk, [event]).get(event, [])
    if not any(one.request == request for one in done):
        return {}
    try:
        reject = rejects.one(connection, context.workspace.pk, event, masked=context.masked, words=words)
    except NotFound:
        return {}
    return {
        "raw": _raw(context, str(reject["raw"])),
        "fixed": _raw(context, reject["fixed"]),
        "refused": {name: reject[name] for name in ("reason", "field", "hint", "received_at")},
        "repairs": reject["repairs"],
    }


def _rejected(context: AccessContext, connector: Connector, event: UUID, words: Wording) -> dict[str, Any]:
    """A message that waits for its repair, or a record (which is no event)."""
    nothing: Found = UNTOUCHED | {"mapped": None, "identity": None, "traits": [], "facts": []}
    try:
        reject = rejects.one(connection, context.workspace.pk, event, masked=context.masked, words=words)
    except NotFound:
        return nothing | {"state": "record", "raw": None, "connector": str(connector.uuid)}
    came = {"raw": _raw(context, str(reject["raw"])), "fixed": _raw(context, reject["fixed"])}
    return nothing | came | {"state": "rejected", "reject": reject, "repairs": reject["repairs"]}


def _raw(context: AccessContext, text: str | None) -> Any:
    """The message as JSON, else as text; masked for who may not see contact data."""
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        found = text
    return access.scrub(found) if context.masked else found


class Life(ApiView):
    """The life of one event."""

    shows_contacts = True

    @extend_schema(parameters=[OpenApiParameter("connector", OpenApiTypes.STR)], responses=Trace)
    def get(self, request: Request, message_id: str) -> Response:
        """Raw, mapped, identity decision, traits and facts; 404 for an unknown messageId."""
        given = parameters(request, ["connector"])
        return Response(life(self.access, message_id, given.get("connector", "")))
