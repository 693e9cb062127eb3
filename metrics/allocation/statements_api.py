"""Statements over the API: listed, made, sent, answered, closed; their orders, files and the workbook.

Not here: what may be done when (statements.py), how an answer reads (said.py).
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from channels.queries import channels_of
from kernel import audit, periods
from kernel.errors import BadRequest, NotFound
from kernel.web.api import PAGING, body, limit, paged, parameters
from kernel.web.workbook import XLSX_TYPE
from metrics.allocation import answers, notes, said, statements, store, workbook
from metrics.allocation.api import AllocationView, known, period_of
from metrics.allocation.notes import Attached
from metrics.allocation.statements import Actor
from metrics.allocation.store import Statement

PAGES: Final = [OpenApiParameter(name, OpenApiTypes.STR) for name in PAGING]
ACTS: Final = ("refresh", "send", "reopen", "agree", "dispute", "close")


class StatementView(AllocationView):
    """A view that knows who asks."""

    of_channel = True

    @property
    def actor(self) -> Actor:
        """Whoever sent this request."""
        return Actor.of(self.access, self.request.user.get_username())

    def answer(self, found: Statement) -> dict[str, Any]:
        """A statement as this person may see it."""
        actor, settings = self.actor, self.reporting
        own = set(actor.channels)
        shares = statements.shares_of(found, actor)
        corrections = [
            one for one in store.corrections(connection, found.id) if not own or one.channel in own
        ]
        told = [one for one in notes.of(connection, found.id) if not own or one.channel in {None, *own}]
        return said.whole(found, shares, corrections, told, settings.channels, actor)


class Statements(StatementView):
    """Statements of periods."""

    @extend_schema(parameters=PAGES, responses=answers.StatementPage)
    def get(self, request: Request) -> Response:
        """A cursor page, the newest first. A channel's own people see those that were sent to them."""
        given = parameters(request)
        page = store.listed(
            connection, self.reporting.workspace, self.actor.channels, given.get("cursor"), limit(request)
        )
        return paged(request, page._replace(items=[said.head(one) for one in page.items]))

    @extend_schema(request=answers.StatementAsked, responses={status.HTTP_201_CREATED: answers.Statement})
    def post(self, request: Request) -> Response:
        """A draft of a period that is over, by the rules in force, with what changed of those closed. Admins."""
        settings, now = self.reporting, timezone.now()
        statements.may(self.actor)  # before what is asked: who may not is told so first
        asked = known(body(request), ("from", "to"))
        period = period_of(asked, settings, needed=True)
        today = periods.day(now, periods.zone(settings.zone))
        made = statements.make(settings, period, today, self.actor, now)
        return Response(self.answer(made), status=status.HTTP_201_CREATED)


