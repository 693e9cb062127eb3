"""The tracking plan over the API: read, saved as a new version, as JSON Schema; what breaks it. An admin writes it.

Not here: a proposal out of what came (console/quality/plan_api.py).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels.models import Connector
from channels.plan import answers, form, schema, versions, violations
from channels.plan.form import Plan as Form
from channels.plan.violations import Narrowed
from kernel import audit, periods
from kernel.errors import BadRequest, NotFound
from kernel.models import Workspace
from kernel.periods import utc_text
from kernel.web import access
from kernel.web.api import ApiView, body, parameters, uuid_of

DAYS: Final = 30  # of counts, where no period is said
MOST_DAYS: Final = 3_660
TAKEN: Final = ("events", "why", "version", "versions")  # the last: who sends back what he got


def said(workspace: int, version: int | None = None) -> dict[str, Any]:
    """The plan as the API says it."""
    kept = versions.kept(connection, workspace, version)
    return {
        "version": kept.version,
        "events": form.shown(kept.plan),
        "versions": [
            {**each._asdict(), "saved_at": utc_text(each.saved_at), "valid_from": utc_text(each.valid_from)}
            for each in versions.all_of(connection, workspace)
        ],
    }


def save(workspace: Workspace, author: str, plan: Form, why: str = "", based_on: int | None = None) -> bool:
    """A new version, and a line of the audit log; False where the newest says the same."""
    if not versions.save(connection, workspace.pk, plan, author, why, based_on):
        return False
    newest = versions.kept(connection, workspace.pk).version
    audit.note(
        workspace.pk,
        author,
        "plan.save",
        str(newest),
        why=why[: versions.LONGEST_WHY],
        events=len(plan.events),
        refused=sorted(name for name, one in plan.events.items() if one.mode == form.REFUSE)[
            : form.LONGEST_QUOTE
        ],
    )
    return True


class _Written(ApiView):
    def get_permissions(self) -> list[Any]:
        """Everybody may read it, an admin may change it."""
        return [access.at_least("admin" if self.request.method == "PUT" else self.role)()]


class Plan(_Written):
    """Which properties events are to have."""

    @extend_schema(parameters=[OpenApiParameter("version", int)], responses=answers.Plan)
    def get(self, request: Request) -> Response:
        """The newest version, or `version`, and all versions."""
        given = parameters(request, ("version",)).get("version", "")
        if given and not (given.isascii() and given.isdigit() and len(given) < 9):
            raise BadRequest(_("A version is a number."), "bad_value")
        shown = said(self.access.workspace.pk, int(given) if given else None)
        if given and not shown["version"]:
            raise NotFound(_("There is no such version."))
        return Response(shown)

    @extend_schema(request=answers.PlanSaved, responses=answers.Plan)
    def put(self, request: Request) -> Response:
        """A new version, valid from now; the same plan again makes none."""
        asked, workspace = body(request), self.access.workspace
        unknown = sorted(set(asked) - set(TAKEN))
        if unknown:
            raise BadRequest(_("There is no `%(name)s` in a plan.") % {"name": unknown[0][:60]}, "bad_plan")
        why, based_on = asked.get("why") or "", asked.get("version")
        if not isinstance(why, str):
            raise BadRequest(_('"why" is a text.'), "bad_request")
        if based_on is not None and type(based_on) is not int:
            raise BadRequest(_("A version is a number."), "bad_value")
        save(workspace, str(request.user), form.read(asked.get("events")), why, based_on)
        return Response(said(workspace.pk))


class PlanSchema(_Written):
    """The plan as JSON Schema."""

    @extend_schema(responses=answers.PlanSchema)
    def get(self, request: Request) -> Response:
        """The newest version as one document, against which a whole message can be checked."""
        parameters(request)
        return Response(schema.of_plan(versions.kept(connection, self.access.workspace.pk).plan))

    @extend_schema(
        parameters=[
            OpenApiParameter("event", str, description="The body is the schema of this event alone.")
        ],
        request=answers.PlanSchema,
        responses=answers.Plan,
    )
    def put(self, request: Request) -> Response:
        """A new version out of such a document; with `event` out of one event's schema, the others stay as they are."""
        asked, workspace = body(request), self.access.workspace
        event = parameters(request, ("event",)).get("event")
        if event is None:
            save(workspace, str(request.user), schema.to_plan(asked))
            return Response(said(workspace.pk))
        name = form.event_name(event)
        newest = versions.kept(connection, workspace.pk)
        events = {**newest.plan.events, name: schema.to_event(asked, name)}
        save(workspace, str(request.user), form.bounded(Form(events)), based_on=newest.version)
        return Response(said(workspace.pk))


class PlanViolations(ApiView):
    """What broke the plan."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            OpenApiParameter("from", date),
            OpenApiParameter("to", date),
            OpenApiParameter("event", str),
            OpenApiParameter("property", str),
            OpenApiParameter("connector", str),
        ],
        responses=answers.ViolationPage,
    )
    def get(self, request: Request) -> Response:
        """Counts by day, event, property, connector and code, the newest day first; 30 days unless said."""
        given = parameters(request, ("from", "to", "event", "property", "connector"))
        context = self.access
        workspace = context.workspace
        which = Narrowed(
            given.get("event"), given.get("property"), _connector(workspace, given.get("connector"))
        )
        found = violations.of(connection, workspace.pk, _days(workspace, given), which, masked=context.masked)
        return Response({"next": None, "previous": None, "results": found})


def _connector(workspace: Workspace, uuid: str | None) -> int | None:
    if uuid is None:
        return None
    one = Connector.objects.filter(workspace=workspace, uuid=uuid).first() if uuid_of(uuid) else None
    if one is None:
        raise BadRequest(_("There is no connector with this uuid in the workspace."), "unknown_connector")
    return one.pk


def _days(workspace: Workspace, given: dict[str, Any]) -> tuple[date, date]:
    last = _day(given.get("to")) or periods.day(datetime.now(UTC), periods.zone(workspace.timezone))
    first = _day(given.get("from")) or last - timedelta(days=DAYS - 1)
    if first > last or (last - first).days > MOST_DAYS:
        raise BadRequest(_("The period ends before it begins, or is too long."), "bad_period")
    return first, last


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise BadRequest(_("A day is written 2026-01-06."), "bad_value") from None
