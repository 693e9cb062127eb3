"""The form of every read-API view: context, parameters checked, errors as {"code", "message"}.

Not here: what a path answers (each part's api.py).
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from kernel import cursor, limits
from kernel.cursor import Page
from kernel.errors import BadRequest, Trouble
from kernel.web import access, looks
from kernel.web.access import AccessContext

PAGING = ("cursor", "limit")
VALUE_LENGTH = 2_000
MOST = 200  # values of one question


def answer_trouble(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: our own trouble, and DRF's, in one form, and in JSON where the answer would be none."""
    asked = context.get("request")
    if asked is not None:
        asked.accepted_renderer, asked.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    error = _known(limits.too_slow(error) or error)
    if isinstance(error, Trouble):
        code = getattr(error, "code", "trouble")
        headers = {"Retry-After": "1"} if error.status == status.HTTP_503_SERVICE_UNAVAILABLE else None
        return Response({"code": code, "message": str(error)}, status=error.status, headers=headers)
    answer = exception_handler(error, context)
    if answer is not None:
        detail = getattr(error, "detail", "")
        code = getattr(detail, "code", None) or getattr(error, "default_code", "refused")
        answer.data = {"code": str(code), "message": _sentence(detail)}
    return answer


def _known(error: Exception) -> Exception:
    """What Django and PostgreSQL raise at what was asked, as ours or DRF's."""
    if isinstance(error, DataError):  # a value that PostgreSQL cannot read as what it stands for
        return BadRequest("A parameter's value cannot be read.", "bad_value")
    if isinstance(error, SuspiciousOperation):  # a host that is not ours, too many fields
        return BadRequest("The request cannot be read: its host is not ours, or it has too many parameters.")
    if isinstance(error, Http404):
        return exceptions.NotFound()
    return exceptions.PermissionDenied() if isinstance(error, PermissionDenied) else error


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{name}: {_sentence(text)}" for name, text in detail.items())
    if isinstance(detail, list):
        return " ".join(_sentence(text) for text in detail)
    return str(detail)


class Json(DefaultContentNegotiation):
    """An answer is JSON, whatever a client accepts: a browser's Accept is no reason for a 406."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one that is asked for where there are several (the schema), else the first."""
        try:
            found: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        except exceptions.NotAcceptable:
            return renderers[0], renderers[0].media_type
        return found


class ApiView(APIView):
    """A view of the read API. `request` has what it may see by `self.access`."""

    role = "viewer"
    of_channel = False  # made for a channel's own people too, and shows them theirs alone
    scope = ""  # of tokens that may read this alone (access.py); "": none of them may
    shows_contacts = False  # its answers hold contact data: who gets them unmasked is noted (looks.py)
    content_negotiation_class = Json

    def get_permissions(self) -> list[Any]:
        """Signed in, with the view's role or more."""
        return [access.at_least(self.role)()]

    def finalize_response(self, request: Request, response: Response, *args: Any, **named: Any) -> Response:
        """The answer, once it stands who saw contact data in it."""
        if self.shows_contacts and status.is_success(response.status_code):
            looks.answered(request, self.access, self.kwargs, response.data)
        return super().finalize_response(request, response, *args, **named)

    @property
    def access(self) -> AccessContext:
        """Workspace and role of this request."""
        return access.api_context(self.request)


def parameters(
    request: Request, known: Iterable[str] = (), many: Iterable[str] = (), prefix: str = ""
) -> dict[str, Any]:
    """The query's filters: single ones as text, `many` as lists, `prefix` ones as pairs under its name.

    An unknown name is a BadRequest, so that a misspelt filter never shows everything.
    """
    single, several = set(known) | set(PAGING), set(many)
    found: dict[str, Any] = {}
    count = 0
    for name, values in request.query_params.lists():
        count += len(values)
        _check(name, values)
        if count > MOST:
            raise BadRequest(f"At most {MOST} values can be asked for at once.", "too_many_filters")
        if name in several:
            found[name] = [value for value in values if value]
        elif prefix and name.startswith(prefix + ".") and len(name) > len(prefix) + 1:
            found.setdefault(prefix, []).extend((name[len(prefix) + 1 :], value) for value in values)
        elif name in single:
            found[name] = values[-1]
        elif name != "format":
            raise BadRequest(f"There is no filter `{name[:60]}`.", "unknown_filter")
    return found


def _check(name: str, values: list[str]) -> None:
    """No text of PostgreSQL's holds a NUL, be it in what is asked for or in the name of a property."""
    if len(name) > VALUE_LENGTH or "\x00" in name:
        raise BadRequest("The name of a filter is too long or holds a NUL.", "unknown_filter")
    if any(len(value) > VALUE_LENGTH or "\x00" in value for value in values):
        raise BadRequest(f"The value of `{name[:60]}` is too long or holds a NUL.", "bad_value")


def body(request: Request) -> dict[str, Any]:
    """The JSON object of a request, without what no column can hold (NUL, half a surrogate); else a BadRequest."""
    try:
        asked = request.data
    except RecursionError as wrong:
        raise BadRequest("The body is nested too deeply.", "bad_value") from wrong
    if not isinstance(asked, dict):
        raise BadRequest("The body is a JSON object.", "not_an_object")
    try:
        text = json.dumps(asked, ensure_ascii=False)
        text.encode()
    except (ValueError, TypeError, RecursionError) as wrong:
        raise BadRequest("The body holds a value that cannot be read.", "bad_value") from wrong
    if "\\u0000" in text.replace("\\\\", ""):
        raise BadRequest("The body holds a NUL.", "bad_value")
    return asked


def paged(request: Request, page: Page) -> Response:
    """A cursor page: next and previous are whole addresses."""

    def address(at: str | None) -> str | None:
        if at is None:
            return None
        query = request.query_params.copy()
        query["cursor"] = at
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

    return Response({"next": address(page.next), "previous": address(page.previous), "results": page.items})


def limit(request: Request) -> int:
    """The page size asked for."""
    return cursor.limit_of(request.query_params.get("limit"))


def uuid_of(text: str) -> UUID | None:
    """A UUID, or None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
