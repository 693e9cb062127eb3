"""Which days a page speaks of and what they are compared with: equally many, all over, today so far never."""

import csv
import io
import json
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kernel import periods
from kernel.web.period import Period
from tests.pages.test_numbers import person, text
from tests.shop import Shop, order

TODAY = date(2026, 11, 29)  # a Sunday
DAY = timedelta(days=1)


def asked(first, last, unit="", compare="previous", today=TODAY, interval="day"):
    return Period(date.fromisoformat(first), date.fromisoformat(last), interval, "", compare, unit, today)


def days(period):
    return period and f"{period.first}/{period.last}"


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (asked("2026-10-30", "2026-11-28"), "2026-09-30/2026-10-29"),
        (asked("2026-11-28", "2026-11-28"), "2026-11-27/2026-11-27"),
        # this month to date: the same days of the month before, today left out of both
        (asked("2026-11-01", "2026-11-29", "month"), "2026-10-01/2026-10-28"),
        (asked("2026-11-23", "2026-11-29", "week"), "2026-11-16/2026-11-21"),
        (asked("2026-10-01", "2026-11-29", "quarter"), "2026-07-01/2026-08-28"),
        (asked("2026-10-01", "2026-10-31", "month"), "2026-08-31/2026-09-30"),  # September has no 31 days
        (asked("2026-11-01", "2026-11-30", "month", today=date(2026, 12, 5)), "2026-10-01/2026-10-30"),
        # the same period last year, as long as this one though there was a 29 February
        (asked("2028-02-01", "2028-02-29", "month", "year", date(2028, 3, 2)), "2027-02-01/2027-03-01"),
        (asked("2026-11-01", "2026-11-29", "month", "year"), "2025-11-01/2025-11-28"),
        # nothing is over, nothing is asked for
        (asked("2026-11-29", "2026-11-29"), None),
        (asked("2026-11-01", "2026-11-28", "month", "none"), None),
    ],
)
def test_what_a_period_is_compared_with(period, before):
    assert days(period.before) == before


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
    st.sampled_from(("", *periods.UNITS)),
    st.sampled_from(("previous", "year", "none")),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_compared_days_are_equally_many_and_over(first, more, unit, compare, today):
    if unit:
        first = periods.start(first, unit)
        last = min(first + DAY * more, periods.end(first, unit))
    else:
        last = first + DAY * more
    period = Period(first, last, "day", "", compare, unit, today)
    if compare == "none" or first >= today:
        assert period.before is None
        return
    assert period.before.length == period.whole.length
    assert max(period.whole.last, period.before.last) < today
    assert compare == "year" or period.before.last < period.first


def test_only_intervals_that_are_cut_or_not_over_are_dotted():
    assert asked("2026-11-27", "2026-11-28").partial() == []
    assert asked("2026-11-27", "2026-11-29").partial() == [2]
    assert asked("2026-11-18", "2026-11-28", interval="week").partial() == [0, 1]
    assert asked("2026-11-18", "2026-11-28", interval="week").partial(calendar=True) == [1]
    assert asked("2026-11-09", "2026-11-22", interval="week").partial(calendar=True) == []


@pytest.fixture
def crash(db):
    """100 a day, but 40 today so far: not one per cent less than before."""
    shop, now = Shop(), timezone.now()
    shop.sends(
        *(order(f"D{n}", "100", f"u{n}", at=now - timedelta(days=n), currency="CNY") for n in range(1, 61)),
        order("NOW", "40", "u0", at=now, currency="CNY"),
    )
    return shop


def chart(answer, name):
    raw = answer.content.decode()
    return json.loads(re.search(rf'id="{name}" type="application/json">(.*?)</script>', raw)[1])


def test_the_default_is_whole_days_and_says_so(crash):
    client, today = person(crash), timezone.localtime(timezone=crash_zone(crash)).date()
    for page in ("/", "/kpi/net_revenue/"):
        answer = client.get(page)
        said, period = text(answer), answer.context["period"]
        assert (period.first, period.last) == (today - 30 * DAY, today - DAY)
        assert "Whole days" in said
        assert "unchanged from" in said
        assert "¥3,040" not in said
        assert chart(answer, "sales-data" if page == "/" else "kpi-data")["partial"] == []


def crash_zone(shop):
    return periods.zone(shop.workspace.timezone)


