"""The period in the address: its days, what it is compared with, the links that change it.

What is compared is equally long and over: whole days only. A period that holds today is shown with today so far, and
compared by its whole days alone (docs/decisions/2026-11-29-whole-days.md).

Not here: calendars (kernel/periods.py), what is counted over a period.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel import periods
from kernel.caches import remembered
from kernel.models import Workspace
from kernel.periods import DEFAULT_DAYS, INTERVALS, ONE_DAY, UNITS
from kernel.web import format
from kernel.web.access import WorkspaceRequest

PRESETS = (7, 30, 90, 365)  # whole days, each ending yesterday
PERIOD_NAMES = ("from", "to", "unit", "interval", "compare")
COMPARES = ("previous", "year", "none")  # what a period is compared with
LONGEST = timedelta(days=3660)
YEARS = (1920, 2900)  # of a period: what it is compared with, and its neighbours, are dates too
EARLIEST, LATEST = (
    date(1970, 1, 1),
    date(9000, 1, 1),
)  # no event is older, and days can be counted on both sides


class Period(NamedTuple):
    """The days a page speaks of, both ends inside, and how they are cut."""

    first: date
    last: date
    interval: str
    problem: str = ""  # what was wrong with the address, said on the page
    compare: str = COMPARES[0]
    unit: str = ""  # of UNITS: the days are one of these, or its beginning
    today: date = LATEST  # there: no day from it on is over

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def open(self) -> bool:
        """Whether days of it are not over."""
        return self.last >= self.today

    @property
    def whole(self) -> "Period | None":
        """Its days that are over; None where none is."""
        if not self.open:
            return self
        return self._replace(last=self.today - ONE_DAY) if self.first < self.today else None

    @property
    def before(self) -> "Period | None":
        """What its whole days are compared with, as many of them; None where nothing is."""
        whole = self.whole
        if whole is None or self.compare == "none":
            return None
        first = _year_before(self.first) if self.compare == "year" else self._first_before(whole)
        return whole._replace(first=first, last=first + (whole.last - whole.first))

    def _first_before(self, whole: "Period") -> date:
        """The unit before begins with the same days, where it has as many; else those just before."""
        if self.unit:
            first = periods.preceding(self.first, self.unit)
            if first + (whole.last - whole.first) < self.first:
                return first
        return self.first - timedelta(days=whole.length)

    @property
    def before_name(self) -> str:
        """What that is called."""
        return _("Last year") if self.compare == "year" else _("Period before")

    @property
    def against(self) -> str:
        """Its days; with the year where that is another one. Empty where nothing is compared."""
        before = self.before
        if before is None:
            return ""
        return before.short if before.first.year == self.last.year else before.label

    @property
    def basis(self) -> str:
        """What is compared with what, in a sentence: for the head of a page of numbers."""
        whole, against = self.whole, self.against
        if self.compare == "none":
            return _("Not compared.")
        if whole is None:
            return _("Today so far: compared once the day is over.")
        said = {"days": whole.short, "against": against}
        if self.open:
            return (
                _("Today so far is counted, not compared: whole days %(days)s compared with %(against)s.")
                % said
            )
        return _("Whole days %(days)s compared with %(against)s.") % said

    @property
    def label(self) -> str:
        """`24 Oct – 22 Nov 2026`."""
        return format.days(self.first, self.last)

    @property
    def short(self) -> str:
        """The same without a year, for comparisons."""
        return format.days(self.first, self.last, year=False)

    @property
    def intervals(self) -> list[periods.Interval]:
        """How it is cut."""
        return periods.intervals(self.first, self.last, self.interval)

    def partial(self, *, calendar: bool = False) -> list[int]:
        """Which of its intervals are not whole: cut by an end of the period, or not over yet.

        `calendar`: they are the calendar's, never cut.
        """
        return [
            i
            for i, one in enumerate(self.intervals)
            if (end := periods.end(one.start, self.interval)) >= self.today
            or (not calendar and (one.start, end) != (one.first, one.last))
        ]


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
    """The period of an address; nobody's: the days to yesterday. Wrong values get a sentence and that default."""
    now = today(request.workspace)
    usual = periods.default(now - ONE_DAY)
    asked = request.GET.get("from", ""), request.GET.get("to", "")
    first, last = _date(asked[0]) if asked[0] else None, _date(asked[1]) if asked[1] else None
    problem = ""
    if (asked[0] and first is None) or (asked[1] and last is None):
        problem = _("The period in the address is not a date: the last %(n)s days are shown.") % {
            "n": DEFAULT_DAYS
        }
        first = last = None
    last = last or max(usual[1], first or usual[1])
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
        _unit(request.GET.get("unit", ""), first, last),
        now,
    )


def _unit(name: str, first: date, last: date) -> str:
    """The unit of the calendar that the days are, or begin; "" for any others."""
    if name not in UNITS or periods.start(first, name) != first or last > periods.end(first, name):
        return ""
    return name


