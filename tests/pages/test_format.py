"""Numbers, money and dates as each language says them (ui: numbers and dates)."""

import datetime as dt
import re
import zoneinfo
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from django.utils import translation

from kernel.web import format

CASES = [
    (lambda: format.number(61931), "61,931", "61,931"),
    (lambda: format.number("0.79512"), "0.795", "0.795"),
    (lambda: format.number(-3), "−3", "−3"),
    (lambda: format.number(None), "–", "–"),
    (lambda: format.money("8769581"), "¥8,769,581.00", "¥8,769,581.00"),
    (lambda: format.money("-899"), "−¥899.00", "−¥899.00"),
    (lambda: format.money("1299", "SEK"), "SEK 1,299.00", "SEK 1,299.00"),
    (lambda: format.money("1299", "USD"), "$1,299.00", "US$1,299.00"),
    (lambda: format.money("1299", "TWD"), "NT$1,299.00", "NT$1,299.00"),
    (lambda: format.money("899.5", "JPY"), "JP¥900", "JP¥900"),
    (lambda: format.money("1.2345", "KWD"), "KWD 1.235", "KWD 1.235"),
    (lambda: format.money_short("8769581"), "¥8.77 M", "¥877.0万"),
    (lambda: format.money_short("365900"), "¥365.9 k", "¥36.6万"),
    (lambda: format.money_short("10738"), "¥10.7 k", "¥1.1万"),
    (lambda: format.money_short("120000000"), "¥120.00 M", "¥1.2亿"),
    (lambda: format.money_short("9999.5"), "¥9,999.50", "¥9,999.50"),
    (lambda: format.percent("0.12"), "12.0%", "12.0%"),
    (lambda: format.day(dt.date(2026, 9, 5)), "5 Sep", "9月5日"),
    (lambda: format.day(dt.date(2026, 11, 22), year=True), "22 Nov 2026", "2026年11月22日"),
    (
        lambda: format.days(dt.date(2026, 10, 24), dt.date(2026, 11, 22)),
        "24 Oct – 22 Nov 2026",
        "2026年10月24日 – 11月22日",
    ),
    (
        lambda: format.days(dt.date(2025, 11, 30), dt.date(2026, 1, 2)),
        "30 Nov 2025 – 2 Jan 2026",
        "2025年11月30日 – 2026年1月2日",
    ),
    (
        lambda: format.days(dt.date(2026, 9, 1), dt.date(2026, 9, 22)),
        "1 – 22 Sep 2026",
        "2026年9月1日 – 22日",
    ),
    (lambda: format.days(dt.date(2026, 9, 5), dt.date(2026, 9, 5)), "5 Sep 2026", "2026年9月5日"),
    (
        lambda: format.days(dt.date(2026, 9, 5), dt.date(2026, 10, 4), year=False),
        "5 Sep – 4 Oct",
        "9月5日至10月4日",
    ),
    (lambda: format.weekday(dt.date(2026, 11, 29)), "Sun", "周日"),
    (lambda: format.zone_name("Asia/Shanghai"), "China Time", "中国时间"),
    (lambda: format.zone_name("US/Eastern"), "Eastern Time", "北美东部时间"),
    (lambda: format.zone_name("UTC"), "UTC", "UTC"),
    (lambda: format.duration("1.4"), "1.4 s", "1.4 秒"),
    (lambda: format.duration(80), "1 min 20 s", "1 分 20 秒"),
    (lambda: format.duration(198720), "2.3 d", "2.3 天"),
    (lambda: format.base(1516, 12669), "1,516 of 12,669", "基数：12,669 中的 1,516"),
]


@pytest.mark.parametrize(("say", "english", "chinese"), CASES)
def test_a_value_is_said_in_both_languages(say, english, chinese):
    with translation.override("en"):
        assert say() == english
    with translation.override("zh-hans"):
        assert say() == chinese


@pytest.mark.parametrize("value", ["0", "7.5", "-1234.567", "61931", "1234567890.125", "0.0004"])
@pytest.mark.parametrize(("language", "written"), [("en", format.ENGLISH), ("zh-hans", format.CHINESE)])
def test_a_number_is_grouped_as_babel_does(value, language, written):
    with translation.override(language):
        said = format.number(value)
    assert said == format_decimal(Decimal(value), locale=written).replace("-", format.MINUS).removesuffix(
        "−0"
    )


def test_no_zone_is_called_unknown():
    for name in sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}):
        for language in ("en", "zh-hans"):
            with translation.override(language):
                assert not re.search("Unknown|未知|^$", format.zone_name(name))


@pytest.mark.parametrize(
    ("now", "before", "unit", "good", "said"),
    [
        ("110", "100", "money", "up", ("good", "10%", "higher")),
        ("90", "100", "money", "down", ("good", "10%", "lower")),
        ("0.13", "0.12", "share", "up", ("good", "1 pts", "higher")),
        ("0.13", "0.12", "share", "down", ("bad", "1 pts", "higher")),
        ("5", "4", "count", "none", ("flat", "25%", "higher")),
        ("4", "4", "count", "up", ("flat", "0%", "unchanged")),
    ],
)
def test_a_change_is_judged_by_the_metric(now, before, unit, good, said):
    change = format.change(now, before, unit, good)
    assert (change.tone, change.text.replace(".0", ""), change.word) == said


def test_nothing_to_hold_against_is_no_change():
    assert format.change("5", None, "count", "up") is None
    assert format.change("5", "0", "count", "up") is None