def test_today_so_far_is_counted_dotted_and_not_compared(crash):
    client, today = person(crash), timezone.localtime(timezone=crash_zone(crash)).date()
    where = f"?from={today - 10 * DAY}&to={today}"
    for page, name in (("/", "sales-data"), ("/kpi/net_revenue/", "kpi-data")):
        answer = client.get(page + where)
        said = text(answer)
        assert "Today so far is counted, not compared" in said
        assert "dotted: today so far" in said
        assert "¥1,040.00" in said  # ten whole days and today
        assert "unchanged from" in said  # by ten whole days
        assert "¥1,000.00" in said
        assert chart(answer, name)["partial"] == [10]
    page = client.get("/" + where).content.decode()
    assert 'class="l part"' in page  # the sparkline too


def test_today_alone_is_compared_with_nothing(crash):
    today = timezone.localtime(timezone=crash_zone(crash)).date()
    client = person(crash)
    for page in ("/", "/kpi/net_revenue/", "/kpi/aov/", "/kpi/price_parity/"):
        said = text(client.get(f"{page}?from={today}&to={today}"))
        assert "Today so far: compared once the day is over." in said, page
    assert "¥40.00" in text(client.get(f"/kpi/net_revenue/?from={today}&to={today}"))


def test_a_period_that_reaches_beyond_today_ends_its_line_there(crash):
    today = timezone.localtime(timezone=crash_zone(crash)).date()
    answer = person(crash).get(f"/kpi/net_revenue/?from={today - DAY}&to={today + 2 * DAY}")
    assert chart(answer, "kpi-data")["data"] == [100, 40, None, None]


@pytest.mark.parametrize("page", ["/", "/kpi/gmv/", "/kpi/aov/", "/kpi/retention/", "/kpi/price_parity/"])
def test_compared_with_nothing_no_page_shows_a_change(crash, page):
    client = person(crash)
    answer = client.get(f"{page}?compare=none")
    said = text(answer)
    assert "Not compared." in said
    assert not re.search(r'class="(delta (good|bad)|key ref)"', answer.content.decode())
    assert not re.search(r"\b(worse|better|lower|higher)\b", said)
    links = re.findall(r'href="(/kpi/[a-z][^"]*)"', answer.content.decode())
    assert links
    assert all("compare=none" in link for link in links)


def test_every_preset_is_a_period_that_marks_itself(crash):
    client = person(crash)
    presets = client.get("/kpi/gmv/?compare=year").context["presets"]
    assert [one.label for one in presets] == [
        *("Today so far", "Yesterday", "Last 7 days", "Last 30 days", "Last 90 days", "Last 365 days"),
        *("This week", "Last week", "This month", "Last month", "This quarter", "Last quarter"),
    ]
    for one in presets:
        assert "compare=year" in one.address
        context = client.get("/kpi/gmv/" + one.address).context
        assert one.label in [other.label for other in context["presets"] if other.current], one
        assert not context["period"].problem
        assert context["period"].compare == "year"


def test_a_months_neighbours_are_months(crash):
    client = person(crash)
    context = client.get("/kpi/gmv/?from=2026-03-01&to=2026-03-31&unit=month").context
    assert "from=2026-02-01&to=2026-02-28&unit=month" in context["neighbours"].earlier
    assert "from=2026-04-01&to=2026-04-30&unit=month" in context["neighbours"].later
    assert client.get("/kpi/gmv/").context["neighbours"].later == ""


def test_a_unit_that_the_days_are_not_is_none(crash):
    client = person(crash)
    for wrong in (
        "from=2026-03-02&to=2026-03-31&unit=month",
        "from=2026-03-01&to=2026-04-02&unit=month",
        "unit=x",
    ):
        assert client.get(f"/kpi/gmv/?{wrong}").context["period"].unit == ""


def lines(answer):
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()[1:])))


def test_the_files_compare_whole_days_too(crash):
    client, today = person(crash), timezone.localtime(timezone=crash_zone(crash)).date()
    where = f"?from={today - 10 * DAY}&to={today}"
    found = [
        one
        for one in lines(client.get(f"/export.csv{where}"))
        if (one["Metric"], one["Channel"]) == ("Net revenue", "all")
    ]
    assert [(one["To"], one["Value"], one["Compared with: value"]) for one in found] == [
        (str(today), "1040", ""),
        (str(today - DAY), "1000", "1000"),
    ]
    found = [
        one for one in lines(client.get(f"/kpi/net_revenue/export.csv{where}")) if one["Channel"] == "all"
    ]
    assert [(one["Net revenue"], one["Compared with: value"]) for one in found[:2]] == [
        ("1040", ""),
        ("1000", "1000"),
    ]
    assert (found[-1]["Begins"], found[-1]["Compared with: value"]) == (str(today), "")
