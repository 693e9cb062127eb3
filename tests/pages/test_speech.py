"""Numbers, money and dates as each language says them (ui: numbers and dates)."""

import datetime as dt

import pytest
from django.utils import translation

from cdp.kernel import speech

CASES = [
    (lambda: speech.number(61931), "61,931", "61,931"),
    (lambda: speech.number("0.79512"), "0.795", "0.795"),
    (lambda: speech.number(-3), "−3", "−3"),
    (lambda: speech.number(None), "–", "–"),
    (lambda: speech.money("8769581"), "¥8,769,581.00", "¥8,769,581.00"),
    (lambda: speech.money("-899"), "−¥899.00", "−¥899.00"),
    (lambda: speech.money("1299", "SEK"), "SEK 1,299.00", "SEK 1,299.00"),
    (lambda: speech.money_short("8769581"), "¥8.77 M", "¥877.0万"),
    (lambda: speech.money_short("365900"), "¥365.9 k", "¥36.6万"),
    (lambda: speech.money_short("10738"), "¥10.7 k", "¥1.1万"),
    (lambda: speech.money_short("120000000"), "¥120.00 M", "¥1.2亿"),
    (lambda: speech.money_short("9999.5"), "¥9,999.50", "¥9,999.50"),
    (lambda: speech.percent("0.12"), "12.0%", "12.0%"),
    (lambda: speech.day(dt.date(2026, 9, 5)), "5 Sep", "9月5日"),
    (lambda: speech.day(dt.date(2026, 11, 22), year=True), "22 Nov 2026", "2026年11月22日"),
    (
        lambda: speech.days(dt.date(2026, 10, 24), dt.date(2026, 11, 22)),
        "24 Oct – 22 Nov 2026",
        "2026年10月24日 – 11月22日",
    ),
    (lambda: speech.duration("1.4"), "1.4 s", "1.4 秒"),
    (lambda: speech.duration(80), "1 min 20 s", "1 分 20 秒"),
    (lambda: speech.duration(198720), "2.3 d", "2.3 天"),
    (lambda: speech.base(1516, 12669), "1,516 of 12,669", "基数：12,669 中的 1,516"),
]


@pytest.mark.parametrize(("say", "english", "chinese"), CASES)
def test_a_value_is_said_in_both_languages(say, english, chinese):
    with translation.override("en"):
        assert say() == english
    with translation.override("zh-hans"):
        assert say() == chinese


@pytest.mark.parametrize(
    ("now", "before", "unit", "good", "said"),
    [
        ("110", "100", "money", "up", ("good", "10%", "better")),
        ("90", "100", "money", "down", ("good", "10%", "better")),
        ("0.13", "0.12", "share", "up", ("good", "1 pts", "better")),
        ("0.13", "0.12", "share", "down", ("bad", "1 pts", "worse")),
        ("5", "4", "count", "none", ("flat", "25%", "more")),
        ("4", "4", "count", "up", ("flat", "0%", "unchanged")),
    ],
)
def test_a_change_is_judged_by_the_metric(now, before, unit, good, said):
    change = speech.change(now, before, unit, good)
    assert (change["class"], change["text"].replace(".0", ""), change["word"]) == said


def test_nothing_to_hold_against_is_no_change():
    assert speech.change("5", None, "count", "up") is None
    assert speech.change("5", "0", "count", "up") is None