class StatementDetail(StatementView):
    """One statement."""

    @extend_schema(responses=answers.Statement)
    def get(self, request: Request, number: int) -> Response:
        """Its shares with their steps, its corrections, who said what."""
        parameters(request)
        return Response(self.answer(statements.one(self.reporting, number, self.actor)))

    @extend_schema(responses={status.HTTP_204_NO_CONTENT: None})
    def delete(self, _request: Request, number: int) -> Response:
        """Drops a draft. Admins."""
        statements.drop(self.reporting, number, self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StatementAct(StatementView):
    """What is done with a statement."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        parameters=[OpenApiParameter("act", OpenApiTypes.STR, OpenApiParameter.PATH, enum=ACTS)],
        request=answers.ActAsked,
        responses=answers.Statement,
    )
    def post(self, request: Request, number: int, act: str) -> Response:
        """`agree` and `dispute` for a `channel`, by its own people or an admin; all else by admins.

        Who comes second, or too late, gets a 409 that says who was first.
        """
        if act not in ACTS:
            raise NotFound(_("A statement can be %(all)s.") % {"all": ", ".join(ACTS)})
        if act not in {"agree", "dispute"}:
            statements.may(self.actor)  # before what is asked
        asked, file = _asked(request)
        comment, now, settings = str(asked.get("comment") or ""), timezone.now(), self.reporting
        if act in {"agree", "dispute"}:
            if not isinstance(asked.get("channel"), str):
                raise BadRequest(_("Say which channel answers: “channel”, its slug."), "missing_field")
            channel = statements.channel_of(settings, asked["channel"], self.actor)
            if act == "agree":
                found = statements.agree(settings, number, channel, self.actor, now, comment)
            else:
                found = statements.dispute(settings, number, channel, self.actor, now, comment, file)
        else:
            deeds: dict[str, Callable[[], Statement]] = {
                "refresh": lambda: statements.refresh(settings, number, self.actor, now),
                "send": lambda: statements.send(settings, number, self.actor, now, comment),
                "reopen": lambda: statements.reopen(settings, number, self.actor, now, comment),
                "close": lambda: statements.close(settings, number, self.actor, now),
            }
            found = deeds[act]()
        return Response(self.answer(found))


def _asked(request: Request) -> tuple[dict[str, Any], Attached | None]:
    """The fields of a deed, as JSON or as a form with a file."""
    if isinstance(request.data, QueryDict):
        given: dict[str, Any] = {n: v for n, v in request.data.items() if n not in request.FILES}
    else:
        given = body(request)
    if not request.FILES:
        return known(given, ("channel", "comment")), None
    known({**given, **request.FILES}, ("channel", "comment", "file"))
    file = request.FILES["file"]
    if file.size is None or file.size > notes.LARGEST_FILE:
        notes.attached(file.name or "", b"")  # says how large it may be
    return given, notes.attached(file.name or "", file.read())


class StatementOrders(StatementView):
    """The orders that a statement is made of."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "channel", OpenApiTypes.STR, description="with a share in them; `credit` is its own"
            ),
            OpenApiParameter("corrections", OpenApiTypes.STR, enum=["0", "1"]),
            *PAGES,
        ],
        responses=answers.StatementOrderPage,
    )
    def get(self, request: Request, number: int) -> Response:
        """A cursor page, the largest credit first."""
        given = parameters(request, ("channel", "corrections"))
        found = statements.one(self.reporting, number, self.actor)
        corrections = given.get("corrections")
        if corrections not in {None, "", "0", "1"}:
            raise BadRequest(_("“corrections” is 0 or 1."), "bad_value")
        channel = _channel(self, given.get("channel", ""))
        page = store.orders(
            connection,
            found.id,
            channel,
            corrections == "1" if corrections else None,
            given.get("cursor"),
            limit(request),
        )
        masked, slugs = self.access.masked, self.reporting.channels
        return paged(
            request, page._replace(items=[said.order(one, slugs, masked=masked) for one in page.items])
        )


def _channel(view: StatementView, slug: str) -> int | None:
    """The channel asked for; a channel's own people always ask for one of theirs."""
    if slug:
        return statements.channel_of(view.reporting, slug, view.actor)
    if len(view.actor.channels) > 1:
        raise BadRequest(_("Say which of your channels: “channel”, its slug."), "missing_field")
    return view.actor.channels[0] if view.actor.channels else None


class StatementFile(StatementView):
    """A file that came with a comment."""

    @extend_schema(responses={(status.HTTP_200_OK, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: int, note: int) -> HttpResponse:
        """As it was attached."""
        parameters(request)
        found = statements.one(self.reporting, number, self.actor)
        return file_answer(found, note, self.actor)


def file_answer(found: Statement, note: int, actor: Actor) -> HttpResponse:
    """An attached file to be kept, never shown in place; NotFound for one of other channels."""
    file = notes.file(connection, found.id, note)
    if file is None or (actor.channels and file[0] not in actor.channels):
        raise NotFound(_("There is no such file."))
    _of, name, kind, data = file
    answer = HttpResponse(data, content_type=kind)
    said_as = content_disposition_header(as_attachment=True, filename=name)
    answer["Content-Disposition"] = said_as or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class StatementWorkbook(StatementView):
    """A statement as a file."""

    @extend_schema(responses={(status.HTTP_200_OK, XLSX_TYPE): OpenApiTypes.BINARY})
    def get(self, request: Request, number: int) -> HttpResponse:
        """A workbook: the sheet, its corrections, its orders."""
        parameters(request)
        return workbook_answer(self, statements.one(self.reporting, number, self.actor))


def workbook_answer(view: Any, found: Statement) -> HttpResponse:
    """The file of a statement, for whoever `view` has as its `actor`; who took it is noted."""
    actor, own = view.actor, set(view.actor.channels)
    corrections = [one for one in store.corrections(connection, found.id) if not own or one.channel in own]
    names = {one.pk: one.name for one in channels_of(view.access.workspace.pk).values()}
    data = workbook.of(
        connection,
        found,
        statements.shares_of(found, actor),
        corrections,
        names,
        sorted(own),
        masked=view.access.masked,
    )
    audit.note(view.access.workspace.pk, actor.name, "statement.export", str(found.number))
    answer = HttpResponse(data, content_type=XLSX_TYPE)
    answer["Content-Disposition"] = (
        f'attachment; filename="statement-{found.number}-{found.first}-{found.last}.xlsx"'
    )
    answer["Cache-Control"] = "no-store"
    return answer
