"""What every page shares: the period in the address, changed addresses, channel colours, trouble as a page.

Not here: which pages there are (console/navigation.py), who may see them (access.py), how numbers look (format.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_htmx.middleware import HtmxDetails

from kernel import limits, periods
from kernel.errors import BadRequest, Refused, TryAgain
from kernel.models import Workspace
from kernel.periods import DEFAULT_DAYS, INTERVALS
from kernel.web import format
from kernel.web.access import WorkspaceRequest, by_member

PRESETS = (7, 30, 90, 365)  # days, each ending today
PERIOD_NAMES = ("from", "to", "interval", "compare")
COMPARES = ("previous", "year")  # what a period is held against
LONGEST = timedelta(days=3660)
RETRY_SECONDS = 30  # after a page that the database had no time for
YEARS = (1920, 2900)  # of a period: what it is held against, and its neighbours, are dates too
EARLIEST, LATEST = (
    date(1970, 1, 1),
    date(9000, 1, 1),
)  # no event is older, and days can be counted on both sides
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


class Period(NamedTuple):
    """The days a page speaks of, both ends inside, and how they are cut."""

    first: date
    last: date
    interval: str
    problem: str = ""  # what was wrong with the address, said on the page
    compare: str = COMPARES[0]

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """What it is held against: as many days just before, or the same days a year ago."""
        if self.compare == "year":
            return Period(_year_before(self.first), _year_before(self.last), self.interval, "", self.compare)
        first = self.first - timedelta(days=self.length)
        return Period(first, self.first - timedelta(days=1), self.interval, "", self.compare)

    @property
    def before_name(self) -> str:
        """What that is called."""
        return _("Last year") if self.compare == "year" else _("Period before")

    @property
    def against(self) -> str:
        """Its days; with the year where that is another one."""
        before = self.before
        return before.short if before.first.year == self.last.year else before.label

    @property
    def label(self) -> str:
        """`24 Oct – 22 Nov 2026`."""
        return format.days(self.first, self.last)

    @property
    def short(self) -> str:
        """The same without a year, for comparisons."""
        return format.days(self.first, self.last, year=False)


def zone(workspace: Workspace) -> ZoneInfo:
    """The workspace's reporting zone."""
    return ZoneInfo(workspace.timezone)


def today(workspace: Workspace) -> date:
    """The date it is in the workspace."""
    return timezone.now().astimezone(zone(workspace)).date()


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def period_of(request: WorkspaceRequest) -> Period:
    """The period of an address. Wrong values get a sentence and the default."""
    end = today(request.workspace)
    usual = periods.default(end)
    asked = request.GET.get("from", ""), request.GET.get("to", "")
    first, last = _date(asked[0]) if asked[0] else None, _date(asked[1]) if asked[1] else None
    problem = ""
    if (asked[0] and first is None) or (asked[1] and last is None):
        problem = _("The period in the address is no date: the last %(n)s days are shown.") % {
            "n": DEFAULT_DAYS
        }
        first = last = None
    last = last or max(end, first or end)
    first = first or periods.default(last)[0]
    if first > last or last - first > LONGEST or first.year < YEARS[0] or last.year > YEARS[1]:
        problem = _(
            "The period in the address ends before it begins or is too long: the last %(n)s days are shown."
        ) % {"n": DEFAULT_DAYS}
        first, last = usual
    interval, compare = request.GET.get("interval", "day"), request.GET.get("compare", "")
    return Period(
        first,
        last,
        interval if interval in INTERVALS else "day",
        problem,
        compare if compare in COMPARES else COMPARES[0],
    )


def _year_before(day: date) -> date:
    """The same date a year ago; 29 February becomes the 28th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The addresses of the period before and after."""

    earlier: str
    later: str  # "": the period reaches today


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual period as a link."""

    label: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPage:
    """What `_period.html` asks of a page of numbers."""

    period: Period
    presets: list[Preset]
    neighbours: Neighbours


def neighbours(request: WorkspaceRequest, period: Period) -> Neighbours:
    """The addresses of the period before and after, as long as this one; no later one past today."""
    step, end = timedelta(days=period.length), today(request.workspace)
    earlier, later = _at(request, period.first - step, period.last - step), ""
    if period.last < end:
        last = min(period.last + step, end)
        later = _at(request, last - step + timedelta(days=1), last)
    return Neighbours(earlier, later)


def _at(request: HttpRequest, first: date, last: date) -> str:
    return address(request, **{"from": first.isoformat(), "to": last.isoformat()})


def presets(request: WorkspaceRequest, period: Period) -> list[Preset]:
    """The usual periods as links, the current one marked."""
    end = today(request.workspace)
    found = []
    for length in PRESETS:
        first = end - timedelta(days=length - 1)
        current = (first, end) == (period.first, period.last)
        found.append(Preset(_("Last %(n)s days") % {"n": length}, _at(request, first, end), current))
    return found


def address(request: HttpRequest, **changes: Any) -> str:
    """`?…` of this page with parameters changed; empty ones go, and a changed list begins at its first page."""
    query = request.GET.copy()
    if "cursor" not in changes:
        query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        for item in value if isinstance(value, list | tuple) else [value]:
            if item not in (None, ""):
                query.appendlist(name, str(item))
    return "?" + query.urlencode()


def in_period(request: HttpRequest, view: str, *args: Any, **more: Any) -> str:
    """Another page's address with the period of this one kept, and more said; what is empty is left out."""
    kept = {name: request.GET.get(name, "") for name in PERIOD_NAMES}
    query = urlencode({name: value for name, value in (kept | more).items() if value})
    return reverse(view, args=args) + (f"?{query}" if query else "")


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


def _said(error: BadRequest) -> JsonResponse:
    said = {"code": error.code, "message": str(error)}
    return JsonResponse(said, status=error.status, headers={"Access-Control-Allow-Origin": "*"})


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
            return _said(wrong) if by_program(request) else trouble(request, wrong)
        if not by_member(request):
            return self.get_response(request)
        with timezone.override(zone(request.workspace)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Our own refusals, and values PostgreSQL cannot read; anything else is a bug and rises. The API's: api.py."""
        if request.path.startswith("/api/"):
            return None
        if slow := limits.too_slow(error):
            return later(request, slow)
        if isinstance(error, DataError):
            error = BadRequest(_("A value in the address cannot be read: begin again without it."))
        return trouble(request, error) if isinstance(error, Refused) else None
