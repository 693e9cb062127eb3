"""What is answered where nothing of ours takes a request, or something broke: JSON to programs, a page to people.

A sender of another dialect (Snowplow, GA4, Matomo, PostHog, Mixpanel …) and a client that was given only the host post
somewhere. They must be able to read what is wrong, on any page too (CORS), and never meet a form's guard. Not here:
the front door's own paths and answers (channels), what a call of the read API refuses (kernel/web/api.py).
"""

import json
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.views import csrf, defaults

from channels import protocol, receive
from channels.protocol import Route
from kernel.web import shell

API: Final = "/api/"
LOOKS: Final = {"GET", "HEAD"}
FORMS: Final = (b"application/x-www-form-urlencoded", b"multipart/form-data")
BROKEN: Final = "Something went wrong here; it is in the log. The same request may work later."
UNREADABLE: Final = (
    "The request cannot be read: its host is not ours, or it is too long or has too many fields."
)
WHERE: Final = "Events go to POST /v1/track, /v1/identify … or /v1/batch."
MISSING: Final = f"There is no such address: see /api/docs/. {WHERE}"
FORM: Final = f"This is a form for people, and came without what its page gave to it. {WHERE}"


# ---- before Django ----------------------------------------------------------------------------


def by_program(scope: dict[str, Any]) -> bool:
    """Whether a program sends this where nothing takes it; the rest is for Django to answer.

    Our forms come with a cookie of ours, or by htmx; a browser's form without one is a person's whose cookies are off.
    """
    method, path = scope["method"], scope["path"]
    if method in LOOKS or path.startswith(API):
        return False
    return method == "OPTIONS" or path == "/" or not _of_a_person(scope["headers"])


def route(path: str) -> Route:
    """The route of the answer to it: a page that is only looked at, or nothing at all."""
    return protocol.PAGE if _known(path) else protocol.NOT_FOUND


def _of_a_person(headers: list[tuple[bytes, bytes]]) -> bool:
    given = dict(headers)
    ours = (settings.CSRF_COOKIE_NAME.encode(), settings.SESSION_COOKIE_NAME.encode())
    cookies = [value for name, value in headers if name == b"cookie"]  # of HTTP/2, a line each
    if b"hx-request" in given or any(name in value for value in cookies for name in ours):
        return True
    form = given.get(b"content-type", b"").lower().startswith(FORMS)
    return form and b"text/html" in given.get(b"accept", b"")


def _known(path: str) -> bool:
    """Whether a page stands there, with its last slash or without."""
    for tried in {path, path.rstrip("/") + "/"}:
        try:
            resolve(tried)
        except Resolver404:
            continue
        return True
    return False


# ---- Django's own handlers (urls.py, settings.py) ---------------------------------------------


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler404`. What a page did not find is a page's in any case: somebody followed a link."""
    if request.path.startswith(API):
        if request.method == "OPTIONS":  # a browser asks before it posts: it is to see why that is not taken
            return _told(request, receive.Answer(200, b""), preflight=True)
        return _told(request, _answer(404, "not_found", MISSING))
    if request.resolver_match is None and (request.method not in LOOKS or shell.by_program(request)):
        return _told(request, receive.refused(receive.Missing(request.path)))
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler400`: a host that is not ours, too many fields."""
    if _in_json(request):
        return _told(request, _answer(400, "bad_request", UNREADABLE))
    return defaults.bad_request(request, exception)


def broken(request: HttpRequest) -> HttpResponseBase:
    """`handler500`; the log has what broke."""
    if _in_json(request):
        return _told(request, _answer(500, "internal_error", BROKEN))
    return defaults.server_error(request)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """CSRF_FAILURE_VIEW."""
    if _in_json(request):
        return _told(request, _answer(403, "no_token", FORM))
    return csrf.csrf_failure(request, reason)


def _in_json(request: HttpRequest) -> bool:
    return request.path.startswith(API) or shell.by_program(request)


def _answer(status: int, code: str, message: str) -> receive.Answer:
    return receive.Answer(status, json.dumps({"code": code, "message": message}, ensure_ascii=False).encode())


def _told(request: HttpRequest, answer: receive.Answer, *, preflight: bool = False) -> HttpResponse:
    """An answer that any page may read, through Django."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = receive.Request(request.method or "", request.path, "", headers, b"", request.scheme or "http")
    answer = receive.with_cors(asked, answer, preflight=preflight)
    said = HttpResponse(answer.body, status=answer.status, content_type=answer.type)
    for name, value in answer.headers:
        if name == "vary":
            patch_vary_headers(said, ("Accept", value))
        else:
            said.headers[name] = value
    return said
