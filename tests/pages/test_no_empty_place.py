"""No page names what it is not handed: Django leaves an empty place for that, which nobody would notice."""

import re

import pytest
from django.template import engines

from tests.hostile.crawl import Crawler
from tests.metrics.test_drill import fill
from tests.shop import Shop, identify, track

MISSING = "MISSING[%s]"
# What a form holds, by the name of its field: empty where nothing was typed.
FORMS = re.compile(r"(timeline\.)?given\.\w+|typed(\.\w+)+")


@pytest.fixture
def shop(db):
    made = Shop()
    fill(made)
    made.sends(
        identify("u1", name="Lin", phone="+8613800000001"),
        track("Product Viewed", "u1", anonymous="browser-1", name="Cedar candle"),
        {"type": "track", "event": ""},
    )
    return made


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_everything_a_page_says_is_handed_to_it(shop, role, monkeypatch):
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", MISSING)
    seen = Crawler(shop, role).goes(of_a_kind=2)
    assert sum(status == 200 for status, _text in seen.values()) > 30
    empty = {
        (name, address.partition("?")[0])
        for address, (_status, text) in seen.items()
        for name in re.findall(r"MISSING\[([^\]]*)\]", text)
        if not FORMS.fullmatch(name)
    }
    assert empty == set()