def _year_before(day: date) -> date:
    """The same date a year ago; 29 February becomes the 28th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


# ---- links ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The addresses of the period before and after."""

    earlier: str
    later: str  # "": nothing is over yet after this one


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual period as a link."""

    label: str
    address: str
    current: bool
    group: str  # days, units: what stands together


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPage:
    """What `_period.html` asks of a page of numbers."""

    period: Period
    presets: list[Preset]
    neighbours: Neighbours


def neighbours(request: WorkspaceRequest, period: Period) -> Neighbours:
    """The periods before and after, as long as this one or the unit before and after; no later one than there is."""
    if period.unit:
        return _unit_neighbours(request, period)
    step = timedelta(days=period.length)
    end = period.today if period.length == 1 else period.today - ONE_DAY
    earlier, later = _at(request, period.first - step, period.last - step), ""
    if period.last < end:
        last = min(period.last + step, end)
        later = _at(request, last - step + ONE_DAY, last)
    return Neighbours(earlier, later)


def _unit_neighbours(request: WorkspaceRequest, period: Period) -> Neighbours:
    first, then = periods.preceding(period.first, period.unit), periods.following(period.first, period.unit)
    later = ""
    if then <= period.today:
        later = _at(request, then, min(periods.end(then, period.unit), period.today), period.unit)
    return Neighbours(_at(request, first, period.first - ONE_DAY, period.unit), later)


def _at(request: HttpRequest, first: date, last: date, unit: str = "") -> str:
    return address(request, **{"from": first.isoformat(), "to": last.isoformat(), "unit": unit})


def presets(request: WorkspaceRequest, period: Period) -> list[Preset]:
    """The usual periods as links, the current one marked."""
    return [
        Preset(
            label,
            _at(request, first, last, unit),
            (first, last, unit) == (period.first, period.last, period.unit),
            "units" if unit else "days",
        )
        for label, first, last, unit in _usual(today(request.workspace))
    ]


def _usual(now: date) -> Iterator[tuple[str, date, date, str]]:
    """The usual periods: what each is called, its days, its unit."""
    yesterday = now - ONE_DAY
    yield _("Today so far"), now, now, ""
    yield _("Yesterday"), yesterday, yesterday, ""
    for length in PRESETS:
        yield _("Last %(n)s days") % {"n": length}, now - timedelta(days=length), yesterday, ""
    called = {
        "week": (_("This week"), _("Last week")),
        "month": (_("This month"), _("Last month")),
        "quarter": (_("This quarter"), _("Last quarter")),
    }
    for unit in UNITS:
        first, (this, last) = periods.start(now, unit), called[unit]
        yield this, first, now, unit
        yield last, periods.preceding(first, unit), first - ONE_DAY, unit


def address(request: HttpRequest, **changes: Any) -> str:
    """`?…` of this page with parameters changed; empty ones go, and a changed list begins at its first page."""
    query: dict[str, list[str]] = dict(request.GET.lists())
    if "cursor" not in changes:
        query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        items = value if isinstance(value, list | tuple) else [value]
        query[name] = [str(item) for item in items if item not in (None, "")]
    return "?" + urlencode(query, doseq=True)


def in_period(request: HttpRequest, view: str, *args: Any, **more: Any) -> str:
    """Another page's address with the period of this one kept, and more said; what is empty is left out.

    A page below this one, or below the same (`kpi-rows` below `kpi`), is about what this one's filters leave (`ranked`:
    the days by which they tell the largest from the rest).
    """
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    near = "-" in view and view.partition("-")[0] == here.partition("-")[0]
    kept, written = _kept(request, near)
    if more.keys().isdisjoint(kept):
        said = urlencode({name: value for name, value in more.items() if value}, doseq=True) if more else ""
        query = "&".join(filter(None, (written, said)))
    else:
        query = urlencode({name: value for name, value in (kept | more).items() if value}, doseq=True)
    return _place(view, args) + (f"?{query}" if query else "")


def _kept(request: HttpRequest, near: bool) -> tuple[dict[str, Any], str]:
    """What links of a page keep of its address, and that as a query; made once, a page has a hundred of them."""
    here = vars(request).setdefault("kept_of_address", {})
    if near not in here:
        kept: dict[str, Any] = {name: request.GET.get(name, "") for name in PERIOD_NAMES}
        if near:
            kept |= {"filter": request.GET.getlist("filter"), "ranked": request.GET.get("ranked", "")}
        written = urlencode({name: value for name, value in kept.items() if value}, doseq=True)
        here[near] = kept, written
    found: tuple[dict[str, Any], str] = here[near]
    return found


@remembered(4_096)
def _place(view: str, args: tuple[Any, ...]) -> str:
    return reverse(view, args=args)
