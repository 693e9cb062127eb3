"""What every page shares: channel names and colours, trouble as a page; the period of period.py by these names.

Not here: which pages there are (console/navigation.py), who may see them (access.py), how numbers look (format.py).
"""

from collections.abc import Callable
from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_htmx.middleware import HtmxDetails

from kernel import limits
from kernel.errors import BadRequest, Refused, TryAgain, WrongMethod
from kernel.web.access import by_member

# Pages find what concerns the period here too.
from kernel.web.period import (
    COMPARES,
    EARLIEST,
    LATEST,
    Period,
    PeriodPage,
    address,
    in_period,
    neighbours,
    period_of,
    presets,
    today,
    zone,
)

__all__ = [
    "COMPARES",
    "EARLIEST",
    "LATEST",
    "Period",
    "PeriodPage",
    "address",
    "in_period",
    "neighbours",
    "period_of",
    "presets",
    "today",
    "zone",
]
RETRY_SECONDS = 30  # after a page that the database had no time for
# The colours of tokens.css: a channel keeps one of these for good, a ninth channel shares the last.
COLOURS = ("tmall", "jd", "douyin", "xhs", "mini", "web", "store", "call", "other")
# Names that many retailers give their channels, and that have a Chinese one.
KNOWN_NAMES = (
    gettext_noop("Tmall"),
    gettext_noop("JD"),
    gettext_noop("Douyin"),
    gettext_noop("Xiaohongshu"),
    gettext_noop("Mini-program"),
    gettext_noop("Web shop"),
    gettext_noop("Stores"),
    gettext_noop("Call centre"),
)
KIND_COLOURS = {
    "marketplace": "tmall",
    "social": "douyin",
    "mini_program": "mini",
    "web": "web",
    "app": "web",
    "store": "store",
    "call_centre": "call",
}


def _of(channel: Any, name: str) -> str:
    found = channel.get(name, "") if isinstance(channel, dict) else getattr(channel, name, "")
    return str(found or "")


def channel_name(channel: Any) -> str:
    """A channel's name; those of the demo retailer are also known in Chinese."""
    name = _of(channel, "name") or _of(channel, "slug") or str(channel)
    return _(name) if name in KNOWN_NAMES else name


def colour(channel: Any) -> str:
    """`c-tmall`: the class that sets a channel's colour, stored with the channel, else by its kind."""
    stored = _of(channel, "color") or _of(channel, "colour")
    found = stored.removeprefix("c-") if stored.removeprefix("c-") in COLOURS else ""
    return "c-" + (found or KIND_COLOURS.get(_of(channel, "kind"), "other"))


def fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page: also where its middleware was not reached, as with a wrong host."""
    return bool(HtmxDetails(request))


def by_program(request: HttpRequest) -> bool:
    """Whether a program asks: a browser that goes somewhere accepts HTML, and htmx says who it is."""
    return not fragment(request) and "text/html" not in request.headers.get("Accept", "")


def trouble(request: HttpRequest, error: Refused) -> HttpResponse:
    """What cannot be done, as a page or a piece: what failed and what to do."""
    piece = "_trouble.html" if fragment(request) else "trouble.html"
    return render(request, piece, {"error": error, "text": str(error)}, status=error.status)


def _said(error: Refused) -> JsonResponse:
    said = {"code": error.code, "message": str(error)}
    return JsonResponse(said, status=error.status, headers={"Access-Control-Allow-Origin": "*"})


def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """To programs in JSON, to people as a page."""
    return _said(error) if by_program(request) else trouble(request, error)


def _readable(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Django's 405 is blank, and a browser calls it broken: what only a form sends to says so. The API's: api.py."""
    if not isinstance(answer, HttpResponseNotAllowed) or request.path.startswith("/api/"):
        return answer
    said = _refused(
        request, WrongMethod(_("This address only takes what a form sends: open the page with the form."))
    )
    said["Allow"] = answer["Allow"]
    return said


def later(request: HttpRequest, error: TryAgain) -> HttpResponse:
    """Not now: said without the frame, whose own questions the database might not answer either."""
    piece = "_trouble.html" if fragment(request) else "trouble.html"
    answer = HttpResponse(render_to_string(piece, {"error": error, "text": str(error)}), status=error.status)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _unreadable(request: HttpRequest) -> bool:
    """Whether a NUL came along: no text of PostgreSQL's can hold one, and nobody types one."""
    sent = [request.GET, request.POST] if request.method == "POST" else [request.GET]
    return "\x00" in request.path or any(
        "\x00" in value for form in sent for values in form.lists() for value in (values[0], *values[1])
    )


class CookieMiddleware:
    """Cookies no text of PostgreSQL's can hold are as if they had not come: in quotes, `\\000` stands for a NUL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\\" in request.META.get("HTTP_COOKIE", ""):
            kept = {name: value for name, value in request.COOKIES.items() if "\x00" not in value}
            request.COOKIES = kept
        return self.get_response(request)


class PageMiddleware:
    """The workspace's zone for every page, and refused requests answered with a page instead of a crash."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/api/") and _unreadable(request):
            wrong = BadRequest(_("The address or the form holds a character that no text has."))
            return _refused(request, wrong)
        if not by_member(request):
            return _readable(request, self.get_response(request))
        with timezone.override(zone(request.workspace)):
            return _readable(request, self.get_response(request))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Our own refusals, and values PostgreSQL cannot read; anything else is a bug and rises. The API's: api.py."""
        if request.path.startswith("/api/"):
            return None
        if slow := error if isinstance(error, TryAgain) else limits.too_slow(error):
            return later(request, slow)
        if isinstance(error, DataError):
            error = BadRequest(_("A value in the address cannot be read: try again without it."))
        return trouble(request, error) if isinstance(error, Refused) else None
