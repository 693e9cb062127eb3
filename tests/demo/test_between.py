"""What differs between the demo's channels is found through the API, at the size that its truth says.

The demo is test_findings.py's size, made once for the file. Not here: journeys and failures (test_findings.py).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from demo import load, outlets
from demo.between import Between
from demo.simulate import Simulation
from kernel.models import Member, Role, Workspace
from kernel.web import access
from metrics.mirror import sync
from tests.demo.loading import arrive
from tests.demo.reading import END
from tests.demo.test_findings import DAYS, SEED, Demo, near
from tests.live import empty

pytestmark = pytest.mark.django_db
CUSTOMERS = 2_500


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Demo]:
    """Made once; its rows are taken away after the file."""
    from django.contrib.auth.models import User

    simulation = Simulation(CUSTOMERS, DAYS, SEED, END)
    with django_db_blocker.unblock():
        try:
            workspace = arrive(simulation.requests())
            sync.follow(connection, wait=True)
            user = User.objects.create_user("comparer")
            Member.objects.create(workspace=workspace, user=user, role=Role.ANALYST)
            client = APIClient()
            token = access.make_token(workspace, user, Role.ANALYST)
            client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
            yield Demo(workspace, simulation.findings, client)
        finally:
            empty()
            User.objects.filter(username="comparer").delete()
            Workspace.objects.filter(slug=load.SLUG).delete()


@pytest.fixture
def truth(demo: Demo) -> Between:
    return demo.findings.between


def sides(total: dict[str, Any]) -> tuple[float, float]:
    """What stands above and below."""
    return float(total["numerator"]), float(total["denominator"])


def test_a_way_to_pay_that_comes_lifts_what_succeeds_by_a_quarter(demo: Demo, truth: Between) -> None:
    found = truth.arrival
    assert found
    days = {
        "before": (found.before, (demo.first, found.day - dt.timedelta(days=1))),
        "after": (found.after, (found.day, demo.last)),
    }
    for counted, period in days.values():
        asked = {"channel": found.channel, "by": "channel"}
        total = demo.get("/api/metrics/payment_conversion/", *period, **asked)["total"]
        succeeded, started = sides(total)
        assert near(int(started), counted.started)
        assert near(int(succeeded), counted.succeeded)
        by = demo.get(
            "/api/metrics/payment_conversion/",
            *period,
            by="payment_method",
            filter=f"channel:{found.channel}",
        )["by"]
        assert (found.method in by) == (counted is found.after)
    assert 1.18 < found.after.share / found.before.share < 1.35
    others = demo.get("/api/metrics/payment_conversion/", *days["before"][1], by="channel")["by"]
    shares = {slug: float(line["total"]["value"]) for slug, line in others.items() if line["total"]["value"]}
    assert min(shares, key=lambda slug: shares[slug]) == found.channel


def test_goods_that_one_channel_sells_dearer_are_exposed(demo: Demo, truth: Between) -> None:
    found = truth.gap
    asked = {"part": "exposed", "limit": "500"}
    rows = {row["sku"]: row for row in demo.get("/api/metrics/parity_exposure/rows/", **asked)["results"]}
    for sku, units in found.units:
        row = rows[sku]
        assert near(int(float(row["quantity"])), units)
        prices = dict(zip(row["channels"], map(float, row["prices"]), strict=True))
        dear = prices.pop(found.channel)
        assert abs(dear / min(prices.values()) - found.factor) < 0.03
    exposed = sum(float(row["counts"]) for row in rows.values())
    whole = demo.get("/api/metrics/parity_exposure/")["total"]["value"]
    assert abs(exposed - float(whole)) < 0.01
    planted = sum(float(rows[sku]["counts"]) for sku, _units in found.units)
    assert planted > exposed / 2
    assert float(demo.get("/api/metrics/price_parity/")["total"]["value"]) < 0.96


def test_a_good_that_is_out_on_one_channel_lies_on_another(demo: Demo, truth: Between) -> None:
    found = truth.stock_out
    assert found
    period = (found.first, found.last)
    length = (found.last - found.first).days + 1
    rows = demo.get("/api/metrics/stock_out_rate/rows/", *period, part="sku_days_out", limit="500")["results"]
    out = {(row["sku"], row["channel"]): row["days_out"] for row in rows}
    assert out == {(found.sku, found.channel): length}
    sold = demo.get("/api/metrics/units/", *period, by="sku", filter=f"channel:{found.channel}")["by"]
    assert found.sold == 0
    assert float(sold.get(found.sku, {"total": {"value": "0"}})["total"]["value"]) <= 0  # less what came back
    assert found.before >= 3  # of a retailer this small
    stock = demo.get("/api/metrics/days_of_cover/rows/", *period, part="closing_units", limit="500")[
        "results"
    ]
    held = {row["channel"]: float(row["quantity"]) for row in stock if row["sku"] == found.sku}
    assert found.channel not in held
    assert max(held, key=lambda slug: held[slug]) == found.elsewhere


def test_members_order_for_more_than_others(demo: Demo, truth: Between) -> None:
    found = truth.members
    by = demo.get("/api/metrics/aov/", by="member_tier")["by"]
    worth, orders = by.pop("null")["total"]["numerator"], 0.0
    members = [sides(line["total"]) for line in by.values()]
    theirs, orders = (sum(column) for column in zip(*members, strict=True))
    assert near(int(orders), found.members)
    assert abs(theirs / found.members_yuan - 1) < 0.03
    assert abs(float(worth) / found.others_yuan - 1) < 0.03
    assert found.members_yuan / found.members > 1.1 * found.others_yuan / found.others
    share = demo.get("/api/metrics/member_revenue_share/")["total"]
    assert 0 < float(share["value"]) < 1
    assert float(demo.get("/api/metrics/membership_penetration/")["total"]["value"]) > 0.1


def test_one_channel_takes_long_to_refund(demo: Demo, truth: Between) -> None:
    found = truth.slow
    by = demo.get("/api/metrics/refund_hours/", by="channel")["by"]
    hours = {slug: float(line["total"]["value"]) for slug, line in by.items() if line["total"]["value"]}
    assert max(hours, key=lambda slug: hours[slug]) == found.channel
    assert abs(hours[found.channel] / found.refund_hours - 1) < 0.03
    others = [sides(line["total"]) for slug, line in by.items() if slug != found.channel]
    top, bottom = (sum(column) for column in zip(*others, strict=True))
    assert abs(top / bottom / found.others_refund_hours - 1) < 0.03
    assert found.refund_hours > 1.5 * found.others_refund_hours
    assert found.response_minutes > 5 * found.others_response_minutes


def test_members_accounts_are_what_was_collected_spent_and_lost(demo: Demo, truth: Between) -> None:
    found = {one["unit"]: one for one in demo.get("/api/membership/accounts/")["total"]}
    for unit, counted in (("points", truth.accounts.points), ("balance", truth.accounts.balance)):
        for name in ("earned", "spent", "expired", "outstanding"):
            assert float(found[unit][name]) == pytest.approx(getattr(counted, name)), (unit, name)
        assert found[unit]["overdrawn"] == counted.overdrawn
    assert truth.accounts.points.earned > truth.accounts.points.spent > 0
    assert truth.accounts.balance.outstanding > 0


def test_a_shop_that_books_redemptions_twice_leaves_accounts_below_nothing(truth: Between) -> None:
    assert truth.accounts.points.overdrawn > 0 == truth.accounts.balance.overdrawn


def test_orders_paid_twice_and_payments_for_no_order_are_work_to_do(demo: Demo, truth: Between) -> None:
    found = truth.troubles
    for kind, count in (("duplicate", found.paid_twice), ("orphan", found.without_order)):
        rows = demo.get("/api/payments/troubles/", kind=kind, limit="500")["results"]
        assert len(rows) == count > 0, kind
        assert {row["channel"] for row in rows} == {found.channel}


def test_what_was_bought_online_comes_back_to_stores(demo: Demo, truth: Between) -> None:
    cells = demo.get("/api/aftersales/returns/")["cells"]
    back = {one["bought"]: one["orders"] for one in cells if one["returned"] == outlets.STORES}
    assert len(truth.brought) > 3
    for channel, orders in truth.brought:
        assert near(back[channel], orders), channel
