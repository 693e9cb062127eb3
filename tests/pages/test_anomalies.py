"""Anomalies on a metric's page: the switch, the band, the words, the table; a process that does not answer."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from kernel.errors import TryAgain
from metrics.anomalies.process import JUDGE
from tests.shop import Shop, order

SILENT = 10  # days ago


@pytest.fixture(autouse=True, scope="module")
def patient() -> Iterator[None]:
    """The first question waits for imports, on a busy machine."""
    JUDGE._patience, before = 120.0, JUDGE._patience
    yield
    JUDGE._patience = before
    JUDGE.end()


@pytest.fixture
def page(db: None) -> Any:
    """`page(address)`: what an analyst sees in a shop that was silent for a day."""
    shop, now = Shop(zone="UTC"), datetime.now(UTC).date()
    shop.sends(
        *(
            order(f"o{days}-{n}", 50 + n, f"u{n}", datetime.combine(now - timedelta(days=days), time(3), UTC))
            for days in range(1, 80)
            for n in range(0 if days == SILENT else 9 + days % 7)
        )
    )
    shop.api("analyst")
    client = Client()
    client.force_login(User.objects.get(username=f"analyst-{shop.workspace.slug}"))

    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    return get


def chart(text: str) -> Any:
    """What is drawn."""
    return json.loads(re.findall(r'id="kpi-data" type="application/json">(.*?)</script>', text)[0])


def test_nothing_is_judged_unless_it_is_wanted(page: Any) -> None:
    text = page("/kpi/orders/")
    assert "band" not in chart(text)
    assert "Not as expected" not in text
    assert 'href="?anomalies=medium"' in text


def test_the_band_the_mark_and_the_words_say_which_day_it_was(page: Any) -> None:
    text = page("/kpi/orders/?anomalies=medium")
    band, day = chart(text)["band"], (datetime.now(UTC) - timedelta(days=SILENT)).date().isoformat()
    assert [chart(text)["x"][i] for i in band["odd"]] == [day]
    assert band["said"][band["odd"][0]].startswith("Anomaly: expected ")
    assert "Not as expected" in text
    assert text.count("lower than expected") == 2  # all channels together, and the one that was silent
    assert len(re.findall(r'<span class="lbl warn">\s*anomaly\s*</span>', text)) == 1
    assert f"from={day}&amp;to={day}" in text


def test_the_sensitivity_stays_in_the_address_and_in_what_is_saved(page: Any) -> None:
    text = page("/kpi/orders/?anomalies=high&compare=year")
    assert '<input type="hidden" name="anomalies" value="high">' in text
    assert 'value="name=orders&amp;anomalies=high"' in text
    presets = re.findall(r'<a href="(\?[^"]*unit=week[^"]*)"', text)
    assert presets
    assert all("anomalies=high" in one for one in presets)


def test_weeks_and_an_unknown_sensitivity_leave_the_page_as_it_is(page: Any) -> None:
    weeks = page("/kpi/orders/?anomalies=low&interval=week")
    assert "Anomalies are judged on days" in weeks
    assert "band" not in chart(weeks)
    assert "band" not in chart(page("/kpi/orders/?anomalies=everything"))


def test_where_too_little_happened_it_says_so(page: Any) -> None:
    assert "Too little happened" in page("/kpi/refunds/?anomalies=low")


def test_a_judge_that_does_not_answer_leaves_the_page_standing(page: Any, monkeypatch: Any) -> None:
    def none(*_args: Any, **_more: Any) -> Any:
        raise TryAgain("Anomalies take too long just now: try again in a moment.")

    monkeypatch.setattr(JUDGE, "judged", none)
    text = page("/kpi/orders/?anomalies=low")
    assert "Anomalies take too long just now" in text
    assert chart(text)["there"]
