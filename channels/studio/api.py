"""Mappings over the API: text and versions, saving, trying, what the cleaning rules did. An admin writes them.

Not here: the language (channels/language/), what is tried how (preview.py).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels.inbox import cleaned
from channels.language import draft, text
from channels.mapping import apply
from channels.models import Connector
from channels.studio import answers, preview, versions
from channels.studio.versions import Unusable
from kernel import audit, periods
from kernel.errors import BadRequest, NotFound
from kernel.periods import utc_text
from kernel.web import access
from kernel.web.api import ApiView, body, parameters, uuid_of

DAYS = 30  # of counts, where no period is said
MOST_DAYS = 3_660


def found(workspace: Any, uuid: str) -> Connector:
    """A connector of the workspace."""
    one = (
        Connector.objects.select_related("channel").filter(workspace=workspace, uuid=uuid).first()
        if uuid_of(uuid)
        else None
    )
    if one is None:
        raise NotFound(_("There is no such connector in this workspace."))
    return one


def said(one: Connector, version: int | None = None) -> dict[str, Any]:
    """A connector's mapping as the API says it."""
    kept = versions.text_of(connection, one, version)
    return {
        "version": kept.version,
        "text": kept.text,
        "form": _form(kept.text),
        "versions": [
            {**each._asdict(), "saved_at": utc_text(each.saved_at), "valid_from": utc_text(each.valid_from)}
            for each in versions.all_of(connection, one)
        ],
    }


def _form(said: str) -> Any:
    """The text as a form; null for one that an older version took and this one cannot read."""
    try:
        return draft.form(versions.checked(said).draft)
    except Unusable:
        return None


def wanted(asked: dict[str, Any]) -> str:
    """The text that is asked about, or that of the form."""
    given, form = asked.get("text"), asked.get("form")
    if (given is None) == (form is None):
        raise BadRequest(_('Send "text", or "form" in its place.'), "bad_request")
    if form is not None:
        try:
            return text.written(draft.of_form(form))
        except (msgspec.ValidationError, TypeError, RecursionError) as why:
            raise BadRequest(
                _("The form cannot be read: %(what)s.") % {"what": str(why)[:200]}, "bad_form"
            ) from None
    if not isinstance(given, str):
        raise BadRequest(_('"text" is a text.'), "bad_request")
    return given


class _Told(ApiView):
    """A text that cannot be used is told with its line and field."""

    def handle_exception(self, exc: Exception) -> Response:
        answer: Response = super().handle_exception(exc)
        if isinstance(exc, Unusable):
            answer.data |= {"line": exc.detail["line"], "field": exc.detail["field"]}
        return answer


class Mapping(_Told):
    """What a connector's payloads mean."""

    def get_permissions(self) -> list[Any]:
        """Everybody may read it, an admin may change it."""
        return [access.at_least("admin" if self.request.method == "PUT" else self.role)()]

    @extend_schema(parameters=[OpenApiParameter("version", int)], responses=answers.Mapping)
    def get(self, request: Request, uuid: str) -> Response:
        """The newest version's text, or that of `version`, and all versions."""
        given = parameters(request, ("version",)).get("version", "")
        if given and not (given.isascii() and given.isdigit() and len(given) < 9):
            raise BadRequest(_("A version is a number."), "bad_value")
        one = found(self.access.workspace, uuid)
        shown = said(one, int(given) if given else None)
        if given and not shown["version"]:
            raise NotFound(_("There is no such version."))
        return Response(shown)

    @extend_schema(request=answers.MappingSaved, responses=answers.Mapping)
    def put(self, request: Request, uuid: str) -> Response:
        """A new version, valid from now; the same text again makes none."""
        asked, one = body(request), found(self.access.workspace, uuid)
        author, why = str(request.user), asked.get("why") or ""
        if not isinstance(why, str):
            raise BadRequest(_('"why" is a text.'), "bad_request")
        if versions.save(connection, one, wanted(asked), author, why):
            audit.note(
                one.workspace_id, author, "mapping.save", str(one.uuid), why=why[: versions.LONGEST_WHY]
            )
        return Response(said(one))


class MappingPreview(_Told):
    """What a text would do."""

    role = "analyst"
    shows_contacts = True

    @extend_schema(request=answers.MappingTried, responses=answers.Preview)
    def post(self, request: Request, uuid: str) -> Response:
        """A text tried on `payloads`, or on the `last` that came; beside it what the mapping in use makes of them."""
        asked, one = body(request), found(self.access.workspace, uuid)
        mapping = versions.checked(wanted(asked))
        snapshot = apply.snapshot(connection, one.workspace_id)
        payloads = asked.get("payloads")
        if payloads is not None:
            if not isinstance(payloads, list) or len(payloads) > preview.MOST:
                raise BadRequest(
                    _('"payloads" is a list of at most %(n)s.') % {"n": preview.MOST}, "bad_request"
                )
            tried_on = preview.given(one, payloads)
        else:
            tried_on = preview.newest(connection, one, snapshot, _count(asked.get("last", preview.MOST)))
            audit.note(
                one.workspace_id, str(request.user), "mapping.preview", str(one.uuid), last=len(tried_on)
            )
        own = snapshot.mappings.get(one.pk)
        now = own.at(datetime.now(UTC)) if own else None
        tried = preview.tried(tried_on, now, mapping, snapshot)
        return Response(
            {
                "results": [preview.shown(each) for each in tried],
                "totals": {
                    "before": preview.totals(tried, snapshot, after=False),
                    "after": preview.totals(tried, snapshot, after=True),
                },
            }
        )


def _count(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= preview.MOST:
        raise BadRequest(_('"last" is a number from 1 to %(n)s.') % {"n": preview.MOST}, "bad_request")
    return given


class Cleaning(ApiView):
    """What the cleaning rules of a connector did."""

    @extend_schema(
        parameters=[OpenApiParameter("from", date), OpenApiParameter("to", date)], responses=answers.Cleaning
    )
    def get(self, request: Request, uuid: str) -> Response:
        """Counts by day, field and rule in the workspace's days, the newest first; 30 days unless said."""
        given = parameters(request, ("from", "to"))
        workspace = self.access.workspace
        one = found(workspace, uuid)
        last = _day(given.get("to")) or periods.day(datetime.now(UTC), periods.zone(workspace.timezone))
        first = _day(given.get("from")) or last - timedelta(days=DAYS - 1)
        if first > last or (last - first).days > MOST_DAYS:
            raise BadRequest(_("The period ends before it begins, or is too long."), "bad_period")
        counts = cleaned.of(connection, one.workspace_id, one.pk, first, last)
        return Response({"results": [{**each._asdict(), "day": each.day.isoformat()} for each in counts]})


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise BadRequest(_("A day is written 2026-01-06."), "bad_value") from None
