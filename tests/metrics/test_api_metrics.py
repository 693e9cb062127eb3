"""The read API of metrics answers as contracts have it."""

from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from channels.models import Channel
from kernel.db import copy
from kernel.models import Member, Role, Workspace
from kernel.web import access
from metrics.catalogue import METRICS
from metrics.query import EXACT, text

pytestmark = pytest.mark.django_db
COLUMNS = ("workspace_id", "measure", "channel_id", "day", "rate_day", "currency", "amount")


class Reader:
    """A workspace with two channels, and somebody with a token."""

    def __init__(self) -> None:
        self.workspace = Workspace.objects.create(slug="hemu", name="Hemu")
        self.web, self.store = (
            Channel.objects.create(
                workspace=self.workspace, slug=slug, name=slug, currency="CNY", timezone="Asia/Shanghai"
            )
            for slug in ("web", "store")
        )
        user = User.objects.create_user("lin")
        Member.objects.create(workspace=self.workspace, user=user, role=Role.VIEWER)
        self.client = APIClient()
        token = access.make_token(self.workspace, user, Role.VIEWER)
        self.client.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    def books(self, *sums: tuple[str, Channel, int, str, str]) -> None:
        """Roll-ups of November: measure, channel, day, currency, amount."""
        days = [(measure, channel, date(2026, 11, day), *rest) for measure, channel, day, *rest in sums]
        lines = [(self.workspace.pk, m, channel.pk, day, day, *rest) for m, channel, day, *rest in days]
        copy(connection, "metrics_rollup", COLUMNS, lines)

    def get(self, path: str, status: int = 200, **asked: Any) -> Any:
        """The JSON of an answer."""
        answer = self.client.get(path, {name.rstrip("_"): value for name, value in asked.items()})
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_the_catalogue_lists_every_metric(reader: Reader) -> None:
    found = reader.get("/api/metrics/")
    assert [item["name"] for item in found["results"]] == [metric.name for metric in METRICS]
    assert all(set(item) == {"name", "label", "unit", "formula", "good"} for item in found["results"])


def test_a_metric_has_total_series_channels_and_what_has_no_rate(reader: Reader) -> None:
    reader.books(
        ("gmv", reader.web, 3, "CNY", "100.10"),
        ("gmv", reader.web, 3, "USD", "5.00"),
        ("gmv", reader.store, 5, "CNY", "20"),
    )
    asked = {"from_": "2026-11-03", "to": "2026-11-05", "by": "channel"}

    def figure(value: str) -> dict[str, str | None]:
        return {"value": value, "numerator": value, "denominator": None}

    def series(*values: str) -> list[dict[str, str | None]]:
        return [
            {"start": f"2026-11-0{day}", **figure(value)}
            for day, value in zip((3, 4, 5), values, strict=True)
        ]

    assert reader.get("/api/metrics/gmv/", **asked) == {
        "metric": "gmv",
        "unit": "money",
        "currency": "CNY",
        "formula": "sum of order totals, by order time; refunds and cancellations are not deducted",
        "total": figure("120.10"),
        "series": series("100.10", "0", "20"),
        "by": {
            "web": {"total": figure("100.10"), "series": series("100.10", "0", "0")},
            "store": {"total": figure("20"), "series": series("0", "0", "20")},
        },
        "unconverted": [{"currency": "USD", "value": "5.00"}],
        "missing_cost": 0,
    }
    one = reader.get("/api/metrics/gmv/", channel="store", **asked)
    assert (one["total"]["value"], list(one["by"]), one["unconverted"]) == ("20", ["store"], [])


def test_without_a_period_it_is_the_30_days_to_today(reader: Reader) -> None:
    found = reader.get("/api/metrics/active_customers/")
    assert len(found["series"]) == 30
    assert "by" not in found
    assert reader.get("/api/metrics/gmv/", to="2026-11-30")["series"][0]["start"] == "2026-11-01"


def test_weeks_begin_on_monday_even_before_the_period(reader: Reader) -> None:
    found = reader.get("/api/metrics/gmv/", from_="2026-11-04", to="2026-11-10", interval="week")
    assert [item["start"] for item in found["series"]] == ["2026-11-02", "2026-11-09"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from_": "yesterday"}, "bad_date"),
        ({"from_": "2026-11-31"}, "bad_date"),
        ({"from_": "2026-11-05", "to": "2026-11-04"}, "bad_period"),
        ({"interval": "hour"}, "bad_interval"),
        ({"by": "segment"}, "bad_by"),
        ({"channel": "moon"}, "unknown_channel"),
        ({"channel": ["web", "store"]}, "one_channel"),
        ({"chanel": "web"}, "unknown_filter"),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_so(reader: Reader, asked: dict[str, Any], code: str) -> None:
    found = reader.get("/api/metrics/gmv/", 400, **asked)
    assert found["code"] == code
    assert found["message"]


def test_rows_are_ordered_as_asked_and_a_wrong_order_names_the_right_ones(reader: Reader) -> None:
    assert reader.get("/api/metrics/gmv/rows/", ordering="-total")["results"] == []
    found = reader.get("/api/metrics/gmv/rows/", 400, ordering="-nonsense")
    assert found["code"] == "bad_ordering"
    assert "total" in found["message"]


def test_an_unknown_metric_is_a_404_and_nobody_is_a_401(reader: Reader) -> None:
    assert reader.get("/api/metrics/happiness/", 404)["code"] == "not_found"
    assert APIClient().get("/api/metrics/gmv/").status_code == 401


def test_a_string_is_never_endless() -> None:
    assert text(Decimal("0.10")) == "0.10"
    assert text(Decimal("1E+3")) == "1000"
    with localcontext(EXACT):
        third = Decimal(10**15) / 3
    assert text(third) == "333333333333333." + "3" * 30
