"""The form of every read-API view: place, parameters checked, errors as {"code", "message"}.

Not here: what a path answers (each part's api.py).
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from cdp.kernel import access, cursor
from cdp.kernel.access import Place
from cdp.kernel.cursor import Page
from cdp.kernel.errors import BadRequest, Trouble

PAGING = ("cursor", "limit")
VALUE_LENGTH = 2_000


def answer_trouble(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: our own trouble, and DRF's, in one form."""
    if isinstance(error, Trouble):
        code = getattr(error, "code", "trouble")
        headers = {"Retry-After": "1"} if error.status == status.HTTP_503_SERVICE_UNAVAILABLE else None
        return Response({"code": code, "message": str(error)}, status=error.status, headers=headers)
    if isinstance(error, DataError):  # a value that PostgreSQL cannot read as what it stands for
        return Response({"code": "bad_value", "message": "A parameter's value cannot be read."}, status=400)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    answer = exception_handler(error, context)
    if answer is not None:
        detail = getattr(error, "detail", "")
        code = getattr(detail, "code", None) or getattr(error, "default_code", "refused")
        answer.data = {"code": str(code), "message": _sentence(detail)}
    return answer


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{name}: {_sentence(text)}" for name, text in detail.items())
    if isinstance(detail, list):
        return " ".join(_sentence(text) for text in detail)
    return str(detail)


def no_such_address(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """What an address without a route answers (`handler404`): scripts get their form, people a page."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"code": "not_found", "message": "There is no such address: see /api/docs/."}, status=404
        )
    return defaults.page_not_found(request, exception)


class ApiView(APIView):
    """A view of the read API. `request` has its place by `self.place`."""

    role = "viewer"

    def get_permissions(self) -> list[Any]:
        """Signed in, with the view's role or more."""
        return [access.at_least(self.role)()]

    @property
    def place(self) -> Place:
        """Workspace and role of this request."""
        return access.api_place(self.request)


def parameters(
    request: Request, known: Iterable[str] = (), many: Iterable[str] = (), prefix: str = ""
) -> dict[str, Any]:
    """The query's filters: single ones as text, `many` as lists, `prefix` ones as pairs under its name.

    An unknown name is a BadRequest, so that a misspelt filter never shows everything.
    """
    single, several = set(known) | set(PAGING), set(many)
    found: dict[str, Any] = {}
    for name, values in request.query_params.lists():
        if any(len(value) > VALUE_LENGTH or "\x00" in value for value in values):
            raise BadRequest(f"The value of `{name[:60]}` is too long or holds a NUL.", "bad_value")
        if name in several:
            found[name] = [value for value in values if value]
        elif prefix and name.startswith(prefix + "."):
            found.setdefault(prefix, []).extend((name[len(prefix) + 1 :], value) for value in values)
        elif name in single:
            found[name] = values[-1]
        elif name != "format":
            raise BadRequest(f"There is no filter `{name[:60]}`.", "unknown_filter")
    return found


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
    """A cursor page as contracts 5 has it: next and previous are whole addresses."""

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
